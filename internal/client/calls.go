package client

import (
	"context"
	"slices"

	"nertc/internal/errcode"
	"nertc/internal/protocol"
	"nertc/internal/session"
)

// What a page asks of the room. A call that meets a rejoin waits for it.

// Publish publishes the tracks whose media types are not published yet. NotJoined if not in a room,
// PublishAsAudience.
func (c *Client) Publish(ctx context.Context, tracks []LocalTrack) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	results := make(chan error, len(tracks))
	if _, err := c.current(ctx, "publish"); err != nil {
		return err
	}
	c.mu.Lock()
	mute := c.standing.mute()
	c.mu.Unlock()
	if mute {
		return errcode.New(errcode.PublishAsAudience, "an audience cannot publish")
	}
	for _, t := range tracks { // all at once: they share an offer
		t = layered(t)
		go func() {
			results <- c.within(ctx, "publish", func(s *session.Session) error {
				err := s.Publish(ctx, t.announcement(), t.Track, t.Send)
				if err == nil {
					c.mu.Lock()
					if _, known := c.published[t.MediaType]; !known && c.session == s {
						c.published[t.MediaType] = t
					}
					c.tune(t.MediaType, func(error) {})
					c.mu.Unlock()
				}
				return err
			})
		}()
	}
	return c.permitted(firstError(results, len(tracks)))
}

// Unpublish ends the publications of these media types; those not published are skipped.
func (c *Client) Unpublish(ctx context.Context, types ...protocol.MediaType) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if _, err := c.current(ctx, "unpublish"); err != nil {
		return err
	}
	results := make(chan error, len(types))
	for _, t := range types {
		c.mu.Lock()
		delete(c.published, t)
		delete(c.dual.on, t)
		delete(c.dual.told, t)
		c.mu.Unlock()
		go func() {
			results <- c.within(ctx, "unpublish", func(s *session.Session) error { return s.Unpublish(ctx, t) })
		}()
	}
	return firstError(results, len(types))
}

func firstError(results <-chan error, n int) error {
	var first error
	for range n {
		if err := <-results; err != nil && first == nil {
			first = err
		}
	}
	return first
}

// SetMuted tells the room that an own published track is muted or no longer. What is not published is skipped.
// It fails with RefusedByServer, and nothing has changed, for an unmute of what the operator has muted.
func (c *Client) SetMuted(ctx context.Context, t protocol.MediaType, muted bool) error {
	c.mu.Lock()
	if p, ok := c.published[t]; ok {
		p.Muted = muted
		c.published[t] = p
	}
	s := c.session
	c.mu.Unlock()
	if s == nil {
		return nil // nobody is there to be told; a rejoin tells it
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	err := s.SetMuted(ctx, t, muted)
	if s.Over() || err == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if p, ok := c.published[t]; ok && p.Muted == muted {
		p.Muted = !muted
		c.published[t] = p
	}
	return err
}

// Subscribe makes exactly these media types of a member received, of those that
// are published now; what was received and is not among them is no longer. It
// returns when their StreamSubscribed have been told. NotJoined, NoSuchUser.
func (c *Client) Subscribe(ctx context.Context, uid string, types ...protocol.MediaType) error {
	for _, t := range types {
		if !slices.Contains(protocol.MediaTypes[:], t) {
			return errcode.New(errcode.UnknownMediaType, "unknown media type %q", t)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return c.permitted(c.within(ctx, "subscribe", func(s *session.Session) error {
		c.mu.Lock()
		undo := c.want(uid, types)
		c.receiveAll(uid) // first: no more arrives than is wanted
		c.mu.Unlock()
		err := s.Subscribe(ctx, uid, types)
		if err != nil && !s.Over() {
			c.mu.Lock()
			undo()
			c.mu.Unlock()
		}
		return err
	}))
}

// within does something in the present session, and once more in the next where the
// session ended meanwhile.
func (c *Client) within(ctx context.Context, what string, f func(*session.Session) error) error {
	for {
		s, err := c.current(ctx, what)
		if err != nil {
			return err
		}
		err = f(s)
		if err != nil && errcode.Of(err).Code == errcode.Network {
			select { // a socket that is lost for good answers before its session has ended
			case <-s.Done():
			case <-ctx.Done():
			}
		}
		if err == nil || !s.Over() || ctx.Err() != nil {
			return err
		}
	}
}

// current is the session for a call that needs one. During a rejoin it waits for the next.
func (c *Client) current(ctx context.Context, what string) (*session.Session, error) {
	for {
		c.mu.Lock()
		s, state, destroyed := c.session, c.state, c.destroyed
		var settled <-chan struct{} = c.settled
		rejoining := s == nil && c.recovering && state == Connecting
		c.mu.Unlock()
		switch {
		case destroyed:
			return nil, errDestroyed()
		case s != nil && !s.Over():
			return s, nil
		case s != nil:
			settled = s.Told()
		case !rejoining:
			return nil, errcode.New(errcode.NotJoined, "%s needs a join first", what)
		}
		select {
		case <-settled:
		case <-ctx.Done():
			return nil, errcode.Wrap(errcode.Network, ctx.Err(), "%s waited for the connection to come back", what)
		}
	}
}
