//go:build js && wasm

package api

import (
	"maps"
	"slices"

	"nertc/internal/protocol"
	"nertc/internal/protocol/wire"
	"nertc/internal/speaker"
	"nertc/internal/stats"
	"nertc/jsbridge/js"
)

// statistics gives what one of the documented calls gives, of the last report; undefined for a
// name that is none of them. The figures cross the border as one text.
func (c *Client) statistics(name string, t protocol.MediaType) js.Value {
	switch name {
	case "getSessionStats":
		s := c.core.SessionStats()
		return parsed(&s)
	case "getTransportStats":
		s := c.core.TransportStats()
		s.NetworkType = networkType(s.NetworkType)
		return parsed(&s)
	case "getLocalAudioStats":
		sounds := c.core.LocalAudioStats()
		for i, s := range sounds {
			if s.Untold {
				sounds[i] = s.Heard(c.sentLevel(s.MediaType))
			}
		}
		return js.Property(parsed(&list[stats.LocalAudio, *stats.LocalAudio]{sounds}), "list")
	case "getLocalVideoStats":
		var types []protocol.MediaType
		if t != "" {
			types = []protocol.MediaType{t}
		}
		return js.Property(parsed(&list[stats.LocalVideo, *stats.LocalVideo]{c.core.LocalVideoStats(types...)}), "list")
	case "getRemoteAudioStats":
		users := c.core.RemoteAudioStats(protocol.MediaAudio)
		for uid, s := range users { // how loud it is for us does not change how loud it is
			s.RecvLevel = speaker.Bounded(s.RecvLevel / c.measuredVolume(uid, protocol.MediaAudio))
			users[uid] = s
		}
		return parsed(&byUser[stats.RemoteAudio, *stats.RemoteAudio]{users})
	case "getRemoteVideoStats":
		users := c.core.RemoteVideoStats(protocol.MediaVideo)
		switch t {
		case protocol.MediaScreen:
			users = c.core.RemoteVideoStats(t)
		case "": // who shows a screen alone is there too
			for uid, s := range c.core.RemoteVideoStats(protocol.MediaScreen) {
				if _, camera := users[uid]; !camera {
					if users == nil {
						users = map[string]stats.RemoteVideo{}
					}
					users[uid] = s
				}
			}
		}
		return parsed(&byUser[stats.RemoteVideo, *stats.RemoteVideo]{users})
	}
	return js.Undefined()
}

func parsed(o wire.Object) js.Value {
	value, err := js.Call(js.Global("JSON"), "parse", string(wire.Append(nil, o)))
	if err != nil {
		return js.Undefined()
	}
	return value
}

// sentLevel is how loud what is published of a type is, from 0 to 1, as Web Audio measures it.
func (c *Client) sentLevel(t protocol.MediaType) float64 {
	c.mu.Lock()
	s := c.published[t]
	c.mu.Unlock()
	if s == nil {
		return 0
	}
	return s.level(t)
}

func (c *Client) measuredVolume(uid string, t protocol.MediaType) float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.remotes[uid]; s != nil {
		return s.player.MeasuredVolume(t)
	}
	return 1
}

// networkType is what the browser says of the machine's network where the statistics say nothing.
// https://wicg.github.io/netinfo/#connectiontype-enum
func networkType(known string) string {
	if known != "" && known != "unknown" {
		return known
	}
	return js.TextOr(js.Property(js.Property(js.Global("navigator"), "connection"), "type"), "unknown")
}

// list is what has a list for its answer.
type list[T any, O interface {
	*T
	wire.Object
}] struct{ items []T }

func (l *list[T, O]) Fields(f *wire.Fields) {
	if l.items == nil {
		l.items = []T{}
	}
	wire.List[T, O](f, "list", &l.items, wire.Always)
}

// byUser is what has an answer for each uid.
type byUser[T any, O interface {
	*T
	wire.Object
}] struct{ users map[string]T }

func (m *byUser[T, O]) Fields(f *wire.Fields) {
	for _, uid := range slices.Sorted(maps.Keys(m.users)) {
		s := m.users[uid]
		f.Object(uid, O(&s))
	}
}
