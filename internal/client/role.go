package client

import (
	"context"
	"errors"
	"time"

	"nertc/internal/errcode"
	"nertc/internal/protocol"
	"nertc/internal/session"
)

// standing is what the user is in a room. It outlives rooms.
type standing struct {
	profile protocol.Profile // empty stands for ProfileRTC
	role    protocol.Role
	// claim is that of the next join to the high priority.
	claim claim
	// hushing says that a change to audience is under way: nothing new is published any more.
	hushing bool
	changes int // of the role that have been asked for and are not done
	relay   bool
}

// mute says whether nothing may be published.
func (s *standing) mute() bool { return s.hushing || s.role == protocol.RoleAudience }

// SetProfile says what the next rooms are used for: InvalidProfile for what is none,
// InvalidOperation in a room or on the way to one.
func (c *Client) SetProfile(p protocol.Profile) error {
	if p != protocol.ProfileRTC && p != protocol.ProfileLive {
		return errcode.New(errcode.InvalidProfile, "the channel profile must be rtc or live")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.outside("the channel profile"); err != nil {
		return err
	}
	c.standing.profile = p
	return nil
}

// SetRole changes the role, at once where there is no room, otherwise when the gateway has
// granted it; RoleChanged tells of it. Changes happen in the order of the calls, and the call
// itself waits for nothing: its result comes on the channel. InvalidRole, RefusedByServer.
//
// An audience is not known to the others. What a host who becomes one has published is no
// longer, until the role is host again; then it is once more, as muted as it is by then.
func (c *Client) SetRole(role protocol.Role) <-chan error {
	result := make(chan error, 1)
	if role != protocol.RoleHost && role != protocol.RoleAudience {
		result <- errcode.New(errcode.InvalidRole, "the role must be host or audience")
		return result
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.destroyed:
		result <- errDestroyed()
	case c.state == Disconnected && c.standing.changes == 0:
		// Here and now, so that a join that is called next finds it.
		c.take(role)
		result <- nil
	default:
		c.standing.changes++
		c.roles.Post(func() {
			err := c.changeRole(role)
			c.mu.Lock()
			c.standing.changes--
			c.mu.Unlock()
			result <- err
		})
	}
	return result
}

// take puts a role into effect and tells of it, if it is another. The lock is held.
func (c *Client) take(role protocol.Role) {
	if c.standing.role != role {
		c.standing.role = role
		c.emit(RoleChanged{Role: role})
	}
}

// changeRole changes the role wherever the client is by now. A session that ends meanwhile is
// followed by one that has joined with the former role: there the change is asked for again.
func (c *Client) changeRole(role protocol.Role) error {
	for {
		c.mu.Lock()
		s, settled := c.session, c.settled
		switch {
		case c.destroyed:
			c.mu.Unlock()
			return errDestroyed()
		case c.state == Disconnected || c.standing.role == role:
			c.take(role)
			c.mu.Unlock()
			return nil
		case s == nil: // a join, a rejoin or a leave is under way
			c.mu.Unlock()
			<-settled
			continue
		}
		c.standing.hushing = role == protocol.RoleAudience
		c.mu.Unlock()

		err := s.SetRole(role)
		c.mu.Lock()
		granted := err == nil && c.session == s
		if granted {
			c.take(role)
		}
		c.standing.hushing = false
		c.mu.Unlock()
		switch {
		case granted && role == protocol.RoleAudience:
			return c.silence(s)
		case granted:
			return c.resume(s)
		case err != nil && fromGateway(err) && refused(err):
			return err
		case err != nil && !c.awaitEnd(s):
			return err
		}
	}
}

// awaitEnd waits for a session that is about to end, and until its end has been taken; false when it goes on.
func (c *Client) awaitEnd(s *session.Session) bool {
	select {
	case <-s.Done():
	case <-time.After(callTimeout):
		return false
	}
	c.mu.Lock()
	present := c.session == s
	c.mu.Unlock()
	if present { // it was not left from this side
		<-s.Told()
	}
	return true
}

func fromGateway(err error) bool {
	var e *errcode.Error
	return errors.As(err, &e) && e.ExtraCode != 0
}

// silence stops sending what is published, also what is only about to be. That it was is kept for resume.
func (c *Client) silence(s *session.Session) error {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	results := make(chan error, len(protocol.MediaTypes))
	for _, t := range protocol.MediaTypes {
		go func() { results <- s.Unpublish(ctx, t) }()
	}
	return unlessOver(s, firstError(results, len(protocol.MediaTypes)))
}

// resume publishes in a session what is to be published.
func (c *Client) resume(s *session.Session) error {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	results := make(chan error, len(protocol.MediaTypes))
	n := 0
	c.mu.Lock()
	for _, t := range c.published {
		n++
		go func() {
			err := s.Publish(ctx, t.announcement(), t.Track, t.Send)
			if err == nil {
				err = c.catchUp(ctx, s, t)
			}
			results <- err
		}()
	}
	c.mu.Unlock()
	return unlessOver(s, firstError(results, n))
}

// catchUp brings a track that was published in a session to what has been said of it meanwhile.
func (c *Client) catchUp(ctx context.Context, s *session.Session, t LocalTrack) error {
	c.mu.Lock()
	now, published := c.published[t.MediaType]
	if c.session != s {
		c.mu.Unlock()
		return nil
	}
	c.tune(t.MediaType, func(error) {})
	c.mu.Unlock()
	if !published {
		return s.Unpublish(ctx, t.MediaType)
	}
	if now.Track.ID() != t.Track.ID() {
		if err := s.Replace(ctx, t.MediaType, now.Track); err != nil {
			return err
		}
	}
	if now.Muted != t.Muted {
		return s.SetMuted(ctx, t.MediaType, now.Muted)
	}
	return nil
}

// unlessOver drops an error that came with the end of a session: the next one puts things right.
func unlessOver(s *session.Session, err error) error {
	if s.Over() {
		return nil
	}
	return err
}
