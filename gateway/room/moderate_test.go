package room

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"nertc/gateway/engine"
	"nertc/internal/protocol"
)

// scriptedOperator is the engine as moderation sees it, in a test's hand.
type scriptedOperator struct {
	mu           sync.Mutex
	rooms        []engine.RoomInfo
	participants map[string][]engine.Participant
	asked        []string
	fail         error
	closing      func() // what happens while a room is closed
}

func (o *scriptedOperator) Rooms(context.Context) ([]engine.RoomInfo, error) { return o.rooms, o.fail }

func (o *scriptedOperator) Participants(_ context.Context, room string) ([]engine.Participant, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.participants[room], o.fail
}

func (o *scriptedOperator) Remove(_ context.Context, room, identity string) error {
	o.asked = append(o.asked, "remove "+room+" "+identity)
	return o.fail
}

func (o *scriptedOperator) DeleteRoom(_ context.Context, room string) error {
	o.asked = append(o.asked, "close "+room)
	if o.closing != nil {
		o.closing()
	}
	return o.fail
}

func newModerated(t *testing.T) (*stage, *scriptedOperator) {
	t.Helper()
	g := newStage(t, Options{})
	o := &scriptedOperator{participants: map[string][]engine.Participant{}}
	g.h.operator = o
	return g, o
}

// removed awaits the last message of a session and gives its reason.
func (c *rawClient) removed() protocol.CloseReason {
	c.t.Helper()
	return pushed[protocol.Closed](c, protocol.TypeClosed).Reason
}

func TestRemove(t *testing.T) {
	g, o := newModerated(t)
	ann, a := g.member(t, "ann")
	ben, _ := g.member(t, "ben")
	if err := g.h.Remove(t.Context(), "app", "room", "ann"); err != nil {
		t.Fatal(err)
	}
	if r := ann.removed(); r != protocol.CloseRemoved {
		t.Errorf("closed with %s", r)
	}
	awaitClosed(t, a)
	// Whom this gateway does not have, another one may.
	if err := g.h.Remove(t.Context(), "app", "room", "ann"); err != nil || !reflect.DeepEqual(o.asked, []string{"remove app:room ann"}) {
		t.Errorf("%v, asked %q", err, o.asked)
	}
	o.fail = engine.ErrNotFound
	for _, where := range [][3]string{{"app", "room", "ann"}, {"app", "another", "ben"}, {"another", "room", "ben"}} {
		if err := g.h.Remove(t.Context(), where[0], where[1], where[2]); !errors.Is(err, ErrNoMember) {
			t.Errorf("%q: %v", where, err)
		}
	}
	o.fail = engine.ErrNotReady
	if err := g.h.Remove(t.Context(), "app", "room", "x"); !errors.Is(err, engine.ErrNotReady) {
		t.Error(err)
	}
	ask[protocol.Ping](ben, protocol.TypePing, protocol.Ping{}, protocol.TypePong) // is not concerned
	again, _ := g.member(t, "ann")
	ask[protocol.Ping](again, protocol.TypePing, protocol.Ping{}, protocol.TypePong)
}

func TestBan(t *testing.T) {
	g, o := newModerated(t)
	o.fail = engine.ErrNotFound
	ann, _ := g.member(t, "ann")
	b, err := g.h.Ban(t.Context(), "app", "room", "ann", time.Hour)
	if left := time.Until(b.Until); err != nil || b.UID != "ann" || left > time.Hour || left < 59*time.Minute {
		t.Fatalf("%+v, %v", b, err)
	}
	if r := ann.removed(); r != protocol.CloseRemoved {
		t.Errorf("closed with %s", r)
	}
	refused := func() protocol.Error {
		return ask[protocol.Error](dial(t, g.Server), protocol.TypeJoin, joinAs("room", "ann"), protocol.TypeError)
	}
	if e := refused(); e.Code != 4031 || e.Reason != "banned" {
		t.Errorf("a join is refused with %+v", e)
	}
	if len(g.joins) != 0 {
		t.Error("the engine has heard of the join")
	}
	if got := g.h.Bans("app", "room"); len(got) != 1 || got[0] != b {
		t.Errorf("bans are %v", got)
	}
	if err := g.h.Unban("app", "room", "ann"); err != nil {
		t.Fatal(err)
	}
	if err := g.h.Unban("app", "room", "ann"); !errors.Is(err, ErrNoOrder) {
		t.Error(err)
	}
	g.member(t, "ann")
	if b, _ := g.h.Ban(t.Context(), "app", "room", "ben", 1000*time.Hour); time.Until(b.Until) > MaxOrder {
		t.Errorf("banned until %v", b.Until)
	}
	// A ban does not wait for an engine that is away.
	o.fail = engine.ErrNotReady
	if _, err := g.h.Ban(t.Context(), "app", "room", "eve", time.Hour); err != nil {
		t.Error(err)
	}
}

