package signal

import (
	"context"
	"errors"
	"sync"
	"time"

	"nertc/internal/errcode"
	"nertc/internal/protocol"
	"nertc/internal/serial"
)

// ErrClosed is why a request fails on a socket that was closed from this side.
var ErrClosed = errors.New("signalling connection closed")

// writeTimeout is when a connection that takes nothing is given up.
const writeTimeout = 10 * time.Second

// Reply gets the answer to a request, or the error that stands in its place.
type Reply func(protocol.Message, error)

// Handler is told what comes without a request behind it.
type Handler struct {
	// Pushed gets each message, in order.
	Pushed func(protocol.Message)
	// Broken and Resumed tell that the connection is interrupted and that it is there
	// again, with nothing lost in between. They may be nil.
	Broken, Resumed func()
	// Lost is called once, last, when the connection has ended for good. It may be nil.
	Lost func(error)
}

// Socket speaks the protocol over a connection, or over one after another once it may
// be resumed. Replies, pushed messages, interruptions and the loss are told one at
// a time, in the order of their arrival, by one goroutine: whoever handles them must
// not wait there for another message.
type Socket struct {
	handler Handler
	ctx     context.Context // ends with the socket
	stop    context.CancelFunc
	told    chan func() // to the goroutine that tells

	mu      sync.Mutex
	conn    Conn         // nil while there is none
	writes  serial.Queue // of the conn, and closed with the socket
	nextID  uint64
	pinged  uint64 // the last ping
	pending map[uint64]Reply
	err     error
	heard   time.Time
	probing bool
	resume  *Resumption // nil: the socket ends with its connection
	ledger  protocol.Ledger
}

// NewSocket begins to read from an open connection.
func NewSocket(conn Conn, h Handler) *Socket {
	ctx, stop := context.WithCancel(context.Background())
	s := &Socket{
		handler: h, ctx: ctx, stop: stop, told: make(chan func()),
		conn: conn, pending: map[uint64]Reply{}, heard: time.Now(),
	}
	go s.read(conn)
	go s.tell()
	return s
}

// Request sends a message and has the reply called with its answer. A refusal
// by the gateway comes as an *errcode.Error.
func (s *Socket) Request(t protocol.Type, data any, reply Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.request(t, data, reply)
}

// request is Request with the lock held.
func (s *Socket) request(t protocol.Type, data any, reply Reply) {
	s.nextID++
	id := s.nextID
	s.pending[id] = reply
	if err := s.write(t, id, data); err != nil {
		delete(s.pending, id)
		go reply(protocol.Message{}, err) // not from inside the call
	}
}

// Call sends a request and waits for its answer, which is decoded into answer unless that is nil.
func (s *Socket) Call(ctx context.Context, t protocol.Type, data any, answer protocol.Object) error {
	type result struct {
		m   protocol.Message
		err error
	}
	ch := make(chan result, 1)
	s.Request(t, data, func(m protocol.Message, err error) { ch <- result{m, err} })
	select {
	case r := <-ch:
		if r.err != nil || answer == nil {
			return r.err
		}
		return DecodeData(r.m, answer)
	case <-ctx.Done():
		return errcode.Wrap(errcode.Network, ctx.Err(), "no answer to %s", t)
	}
}

// Send sends a message that has no answer.
func (s *Socket) Send(t protocol.Type, data any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.write(t, 0, data)
}

// write puts a message into the queue of the connection, so that messages leave in the order in which
// they were asked for and nobody waits for a slow connection. Without a connection a counted
// message waits in the ledger for the next. The lock is held.
func (s *Socket) write(t protocol.Type, id uint64, data any) error {
	if s.err != nil {
		return s.err
	}
	b, err := protocol.Encode(t, id, data)
	if err != nil {
		return errcode.Wrap(errcode.InvalidArgument, err, "encode %s", t)
	}
	if s.resume != nil && protocol.Counted(t) {
		if err := s.ledger.Send(b); err != nil {
			return errcode.Wrap(errcode.Network, err, "send %s", t)
		}
	}
	if s.conn != nil {
		s.post(s.conn, b)
	}
	return nil
}

// post writes a frame to a connection in its turn. The lock is held.
func (s *Socket) post(conn Conn, frame []byte) {
	s.writes.Post(func() {
		ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
		defer cancel()
		if err := conn.Write(ctx, frame); err != nil {
			s.broken(conn, errcode.Wrap(errcode.Network, err, "write to the server"))
		}
	})
}

// Keepalive sends a ping at each interval, and takes the connection for broken when
// nothing was heard for three of them. It returns at once.
func (s *Socket) Keepalive(interval time.Duration) {
	if interval <= 0 {
		return
	}
	var timer *time.Timer
	tick := func() {
		s.mu.Lock()
		conn, silent := s.conn, time.Since(s.heard)
		ended := s.err != nil
		s.mu.Unlock()
		switch {
		case ended:
			return
		case conn != nil && silent > 3*interval:
			s.broken(conn, errcode.New(errcode.Network, "the server has been silent for %d ms", silent.Milliseconds()))
		case conn != nil:
			s.ping()
		}
		timer.Reset(interval)
	}
	s.mu.Lock() // the first tick finds the timer
	timer = time.AfterFunc(interval, tick)
	s.mu.Unlock()
	// A timer that goes on would keep all that hangs on the socket until its next tick.
	context.AfterFunc(s.ctx, func() { timer.Stop() })
}

