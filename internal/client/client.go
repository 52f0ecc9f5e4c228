// Package client is the state machine of a documented Client: its connection
// states, the rules of its calls, and the events that it tells in order.
package client

import (
	"context"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"nertc/internal/errcode"
	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/internal/serial"
	"nertc/internal/session"
	"nertc/internal/signal"
)

const (
	// joinTimeout is when a join gives up on a server that does not answer.
	joinTimeout = 9 * time.Second
	// callTimeout is when any other call does.
	callTimeout = 9 * time.Second
	// leaveTimeout is how long leave waits for the gateway to confirm.
	leaveTimeout = 2 * time.Second

	maxChannelBytes = 64
	maxUIDRunes     = 64
)

// Options are what a client is made of.
type Options struct {
	// AppKey is the application, not empty.
	AppKey string
	// SDK names this client and its version for the gateway's log.
	SDK string
	// Dial opens the signalling socket.
	Dial signal.Dialer
	// NewPeer makes peer connections.
	NewPeer media.Factory
	// Handle gets every event, one at a time and in order. It may call the client, but must not wait for it.
	Handle func(Event)
}

// Client is one documented Client. Its methods may be called from any goroutine;
// those with a context wait until the work is done.
type Client struct {
	o      Options
	events serial.Queue

	mu        sync.Mutex
	state     State
	destroyed bool
	info      ChannelInfo
	session   *session.Session
	cancel    context.CancelCauseFunc // ends the join that is under way
	settled   chan struct{}           // closed when the present join or leave is done
}

// New makes a client that is not in a room. It must be destroyed.
func New(o Options) *Client {
	return &Client{o: o, state: Disconnected}
}

// JoinOptions are the arguments of a join, already of the right types.
type JoinOptions struct {
	// Server is the signalling address, ws: or wss:.
	Server string
	// Channel is the room's name, 1 to 64 bytes: otherwise InvalidChannelName.
	Channel string
	// UID is the user in text form, at most 64 characters; empty lets the gateway assign a number.
	UID string
	// Token is the basic token or empty.
	Token string
}

// ChannelInfo is what getChannelInfo answers. The zero value stands for "not in a room".
type ChannelInfo struct {
	CID                 int64
	Channel, UID, Token string
}

// LocalTrack is a track to publish.
type LocalTrack struct {
	MediaType protocol.MediaType
	Track     media.Track
	Muted     bool
	// Width and Height of the picture in pixels, 0 if unknown.
	Width, Height int
	Send          media.SendOptions
}

// Join enters a room: Disconnected → Connecting → Connected, or back to
// Disconnected with an error: RepeatedJoin, InvalidChannelName, InvalidUID, Unauthorized, BadToken,
// RefusedByServer, Network. The members who are there already are announced after it has succeeded.
func (c *Client) Join(ctx context.Context, o JoinOptions) error {
	if n := len(o.Channel); n == 0 || n > maxChannelBytes {
		return errcode.New(errcode.InvalidChannelName, "channelName must have 1 to %d bytes, not %d", maxChannelBytes, n)
	}
	if n := utf8.RuneCountInString(o.UID); n > maxUIDRunes {
		return errcode.New(errcode.InvalidUID, "uid must have at most %d characters, not %d", maxUIDRunes, n)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	settled, err := c.beginJoin(cancel)
	if err != nil {
		return err
	}
	defer close(settled)

	timed, stop := context.WithTimeout(ctx, joinTimeout)
	defer stop()
	var s *session.Session
	entered := make(chan struct{}) // the observer waits until s is known
	s, err = session.Join(timed, session.Options{
		Server: o.Server, Dial: c.o.Dial, NewPeer: c.o.NewPeer,
		Join: protocol.Join{
			SDK: c.o.SDK, AppKey: c.o.AppKey, Channel: o.Channel, UID: o.UID, Token: o.Token,
		},
		Observer: c.observer(func() *session.Session { <-entered; return s }),
	})
	close(entered)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil && ctx.Err() != nil {
			err = errcode.Wrap(errcode.InvalidOperation, cause, "join was given up")
		}
		c.mu.Lock()
		c.cancel = nil
		c.move(Disconnected)
		c.mu.Unlock()
		return err
	}

	c.mu.Lock()
	c.cancel = nil
	if ctx.Err() != nil { // left in the last moment
		c.move(Disconnected)
		c.mu.Unlock()
		leaveCtx, done := context.WithTimeout(context.Background(), leaveTimeout)
		defer done()
		s.Leave(leaveCtx)
		return errcode.Wrap(errcode.InvalidOperation, context.Cause(ctx), "join was given up")
	}
	c.session = s
	c.info = ChannelInfo{CID: s.Joined().CID, Channel: o.Channel, UID: s.Joined().UID, Token: o.Token}
	c.move(Connected)
	c.emit(Joined{})
	c.mu.Unlock()
	s.Start()
	return nil
}

