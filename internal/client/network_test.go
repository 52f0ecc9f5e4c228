package client_test

import (
	"sync"
	"testing"
	"time"

	"nertc/internal/client"
	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/internal/signal"
)

// wall is a time of day that a test moves.
type wall struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (w *wall) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Add(w.ahead)
}

func (w *wall) jump(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ahead += d
}

// patient never tries a second time by itself.
func patient(o *client.Options) {
	o.Policy = signal.Policy{First: time.Hour, Max: time.Hour, Factor: 1, GiveUp: 24 * time.Hour}
}

// pinged waits until the client asks for a sign of life, which the world's interval of pings is too long for.
func (w *world) pinged() {
	w.t.Helper()
	m, err := w.pipe.Next(w.ctx)
	if err != nil || m.Type != protocol.TypePing {
		w.t.Fatalf("%s %v", m.Type, err)
	}
	w.pipe.Say(protocol.TypePong, m.ID, protocol.Ping{})
}

// What tells of another network has a connection that seems to be well looked at, and a recovery that
// waits try at once: of the signalling, and of a whole session.
func TestNewsOfTheNetwork(t *testing.T) {
	var clock wall
	tests := map[string]struct {
		tell   func(c *client.Client)
		probes bool
	}{
		"changed": {(*client.Client).Changed, true},
		"online again": {func(c *client.Client) {
			c.SetOnline(false)
			c.SetOnline(true)
		}, true},
		"awake":           {func(*client.Client) { clock.jump(time.Hour) }, true},
		"looked at again": {(*client.Client).Nudge, false},
	}
	for name, tc := range tests {
		newsWorld := func(t *testing.T) *world {
			return newWorld(t, patient, func(o *client.Options) { o.Now, o.Wake = clock.now, 20*time.Millisecond })
		}
		t.Run(name+" while all is well", func(t *testing.T) {
			w := newsWorld(t)
			w.resumable()
			tc.tell(w.c)
			if tc.probes {
				w.pinged()
			}
			if s := w.c.State(); s != client.Connected {
				t.Errorf("is %s", s)
			}
		})
		t.Run(name+" while signalling is broken", func(t *testing.T) {
			w := newsWorld(t)
			w.resumable()
			w.dials <- nil // the first attempt, which comes at once
			w.cut()
			w.expect("CONNECTED→CONNECTING again")
			w.refusedDials(1)
			w.connect()
			tc.tell(w.c)
			m := w.request(protocol.TypeResume, nil)
			w.pipe.Say(protocol.TypeResumed, m.ID, protocol.Resumed{})
			w.expect("CONNECTING→CONNECTED again")
		})
		t.Run(name+" while the session is lost", func(t *testing.T) {
			w := newsWorld(t)
			w.join()
			w.dials <- nil
			w.cut()
			w.expect("CONNECTED→CONNECTING again")
			w.refusedDials(1)
			w.connect()
			tc.tell(w.c)
			w.letIn()
			w.expect("CONNECTING→CONNECTED again")
		})
		t.Run(name+" while media is lost", func(t *testing.T) {
			w := newsWorld(t)
			w.join()
			w.peer().Observer.State(media.StateConnected)
			w.peer().Observer.State(media.StateDisconnected) // which may come back by itself
			w.expect("CONNECTED→CONNECTING again")
			tc.tell(w.c)
			w.request(protocol.TypeOffer, nil)
		})
	}
}

// refusedDials waits until so many dials have been refused.
func (w *world) refusedDials(n int) {
	w.t.Helper()
	for range n {
		select {
		case <-w.refused:
		case <-w.ctx.Done():
			w.t.Fatal("nobody dials")
		}
	}
}

// Without a network nothing is tried again and again, and the time of giving up goes on.
func TestOffline(t *testing.T) {
	w := newWorld(t, func(o *client.Options) {
		o.Policy = signal.Policy{First: time.Millisecond, Max: time.Millisecond, Factor: 1, GiveUp: time.Second}
	})
	w.join()
	w.c.SetOnline(false)
	for range cap(w.dials) - len(w.dials) {
		w.dials <- nil
	}
	before := len(w.dials)
	w.cut()
	w.expect("CONNECTED→CONNECTING again", "CONNECTING→DISCONNECTED", "Failed{SOCKET_ERROR}")
	if tried := before - len(w.dials); tried != 1 {
		t.Errorf("tried %d times", tried)
	}
}

// A machine that sleeps while nobody is in a room wakes nobody.
func TestNobodyWatchesOutsideRooms(t *testing.T) {
	looks := make(chan struct{}, 1024)
	w := newWorld(t, func(o *client.Options) {
		o.Wake = time.Millisecond
		o.Now = func() time.Time { looks <- struct{}{}; return time.Now() }
	})
	w.join()
	<-looks
	<-looks
	left := make(chan error, 1)
	go func() { left <- w.c.Leave(w.ctx) }()
	m := w.request(protocol.TypeLeave, nil)
	w.pipe.Say(protocol.TypeOK, m.ID, nil)
	if err := <-left; err != nil {
		t.Fatal(err)
	}
	for len(looks) > 0 {
		<-looks
	}
	time.Sleep(50 * time.Millisecond)
	if n := len(looks); n > 1 { // one may have been under way
		t.Errorf("looked %d times", n)
	}
}
