package client

import (
	"context"
	"slices"

	"nertc/internal/errcode"
	"nertc/internal/protocol"
	"nertc/internal/session"
)

// What a page asks of the room. A call that meets a rejoin waits for it.

// Publish publishes the tracks whose media types are not published yet. What the room refuses of them does not keep
// the others from being published; the error is then that of one refused. NotJoined if not in a room, PublishAsAudience.
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
				if refusedBeside(err, t.MediaType) {
					err = s.Publish(ctx, t.announcement(), t.Track, t.Send)
				}
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

// Publishes says whether a media type is published, or is again as soon as the connection is back.
func (c *Client) Publishes(t protocol.MediaType) bool { return c.amend(t, func(*LocalTrack) {}) }

// Unpublish ends the publications of these media types; those not published are skipped. It does not wait for
// a rejoin, which publishes what is left, nor for long while the connection is away. NotJoined if not in a room.
func (c *Client) Unpublish(ctx context.Context, types ...protocol.MediaType) error {
	c.mu.Lock()
	s := c.session
	switch {
	case c.destroyed:
		c.mu.Unlock()
		return errDestroyed()
	case s == nil && !(c.recovering && c.state == Connecting):
		c.mu.Unlock()
		return errcode.New(errcode.NotJoined, "unpublish needs a join first")
	}
	for _, t := range types {
		delete(c.published, t)
		delete(c.dual.on, t)
		delete(c.dual.told, t)
	}
	c.mu.Unlock()
	if s == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	results := make(chan error, len(types))
	for _, t := range types {
		go func() { results <- s.Unpublish(ctx, t) }()
	}
	err := firstError(results, len(types))
	if ctx.Err() != nil { // the connection is away for longer: it is done when that is back
		return nil
	}
	return unlessOver(s, err)
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
// It fails with RefusedByServer, and nothing has changed, for an unmute of what the operator has muted. That the connection
// is away is no failure: the room is told when it is back, and who has muted must not be heard again before.
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
	if s.Over() || err == nil || errcode.Of(err).Code == errcode.Network {
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
// returns when their StreamSubscribed have been told; what cannot be decoded here has none. NotJoined, NoSuchUser.
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
