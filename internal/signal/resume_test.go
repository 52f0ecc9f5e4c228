package signal_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"nertc/internal/protocol"
	"nertc/internal/signal"
	"nertc/internal/signal/signaltest"
)

// line is a resumable socket with all the connections that it may yet make.
type line struct {
	*signal.Socket
	network signal.Network
	t       *testing.T
	ctx     context.Context
	first   *signaltest.Pipe
	dials   chan *signaltest.Pipe // a nil one is a refused dial
	told    chan string
}

func newLine(t *testing.T, p signal.Policy) *line {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	l := &line{t: t, ctx: ctx, first: signaltest.New(), dials: make(chan *signaltest.Pipe), told: make(chan string, 64)}
	l.Socket = signal.NewSocket(l.first, signal.Handler{
		Pushed: func(m protocol.Message) {
			if m.Type == "go" {
				l.Resumable(signal.Resumption{Dial: l.dial, Address: "ws://x", Token: "secret", Policy: p, Network: &l.network})
			}
			l.told <- string(m.Type)
		},
		Broken:  func() { l.told <- "broken" },
		Resumed: func() { l.told <- "resumed" },
		Lost: func(err error) {
			if errors.Is(err, signal.ErrNotResumed) {
				l.told <- "refused"
			} else {
				l.told <- "lost"
			}
		},
	})
	t.Cleanup(l.Close)
	l.first.Say("go", 0, nil)
	l.expect("go")
	return l
}

