package client

import (
	"context"
	"slices"
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
	r.pictures = r.pictures[:0]
	for _, s := range streams {
		if s.Picture {
			r.pictures = append(r.pictures, s.Key)
		}
	}
	if r.link.Update(report.Time, streams, time.Duration(r.collector.TransportStats().TxRtt*float64(time.Millisecond))) {
		c.obey(r)
	}
	c.glance(r)
}

// obey has the pictures received as the policy says by now. The lock is held.
func (c *Client) obey(r *reporting) {
	for _, k := range r.pictures {
		if v := c.view.track(k.UID, k.MediaType); v != nil && v.bearable != r.link.Verdict(k) {
			v.bearable = r.link.Verdict(k)
			c.receive(k.UID, k.MediaType, func(error) {})
		}
	}
	for _, k := range r.link.Renew() {
		c.renew(k)
	}
}

// glance has the picture of the priority looked at between two reports, for as long as the policy wants that. The lock is held.
func (c *Client) glance(r *reporting) {
	s := c.session
	glancer, ok := s.Reporter().(media.Glancer)
	i := slices.IndexFunc(r.pictures, func(k downlink.Key) bool { return k.UID == c.priority })
	if !ok || i < 0 || r.glancing || !r.link.Glances(c.o.Now()) {
		return
	}
	track := c.view.track(r.pictures[i].UID, r.pictures[i].MediaType)
	if track == nil || track.track == nil {
		return
	}
	r.glancing = true
	time.AfterFunc(c.o.Volumes/glances, func() {
		ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
		defer cancel()
		report, err := glancer.Glance(ctx, track.track)
		c.mu.Lock()
		defer c.mu.Unlock()
		r.glancing = false
		if err != nil || c.reporting != r || c.session != s {
			return
		}
		if r.link.Glance(c.o.Now(), report.Incoming()) {
			c.obey(r)
		}
		c.glance(r)
	})
}

// glances is how many of them there are in the time between two reports: one in a tenth of a second.
const glances = 10

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
