package live

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"nertc/internal/protocol"
	"nertc/internal/serial"
)

// DefaultLinger is how long the tasks of a room go on that nobody is in.
const DefaultLinger = 30 * time.Second

// maxPending bounds what waits to be done to the tasks of one room.
const maxPending = 16

// Options of Tasks. The zero value refuses every task.
type Options struct {
	// Runner carries the tasks out; nil refuses them all.
	Runner Runner
	// MaxTasks is how many the gateway carries out at once, and MaxPixels how many pixels the canvases
	// of all have together; 0 is no limit. Where the regions of a layout have more than twice its canvas's, half of theirs count.
	MaxTasks, MaxPixels int
	// MaxAppTasks is how many tasks each app has at once, and MaxDecoders how many decoders all layouts need together: one for the
	// picture and one for the sound of each member whom they name. 0 is no limit.
	MaxAppTasks, MaxDecoders int
	// Linger is how long the tasks of an empty room go on; 0 is DefaultLinger.
	Linger time.Duration
	// Empty says whether nobody is in a room. It must not call Tasks. nil: somebody always is.
	Empty func(room string) bool
	// Log gets a line for each task, its end and each change of its state; nil is slog.Default().
	Log *slog.Logger
	// Registry gets the metrics; nil keeps them unregistered.
	Registry prometheus.Registerer
}

// Host is somebody who is told of a room's tasks. Its methods must not block.
type Host interface {
	// TellTask tells of a change.
	TellTask(s protocol.TaskState)
	// TellTasks tells of all there are.
	TellTasks(all protocol.TaskStates)
}

// Tasks are the live tasks of all rooms of a gateway. What is asked of one room happens in order, and
// nothing that is asked blocks the caller.
type Tasks struct {
	o       Options
	metrics *metrics
	// telling runs everything that touches hosts, and the told and over of tasks.
	telling serial.Queue
	hosts   map[string][]Host

	mu      sync.Mutex
	rooms   map[string]*tasksOf // those with tasks, or with something to be done
	count   int
	load    load           // of all tasks
	apps    map[string]int // tasks of each app
	closing bool
	idle    chan struct{} // closed when closing and no room is left
}

// tasksOf are those of one room. All but the tasks' runs is guarded by the lock of Tasks.
type tasksOf struct {
	ref     RoomRef
	tasks   []*task
	pending int
	linger  *time.Timer
	// work runs whatever is done to the tasks.
	work serial.Queue
}

type task struct {
	protocol.Task        // replaced by updates; guarded by the lock of Tasks
	former        string // what it was pushed to before it moved; under that lock too
	run           Run    // belongs to the work of the room
	begun         time.Time
	// told is the last state, its Code 0 where there is none; it is written by the telling, under the lock
	// of Tasks. over says that the end was told.
	told protocol.TaskState
	over bool
	// unrecorded says why nothing is recorded any more, though the task says so; under the lock of Tasks.
	unrecorded string
	shown      string // as which the metrics count it
}

