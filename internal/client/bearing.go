package client

import (
	"time"

	"nertc/internal/downlink"
	"nertc/internal/media"
	"nertc/internal/protocol"
)

// bear has no more of the others' pictures received than the way to here bears. The lock is held.
func (c *Client) bear(r *reporting, report media.Report) {
	inbound := map[string]media.Stat{}
	for _, s := range report.Stats {
		// A section whose codec has changed has an entry for each: the one that receives has got the most lately.
		if s.Type == media.StatInbound && s.MID != "" && s.Timestamp >= inbound[s.MID].Timestamp {
			inbound[s.MID] = s
		}
	}
	var streams []downlink.Stream
	for uid, p := range c.view {
		for t, v := range p.tracks {
			if v.track == nil || v.muted {
				continue
			}
			s := inbound[v.track.MID()]
			stream := downlink.Stream{
				Key: downlink.Key{UID: uid, MediaType: t}, Received: s.PacketsReceived, Lost: s.PacketsLost,
			}
			if isPicture(t) {
				if stream.Wanted = c.asked(uid, t); stream.Wanted == protocol.QualityOff {
					continue
				}
				stream.Picture, stream.Protected, stream.Paused = true, uid == c.priority, v.paused
				stream.Decoded, stream.Freezes = s.FramesDecoded, s.FreezeCount
				stream.Side, stream.FullSide = int(max(s.FrameWidth, s.FrameHeight)), v.side
			}
			streams = append(streams, stream)
		}
	}
	if !r.link.Update(report.Time, streams) {
		return
	}
	for _, s := range streams {
		if v := c.view.track(s.UID, s.MediaType); s.Picture && v.bearable != r.link.Verdict(s.Key) {
			v.bearable = r.link.Verdict(s.Key)
			c.receive(s.UID, s.MediaType, func(error) {})
		}
	}
	for _, k := range r.link.Renew() {
		c.renew(k)
	}
}

// renewals is the part of the time between two reports for which a picture is off that is asked for
// anew: a fifth of a second, as the engine waits for 0.1 s for another wish.
const renewals = 5

// renew switches a picture off and on again. The lock is held.
func (c *Client) renew(k downlink.Key) {
	s := c.session
	if v := c.view.track(k.UID, k.MediaType); s == nil || v == nil || !v.wanted {
		return
	}
	s.Receive(k.UID, k.MediaType, protocol.QualityOff, func(error) {
		time.AfterFunc(c.o.Volumes/renewals, func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			if c.session == s {
				c.receive(k.UID, k.MediaType, func(error) {})
			}
		})
	})
}
