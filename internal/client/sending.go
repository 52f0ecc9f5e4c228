package client

import (
	"context"

	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/internal/session"
)

// Replace has another track sent in the place of what is published as a media type, without
// an end of the publication, and also wherever it is published again: it does not wait for a rejoin. What is not published is skipped.
// Of the track it takes all but Muted and the channels of the sound, which the publication has for good.
func (c *Client) Replace(ctx context.Context, t LocalTrack) error {
	var before LocalTrack
	same := false
	known := c.amend(t.MediaType, func(p *LocalTrack) {
		before = *p
		same = p.Track.ID() == t.Track.ID()
		p.Track, p.Width, p.Height = t.Track, t.Width, t.Height
	})
	if !known || same {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	err := c.meanwhile(func(s *session.Session) error { return s.Replace(ctx, t.MediaType, t.Track) })
	if err != nil {
		c.amend(t.MediaType, func(p *LocalTrack) {
			if p.Track == t.Track {
				p.Track, p.Width, p.Height = before.Track, before.Width, before.Height
			}
		})
		return err
	}
	return c.reshaped(ctx, t, before)
}

// Reshape says that the published track gives pictures of another size from now on, and has other limits. What is
// not published, or in whose place another track is, is skipped.
func (c *Client) Reshape(ctx context.Context, t LocalTrack) error {
	var before LocalTrack
	same := false
	c.amend(t.MediaType, func(p *LocalTrack) {
		before, same = *p, p.Track.ID() == t.Track.ID()
		if same {
			p.Width, p.Height = t.Width, t.Height
		}
	})
	if !same {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return c.reshaped(ctx, t, before)
}

// reshaped does what follows from another size: limits, layers, and the room is told.
func (c *Client) reshaped(ctx context.Context, t, before LocalTrack) error {
	if err := c.Limit(ctx, t.MediaType, t.Send); err != nil {
		return err
	}
	width, height := t.size()
	was, high := before.size()
	if !isPicture(t.MediaType) || width == was && height == high {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session != nil {
		c.session.Resize(t.MediaType, width, height)
		c.tune(t.MediaType, func(error) {})
	}
	return nil
}

// Limit sets other limits for what is published as a media type, now and wherever it is published
// again. What is not published is skipped.
func (c *Client) Limit(ctx context.Context, t protocol.MediaType, o media.SendOptions) error {
	var now media.SendOptions
	known := c.amend(t, func(p *LocalTrack) {
		p.Send.MaxBitrate, p.Send.MaxFramerate, p.Send.LowBitrate = o.MaxBitrate, o.MaxFramerate, o.LowBitrate
		*p = layered(*p) // the size may be another
		now = p.Send
	})
	if !known {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return c.meanwhile(func(s *session.Session) error { return s.Limit(ctx, t, now) })
}

// meanwhile does something with what is published in the present session. Where there is none, or it ends over that,
// nothing is left to do: the next one publishes what is noted by then.
func (c *Client) meanwhile(f func(*session.Session) error) error {
	c.mu.Lock()
	s := c.session
	c.mu.Unlock()
	if s == nil {
		return nil
	}
	return unlessOver(s, f(s))
}

// amend changes what is noted of a publication; false where there is none.
func (c *Client) amend(t protocol.MediaType, f func(*LocalTrack)) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	p, known := c.published[t]
	if known {
		f(&p)
		c.published[t] = p
	}
	return known
}
