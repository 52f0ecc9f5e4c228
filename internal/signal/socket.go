package signal

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"nertc/internal/errcode"
	"nertc/internal/protocol"
	"nertc/internal/serial"
)

// ErrClosed is why a request fails on a socket that was closed from this side.
var ErrClosed = errors.New("signalling connection closed")

// Reply gets the answer to a request, or the error that stands in its place.
type Reply func(protocol.Message, error)

// Handler is told what comes without a request behind it.
type Handler struct {
	// Pushed gets each message, in order.
	Pushed func(protocol.Message)
	// Lost is called once, last, when the connection has ended for whatever reason.
	Lost func(error)
}

// Socket speaks the protocol over a connection. Replies, pushed messages and the
// loss of the connection are told one at a time, in the order of their arrival, by
// one goroutine: whoever handles them must not wait there for another message.
type Socket struct {
	conn    Conn
	handler Handler
	writes  serial.Queue
	stop    context.CancelFunc

	mu      sync.Mutex
	nextID  uint64
	pending map[uint64]Reply
	err     error
	heard   time.Time
}

// NewSocket begins to read from an open connection.
func NewSocket(conn Conn, h Handler) *Socket {
	ctx, stop := context.WithCancel(context.Background())
	s := &Socket{conn: conn, handler: h, stop: stop, pending: map[uint64]Reply{}, heard: time.Now()}
	in := make(chan []byte)
	go s.read(ctx, in)
	go s.dispatchAll(ctx, in)
	return s
}

// Request sends a message and has the reply called with its answer. A refusal
// by the gateway comes as an *errcode.Error.
func (s *Socket) Request(t protocol.Type, data any, reply Reply) {
	s.mu.Lock()
	if s.err != nil {
		err := s.err
		s.mu.Unlock()
		go reply(protocol.Message{}, err)
		return
	}
	s.nextID++
	id := s.nextID
	s.pending[id] = reply
	s.mu.Unlock()
	if err := s.write(t, id, data); err != nil {
		if r := s.take(id); r != nil {
			go r(protocol.Message{}, err)
		}
	}
}

// Call sends a request and waits for its answer, which is decoded into answer unless that is nil.
func (s *Socket) Call(ctx context.Context, t protocol.Type, data, answer any) error {
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
func (s *Socket) Send(t protocol.Type, data any) error { return s.write(t, 0, data) }

// write puts a message into the queue of writes, so that messages leave in the order in which
// they were asked for and nobody waits for a slow connection.
func (s *Socket) write(t protocol.Type, id uint64, data any) error {
	b, err := protocol.Encode(t, id, data)
	if err != nil {
		return errcode.Wrap(errcode.InvalidArgument, err, "encode %s", t)
	}
	posted := s.writes.Post(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.conn.Write(ctx, b); err != nil {
			s.fail(errcode.Wrap(errcode.Network, err, "write to the server"))
		}
	})
	if !posted {
		return errcode.Wrap(errcode.Network, ErrClosed, "write to the server")
	}
	return nil
}

// Keepalive sends a ping at each interval, and takes the connection for lost when
// nothing was heard for three of them. It returns at once.
func (s *Socket) Keepalive(interval time.Duration) {
	if interval <= 0 {
		return
	}
	var tick func()
	tick = func() {
		s.mu.Lock()
		ended, silent := s.err != nil, time.Since(s.heard)
		s.mu.Unlock()
		switch {
		case ended:
			return
		case silent > 3*interval:
			s.fail(errcode.New(errcode.Network, "the server has been silent for %d ms", silent.Milliseconds()))
			return
		}
		s.Request(protocol.TypePing, protocol.Ping{Time: time.Now().UnixMilli()}, func(protocol.Message, error) {})
		time.AfterFunc(interval, tick)
	}
	time.AfterFunc(interval, tick)
}

// Close ends the connection from this side, after what was already asked to be sent. Pending requests fail with ErrClosed.
func (s *Socket) Close() {
	s.writes.Post(func() { s.fail(errcode.Wrap(errcode.Network, ErrClosed, "left")) })
}

// fail records why the connection ends and closes it; the reader tells the rest.
func (s *Socket) fail(err error) {
	s.mu.Lock()
	first := s.err == nil
	if first {
		s.err = err
	}
	s.mu.Unlock()
	if !first {
		return
	}
	s.writes.Close()
	s.stop()
	// Closing may wait for the other end; nobody here has to.
	go func() { _ = s.conn.Close(1000, "") }()
}

func (s *Socket) take(id uint64) Reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.pending[id]
	delete(s.pending, id)
	return r
}

// read hands on what arrives. It is not cancelled by the context, which browsers' sockets take
// badly: closing the connection ends it.
func (s *Socket) read(ctx context.Context, in chan<- []byte) {
	for {
		b, err := s.conn.Read(context.Background())
		if err != nil {
			s.fail(errcode.Wrap(errcode.Network, err, "connection to the server lost"))
			return
		}
		select {
		case in <- b:
		case <-ctx.Done():
			return
		}
	}
}

// dispatchAll is apart from read so that the loss of a connection is told at once, also while
// a read still hangs on it.
func (s *Socket) dispatchAll(ctx context.Context, in <-chan []byte) {
	for ctx.Err() == nil {
		select {
		case b := <-in:
			s.mu.Lock()
			s.heard = time.Now()
			s.mu.Unlock()
			if m, err := protocol.Decode(b); err == nil { // what is no JSON says nothing to us
				s.dispatch(m)
			}
		case <-ctx.Done():
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

func (s *Socket) dispatch(m protocol.Message) {
	if m.ID == 0 {
		s.handler.Pushed(m)
		return
	}
	reply := s.take(m.ID)
	if reply == nil {
		return
	}
	if m.Type != protocol.TypeError {
		reply(m, nil)
		return
	}
	var refusal protocol.Error
	if err := DecodeData(m, &refusal); err != nil {
		reply(m, err)
		return
	}
	reply(m, errcode.FromServer(refusal.Code, refusal.Reason))
}

// DecodeData reads the data of a message.
func DecodeData(m protocol.Message, into any) error {
	if len(m.Data) == 0 {
		return errcode.New(errcode.Network, "%s without data from the server", m.Type)
	}
	if err := json.Unmarshal(m.Data, into); err != nil {
		return errcode.Wrap(errcode.Network, err, "%s from the server", m.Type)
	}
	return nil
}
