package live

import (
	"fmt"
	"net/http"
	"time"

	"nertc/gateway/live/address"
	"nertc/internal/errcode"
	"nertc/internal/livetask"
	"nertc/internal/protocol"
)

// What hosts ask for.

// Add begins a task in a room, on behalf of a member: its uid is the task's HostUID unless that is given.
// reply gets nil when the task has begun, which is before anything is known of its server, or what
// refuses it.
func (t *Tasks) Add(ref RoomRef, uid string, tasks []protocol.Task, reply func(*protocol.Error)) {
	if err := check(tasks, 1); err != nil {
		t.metrics.asked("add", false)
		reply(invalid(errcode.InvalidTaskToAdd, err))
		return
	}
	k := &task{Task: tasks[0], begun: time.Now()}
	if k.HostUID == "" {
		k.HostUID = uid
	}
	t.do(ref, "add", reply, func(r *tasksOf) error { return t.begin(r, k) })
}

func (t *Tasks) begin(r *tasksOf, k *task) error {
	t.mu.Lock()
	var err error
	switch {
	case t.closing:
		err = errStopping()
	case r.find(k.ID) != nil:
		err = &Refusal{protocol.CodeTaskTaken, "the room has a task of this id already"}
	case len(r.tasks) >= livetask.PerRoom:
		err = &Refusal{protocol.CodeTasksFull, "the room has 3 tasks already"}
	case t.o.MaxAppTasks > 0 && t.apps[r.ref.App] >= t.o.MaxAppTasks:
		err = &Refusal{protocol.CodeTasksBusy, "the app has as many live tasks as it may have"}
	case t.o.MaxTasks > 0 && t.count >= t.o.MaxTasks || t.over(loadOf(k.Task)):
		err = errBusy()
	}
	if err != nil {
		t.mu.Unlock()
		return err
	}
	r.tasks = append(r.tasks, k)
	t.count++
	t.apps[r.ref.App]++
	t.load = t.load.plus(loadOf(k.Task))
	t.mu.Unlock()

	t.telling.Post(func() { t.metrics.shows(k, shownStarting) })
	if k.run, err = t.o.Runner.Start(r.ref, k.Task, func(s State) { t.tell(r, k, s) }); err != nil {
		t.telling.Post(func() { k.over = true; t.metrics.shows(k, "") })
		t.forget(r, k)
		t.logOf(r, k).Warn("live task refused", "reason", refusal(err).Reason)
		return err
	}
	t.logOf(r, k).Info("live task begins", "to", target(k.StreamURL), "by", k.HostUID, "record", k.Record)
	t.Emptied(r.ref.Name) // who has asked may have left meanwhile
	return nil
}

// Update puts tasks in the place of those with their IDs: all of them, or none.
func (t *Tasks) Update(ref RoomRef, uid string, tasks []protocol.Task, reply func(*protocol.Error)) {
	if err := check(tasks, livetask.PerRoom); err != nil {
		t.metrics.asked("update", false)
		reply(invalid(errcode.InvalidTaskToUpdate, err))
		return
	}
	t.do(ref, "update", reply, func(r *tasksOf) error { return t.change(r, uid, tasks) })
}

func (t *Tasks) change(r *tasksOf, uid string, tasks []protocol.Task) error {
	var more load
	present := make([]*task, len(tasks))
	t.mu.Lock()
	for i := range tasks {
		k := r.find(tasks[i].ID)
		if k == nil {
			t.mu.Unlock()
			return errUnknown()
		}
		if tasks[i].HostUID == "" {
			tasks[i].HostUID = k.HostUID
		}
		present[i] = k
		more = more.plus(loadOf(tasks[i]).less(loadOf(k.Task)))
	}
	if t.over(more) {
		t.mu.Unlock()
		return errBusy()
	}
	t.load = t.load.plus(more)
	t.mu.Unlock()

	for i, k := range present {
		err := k.run.Update(tasks[i])
		if err == nil {
			continue
		}
		for _, done := range present[:i] { // whose former task was good once
			if err := done.run.Update(done.Task); err != nil {
				t.logOf(r, done).Warn("live task does not go back to what it was", "reason", err)
			}
		}
		t.mu.Lock()
		t.load = t.load.less(more)
		t.mu.Unlock()
		t.logOf(r, k).Warn("change of a live task refused", "by", uid, "reason", refusal(err).Reason)
		return err
	}
	for i, k := range present {
		moved := k.StreamURL != tasks[i].StreamURL
		t.mu.Lock()
		if moved {
			k.former = k.StreamURL
		}
		k.Task, k.unrecorded = tasks[i], ""
		t.mu.Unlock()
		if moved {
			t.telling.Post(func() { t.unsay(k) })
		}
		t.logOf(r, k).Info("live task changed", "by", uid, "to", target(k.StreamURL), "moved", moved)
	}
	return nil
}

// Delete ends tasks: all of those named, or none. reply gets nil when nothing is left of them.
func (t *Tasks) Delete(ref RoomRef, uid string, ids []string, reply func(*protocol.Error)) {
	if err := livetask.CheckIDs(ids); err != nil {
		t.metrics.asked("delete", false)
		reply(invalid(errcode.InvalidTaskToDelete, err))
		return
	}
	t.do(ref, "delete", reply, func(r *tasksOf) error {
		t.mu.Lock()
		var ending []*task
		for _, id := range ids {
			if k := r.find(id); k != nil {
				ending = append(ending, k)
			}
		}
		t.mu.Unlock()
		if len(ending) < len(ids) {
			return errUnknown()
		}
		t.stop(r, ending, "deleted by "+uid)
		return nil
	})
}

// check says what is wrong with tasks of a call. How addresses are written is known more exactly here than by clients.
func check(tasks []protocol.Task, most int) error {
	if err := livetask.CheckAll(tasks, most); err != nil {
		return err
	}
	for _, t := range tasks {
		if _, err := address.ParseStream(t.StreamURL); err != nil {
			return fmt.Errorf("streamUrl: %w", err)
		}
		for _, m := range t.Layout.Images {
			if _, err := address.ParseImage(m.URL); err != nil {
				return fmt.Errorf("layout.images: %w", err)
			}
		}
	}
	return nil
}

func invalid(code errcode.Code, err error) *protocol.Error {
	return &protocol.Error{Code: int(code), Reason: err.Error()}
}

// answer is what a client is told of an error, nil of none.
func answer(err error) *protocol.Error {
	if err == nil {
		return nil
	}
	r := refusal(err)
	return &protocol.Error{Code: r.Code, Reason: r.Reason}
}

func errUnknown() error { return &Refusal{protocol.CodeTaskUnknown, "the room has no task of this id"} }
func errBusy() error {
	return &Refusal{protocol.CodeTasksBusy, "the server has as many live tasks, or as large ones, as it may have"}
}
func errStopping() error { return &Refusal{http.StatusServiceUnavailable, "the server stops"} }
