// Package session is one stay in a room: the socket and the peer connection of it,
// who else is there, what is published and what is received.
package session

import (
	"context"
	"sync"
	"time"

	"nertc/internal/errcode"
	"nertc/internal/journal"
	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/internal/serial"
	"nertc/internal/signal"
)

// Observer is told what happens in the room, one thing at a time and in order, on
// a goroutine of the session. Its functions must not wait for the session.
type Observer struct {
	MemberJoined func(uid string)
	// CustomData tells what a member gave at its join, after MemberJoined.
	CustomData func(uid, data string)
	// MemberLeft comes after the TrackRemoved of all the member's tracks.
	MemberLeft   func(uid string)
	TrackAdded   func(uid string, t protocol.Track)
	TrackRemoved func(uid string, t protocol.Track)
	TrackMuted   func(uid string, t protocol.Track)
	// Undecodable comes when it is known, or known anew, that a track of somebody else's is sent in a codec that
	// cannot be decoded here, and in no other. Such a track is never received.
	Undecodable func(codec string)
	// TrackReceived comes once for each subscription: media can flow.
	TrackReceived func(uid string, t protocol.Track, r media.RemoteTrack)
	// MemberQuality tells how good a member's connection is, from 1 to 6; 0 is unknown.
	MemberQuality func(uid string, level int)
	// TrackPaused tells that the engine has paused a picture for want of bandwidth, or sends it again.
	TrackPaused func(uid string, t protocol.Track, paused bool)
	// Priority names the user whose media go before those of the others; empty for nobody.
	Priority func(uid string)
	// TaskChanged tells of a live task of the room, AllTasks of all that there are.
	TaskChanged func(protocol.TaskState)
	AllTasks    func([]protocol.TaskState)
	// Banned tells what the operator has muted of this client, or lifted.
	Banned func(protocol.Banned)
	// Passed renews what Joined().Pass has.
	Passed func(pass string)
	// PermkeyWillExpire tells that the time of the permission key is nearly over.
	PermkeyWillExpire func()
	// Interrupted and Continued come in turn: signalling or media are being recovered, and are there again.
	Interrupted, Continued func()
	// MediaConnected comes whenever media has found its path.
	MediaConnected func()
	// Ended comes last, once, unless the session was left from this side.
	Ended func(protocol.CloseReason, error)
}

// Options are what a session is made of.
type Options struct {
	// Server is the signalling address.
	Server  string
	Dial    signal.Dialer
	NewPeer media.Factory
	// Join is the request; its offer is made here.
	Join protocol.Join
	// CanDecode says whether a codec, by its name in protocol.Track, can be decoded here now. nil: every one can.
	CanDecode func(codec string) bool
	// Relay has media go through a relay of the server's and no other way.
	Relay bool
	// Place gives Join.Place. It is called once at most, when all else is ready to be sent; nil leaves that empty.
	Place func() string
	// Policy says when to try to resume a lost connection.
	Policy signal.Policy
	// Network is what the attempts to resume follow; it may be nil.
	Network  *signal.Network
	Observer Observer
	// Log is what is written down of the stay; nil writes nothing.
	Log *journal.Log
}

// MediaLost is the reason given to Ended when the peer connection has failed.
const MediaLost protocol.CloseReason = "media-lost"

// SocketLost is the reason given to Ended when the socket has.
const SocketLost protocol.CloseReason = "socket-lost"

// Session is one stay in a room. Its methods may be called from any goroutine.
type Session struct {
	o          Options
	socket     *signal.Socket
	negotiator negotiator
	joined     protocol.Joined
	started    chan struct{} // closed by Start
	done       chan struct{} // closed when the session is over
	told       chan struct{} // closed when the observer has taken its end
	once       sync.Once

	// loop runs everything that touches the fields below, and every call of the observer.
	loop         serial.Queue
	members      map[string]*member
	publications map[protocol.MediaType]*publication
	local        []string // own candidates found before the socket could carry them
	carrying     bool     // the socket carries candidates
	closing      protocol.CloseReason
	recovery     recovery
	servers      []media.ICEServer           // with the latest credentials
	dual         map[protocol.MediaType]bool // whose low layers may be sent
	watched      map[string]protocol.Watched // of own tracks, by id
}

