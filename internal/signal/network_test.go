package signal_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"nertc/internal/protocol"
	"nertc/internal/signal"
	"nertc/internal/signal/signaltest"
)

// soon bounds what is to come at once, and is far below all delays that are not to be waited for.
const soon = 5 * time.Second

func next(t *testing.T, s *signal.Series) time.Duration {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	began := time.Now()
	if !s.Next(ctx) {
		t.Fatal("no attempt is due")
	}
	return time.Since(began)
}

func TestNewsOfTheNetworkBeginsTheDelaysAnew(t *testing.T) {
	synctest.Test(t, newsOfTheNetworkBeginsTheDelaysAnew)
}

func newsOfTheNetworkBeginsTheDelaysAnew(t *testing.T) {
	var n signal.Network
	s := signal.Series{
		Network: &n, Since: time.Now(),
		Policy: signal.Policy{First: 20 * time.Millisecond, Max: time.Hour, Factor: 1e6, GiveUp: time.Hour},
	}
	for name, tell := range map[string]func(){
		"nudge":  n.Nudge,
		"online": func() { n.SetOnline(false); n.SetOnline(true) },
	} {
		next(t, &s) // at once
		if took := next(t, &s); took < 20*time.Millisecond {
			t.Errorf("the second comes after %v", took)
		}
		time.AfterFunc(50*time.Millisecond, tell)
		if took := next(t, &s); took < 50*time.Millisecond {
			t.Errorf("%s: the third comes after %v, before it was told", name, took)
		}
		if took := next(t, &s); took < 20*time.Millisecond {
			t.Errorf("%s: what follows comes after %v", name, took)
		}
		tell() // while an attempt is under way
		if took := next(t, &s); took > 15*time.Millisecond+soon/2 {
			t.Errorf("%s: what was told during an attempt counts after %v", name, took)
		}
		s.Attempt = 0
	}
}

// While there is said to be no network the first attempt comes, and no other soon.
func TestOfflineBurnsNoAttempts(t *testing.T) { synctest.Test(t, offlineBurnsNoAttempts) }

func offlineBurnsNoAttempts(t *testing.T) {
	var n signal.Network
	s := signal.Series{Network: &n, Since: time.Now(), Policy: quick()}
	n.SetOnline(false)
	next(t, &s)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if s.Next(ctx) {
		t.Fatal("an attempt is made for nothing")
	}
	time.AfterFunc(20*time.Millisecond, func() { n.SetOnline(true) })
	next(t, &s)
	next(t, &s) // and as ever from then on

	// Also when it goes while a delay is under way.
	s.Policy.First, s.Policy.Max = 100*time.Millisecond, 100*time.Millisecond
	time.AfterFunc(20*time.Millisecond, func() { n.SetOnline(false) })
	ctx, cancel = context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if s.Next(ctx) {
		t.Fatal("the attempt that was waited for is made for nothing")
	}
}

// Neither a long delay nor the lack of a network puts off the end.
func TestSeriesEndsInTime(t *testing.T) { synctest.Test(t, seriesEndsInTime) }

func seriesEndsInTime(t *testing.T) {
	for _, online := range []bool{true, false} {
		var n signal.Network
		n.SetOnline(online)
		s := signal.Series{
			Network: &n, Since: time.Now().Add(-time.Hour), Attempt: 3, Once: true,
			Policy: signal.Policy{First: time.Millisecond, Max: time.Hour, Factor: 1e9, GiveUp: time.Hour + 50*time.Millisecond},
		}
		s.Attempt = 0
		next(t, &s) // the first in any case
		s.Attempt = 3
		ctx, cancel := context.WithTimeout(t.Context(), soon)
		defer cancel()
		if s.Next(ctx) || ctx.Err() != nil {
			t.Errorf("online %v: it goes on", online)
		}
	}
}

func TestProbe(t *testing.T) {
	run := func(name string, f func(t *testing.T)) {
		t.Run(name, func(t *testing.T) { synctest.Test(t, f) })
	}
	run("answered", func(t *testing.T) {
		l := newLine(t, quick())
		l.Probe()
		l.Probe() // one at a time
		m := l.next(l.first, protocol.TypePing, nil)
		l.first.Say(protocol.TypePong, m.ID, protocol.Ping{})
		time.Sleep(2500 * time.Millisecond)
		l.first.Say("still here", 0, nil)
		l.expect("still here")
		l.Probe()
		l.next(l.first, protocol.TypePing, nil)
	})
	run("silent", func(t *testing.T) {
		l := newLine(t, quick())
		time.Sleep(time.Millisecond) // what was heard until then is no sign of life
		l.Probe()
		l.next(l.first, protocol.TypePing, nil)
		l.expect("broken")
		second := signaltest.New()
		l.dials <- second
		m := l.next(second, protocol.TypeResume, nil)
		second.Say(protocol.TypeResumed, m.ID, protocol.Resumed{})
		l.expect("resumed")
	})
	run("broken already", func(t *testing.T) {
		l := newLine(t, quick())
		_ = l.first.Close(1000, "")
		l.expect("broken")
		l.Probe() // asks nobody
		l.Close()
		l.expect("lost")
	})
}
