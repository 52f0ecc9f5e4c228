package client

import (
	"nertc/internal/protocol"
	"nertc/internal/stats"
)

// The statistics are those of the last report, which is at most a second old, or two for the first
// call after a while. None of the calls fails: outside of a room, and before the first report, there are zeros and empty lists.

// SessionStats is getSessionStats. Duration and UserCount are those of now.
func (c *Client) SessionStats() stats.Session {
	return collected(c, func(of *stats.Collector) stats.Session {
		s := of.SessionStats()
		s.Duration, s.UserCount = of.Duration(c.o.Now()), c.visible()
		return s
	}, stats.Session{})
}

// TransportStats is getTransportStats.
func (c *Client) TransportStats() stats.Transport {
	t := collected(c, (*stats.Collector).TransportStats, stats.Transport{})
	if t.NetworkType == "" {
		t.NetworkType = "unknown"
	}
	return t
}

// LocalAudioStats is getLocalAudioStats.
func (c *Client) LocalAudioStats() []stats.LocalAudio {
	return collected(c, (*stats.Collector).LocalAudioStats, nil)
}

// LocalVideoStats is getLocalVideoStats; without types it has those of the camera and the screen.
func (c *Client) LocalVideoStats(types ...protocol.MediaType) []stats.LocalVideo {
	return collected(c, func(s *stats.Collector) []stats.LocalVideo { return s.LocalVideoStats(types...) }, nil)
}

// RemoteAudioStats is getRemoteAudioStats, by uid.
func (c *Client) RemoteAudioStats(t protocol.MediaType) map[string]stats.RemoteAudio {
	return collected(c, func(s *stats.Collector) map[string]stats.RemoteAudio { return s.RemoteAudioStats(t) }, nil)
}

// RemoteVideoStats is getRemoteVideoStats, by uid.
func (c *Client) RemoteVideoStats(t protocol.MediaType) map[string]stats.RemoteVideo {
	return collected(c, func(s *stats.Collector) map[string]stats.RemoteVideo { return s.RemoteVideoStats(t) }, nil)
}

// collected asks the collector of the present stay.
func collected[T any](c *Client, ask func(*stats.Collector) T, without T) T {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reporting == nil {
		return without
	}
	c.reporting.asked = c.o.Now()
	return ask(c.reporting.collector)
}
