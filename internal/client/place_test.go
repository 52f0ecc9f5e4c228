package client_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"nertc/internal/client"
	"nertc/internal/place"
	"nertc/internal/protocol"
)

// drawer is a place.Store in memory; a slow one gives nothing by itself.
type drawer struct {
	slow bool

	mu    sync.Mutex
	left  []place.Place // by the page before
	held  []place.Place
	asked []place.Place // rooms and uids
}

func (d *drawer) Take(ctx context.Context, r place.Room, uid string) (place.Place, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = append(d.asked, place.Place{Room: r, UID: uid})
	if d.slow {
		d.mu.Unlock()
		<-ctx.Done()
		d.mu.Lock()
		return place.Place{}, false
	}
	for i, p := range d.left {
		if p.Room == r && (uid == "" || uid == p.UID) {
			d.left = slices.Delete(d.left, i, i+1)
			return p, true
		}
	}
	return place.Place{}, false
}

func (d *drawer) Return(p place.Place) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.left = append(d.left, p)
}

func (d *drawer) Keep(p place.Place) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.held = append(d.held, p)
}

func (d *drawer) Forget(key string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.held = slices.DeleteFunc(d.held, func(p place.Place) bool { return p.Key == key })
}

// keys are those of the places that are held, and of those left by the page before.
func (d *drawer) keys() (held, left []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range d.held {
		held = append(held, p.Key)
	}
	for _, p := range d.left {
		left = append(left, p.Key)
	}
	return held, left
}

func (d *drawer) holds(t *testing.T, want ...string) {
	t.Helper()
	if held, _ := d.keys(); !slices.Equal(held, want) {
		t.Errorf("holds %q, want %q", held, want)
	}
}

var here = place.Room{Server: "ws://x", AppKey: "app", Channel: "room"}

func withPlaces(d *drawer) func(*client.Options) {
	return func(o *client.Options) { o.Places = d }
}

// enters answers a join that has the given place, and keeps the stay's secret.
func (w *world) enters(wantPlace, secret string) {
	w.t.Helper()
	result := w.startJoin()
	var j protocol.Join
	m := w.request(protocol.TypeJoin, &j)
	if j.Place != wantPlace || j.UID != "" {
		w.t.Fatalf("joins with place %q as %q", j.Place, j.UID)
	}
	w.pipe.Say(protocol.TypeJoined, m.ID, protocol.Joined{UID: "1", Resume: secret, PingInterval: 60_000})
	if err := <-result; err != nil {
		w.t.Fatal(err)
	}
	w.expect("DISCONNECTED→CONNECTING", "CONNECTING→CONNECTED", "Joined{}")
}

func TestJoinTakesTheFormerPlace(t *testing.T) {
	d := &drawer{left: []place.Place{
		{Room: place.Room{Server: "ws://x", AppKey: "app", Channel: "other"}, UID: "1", Key: "wrong"},
		{Room: here, UID: "1", Key: "former"},
	}}
	w := newWorld(t, withPlaces(d))
	w.enters("former", "new")
	held, left := d.keys()
	if !slices.Equal(held, []string{"new"}) || !slices.Equal(left, []string{"wrong"}) {
		t.Fatalf("holds %q and has left %q", held, left)
	}
	if want := (place.Place{Room: here, UID: "1", Key: "new"}); d.held[0] != want {
		t.Errorf("keeps %+v", d.held[0])
	}
}

// A place that cannot be used now may be by the next join.
func TestFailedJoinGivesThePlaceBack(t *testing.T) {
	for name, fail := range map[string]func(*world){
		"refused": func(w *world) {
			m := w.request(protocol.TypeJoin, nil)
			w.pipe.Say(protocol.TypeError, m.ID, protocol.Error{Code: 503, Reason: "media engine is not available"})
		},
		"left meanwhile": func(w *world) {
			w.request(protocol.TypeJoin, nil)
			go w.c.Leave(w.ctx)
		},
		"cut": func(w *world) {
			w.request(protocol.TypeJoin, nil)
			w.cut()
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := &drawer{left: []place.Place{{Room: here, UID: "1", Key: "former"}}}
			w := newWorld(t, withPlaces(d))
			result := w.startJoin()
			fail(w)
			if <-result == nil {
				t.Fatal("joined")
			}
			if held, left := d.keys(); len(held) != 0 || !slices.Equal(left, []string{"former"}) {
				t.Fatalf("holds %q and has left %q", held, left)
			}
			w.expect("DISCONNECTED→CONNECTING", "CONNECTING→DISCONNECTED")
			w.connect()
			w.enters("former", "new")
		})
	}
	t.Run("no connection", func(t *testing.T) {
		d := &drawer{left: []place.Place{{Room: here, UID: "1", Key: "former"}}}
		w := newWorld(t, withPlaces(d))
		<-w.dials
		w.dials <- nil
		if err := <-w.startJoin(); err == nil {
			t.Fatal("joined")
		}
		if _, left := d.keys(); !slices.Equal(left, []string{"former"}) {
			t.Fatalf("has left %q", left)
		}
	})
}

