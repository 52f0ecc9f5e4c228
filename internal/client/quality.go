package client

import (
	"context"

	"nertc/internal/errcode"
	"nertc/internal/protocol"
	"nertc/internal/session"
)

// How much of the others' pictures is received: what the page has chosen, otherwise what can be
// seen of them in the page, and never more than the way to here bears.

// rank orders qualities; an empty one is the best.
func rank(q protocol.Quality) int {
	switch q {
	case protocol.QualityOff:
		return 0
	case protocol.QualityLow:
		return 1
	}
	return 2
}

// lesser is the lower of two qualities.
func lesser(a, b protocol.Quality) protocol.Quality {
	if rank(b) < rank(a) {
		return b
	}
	return a
}

// asked is what is wanted of a member's picture here. The lock is held.
func (c *Client) asked(uid string, t protocol.MediaType) protocol.Quality {
	v := c.view.track(uid, t)
	if v == nil {
		return protocol.QualityHigh
	}
	if chosen, ok := c.view[uid].chosen[t]; ok {
		return chosen
	}
	return lesser(protocol.QualityHigh, v.seen)
}

// quality is what is to be received of it: no more than the way to here bears. The lock is held.
func (c *Client) quality(uid string, t protocol.MediaType) protocol.Quality {
	if v := c.view.track(uid, t); v != nil {
		return lesser(c.asked(uid, t), v.bearable)
	}
	return protocol.QualityHigh
}

// receive tells the session of what is to be received of a picture by now. The lock is held.
func (c *Client) receive(uid string, t protocol.MediaType, reply func(error)) bool {
	v := c.view.track(uid, t)
	if c.session == nil || v == nil || !v.wanted || !isPicture(t) {
		return false
	}
	c.session.Receive(uid, t, c.quality(uid, t), reply)
	return true
}

// receiveAll does so for all pictures of a member. The lock is held.
func (c *Client) receiveAll(uid string) {
	for _, t := range pictures {
		c.receive(uid, t, func(error) {})
	}
}

var pictures = [...]protocol.MediaType{protocol.MediaVideo, protocol.MediaScreen}

func isPicture(t protocol.MediaType) bool { return t == pictures[0] || t == pictures[1] }

// Choose has pictures of a member received in a quality, high or low, or with an empty one as is seen of them, from now on and for as long as the
// member is in the room, whatever is seen of them. It returns when the gateway knows. NotJoined, NoSuchUser.
func (c *Client) Choose(ctx context.Context, uid string, q protocol.Quality, types ...protocol.MediaType) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return c.within(ctx, "the choice of a layer", func(s *session.Session) error {
		results := make(chan error, len(types))
		c.mu.Lock()
		p := c.view[uid]
		if p == nil {
			c.mu.Unlock()
			return errcode.New(errcode.NoSuchUser, "user %s is not in the room", uid)
		}
		waiting := 0
		for _, t := range types {
			if p.chosen[t] = q; q == "" {
				delete(p.chosen, t)
			}
			if c.session == s && c.receive(uid, t, func(err error) { results <- err }) {
				waiting++
			}
		}
		c.mu.Unlock()
		for range waiting {
			select {
			case err := <-results:
				if err != nil {
					return err
				}
			case <-s.Done():
				return errcode.New(errcode.InvalidOperation, "the session ended during the choice of a layer")
			case <-ctx.Done():
				return errcode.Wrap(errcode.Network, ctx.Err(), "the choice of a layer was not done in time")
			}
		}
		return nil
	})
}

// Seen tells what can be seen of a member's picture in the page: all of it, little, or nothing. It counts
// where the page has chosen nothing.
func (c *Client) Seen(uid string, t protocol.MediaType, q protocol.Quality) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if v := c.view.track(uid, t); v != nil && v.seen != q {
		v.seen = q
		c.receive(uid, t, func(error) {})
	}
}