type member struct {
	uid    string
	tracks map[string]*track
}

type track struct {
	protocol.Track
	subscribed bool
	received   bool
	quality    protocol.Quality // that the gateway was told, empty for the best
	// waiting are the calls of Subscribe that wait until the track is received or gone.
	waiting []func(error)
}

type publication struct {
	id      string
	layers  layers
	sender  media.Sender
	muted   bool
	settled bool     // the room has taken it or refused it
	then    []func() // what to do once settled
}

// Join enters a room and returns when the gateway has let the client in. Start
// must be called then; nothing is told to the observer before.
func Join(ctx context.Context, o Options) (*Session, error) {
	s := &Session{
		o: o, started: make(chan struct{}), done: make(chan struct{}), told: make(chan struct{}),
		members: map[string]*member{}, publications: map[protocol.MediaType]*publication{},
		dual: map[protocol.MediaType]bool{}, watched: map[string]protocol.Watched{},
	}
	pc, err := o.NewPeer(media.Observer{Candidate: s.localCandidate, State: s.mediaState})
	if err != nil {
		return nil, errcode.Wrap(errcode.NotSupported, err, "make a peer connection")
	}
	s.negotiator.pc, s.negotiator.log = pc, o.Log
	s.negotiator.negotiated = func(r map[string]media.RemoteTrack) {
		s.loop.Post(func() { s.received(r) })
	}
	if err := s.enter(ctx); err != nil {
		s.end()
		return nil, err
	}
	return s, nil
}

// enter opens the socket and makes the first offer at the same time, then joins.
func (s *Session) enter(ctx context.Context) error {
	type dialled struct {
		conn signal.Conn
		err  error
	}
	dial := make(chan dialled, 1)
	go func() {
		conn, err := s.o.Dial(ctx, s.o.Server)
		dial <- dialled{conn, err}
	}()
	abandon := func() {
		go func() {
			if d := <-dial; d.err == nil {
				_ = d.conn.Close(1000, "")
			}
		}()
	}
	// One spare section of each kind: the first remote picture and sound then need no new ones.
	pc := s.negotiator.pc
	if s.o.Relay { // there is no relay yet to find candidates with, and others are not to be found
		if err := pc.SetICEServers(nil, true); err != nil {
			abandon()
			return errcode.Wrap(errcode.NotSupported, err, "send media through a relay alone")
		}
	}
	if err := pc.AddReceivers(ctx, 1, 1); err != nil {
		abandon()
		return errcode.Wrap(errcode.NotSupported, err, "add receive sections")
	}
	sdp, err := pc.Offer(ctx)
	if err != nil {
		abandon()
		return errcode.Wrap(errcode.NotSupported, err, "make the first offer")
	}
	var conn signal.Conn
	select {
	case d := <-dial:
		if d.err != nil {
			return errcode.Wrap(errcode.Network, d.err, "connect to the server")
		}
		conn = d.conn
	case <-ctx.Done():
		abandon()
		return errcode.Wrap(errcode.Network, ctx.Err(), "connect to the server")
	}
	there := make(chan struct{}) // what comes at once must find the socket
	s.socket = signal.NewSocket(conn, signal.Handler{
		Pushed: func(m protocol.Message) { <-there; s.pushed(m) },
		Lost:   func(err error) { <-there; s.socketLost(err) },
		Broken: s.socketBroken, Resumed: s.socketResumed,
	})
	close(there)
	s.negotiator.send = sendOver(s.socket)
	join := s.o.Join
	join.Version, join.Offer, join.Relay = protocol.Version, protocol.Offer{SDP: sdp}, s.o.Relay
	if s.o.Place != nil {
		join.Place = s.o.Place()
	}

	// The answer is taken on the socket's own goroutine: what is pushed behind it must find it done.
	result := make(chan error, 1)
	s.socket.Request(protocol.TypeJoin, join, func(m protocol.Message, err error) {
		if err == nil {
			err = signal.DecodeData(m, &s.joined)
		}
		if err == nil && s.joined.UID == "" {
			err = errcode.New(errcode.Network, "the server let us in without a uid")
		}
		if err == nil && s.o.Relay && !protocol.HasRelay(s.joined.ICEServers) {
			// A server that does not know of relays has let us in.
			_ = s.socket.Send(protocol.TypeLeave, nil)
			err = errcode.FromServer(protocol.CodeNoRelay, "there is no relay: the server named none")
		}
		if err == nil {
			s.begin()
		}
		result <- err
	})
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
		// We may be in by now, or in a moment: without a word we would stay there for seconds, as who means to come back.
		s.socket.Request(protocol.TypeLeave, nil, func(protocol.Message, error) {})
		return errcode.Wrap(errcode.Network, ctx.Err(), "no answer to join")
	}
}

