package client

import (
	"context"
	"errors"
	"net/http"
	"time"

	"nertc/internal/errcode"
	"nertc/internal/journal"
	"nertc/internal/protocol"
	"nertc/internal/session"
	"nertc/internal/signal"
)

// The names that a page gets with error when a recovery fails.
const (
	socketError  = "SOCKET_ERROR"
	reloginError = "RELOGIN_ERROR"
	mediaError   = "MEDIA_TRANSPORT_DISCONNECT"
)

// trouble is a series of ends of sessions without media in between.
type trouble struct {
	since    time.Time
	attempts int
	media    bool // it began with media
	// path says that media had lost its path: another session is no end of it, only media that flows is.
	path bool
}

// mediaTime is what media gets at least to find its path in a new session, however late that comes.
const mediaTime = 10 * time.Second

// interrupted and continued follow a session that recovers by itself. The lock is held.
func (c *Client) interrupted() {
	c.o.Log.Warning("the connection is interrupted")
	c.recovering = true
	c.broken = time.Now()
	c.move(Connecting)
}

func (c *Client) continued() {
	c.o.Log.Info("the connection is back")
	c.broken = time.Time{}
	c.recovered()
}

// mediaConnected ends the troubles. The lock is held.
func (c *Client) mediaConnected() {
	c.o.Log.Info("media is connected")
	c.trouble = nil
	if c.broken.IsZero() { // otherwise continued follows
		c.recovered()
	}
}

// recovered goes back to Connected, unless media is still to come. The lock is held.
func (c *Client) recovered() {
	if !c.recovering || c.trouble != nil && c.trouble.path {
		return
	}
	c.move(Connected)
	c.recovering = false
}

// rejoin begins to look for a new session in place of one that has ended. The lock is held.
func (c *Client) rejoin(reason protocol.CloseReason) {
	c.session = nil
	c.stopBurial()
	if c.trouble == nil {
		since := c.broken // the time in which the session tried by itself counts
		if since.IsZero() {
			since = time.Now()
		}
		c.trouble = &trouble{
			since: since,
			media: reason == session.MediaLost || reason == protocol.CloseEngineLost,
		}
	}
	c.trouble.path = c.trouble.path || reason == session.MediaLost
	c.recovering, c.broken = true, time.Time{}
	c.move(Connecting)
	ctx, cancel := context.WithCancelCause(context.Background())
	c.cancel = cancel
	c.settled = make(chan struct{})
	go c.rejoinUntil(ctx, c.settled, *c.trouble)
}

// rejoinUntil tries until it is in, is refused, has tried for too long, or is called off by Leave.
// The first of a series tries once at least: the time may have gone by while the machine was asleep.
func (c *Client) rejoinUntil(ctx context.Context, settled chan struct{}, t trouble) {
	defer close(settled)
	series := signal.Series{
		Policy: c.o.Policy, Network: &c.network, Since: t.since, Attempt: t.attempts, Once: t.attempts == 0,
	}
	for {
		if !series.Next(ctx) {
			if ctx.Err() != nil {
				c.calledOff()
				return
			}
			name := socketError
			if t.media {
				name = mediaError
			}
			c.giveUp(name, nil)
			return
		}
		err := c.enter(ctx, c.rejoined)
		switch {
		case err == nil:
			return
		case ctx.Err() != nil:
			c.calledOff()
			return
		case refused(err):
			c.giveUp(reloginError, err)
			return
		}
		c.o.Log.Info("another attempt to join failed", journal.Failure(err)...)
	}
}

// refused says whether a server that answered will answer the same again. A gateway whose
// engine is away, or that is busy, will not.
func refused(err error) bool {
	var e *errcode.Error
	if !errors.As(err, &e) || e.Code == errcode.Network {
		return false
	}
	switch e.ExtraCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return false
	}
	return true
}

// rejoined puts things back as they were. The lock is held.
func (c *Client) rejoined(s *session.Session) {
	c.o.Log.Info("joined again", "uid", c.info.UID)
	if c.trouble != nil {
		c.trouble.attempts++ // the next attempt of this series waits longer
	}
	c.view.age()
	c.dual.session()
	c.recovered()
	if t := c.trouble; t != nil && t.path {
		left := max(c.o.Policy.GiveUp-time.Since(t.since), min(c.o.Policy.GiveUp, mediaTime))
		time.AfterFunc(left, func() { c.giveUpMedia(s, t) })
	}
	if c.standing.role == protocol.RoleHost {
		// What fails here fails with the session, and is tried again with the next.
		go func() { _ = c.resume(s) }()
	}
	c.burial = time.AfterFunc(c.o.Return, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.session == s {
			c.bury()
		}
	})
}

// subscribeAgain receives in a new session what was received in the last.
func (c *Client) subscribeAgain(s *session.Session, uid string) {
	c.mu.Lock()
	types := c.wanted(uid)
	c.receiveAll(uid)
	c.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	_ = s.Subscribe(ctx, uid, types)
}

func (c *Client) giveUp(name string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != Connecting {
		return
	}
	c.cancel = nil
	pairs := []string{"error", name}
	if err != nil {
		pairs = append(pairs, journal.Failure(err)...)
	}
	c.o.Log.Error("gave up the room", pairs...)
	c.recovering, c.trouble = false, nil
	c.cryptRefused(err)
	c.reset()
	c.move(Disconnected)
	c.emit(Failed{Name: name})
}

// giveUpMedia ends a session whose media has not found its path in time.
func (c *Client) giveUpMedia(s *session.Session, t *trouble) {
	c.mu.Lock()
	if c.session != s || c.trouble != t {
		c.mu.Unlock()
		return
	}
	c.o.Log.Error("gave up the room", "error", mediaError)
	c.recovering, c.trouble = false, nil
	c.reset()
	c.move(Disconnected)
	c.emit(Failed{Name: mediaError})
	c.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), leaveTimeout)
	defer cancel()
	s.Leave(ctx)
}

// calledOff ends a rejoin for Leave.
func (c *Client) calledOff() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cancel = nil
	c.recovering, c.trouble = false, nil
	c.reset()
	c.move(Disconnected)
}
