package signal

import (
	"context"
	"errors"
	"time"

	"nertc/internal/errcode"
	"nertc/internal/protocol"
)

const (
	// attemptTimeout bounds one attempt to resume.
	attemptTimeout = 5 * time.Second
	// probeTime is how long a sign of life may take.
	probeTime = 2 * time.Second
)

// ErrNotResumed is in the error of a socket whose session the gateway knows no more:
// joining again may help, waiting will not.
var ErrNotResumed = errors.New("the server does not know the session any more")

// Resumption says how a socket takes up its session on another connection.
type Resumption struct {
	Dial    Dialer
	Address string
	// Token is the secret of the session, protocol.Joined.Resume.
	Token  string
	Policy Policy
	// Network is what the attempts follow.
	Network *Network
}

// Resumable has the socket survive its connection from here on. It is called by the
// handler of the message that gave the token, so that both ends count from the same one.
func (s *Socket) Resumable(r Resumption) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.resume = &r
}

// Probe asks for a sign of life where the network has changed beneath a connection: if none
// comes soon the connection is broken. Its own timeouts, and those of TCP, take much longer.
func (s *Socket) Probe() {
	s.mu.Lock()
	conn, asked := s.conn, time.Now()
	if conn == nil || s.probing {
		s.mu.Unlock()
		return
	}
	s.probing = true
	s.mu.Unlock()
	s.ping()
	var look func(again bool)
	look = func(again bool) {
		if !again && time.Since(asked) > probeTime*5/4 {
			// We were held up ourselves: what has arrived meanwhile may still be unread.
			time.AfterFunc(probeTime/2, func() { look(true) })
			return
		}
		s.mu.Lock()
		s.probing = false
		silent := s.heard.Before(asked)
		s.mu.Unlock()
		if silent {
			s.broken(conn, errcode.New(errcode.Network, "the server is not heard any more"))
		}
	}
	time.AfterFunc(probeTime, func() { look(false) })
}

// reconnect tries until the session goes on, is refused, or the policy gives up.
func (s *Socket) reconnect(r Resumption, cause error) {
	series := Series{Policy: r.Policy, Network: r.Network, Since: time.Now()}
	if series.Network == nil {
		series.Network = new(Network)
	}
	for {
		if !series.Next(s.ctx) {
			s.fail(errcode.Wrap(errcode.Network, cause, "the connection did not come back")) // unless it was closed
			return
		}
		conn, received, err := s.attempt(r)
		switch {
		case err == nil:
			s.takeUp(conn, received)
			return
		case errors.Is(err, ErrNotResumed):
			s.fail(errcode.Wrap(errcode.Network, err, "resume"))
			return
		}
	}
}

// attempt opens a connection and asks for the session on it.
func (s *Socket) attempt(r Resumption) (conn Conn, received uint64, err error) {
	ctx, cancel := context.WithTimeout(s.ctx, attemptTimeout)
	defer cancel()
	conn, err = r.Dial(ctx, r.Address)
	if err != nil {
		return nil, 0, err
	}
	type answer struct {
		b   []byte
		err error
	}
	answers := make(chan answer, 1)
	s.mu.Lock()
	ask, err := protocol.Encode(protocol.TypeResume, 1, protocol.Resume{
		Version: protocol.Version, Token: r.Token, Received: s.ledger.Received(),
	})
	s.mu.Unlock()
	if err == nil {
		err = conn.Write(ctx, ask)
	}
	if err == nil {
		// Not cancelled by the context: browsers' sockets take that badly.
		go func(c Conn) {
			b, err := c.Read(context.Background())
			answers <- answer{b, err}
		}(conn)
		select {
		case a := <-answers:
			received, err = resumed(a.b, a.err)
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	if err != nil {
		go func(c Conn) { _ = c.Close(protocol.ClosingToResume, "") }(conn) // the session may be on it already
		return nil, 0, err
	}
	return conn, received, nil
}

func resumed(b []byte, err error) (uint64, error) {
	if err != nil {
		return 0, err
	}
	m, err := protocol.Decode(b)
	if err != nil {
		return 0, err
	}
	switch m.Type {
	case protocol.TypeResumed:
		var r protocol.Resumed
		err := DecodeData(m, &r)
		return r.Received, err
	case protocol.TypeError:
		return 0, errors.Join(ErrNotResumed, refusal(m))
	}
	return 0, errcode.New(errcode.Network, "%s in answer to resume", m.Type)
}

// takeUp goes on with the session: first what the gateway has missed, then what comes.
func (s *Socket) takeUp(conn Conn, received uint64) {
	s.mu.Lock()
	if s.err != nil {
		s.mu.Unlock()
		go func() { _ = conn.Close(1000, "") }()
		return
	}
	if err := s.ledger.Acknowledge(received); err != nil {
		s.mu.Unlock()
		go func() { _ = conn.Close(1000, "") }()
		s.fail(errcode.Wrap(errcode.Network, errors.Join(ErrNotResumed, err), "resume"))
		return
	}
	s.conn = conn
	s.heard = time.Now()
	for _, frame := range s.ledger.Unacknowledged() {
		s.post(conn, frame)
	}
	s.mu.Unlock()
	s.say(s.handler.Resumed)
	go s.read(conn)
}
