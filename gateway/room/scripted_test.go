package room

import (
	"context"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"nertc/gateway/engine"
	"nertc/gateway/engine/enginetest"
	"nertc/internal/protocol"
)

// scripted is an engine's session in a test's hand.
type scripted struct {
	options engine.JoinOptions
	events  chan engine.Event
	calls   chan any // what the gateway asks, in order
	closed  chan struct{}
	once    sync.Once

	roleError error // of the next changes of role
	servers   []protocol.ICEServer
}

type offerCall struct {
	id uint32
	protocol.Offer
}
type candidateCall string
type noPublishCall []protocol.MediaType

func (s *scripted) Events() <-chan engine.Event { return s.events }
func (s *scripted) Offer(id uint32, o protocol.Offer) error {
	s.calls <- offerCall{id, o}
	return nil
}
func (s *scripted) Candidate(c string) error { s.calls <- candidateCall(c); return nil }
func (s *scripted) Subscribe(tracks []string, on bool) error {
	s.calls <- protocol.Subscribe{Tracks: tracks, Subscribe: on}
	return nil
}
func (s *scripted) ICEServers() []protocol.ICEServer { return s.servers }
func (s *scripted) Mute(track string, muted bool) error {
	s.calls <- protocol.Mute{Track: track, Muted: muted}
	return nil
}
func (s *scripted) Resize(track string, width, height int) error {
	s.calls <- protocol.Resize{Track: track, Width: width, Height: height}
	return nil
}
func (s *scripted) Quality(tracks []string, q protocol.Quality) error {
	s.calls <- protocol.Wish{Tracks: tracks, Quality: q}
	return nil
}
func (s *scripted) SetRole(_ context.Context, r protocol.Role) error {
	s.calls <- protocol.RoleChange{Role: r}
	return s.roleError
}
func (s *scripted) SetNoPublish(_ context.Context, types []protocol.MediaType) error {
	s.calls <- noPublishCall(types)
	return s.roleError
}
func (s *scripted) Leave() error { return nil }
func (s *scripted) Close()       { s.once.Do(func() { close(s.closed) }) }

func (s *scripted) letIn() {
	s.events <- engine.Joined{RoomID: "RM_1"}
	s.events <- engine.Answer{ID: 1, Answer: protocol.Answer{SDP: "answer 1"}}
}

// stage is a gateway whose engine is scripted.
type stage struct {
	*httptest.Server
	h     *Handler
	joins chan *scripted
	ready bool
	fail  error
}

func newStage(t *testing.T, o Options) *stage {
	t.Helper()
	if o.Log == nil {
		o.Log = enginetest.Log(t)
	}
	if o.PingInterval == 0 {
		o.PingInterval = testTime // raw clients do not ping
	}
	g := &stage{joins: make(chan *scripted, 64), ready: true}
	g.h = newHandler(o, func() bool { return g.ready }, func(_ context.Context, j engine.JoinOptions) (upstream, error) {
		if g.fail != nil {
			return nil, g.fail
		}
		s := &scripted{options: j, events: make(chan engine.Event, 1024), calls: make(chan any, 1024), closed: make(chan struct{})}
		g.joins <- s
		return s, nil
	})
	g.Server = httptest.NewServer(g.h)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), testTime)
		defer cancel()
		if err := g.h.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
		g.Server.Close()
	})
	return g
}

// member is a client that has joined, with its engine's end.
func (g *stage) member(t *testing.T, uid string) (*rawClient, *scripted) {
	t.Helper()
	c := dial(t, g.Server)
	id := c.say(protocol.TypeJoin, joinAs("room", uid))
	s := awaited(t, g.joins, "join")
	s.letIn()
	m := c.reply(id)
	if m.Type != protocol.TypeJoined {
		t.Fatalf("join is answered with %s %s", m.Type, m.Data)
	}
	c.secret = as[protocol.Joined](t, m).Resume
	return c, s
}

func next[T any](t *testing.T, s *scripted) T {
	t.Helper()
	select {
	case c := <-s.calls:
		v, ok := c.(T)
		if !ok {
			t.Fatalf("engine is asked %#v, want a %T", c, v)
		}
		return v
	case <-time.After(testTime):
		t.Fatal("engine is asked nothing")
		panic("unreachable")
	}
}

func awaitClosed(t *testing.T, s *scripted) {
	t.Helper()
	select {
	case <-s.closed:
	case <-time.After(testTime):
		t.Fatal("member stays in the engine")
	}
}