func (l *line) dial(ctx context.Context, _ string) (signal.Conn, error) {
	select {
	case p := <-l.dials:
		if p == nil {
			return nil, errors.New("connection refused")
		}
		return p, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *line) expect(what ...string) {
	l.t.Helper()
	for _, want := range what {
		select {
		case got := <-l.told:
			if got != want {
				l.t.Fatalf("told %q, want %q", got, want)
			}
		case <-l.ctx.Done():
			l.t.Fatalf("%q was never told", want)
		}
	}
}

func (l *line) next(p *signaltest.Pipe, want protocol.Type, into any) protocol.Message {
	l.t.Helper()
	m, err := p.Next(l.ctx)
	if err != nil {
		l.t.Fatal(err)
	}
	if m.Type != want {
		l.t.Fatalf("client sent %s, want %s", m.Type, want)
	}
	if into != nil {
		if err := json.Unmarshal(m.Data, into); err != nil {
			l.t.Fatal(err)
		}
	}
	return m
}

func quick() signal.Policy {
	return signal.Policy{First: time.Millisecond, Max: 5 * time.Millisecond, Factor: 2, GiveUp: 5 * time.Second}
}

func TestResumeLosesAndRepeatsNothing(t *testing.T) {
	l := newLine(t, quick())
	l.first.Say("one", 0, nil)
	l.expect("one")
	answered := make(chan error, 1)
	l.Request(protocol.TypeMute, protocol.Mute{Track: "a"}, func(m protocol.Message, err error) { answered <- err })
	l.next(l.first, protocol.TypeMute, nil) // it arrives, its answer will not
	if err := l.Send("lost", nil); err != nil {
		t.Fatal(err)
	}
	l.next(l.first, "lost", nil)
	_ = l.first.Close(1000, "")
	l.expect("broken")
	if err := l.Send("meanwhile", nil); err != nil {
		t.Fatal(err)
	}
	l.dials <- nil
	second := signaltest.New()
	l.dials <- second
	var r protocol.Resume
	m := l.next(second, protocol.TypeResume, &r)
	if r.Token != "secret" || r.Received != 1 || r.Version != protocol.Version {
		t.Fatalf("%+v", r)
	}
	second.Say(protocol.TypeResumed, m.ID, protocol.Resumed{Received: 1}) // the mute only
	second.Say(protocol.TypeOK, 1, nil)                                   // its answer again
	l.next(second, "lost", nil)
	l.next(second, "meanwhile", nil)
	l.expect("resumed")
	if err := <-answered; err != nil {
		t.Fatal(err)
	}
	second.Say("two", 0, nil)
	l.expect("two")
}

func TestResumeRefused(t *testing.T) {
	l := newLine(t, quick())
	answered := make(chan error, 1)
	l.Request(protocol.TypeMute, protocol.Mute{}, func(_ protocol.Message, err error) { answered <- err })
	_ = l.first.Close(1000, "")
	l.expect("broken")
	second := signaltest.New()
	l.dials <- second
	m := l.next(second, protocol.TypeResume, nil)
	second.Say(protocol.TypeError, m.ID, protocol.Error{Code: 404, Reason: "session unknown"})
	l.expect("refused")
	if err := <-answered; !errors.Is(err, signal.ErrNotResumed) {
		t.Fatal(err)
	}
	<-second.Closed()
}

func TestResumeGivesUp(t *testing.T) {
	p := quick()
	p.GiveUp = 30 * time.Millisecond
	l := newLine(t, p)
	_ = l.first.Close(1000, "")
	l.expect("broken")
	for done := false; !done; {
		select {
		case l.dials <- nil:
		case what := <-l.told:
			if what != "lost" {
				t.Fatal(what)
			}
			done = true
		}
	}
}

func TestNudgeMakesTheNextAttemptComeAtOnce(t *testing.T) {
	l := newLine(t, signal.Policy{First: time.Hour, Max: time.Hour, Factor: 1, GiveUp: time.Hour})
	_ = l.first.Close(1000, "")
	l.expect("broken")
	l.dials <- nil // the first attempt has no delay
	second := signaltest.New()
	l.network.Nudge()
	l.dials <- second
	m := l.next(second, protocol.TypeResume, nil)
	second.Say(protocol.TypeResumed, m.ID, protocol.Resumed{})
	l.expect("resumed")
}

func TestAServerThatCountsWronglyIsNotResumed(t *testing.T) {
	l := newLine(t, quick())
	_ = l.first.Close(1000, "")
	l.expect("broken")
	second := signaltest.New()
	l.dials <- second
	m := l.next(second, protocol.TypeResume, nil)
	second.Say(protocol.TypeResumed, m.ID, protocol.Resumed{Received: 99})
	l.expect("refused")
}

func TestPongsAcknowledge(t *testing.T) { synctest.Test(t, pongsAcknowledge) }

func pongsAcknowledge(t *testing.T) {
	l := newLine(t, quick())
	for range protocol.MaxUnacknowledged {
		if err := l.Send("x", protocol.Mute{}); err != nil {
			t.Fatal(err)
		}
		l.next(l.first, "x", nil)
	}
	if l.Send("x", nil) == nil {
		t.Fatal("nothing bounds what waits for an acknowledgement")
	}
	l.first.Say("alive", 0, nil)
	l.expect("alive")
	l.Keepalive(300 * time.Millisecond)
	m := l.next(l.first, protocol.TypePing, nil)
	l.first.Say(protocol.TypePong, m.ID, protocol.Ping{Received: protocol.MaxUnacknowledged})
	l.first.Say("after", 0, nil)
	l.expect("after")
	if err := l.Send("x", nil); err != nil {
		t.Fatal(err)
	}
}

func TestCloseWhileBroken(t *testing.T) {
	l := newLine(t, quick())
	_ = l.first.Close(1000, "")
	l.expect("broken")
	l.Close()
	l.expect("lost")
}

func TestPolicy(t *testing.T) {
	p := signal.DefaultPolicy()
	if p.Delay(0) != 0 {
		t.Error("the first attempt waits")
	}
	for attempt := 1; attempt < 40; attempt++ {
		steady := p
		steady.Jitter = 0
		d, low, high := p.Delay(attempt), 0.69*float64(steady.Delay(attempt)), 1.31*float64(steady.Delay(attempt))
		if float64(d) < low || float64(d) > high || steady.Delay(attempt) > p.Max || attempt > 1 && steady.Delay(attempt) < steady.Delay(attempt-1) {
			t.Error(fmt.Sprint("attempt ", attempt, ": ", d))
		}
	}
}
