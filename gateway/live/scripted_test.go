package live_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"nertc/gateway/live"
	"nertc/internal/protocol"
)

// testTime bounds every wait of these tests; nothing takes nearly as long.
const testTime = 30 * time.Second

// scripted is a Runner in a test's hand.
type scripted struct {
	mu     sync.Mutex
	refuse error
	// begun has every run that was started.
	begun chan *run
}

type run struct {
	room    live.RoomRef
	tell    func(live.State)
	updates chan protocol.Task
	stopped chan struct{}
	stops   int
	// hold, if there is one, keeps Stop from returning.
	hold chan struct{}

	mu     sync.Mutex
	refuse error
	task   protocol.Task
}

func newScripted() *scripted { return &scripted{begun: make(chan *run, 64)} }

func (s *scripted) refuses(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = err
}

func (s *scripted) Start(room live.RoomRef, t protocol.Task, tell func(live.State)) (live.Run, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse != nil {
		return nil, s.refuse
	}
	r := &run{room: room, tell: tell, task: t, updates: make(chan protocol.Task, 64), stopped: make(chan struct{})}
	s.begun <- r
	return r, nil
}

func (r *run) Update(t protocol.Task) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refuse != nil {
		return r.refuse
	}
	r.task = t
	r.updates <- t
	return nil
}

func (r *run) refuses(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refuse = err
}

func (r *run) Stop() {
	r.mu.Lock()
	r.stops++
	hold := r.hold
	r.mu.Unlock()
	if hold != nil {
		<-hold
	}
	close(r.stopped)
}

// host notes what it is told.
type host struct {
	told chan protocol.TaskState
	all  chan protocol.TaskStates
}

func newHost() *host {
	return &host{make(chan protocol.TaskState, 64), make(chan protocol.TaskStates, 64)}
}

func (h *host) TellTask(s protocol.TaskState)   { h.told <- s }
func (h *host) TellTasks(a protocol.TaskStates) { h.all <- a }

// stage is Tasks whose Runner is scripted, and whose rooms are empty when the test says so.
type stage struct {
	*live.Tasks
	t        *testing.T
	runner   *scripted
	registry *prometheus.Registry
	mu       sync.Mutex
	empty    map[string]bool
}

func newStage(t *testing.T, o live.Options) *stage {
	t.Helper()
	s := &stage{t: t, runner: newScripted(), registry: prometheus.NewRegistry(), empty: map[string]bool{}}
	o.Runner, o.Registry = s.runner, s.registry
	o.Empty = func(room string) bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.empty[room]
	}
	if o.Log == nil {
		o.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	s.Tasks = live.New(o)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), testTime)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func (s *stage) isEmpty(room string, empty bool) {
	s.mu.Lock()
	s.empty[room] = empty
	s.mu.Unlock()
	if empty {
		s.Emptied(room)
	}
}

var theRoom = live.RoomRef{Name: "app:room", App: "app", Channel: "room"}

func task(id string) protocol.Task {
	return protocol.Task{
		ID: id, StreamURL: "rtmp://live.example.com/app/s3cret-" + id,
		Layout: protocol.Layout{
			Canvas: protocol.Canvas{Width: 640, Height: 360},
			Users:  []protocol.TaskUser{{UID: "1", Width: 640, Height: 360, PushAudio: true, PushVideo: true}},
		},
	}
}

func await[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(testTime):
		t.Fatalf("no %s", what)
		panic("unreachable")
	}
}

func (s *stage) add(room live.RoomRef, tasks ...protocol.Task) *protocol.Error {
	s.t.Helper()
	reply := make(chan *protocol.Error, 1)
	s.Add(room, "7", tasks, func(e *protocol.Error) { reply <- e })
	return await(s.t, reply, "answer to an add")
}

func (s *stage) update(room live.RoomRef, tasks ...protocol.Task) *protocol.Error {
	s.t.Helper()
	reply := make(chan *protocol.Error, 1)
	s.Update(room, "8", tasks, func(e *protocol.Error) { reply <- e })
	return await(s.t, reply, "answer to an update")
}

func (s *stage) delete(room live.RoomRef, ids ...string) *protocol.Error {
	s.t.Helper()
	reply := make(chan *protocol.Error, 1)
	s.Delete(room, "9", ids, func(e *protocol.Error) { reply <- e })
	return await(s.t, reply, "answer to a delete")
}

// begin adds a task that is taken.
func (s *stage) begin(room live.RoomRef, id string) *run {
	s.t.Helper()
	if e := s.add(room, task(id)); e != nil {
		s.t.Fatalf("refused: %+v", e)
	}
	return await(s.t, s.runner.begun, "run")
}

func (s *stage) wantCode(e *protocol.Error, code int) {
	s.t.Helper()
	if e == nil || e.Code != code {
		s.t.Fatalf("answered with %+v, want %d", e, code)
	}
}

// metric is the value of one, by its name and the values of its labels, once all is told that is to be.
func (s *stage) metric(name string, labels ...string) float64 {
	s.t.Helper()
	h := newHost()
	s.Enter("nobody's", h, true)
	await(s.t, h.all, "list")
	s.Leave("nobody's", h)
	families, err := s.registry.Gather()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			var values []string
			for _, l := range m.GetLabel() {
				values = append(values, l.GetValue())
			}
			if f.GetName() == name && slices.Equal(values, labels) {
				return m.GetGauge().GetValue() + m.GetCounter().GetValue()
			}
		}
	}
	s.t.Fatalf("no %s %v", name, labels)
	return 0
}

var errScripted = errors.New("the address leads into a private network")
