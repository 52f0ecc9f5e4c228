// Package client is the state machine of a documented Client: its connection
// states, the rules of its calls, and the events that it tells in order.
package client

import (
	"context"
	"sync"
	"time"
	"unicode/utf8"

	"nertc/internal/errcode"
	"nertc/internal/journal"
	"nertc/internal/media"
	"nertc/internal/place"
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

	// returnTime is the default of Options.Return.
	returnTime = 6 * time.Second

	maxChannelBytes = 64
	maxUIDRunes     = 64
	maxCustomBytes  = 1 << 10
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
	// CanDecode says whether a codec, by its name in protocol.Track, can be decoded here now. nil: every one can.
	CanDecode func(codec string) bool
	// Encryption encrypts frames; nil for a client that cannot.
	Encryption media.Encryption
	// Policy says when to try again after a lost connection, and for how long. The zero value is signal.DefaultPolicy.
	Policy signal.Policy
	// Places keeps the place in a room for the page after this one. nil: nothing is kept.
	Places place.Store
	// Return is how long after a rejoin those who are not there yet are awaited before they are
	// told to have left: what has thrown us out has often thrown them out too. 0 is 6 s.
	Return time.Duration
	// Now is the time of day, which goes on while the machine sleeps; nil is time.Now.
	Now func() time.Time
	// Log is what is written down of the client; nil writes nothing.
	Log *journal.Log
	// Wake is how often a client looks whether the machine has slept. 0 is 5 s.
	Wake time.Duration
	// Volumes is how often the event of that name comes, and statistics are read. 0 is every second.
	Volumes time.Duration
	// Watched says whether anybody follows Volumes, NetworkQuality or Exception. While nobody does and nothing is wrong,
	// statistics are read half as often. nil: somebody always does.
	Watched func() bool
}

// Client is one documented Client. Its methods may be called from any goroutine;
// those with a context wait until the work is done.
type Client struct {
	o      Options
	events serial.Queue

	roles serial.Queue // changes of the role in a room

	network signal.Network

	mu         sync.Mutex
	state      State
	recovering bool // the present or next change of state belongs to a recovery
	destroyed  bool
	standing   standing
	encryption encryption
	options    JoinOptions // of the present room
	info       ChannelInfo
	pass       string // what a rejoin needs beside the uid
	place      string // the key that is kept for the next page, empty if none is
	session    *session.Session
	cancel     context.CancelCauseFunc // ends the join, or rejoin, that is under way
	settled    chan struct{}           // closed when the present join, rejoin or leave is done
	view       view
	// subscriptions is how often a track was subscribed to that was not before.
	subscriptions int
	published     map[protocol.MediaType]LocalTrack
	trouble       *trouble    // nil while media flows
	broken        time.Time   // since when the session recovers by itself; zero while all is well
	burial        *time.Timer // of those who have not come back after a rejoin
	reporting     *reporting  // nil without a stay
	wake          *time.Timer // looks for sleeps; nil outside rooms
	dual          dual
	tasks         map[string]protocol.TaskState // what was told last of the room's live tasks, by ID
	priority      string                        // the uid whose media go before those of the others; empty if there is none
	warned        []string                      // the codecs that were warned of in this stay
}