func (c *Client) beginJoin(cancel context.CancelCauseFunc) (settled chan struct{}, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.destroyed {
		return nil, errDestroyed()
	}
	if c.state != Disconnected {
		return nil, errcode.New(errcode.RepeatedJoin, "join while %s", c.state)
	}
	c.cancel = cancel
	c.settled = make(chan struct{})
	c.move(Connecting)
	return c.settled, nil
}

// Leave leaves the room, if there is one: → Disconnecting → Disconnected. A join
// that is under way is given up. It returns when the client is out.
func (c *Client) Leave(ctx context.Context) error {
	c.mu.Lock()
	switch c.state {
	case Disconnected:
		c.mu.Unlock()
		return nil
	case Connecting:
		c.cancel(errcode.New(errcode.InvalidOperation, "left while joining"))
		settled := c.settled
		c.mu.Unlock()
		<-settled // a join gives up at once when it is cancelled
		return nil
	case Disconnecting:
		settled := c.settled
		c.mu.Unlock()
		<-settled // bounded by leaveTimeout
		return nil
	}
	s := c.session
	c.session = nil
	settled := make(chan struct{})
	c.settled = settled
	c.move(Disconnecting)
	c.mu.Unlock()

	ctx, cancel := context.WithTimeout(ctx, leaveTimeout)
	defer cancel()
	s.Leave(ctx)

	c.mu.Lock()
	c.reset()
	c.move(Disconnected)
	c.mu.Unlock()
	close(settled)
	return nil
}

// Destroy leaves and ends the client; later calls fail with InvalidOperation.
func (c *Client) Destroy(ctx context.Context) error {
	c.mu.Lock()
	c.destroyed = true
	c.mu.Unlock()
	err := c.Leave(ctx)
	c.events.Close()
	return err
}

// Publish publishes the tracks whose media types are not published yet. NotJoined if not in a room.
func (c *Client) Publish(ctx context.Context, tracks []LocalTrack) error {
	s, err := c.current("publish")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	results := make(chan error, len(tracks))
	for _, t := range tracks { // all at once: they share an offer
		go func() {
			results <- s.Publish(ctx, protocol.NewTrack{
				CID: t.Track.ID(), MediaType: t.MediaType, Muted: t.Muted,
				Width: t.Width, Height: t.Height, Bitrate: t.Send.MaxBitrate,
			}, t.Track, t.Send)
		}()
	}
	return firstError(results, len(tracks))
}

// Unpublish ends the publications of these media types; those not published are skipped.
func (c *Client) Unpublish(ctx context.Context, types ...protocol.MediaType) error {
	s, err := c.current("unpublish")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	results := make(chan error, len(types))
	for _, t := range types {
		go func() { results <- s.Unpublish(ctx, t) }()
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
func (c *Client) SetMuted(ctx context.Context, t protocol.MediaType, muted bool) error {
	s, err := c.current("mute")
	if err != nil {
		return nil // nobody is there to be told
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return s.SetMuted(ctx, t, muted)
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
	s, err := c.current("subscribe")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return s.Subscribe(ctx, uid, types)
}

// current is the session for a call that needs one.
func (c *Client) current(what string) (*session.Session, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.destroyed {
		return nil, errDestroyed()
	}
	if c.session == nil {
		return nil, errcode.New(errcode.NotJoined, "%s needs a join first", what)
	}
	return c.session, nil
}

func errDestroyed() error { return errcode.New(errcode.InvalidOperation, "the client was destroyed") }

// State is the connection state.
func (c *Client) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

// UID is the own uid in text form, empty before it is known.
func (c *Client) UID() string { return c.ChannelInfo().UID }

// ChannelInfo is the present room.
func (c *Client) ChannelInfo() ChannelInfo {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.info
}