// New makes the tasks of a gateway.
func New(o Options) *Tasks {
	if o.Runner == nil {
		o.Runner = Unavailable("this server has no live tasks")
	}
	if o.Linger <= 0 {
		o.Linger = DefaultLinger
	}
	if o.Empty == nil {
		o.Empty = func(string) bool { return false }
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	t := &Tasks{o: o, hosts: map[string][]Host{}, rooms: map[string]*tasksOf{}, apps: map[string]int{}, idle: make(chan struct{})}
	t.metrics = newMetrics(o.Registry, o.Log, func() load {
		t.mu.Lock()
		defer t.mu.Unlock()
		return t.load
	})
	return t
}

// Emptied says that nobody is in a room: unless somebody is when the time has passed, its tasks end.
func (t *Tasks) Emptied(room string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.rooms[room]
	if r == nil || !t.o.Empty(room) {
		return
	}
	if r.linger != nil {
		r.linger.Stop()
	}
	r.linger = time.AfterFunc(t.o.Linger, func() {
		if t.o.Empty(room) {
			t.End(room, "nobody has been in the room for "+t.o.Linger.String())
		}
	})
}

// End ends all tasks of a room, telling why.
func (t *Tasks) End(room, why string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if r := t.rooms[room]; r != nil {
		t.end(r, why)
	}
}

// end is End with the lock held.
func (t *Tasks) end(r *tasksOf, why string) {
	r.pending++
	r.work.Post(func() {
		t.mu.Lock()
		all := slices.Clone(r.tasks)
		t.mu.Unlock()
		t.stop(r, all, why)
		t.done(r)
	})
}

// stop ends tasks side by side, and returns when nothing is left of them. It belongs to the room's work.
func (t *Tasks) stop(r *tasksOf, tasks []*task, why string) {
	var all sync.WaitGroup
	for _, k := range tasks {
		all.Go(func() {
			k.run.Stop()
			t.tell(r, k, State{Code: protocol.TaskStopped, Msg: why})
			t.forget(r, k)
			t.logOf(r, k).Info("live task ends", "reason", why)
		})
	}
	all.Wait()
}

// forget takes a task off its room.
func (t *Tasks) forget(r *tasksOf, k *task) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.Index(r.tasks, k); i >= 0 {
		r.tasks = slices.Delete(r.tasks, i, i+1)
		t.count--
		t.load = t.load.less(loadOf(k.Task))
		if t.apps[r.ref.App]--; t.apps[r.ref.App] == 0 {
			delete(t.apps, r.ref.App)
		}
	}
}

// Close ends all tasks and refuses those that come; it returns when nothing is left of them, or the
// context's error when that ends before.
func (t *Tasks) Close(ctx context.Context) error {
	t.mu.Lock()
	if !t.closing {
		t.closing = true
		for _, r := range t.rooms {
			t.end(r, "the server stops")
		}
		t.settle()
	}
	t.mu.Unlock()
	select {
	case <-t.idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// do has something done to the tasks of a room, after what was asked before.
func (t *Tasks) do(ref RoomRef, kind string, reply func(*protocol.Error), f func(*tasksOf) error) {
	r, err := t.take(ref)
	if err != nil {
		t.metrics.asked(kind, false)
		reply(answer(err))
		return
	}
	r.work.Post(func() {
		err := f(r)
		t.done(r)
		t.metrics.asked(kind, err == nil)
		reply(answer(err))
	})
}

// take gives the room's tasks, for something that is done to them.
func (t *Tasks) take(ref RoomRef) (*tasksOf, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closing {
		return nil, errStopping()
	}
	r := t.rooms[ref.Name]
	if r == nil {
		r = &tasksOf{ref: ref}
		t.rooms[ref.Name] = r
	}
	if r.pending >= maxPending {
		return nil, &Refusal{http.StatusTooManyRequests, "too much is asked of the room's tasks at once"}
	}
	r.pending++
	return r, nil
}

// done is the end of what take has begun.
func (t *Tasks) done(r *tasksOf) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r.pending--
	if r.pending > 0 || len(r.tasks) > 0 {
		return
	}
	if r.linger != nil {
		r.linger.Stop()
	}
	delete(t.rooms, r.ref.Name)
	t.settle()
}

// settle tells Close when nothing is left. The lock is held.
func (t *Tasks) settle() {
	if !t.closing || len(t.rooms) > 0 {
		return
	}
	select {
	case <-t.idle:
	default:
		close(t.idle)
	}
}

func (r *tasksOf) find(id string) *task {
	for _, k := range r.tasks {
		if k.ID == id {
			return k
		}
	}
	return nil
}

func (t *Tasks) logOf(r *tasksOf, k *task) *slog.Logger {
	return t.o.Log.With("room", r.ref.Name, "task", k.ID)
}

// target is what of an address may be written down: the rest may have secrets in it.
func target(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "an address that cannot be read"
	}
	return u.Scheme + "://" + u.Host
}