// begin takes up the work with the answer to the join. Media need not wait for Start, what is told does.
func (s *Session) begin() {
	j := s.joined
	if j.Resume != "" {
		s.socket.Resumable(signal.Resumption{Dial: s.o.Dial, Address: s.o.Server, Token: j.Resume, Policy: s.o.Policy, Network: s.o.Network})
	}
	s.negotiator.start(j.Answer, j.Candidates, func(err error) { s.fail(MediaLost, err) })
	s.socket.Keepalive(time.Duration(j.PingInterval) * time.Millisecond)
	s.loop.Post(func() {
		s.findPath(j.ICEServers)
		s.carrying = true
		for _, c := range s.local {
			s.sendCandidate(c)
		}
		s.local = nil
		select {
		case <-s.started:
		case <-s.done:
			return
		}
		for _, m := range j.Members {
			s.memberJoined(m)
		}
	})
}

// Joined is the gateway's answer to the join.
func (s *Session) Joined() protocol.Joined { return s.joined }

// Start begins to tell the observer, with the members who are there already. It is called once.
func (s *Session) Start() { close(s.started) }

// Leave leaves the room: the gateway is told, and given until the context ends to answer.
func (s *Session) Leave(ctx context.Context) {
	_ = s.socket.Call(ctx, protocol.TypeLeave, nil, nil)
	s.loop.Post(s.recovery.stop)
	s.end()
}

// Over says whether the session is.
func (s *Session) Over() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// Done is closed when the session is over, for whatever reason.
func (s *Session) Done() <-chan struct{} { return s.done }

// Told is closed when the observer has taken the end of the session. Of a session that was left it never is.
func (s *Session) Told() <-chan struct{} { return s.told }

// end frees everything. It may come from any side, more than once.
func (s *Session) end() {
	s.once.Do(func() {
		close(s.done)
		s.loop.Close()
		s.negotiator.close()
		if s.socket != nil {
			s.socket.Close()
		}
	})
}

// fail ends the session from within and tells the observer, unless it was left already.
func (s *Session) fail(reason protocol.CloseReason, err error) {
	s.loop.Post(func() {
		if s.Over() {
			return
		}
		s.end()
		s.recovery.stop()
		s.o.Observer.Ended(reason, err)
		close(s.told)
	})
}

func (s *Session) socketLost(err error) {
	s.loop.Post(func() {
		reason := SocketLost
		if s.closing != "" { // the gateway said why before it closed
			reason = s.closing
		}
		s.fail(reason, err)
	})
}

func (s *Session) localCandidate(c string) {
	s.loop.Post(func() {
		if !s.carrying {
			s.local = append(s.local, c)
			return
		}
		s.sendCandidate(c)
	})
}

func (s *Session) sendCandidate(c string) {
	_ = s.socket.Send(protocol.TypeCandidate, protocol.Candidate{Candidate: c})
}