// New makes a client that is not in a room. It must be destroyed.
func New(o Options) *Client {
	if o.Policy == (signal.Policy{}) {
		o.Policy = signal.DefaultPolicy()
	}
	if o.Return == 0 {
		o.Return = returnTime
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Wake == 0 {
		o.Wake = wakeInterval
	}
	if o.Volumes == 0 {
		o.Volumes = reportInterval
	}
	return &Client{
		o: o, state: Disconnected,
		standing: standing{role: protocol.RoleHost},
		view:     view{}, published: map[protocol.MediaType]LocalTrack{},
		dual: newDual(),
	}
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
	// Permkey is the permission key or empty.
	Permkey string
	// CustomData is what the others are told with this client, at most 1024 bytes: otherwise InvalidArgument.
	CustomData string
	// NoLive is for a client that is to have no live tasks.
	NoLive bool
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

// announcement is what the room is told of the track.
func (t LocalTrack) announcement() protocol.NewTrack {
	return protocol.NewTrack{
		CID: t.Track.ID(), MediaType: t.MediaType, Muted: t.Muted,
		Width: t.Width, Height: t.Height, Bitrate: t.Send.MaxBitrate, Layers: t.layers(),
		Stereo: t.Send.Stereo, Steady: t.Send.Steady,
	}
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
	if n := len(o.CustomData); n > maxCustomBytes {
		return errcode.New(errcode.InvalidArgument, "customData must have at most %d bytes, not %d", maxCustomBytes, n)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	settled, err := c.beginJoin(cancel, o)
	if err != nil {
		return err
	}
	defer close(settled)
	began := time.Now()
	c.logJoin(o)
	err = c.enter(ctx, func(s *session.Session) {
		c.o.Log.Info("joined", "uid", s.Joined().UID, "took", journal.Since(began))
		c.move(Connected)
		c.emit(Joined{})
		c.report()
	})
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		err = errcode.Wrap(errcode.InvalidOperation, context.Cause(ctx), "join was given up")
	}
	c.o.Log.Warning("join failed", journal.Failure(err)...)
	c.mu.Lock()
	c.cancel = nil
	if ctx.Err() != nil { // by Leave, which forgets the encryption
		c.endEncryption()
	} else if c.o.Encryption != nil {
		c.o.Encryption.End() // mode and secret stay for the next join, its key is not needed before
	}
	c.reset()
	c.move(Disconnected)
	c.cryptRefused(err)
	c.mu.Unlock()
	return err
}

// enter makes a session of the present room. Once in, entered is called with the lock
// held, before anything of the session is told.
func (c *Client) enter(ctx context.Context, entered func(*session.Session)) error {
	timed, stop := context.WithTimeout(ctx, joinTimeout)
	defer stop()
	c.mu.Lock()
	o, standing, pass, crypt := c.options, c.standing, c.pass, c.encryption
	before := c.seekPlace(timed)
	rejoin := c.info.UID != ""
	if rejoin {
		o.UID = c.info.UID // it keeps what was assigned
	}
	c.mu.Unlock()
	join := protocol.Join{
		SDK: c.o.SDK, AppKey: c.o.AppKey, Channel: o.Channel, UID: o.UID,
		Token: o.Token, Permkey: o.Permkey, Pass: pass, Rejoin: rejoin, CustomData: o.CustomData,
		Profile: standing.profile, Role: standing.role, NoLive: o.NoLive, HighPriority: standing.claim.high, Preempt: standing.claim.preempt,
	}
	newPeer, err := c.encrypt(timed, crypt, &join)
	if err != nil {
		before.settle(err)
		return err
	}
	var s *session.Session
	known := make(chan struct{}) // the observer waits until s is
	s, err = session.Join(timed, session.Options{
		Server: o.Server, Dial: c.o.Dial, NewPeer: newPeer, Policy: c.o.Policy, Network: &c.network, Relay: standing.relay, Log: c.o.Log, CanDecode: c.o.CanDecode,
		Join: join, Place: before.key,
		Observer: c.observer(func() *session.Session { <-known; return s }),
	})
	close(known)
	before.settle(err)
	if err != nil {
		return err
	}
	c.mu.Lock()
	if ctx.Err() != nil { // left in the last moment
		c.mu.Unlock()
		leaving, done := context.WithTimeout(context.Background(), leaveTimeout)
		defer done()
		s.Leave(leaving)
		return context.Cause(ctx)
	}
	c.cancel = nil
	c.session = s
	c.info = ChannelInfo{CID: s.Joined().CID, Channel: o.Channel, UID: s.Joined().UID, Token: o.Token}
	c.passed(s.Joined().Pass)
	c.keepPlace(s.Joined())
	entered(s)
	if j := s.Joined(); j.LogTicket != "" {
		c.o.Log.Hide(j.LogTicket)
		c.emit(LogTicket{Server: c.room(o).Server, Ticket: j.LogTicket, Size: j.LogSize})
	}
	c.mu.Unlock()
	s.Start()
	return nil
}

func (c *Client) beginJoin(cancel context.CancelCauseFunc, o JoinOptions) (settled chan struct{}, err error) {
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
	c.options, c.trouble, c.broken = o, nil, time.Time{}
	c.watchSleep()
	c.move(Connecting)
	return c.settled, nil
}

// Leave leaves the room, if there is one: → Disconnecting → Disconnected. A join
// that is under way is given up. It returns when the client is out.
func (c *Client) Leave(ctx context.Context) error {
	c.mu.Lock()
	switch {
	case c.state == Disconnected:
		c.mu.Unlock()
		return nil
	case c.session == nil: // a join or a rejoin, or another leave, is under way
		if c.cancel != nil {
			c.cancel(errcode.New(errcode.InvalidOperation, "left while joining"))
		}
		settled := c.settled
		c.mu.Unlock()
		<-settled // a join gives up at once when it is cancelled, a leave is bounded by leaveTimeout
		return nil
	}
	s := c.session
	c.session = nil
	settled := make(chan struct{})
	c.settled = settled
	c.recovering = false
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

// Retire has every later call but Leave and Destroy fail with InvalidOperation. It does not wait.
func (c *Client) Retire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.destroyed = true
}

// Destroy leaves and ends the client; later calls fail with InvalidOperation.
func (c *Client) Destroy(ctx context.Context) error {
	c.Retire()
	err := c.Leave(ctx)
	c.events.Close()
	return err
}

func errDestroyed() error { return errcode.New(errcode.InvalidOperation, "the client was destroyed") }

// State is the connection state.
func (c *Client) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

// Joined says whether the client is in a room, also while the connection is being restored. What wants a
// room and comes meanwhile waits for it.
func (c *Client) Joined() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state == Connected || c.state == Connecting && c.recovering
}

// UID is the own uid in text form, empty before it is known.
func (c *Client) UID() string { return c.ChannelInfo().UID }

// ChannelInfo is the present room.
func (c *Client) ChannelInfo() ChannelInfo {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.info
}
