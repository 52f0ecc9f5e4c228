package signal_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"nertc/internal/errcode"
	"nertc/internal/protocol"
	"nertc/internal/signal"
	"nertc/internal/signal/signaltest"
)

func open(t *testing.T, h signal.Handler) (*signal.Socket, *signaltest.Pipe, context.Context) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	if h.Pushed == nil {
		h.Pushed = func(protocol.Message) {}
	}
	p := signaltest.New()
	s := signal.NewSocket(p, h)
	t.Cleanup(s.Close)
	return s, p, ctx
}

func TestCallGetsItsOwnAnswer(t *testing.T) {
	s, p, ctx := open(t, signal.Handler{})
	go func() {
		first, _ := p.Next(ctx)
		second, _ := p.Next(ctx)
		p.Say(protocol.TypePong, second.ID, protocol.Ping{Time: 2})
		p.Say(protocol.TypePong, first.ID, protocol.Ping{Time: 1})
	}()
	var got [2]protocol.Ping
	errs := make(chan error, 2)
	started := make(chan struct{})
	go func() {
		s.Request(protocol.TypePing, protocol.Ping{Time: 1}, func(m protocol.Message, err error) {
			errs <- errors.Join(err, signal.DecodeData(m, &got[0]))
		})
		close(started)
	}()
	<-started
	errs <- s.Call(ctx, protocol.TypePing, protocol.Ping{Time: 2}, &got[1])
	for range 2 {
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
	}
	if got[0].Time != 1 || got[1].Time != 2 {
		t.Fatalf("answers went astray: %+v", got)
	}
}

func TestRefusalHasItsCode(t *testing.T) {
	for _, c := range []struct {
		server      int
		code, extra int
	}{{403, 403, 403}, {414, 414, 414}, {503, 10119, 503}, {10112, 10112, 10112}} {
		s, p, ctx := open(t, signal.Handler{})
		go func() {
			m, _ := p.Next(ctx)
			p.Say(protocol.TypeError, m.ID, protocol.Error{Code: c.server, Reason: "because"})
		}()
		err := s.Call(ctx, protocol.TypeJoin, protocol.Join{}, nil)
		e := errcode.Of(err)
		if int(e.Code) != c.code || e.ExtraCode != c.extra || e.Reason != "because" {
			t.Errorf("server's %d: got %d, %d, %q", c.server, e.Code, e.ExtraCode, e.Reason)
		}
	}
}

// A gateway that refuses closes right behind its answer; one that sends somebody away does
// so behind the reason. Neither may be lost to the end of the connection.
func TestLastWordIsHeard(t *testing.T) {
	for range 3000 {
		pushed := make(chan protocol.Type, 1)
		s, p, ctx := open(t, signal.Handler{Pushed: func(m protocol.Message) { pushed <- m.Type }})
		go func() {
			m, _ := p.Next(ctx)
			p.Say(protocol.TypeClosed, 0, protocol.Closed{Reason: protocol.CloseRemoved})
			p.Say(protocol.TypeError, m.ID, protocol.Error{Code: 414, Reason: "because"})
			_ = p.Close(1000, "")
		}()
		if e := errcode.Of(s.Call(ctx, protocol.TypeJoin, protocol.Join{}, nil)); e.Code != 414 {
			t.Fatalf("got %v", e)
		}
		if got := <-pushed; got != protocol.TypeClosed {
			t.Fatalf("got %s", got)
		}
	}
}

func TestAnswersAndPushesKeepTheirOrder(t *testing.T) {
	order := make(chan string, 3)
	s, p, ctx := open(t, signal.Handler{Pushed: func(m protocol.Message) { order <- string(m.Type) }})
	s.Request(protocol.TypeJoin, protocol.Join{}, func(m protocol.Message, _ error) { order <- string(m.Type) })
	m, err := p.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	p.Say(protocol.TypeCandidate, 0, protocol.Candidate{})
	p.Say(protocol.TypeJoined, m.ID, protocol.Joined{})
	p.Say(protocol.TypeMemberLeft, 0, protocol.MemberLeft{})
	for _, want := range []protocol.Type{protocol.TypeCandidate, protocol.TypeJoined, protocol.TypeMemberLeft} {
		if got := <-order; got != string(want) {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
}

func TestRubbishIsPassedOver(t *testing.T) {
	got := make(chan protocol.Message, 1)
	_, p, _ := open(t, signal.Handler{Pushed: func(m protocol.Message) { got <- m }})
	for _, b := range []string{"", "\x00\xff", "{", "[]", "7", `{"type":7}`, `{"id":99,"type":"pong"}`, `{"id":-1}`} {
		p.SayRaw([]byte(b))
	}
	p.Say(protocol.TypeSections, 0, protocol.Sections{Audio: 3})
	if m := <-got; m.Type != protocol.TypeSections {
		t.Fatalf("got %+v", m)
	}
}

func TestLossIsToldOnceAndFailsWhatWaits(t *testing.T) {
	lost := make(chan error, 2)
	s, p, ctx := open(t, signal.Handler{Lost: func(err error) { lost <- err }})
	failed := make(chan error, 1)
	go func() { failed <- s.Call(ctx, protocol.TypeLeave, nil, nil) }()
	if _, err := p.Next(ctx); err != nil {
		t.Fatal(err)
	}
	_ = p.Close(1000, "")
	if err := <-failed; errcode.Of(err).Code != errcode.Network {
		t.Fatalf("waiting call got %v", err)
	}
	if err := <-lost; errcode.Of(err).Code != errcode.Network {
		t.Fatalf("loss told as %v", err)
	}
	if err := s.Call(ctx, protocol.TypeLeave, nil, nil); errcode.Of(err).Code != errcode.Network {
		t.Fatalf("later call got %v", err)
	}
	if len(lost) != 0 {
		t.Fatal("loss told twice")
	}
}

func TestCloseSendsWhatWasAskedBefore(t *testing.T) {
	s, p, ctx := open(t, signal.Handler{})
	for i := range 20 {
		if err := s.Send(protocol.TypeCandidate, protocol.Candidate{Candidate: string(rune('a' + i))}); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	<-p.Closed()
	for range 20 {
		if _, err := p.Next(ctx); err != nil {
			t.Fatal("a message was lost: ", err)
		}
	}
}

func TestSilentServerIsLost(t *testing.T) { synctest.Test(t, silentServerIsLost) }

func silentServerIsLost(t *testing.T) {
	lost := make(chan error, 1)
	s, p, ctx := open(t, signal.Handler{Lost: func(err error) { lost <- err }})
	s.Keepalive(200 * time.Millisecond)
	m, err := p.Next(ctx)
	if err != nil || m.Type != protocol.TypePing {
		t.Fatalf("first message %+v, %v", m, err)
	}
	select {
	case err := <-lost:
		if errcode.Of(err).Code != errcode.Network {
			t.Fatal(err)
		}
	case <-ctx.Done():
		t.Fatal("the silence was not noticed")
	}
}

func TestAnsweredPingsKeepTheConnection(t *testing.T) {
	synctest.Test(t, answeredPingsKeepTheConnection)
}

func answeredPingsKeepTheConnection(t *testing.T) {
	lost := make(chan error, 1)
	s, p, ctx := open(t, signal.Handler{Lost: func(err error) { lost <- err }})
	s.Keepalive(500 * time.Millisecond)
	for range 10 { // the fourth would not come if the answers to the others did not count
		m, err := p.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		p.Say(protocol.TypePong, m.ID, protocol.Ping{})
	}
	if len(lost) != 0 {
		t.Fatal(<-lost)
	}
}