// ping asks for a sign of life, and says what has arrived here; its answer says what has arrived there.
func (s *Socket) ping() {
	s.mu.Lock()
	received := s.ledger.Received()
	delete(s.pending, s.pinged) // the answer to a ping on a broken connection never comes
	defer s.mu.Unlock()
	s.pinged = s.nextID + 1
	s.request(protocol.TypePing, protocol.Ping{Time: time.Now().UnixMilli(), Received: received}, func(m protocol.Message, err error) {
		var pong protocol.Ping
		if err != nil || DecodeData(m, &pong) != nil {
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.resume != nil {
			_ = s.ledger.Acknowledge(pong.Received) // a wrong one acknowledges nothing
		}
	})
}

// Close ends the connection from this side, after what was already asked to be sent. Pending requests fail with ErrClosed.
func (s *Socket) Close() {
	if !s.writes.Post(func() { s.fail(errcode.Wrap(errcode.Network, ErrClosed, "left")) }) {
		s.fail(errcode.Wrap(errcode.Network, ErrClosed, "left"))
	}
}

// broken takes the end of a connection: the socket ends with it, or resumes on another.
func (s *Socket) broken(conn Conn, err error) {
	s.mu.Lock()
	if s.conn != conn || s.err != nil {
		s.mu.Unlock()
		return // an earlier one, or known already
	}
	resume := s.resume
	if resume != nil {
		s.conn = nil
		s.mu.Unlock()
		go func() { _ = conn.Close(protocol.ClosingToResume, "") }()
		s.say(s.handler.Broken)
		go s.reconnect(*resume, err)
		return
	}
	s.mu.Unlock()
	// In its turn: what arrived last, a refusal or why the session ends, must not be lost.
	s.say(func() { s.fail(err) })
}

// fail records why the socket ends and closes what it has; the goroutine that tells says the rest.
func (s *Socket) fail(err error) {
	s.mu.Lock()
	if s.err != nil {
		s.mu.Unlock()
		return
	}
	s.err = err
	conn := s.conn
	s.conn = nil
	s.mu.Unlock()
	s.writes.Close()
	s.stop()
	if conn != nil {
		// Closing may wait for the other end; nobody here has to.
		go func() { _ = conn.Close(1000, "") }()
	}
}

// read hands on what arrives on one connection. Closing the connection ends it: browsers' sockets
// take a cancelled read badly.
func (s *Socket) read(conn Conn) {
	for {
		b, err := conn.Read(context.Background())
		if err != nil {
			s.broken(conn, errcode.Wrap(errcode.Network, err, "connection to the server lost"))
			return
		}
		s.say(func() { s.arrived(conn, b) })
	}
}

// say has something told in its turn.
func (s *Socket) say(f func()) {
	if f == nil {
		return
	}
	select {
	case s.told <- f:
	case <-s.ctx.Done():
	}
}

// tell is apart from read so that the loss of a connection is told at once, also while
// a read still hangs on it.
func (s *Socket) tell() {
	for s.ctx.Err() == nil {
		select {
		case f := <-s.told:
			f()
		case <-s.ctx.Done():
		}
	}
	s.mu.Lock()
	err, pending := s.err, s.pending
	s.pending = map[uint64]Reply{}
	s.mu.Unlock()
	for _, reply := range pending {
		reply(protocol.Message{}, err)
	}
	if s.handler.Lost != nil {
		s.handler.Lost(err)
	}
}

func (s *Socket) arrived(conn Conn, b []byte) {
	m, err := protocol.Decode(b)
	s.mu.Lock()
	if s.conn != conn {
		s.mu.Unlock()
		return // it comes again on the next connection
	}
	s.heard = time.Now()
	if err == nil && s.resume != nil && protocol.Counted(m.Type) {
		s.ledger.Receive()
	}
	reply := s.pending[m.ID]
	delete(s.pending, m.ID)
	s.mu.Unlock()
	switch {
	case err != nil: // what is no JSON says nothing to us
	case m.ID == 0:
		s.handler.Pushed(m)
	case reply == nil:
	case m.Type == protocol.TypeError:
		reply(m, refusal(m))
	default:
		reply(m, nil)
	}
}

// refusal is the error that an error message stands for.
func refusal(m protocol.Message) error {
	var e protocol.Error
	if err := DecodeData(m, &e); err != nil {
		return err
	}
	return errcode.FromServer(e.Code, e.Reason)
}

// DecodeData reads the data of a message.
func DecodeData(m protocol.Message, into protocol.Object) error {
	if len(m.Data) == 0 {
		return errcode.New(errcode.Network, "%s without data from the server", m.Type)
	}
	if err := m.Read(into); err != nil {
		return errcode.Wrap(errcode.Network, err, "%s from the server", m.Type)
	}
	return nil
}