// A store that hangs holds up no join for long.
func TestJoinDoesNotWaitForThePlace(t *testing.T) {
	w := newWorld(t, withPlaces(&drawer{slow: true}))
	began := time.Now()
	w.enters("", "new")
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

// What stands behind a server's address is the page's affair.
func TestPlaceHasNoQuery(t *testing.T) {
	d := &drawer{}
	w := newWorld(t, withPlaces(d))
	result := make(chan error, 1)
	go func() {
		result <- w.c.Join(w.ctx, client.JoinOptions{Server: "ws://x?secret", Channel: "room", UID: "7", Token: "token", Permkey: "permkey"})
	}()
	m := w.request(protocol.TypeJoin, nil)
	w.pipe.Say(protocol.TypeJoined, m.ID, protocol.Joined{UID: "7", Resume: "key", Pass: "pass"})
	if err := <-result; err != nil {
		t.Fatal(err)
	}
	want := place.Place{Room: here, UID: "7"}
	if d.asked[0] != want {
		t.Errorf("asked for %+v", d.asked[0])
	}
	if want.Key = "key"; d.held[0] != want {
		t.Errorf("keeps %+v", d.held[0])
	}
}

// Each way out of a room, and what of the place is kept for the next page.
func TestPlaceGoesWithTheStay(t *testing.T) {
	closed := func(r protocol.CloseReason) func(*world) {
		return func(w *world) { w.pipe.Say(protocol.TypeClosed, 0, protocol.Closed{Reason: r}) }
	}
	for name, tc := range map[string]struct {
		end  func(*world)
		want []string
	}{
		"left": {func(w *world) {
			go w.c.Leave(w.ctx)
			m := w.request(protocol.TypeLeave, nil)
			w.pipe.Say(protocol.TypeOK, m.ID, nil)
		}, []string{"CONNECTED→DISCONNECTING", "DISCONNECTING→DISCONNECTED"}},
		"duplicate":   {closed(protocol.CloseDuplicate), []string{"CONNECTED→DISCONNECTED", "UIDDuplicate{}"}},
		"banned":      {closed(protocol.CloseRemoved), []string{"CONNECTED→DISCONNECTED", "Banned{1}"}},
		"room closed": {closed(protocol.CloseRoomClosed), []string{"CONNECTED→DISCONNECTED", "ChannelClosed{}"}},
		"permkey":     {closed(protocol.ClosePermkeyTimeout), []string{"CONNECTED→DISCONNECTED", "PermkeyTimeout{}"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := &drawer{}
			w := newWorld(t, withPlaces(d))
			w.enters("", "secret")
			d.holds(t, "secret")
			tc.end(w)
			w.expect(tc.want...)
			d.holds(t)
			// It stays out by itself, and may come again when the page says so, as a newcomer.
			w.connect()
			w.enters("", "next")
		})
	}
}

// A rejoin knows who it is, and has another secret then.
func TestPlaceFollowsARejoin(t *testing.T) {
	d := &drawer{left: []place.Place{{Room: here, UID: "2", Key: "unused"}}}
	w := newWorld(t, withPlaces(d))
	w.enters("unused", "first")
	w.pipe.Say(protocol.TypeClosed, 0, protocol.Closed{Reason: protocol.CloseEngineLost})
	w.expect("CONNECTED→CONNECTING again")
	d.holds(t, "first") // a page that is loaded now comes back too
	w.connect()
	var j protocol.Join
	m := w.request(protocol.TypeJoin, &j)
	if j.UID != "1" || j.Place != "" || !j.Rejoin {
		t.Fatalf("%+v", j)
	}
	w.pipe.Say(protocol.TypeJoined, m.ID, protocol.Joined{UID: "1", Resume: "second"})
	w.expect("CONNECTING→CONNECTED again")
	d.holds(t, "second")

	w.pipe.Say(protocol.TypeClosed, 0, protocol.Closed{Reason: protocol.CloseEngineLost})
	w.connect()
	m = w.request(protocol.TypeJoin, nil)
	w.pipe.Say(protocol.TypeError, m.ID, protocol.Error{Code: 4031, Reason: "banned"})
	w.expect("CONNECTED→CONNECTING again", "CONNECTING→DISCONNECTED", "Failed{RELOGIN_ERROR}")
	d.holds(t)
}
