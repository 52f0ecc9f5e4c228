package client

import (
	"context"
	"math"

	"nertc/internal/errcode"
	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/internal/session"
)

const (
	// lowSide is the longer side in pixels of a low layer: 240×180 of a 4:3 picture, 240×135 of a 16:9 one.
	lowSide = 240
	// lowBitrate and lowScreenBitrate are the documented limits of low layers in bit/s.
	lowBitrate       = 100_000
	lowScreenBitrate = 200_000

	// dualSide is the shorter side in pixels from which a camera is sent in two sizes by itself, and
	// dualMembers how many must be in the room for that: of two each sees the other large.
	dualSide    = 480
	dualMembers = 3

	// unknownWidth and unknownHeight stand for a size that is not known.
	unknownWidth, unknownHeight = 640, 480
)

// layered puts into a picture's options how its low layer is to be, if the track can have one. A
// limit that is given stays. Whether the layer is sent is decided later.
func layered(t LocalTrack) LocalTrack {
	track, ok := t.Track.(media.Layered)
	if !ok || !track.Layered() {
		t.Send.LowScale, t.Send.LowBitrate = 0, 0
		return t
	}
	width, height := t.size()
	t.Send.LowScale = max(1, float64(max(width, height))/lowSide)
	if t.Send.LowBitrate == 0 {
		t.Send.LowBitrate = lowBitrate
		if t.MediaType == protocol.MediaScreen {
			t.Send.LowBitrate = lowScreenBitrate
		}
	}
	return t
}

// size is the picture's, or what stands for it.
func (t LocalTrack) size() (width, height int) {
	if t.Width <= 0 || t.Height <= 0 {
		return unknownWidth, unknownHeight
	}
	return t.Width, t.Height
}

// layers are what the room is told of them, none of a picture in one size.
func (t LocalTrack) layers() []protocol.Layer {
	if t.Send.LowScale == 0 {
		return nil
	}
	width, height := t.size()
	scaled := func(n int) int { return max(1, int(math.Round(float64(n)/t.Send.LowScale))) }
	return []protocol.Layer{
		{Width: scaled(width), Height: scaled(height), Bitrate: t.Send.LowBitrate},
		{Width: width, Height: height, Bitrate: t.Send.MaxBitrate},
	}
}

// SetDual says whether pictures of these media types are sent in two sizes, from now on and in
// every room. Without a word of it a camera of 480 lines and more is as soon as more than two are in the
// room. It returns when what is published is sent so. NotSupported where the browser cannot.
func (c *Client) SetDual(ctx context.Context, on bool, types ...protocol.MediaType) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	c.mu.Lock()
	if c.destroyed {
		c.mu.Unlock()
		return errDestroyed()
	}
	results := make(chan error, len(types))
	waiting := 0
	for _, t := range types {
		c.dual.wanted[t] = on
		if c.tune(t, func(err error) { results <- err }) {
			waiting++
		}
	}
	s := c.session
	c.mu.Unlock()
	var first error
	for range waiting {
		select {
		case err := <-results:
			if err != nil && first == nil {
				first = err
			}
		case <-s.Done(): // the next session begins so
			return nil
		case <-ctx.Done():
			return errcode.Wrap(errcode.Network, ctx.Err(), "the change of the layers was not done in time")
		}
	}
	return first
}

// dual is which pictures are sent in two sizes.
type dual struct {
	wanted map[protocol.MediaType]bool // what the page has said
	on     map[protocol.MediaType]bool // what the session was told of what is published
	told   map[protocol.MediaType]bool // TrackLow was told since it is on
}

func newDual() dual {
	return dual{wanted: map[protocol.MediaType]bool{}, on: map[protocol.MediaType]bool{}, told: map[protocol.MediaType]bool{}}
}

// forget forgets the room, and session what only holds for one session.
func (d *dual) forget()  { d.on, d.told = map[protocol.MediaType]bool{}, map[protocol.MediaType]bool{} }
func (d *dual) session() { d.on = map[protocol.MediaType]bool{} }

// wantsDual says whether a published picture is to be sent in two sizes by now. The lock is held.
func (c *Client) wantsDual(t LocalTrack) bool {
	if t.Send.LowScale == 0 {
		return false
	}
	if on, said := c.dual.wanted[t.MediaType]; said {
		return on
	}
	width, height := t.size()
	return t.MediaType == protocol.MediaVideo && min(width, height) >= dualSide && len(c.view)+1 >= dualMembers
}

// tuneAll has what is published sent in as many sizes as it is to be by now. The lock is held.
func (c *Client) tuneAll() {
	for t := range c.published {
		c.tune(t, func(error) {})
	}
}

// tune does that for one media type. It answers false where there is nothing to do. The lock is held.
func (c *Client) tune(t protocol.MediaType, reply func(error)) bool {
	p, published := c.published[t]
	s := c.session
	if !published || s == nil || p.Send.LowScale == 0 {
		return false
	}
	on := c.wantsDual(p)
	if c.dual.on[t] == on {
		return false
	}
	c.dual.on[t] = on
	if !on {
		delete(c.dual.told, t)
	}
	s.SetDual(t, on, func(err error) {
		if err != nil {
			err = errcode.Wrap(errcode.NotSupported, err, "send %s in two sizes", t)
		}
		c.lowBegun(s, t, on, err)
		reply(err)
	})
	return true
}

// lowBegun tells how the beginning of a low layer went, once.
func (c *Client) lowBegun(s *session.Session, t protocol.MediaType, on bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !on || c.session != s || !c.dual.on[t] || c.dual.told[t] {
		return
	}
	c.dual.told[t] = true
	c.emit(TrackLow{MediaType: t, Failed: err != nil})
}