// A ban that comes while a join is under way keeps the uid out all the same.
func TestBanDuringJoin(t *testing.T) {
	g, _ := newModerated(t)
	c := dial(t, g.Server)
	id := c.say(protocol.TypeJoin, joinAs("room", "ann"))
	s := <-g.joins
	if _, err := g.h.Ban(t.Context(), "app", "room", "ann", time.Hour); err != nil {
		t.Fatal(err)
	}
	s.letIn()
	if m := c.reply(id); m.Type != protocol.TypeError || as[protocol.Error](t, m).Code != 4031 {
		t.Errorf("answered with %s %s", m.Type, m.Data)
	}
	awaitClosed(t, s)
}

func TestCloseRoom(t *testing.T) {
	g, o := newModerated(t)
	ann, _ := g.member(t, "ann")
	ben, _ := g.member(t, "ben")
	if err := g.h.CloseRoom(t.Context(), "app", "room"); err != nil || !reflect.DeepEqual(o.asked, []string{"close app:room"}) {
		t.Errorf("%v, asked %q", err, o.asked)
	}
	for _, c := range []*rawClient{ann, ben} {
		if r := c.removed(); r != protocol.CloseRoomClosed {
			t.Errorf("closed with %s", r)
		}
	}
	// The engine drops those who have hardly arrived without a word. They must not take that
	// for an outage, and come back.
	eve, e := g.member(t, "eve")
	o.closing = func() {
		e.events <- engine.Closed{Closed: protocol.Closed{Reason: protocol.CloseEngineLost}}
		if r := eve.removed(); r != protocol.CloseRoomClosed {
			t.Errorf("closed with %s", r)
		}
	}
	if err := g.h.CloseRoom(t.Context(), "app", "room"); err != nil {
		t.Error(err)
	}
	o.closing = nil
	eve, e = g.member(t, "eve")
	e.events <- engine.Closed{Closed: protocol.Closed{Reason: protocol.CloseEngineLost}}
	if r := eve.removed(); r != protocol.CloseEngineLost {
		t.Errorf("closed with %s", r)
	}
	o.fail = engine.ErrNotFound
	if err := g.h.CloseRoom(t.Context(), "app", "room"); !errors.Is(err, ErrNoRoom) {
		t.Error(err)
	}
	ann, _ = g.member(t, "ann")
	o.fail = engine.ErrNotReady
	if err := g.h.CloseRoom(t.Context(), "app", "room"); !errors.Is(err, engine.ErrNotReady) {
		t.Error(err)
	}
	if r := ann.removed(); r != protocol.CloseRoomClosed { // whoever is here goes
		t.Errorf("closed with %s", r)
	}
}

func TestLists(t *testing.T) {
	g, o := newModerated(t)
	if got, err := g.h.Rooms(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := g.h.Members(t.Context(), "app", "room"); !errors.Is(err, ErrNoRoom) {
		t.Error(err)
	}
	g.member(t, "ben")
	at := time.Unix(1e9, 0)
	o.rooms = []engine.RoomInfo{{Name: "app:room", Members: 2}, {Name: "app:else", Members: 5}, {Name: "somebody else's", Members: 1}}
	o.participants["app:room"] = []engine.Participant{
		{Identity: "ben", JoinedAt: at, Tracks: []protocol.Track{{ID: "TR_1", MediaType: protocol.MediaVideo, Muted: true}}},
		{Identity: "ann", JoinedAt: at},
	}
	if got, err := g.h.Rooms(t.Context()); err != nil || !reflect.DeepEqual(got, []Room{{"app", "else", 5}, {"app", "room", 2}}) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := g.h.Mute(t.Context(), "app", "room", "ben", false, true, 0); err != nil {
		t.Fatal(err)
	}
	got, err := g.h.Members(t.Context(), "app", "room")
	if err != nil || len(got) != 2 {
		t.Fatalf("%v, %v", got, err)
	}
	if want := (Member{UID: "ann", JoinedAt: at, Tracks: []Track{}}); !reflect.DeepEqual(got[0], want) { // on another gateway
		t.Errorf("%+v, want %+v", got[0], want)
	}
	ben := got[1]
	if ben.Session == 0 || time.Since(ben.JoinedAt) > testTime || !ben.MutedVideo || ben.MutedAudio ||
		!reflect.DeepEqual(ben.Tracks, []Track{{protocol.MediaVideo, true}}) {
		t.Errorf("%+v", ben)
	}
	o.fail = engine.ErrNotReady
	if _, err := g.h.Rooms(t.Context()); !errors.Is(err, engine.ErrNotReady) {
		t.Error(err)
	}
	if _, err := g.h.Members(t.Context(), "app", "room"); !errors.Is(err, engine.ErrNotReady) {
		t.Error(err)
	}
}
