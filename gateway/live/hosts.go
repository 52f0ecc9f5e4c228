package live

import (
	"slices"

	"nertc/internal/protocol"
)

// Enter has somebody told of a room's tasks until Leave, first of those that there are. anyhow tells of
// them also where there are none: one who has come back may remember some.
func (t *Tasks) Enter(room string, h Host, anyhow bool) {
	t.telling.Post(func() {
		if !slices.Contains(t.hosts[room], h) {
			t.hosts[room] = append(t.hosts[room], h)
		}
		all := t.states(room)
		if len(all) > 0 || anyhow {
			h.TellTasks(protocol.TaskStates{Tasks: all})
		}
	})
}

// Leave has somebody told no more.
func (t *Tasks) Leave(room string, h Host) {
	t.telling.Post(func() {
		left := slices.DeleteFunc(t.hosts[room], func(o Host) bool { return o == h })
		if len(left) == 0 {
			delete(t.hosts, room)
			return
		}
		t.hosts[room] = left
	})
}

// states are those of a room's tasks that have been told. It belongs to the telling.
func (t *Tasks) states(room string) []protocol.TaskState {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.rooms[room]
	if r == nil {
		return nil
	}
	var all []protocol.TaskState
	for _, k := range r.tasks {
		if k.over {
			continue
		}
		s := k.told
		if s.Code == 0 {
			s = protocol.TaskState{ID: k.ID, StreamURL: k.StreamURL, HostUID: k.HostUID}
		}
		all = append(all, s)
	}
	return all
}

// tell tells the hosts of a task's state, unless its end was told already.
func (t *Tasks) tell(r *tasksOf, k *task, s State) {
	t.telling.Post(func() {
		if k.over {
			return
		}
		t.mu.Lock()
		told := protocol.TaskState{ID: k.ID, StreamURL: k.StreamURL, HostUID: k.HostUID, Code: s.Code, Msg: s.Msg}
		t.mu.Unlock()
		if s.StreamURL != "" {
			told.StreamURL = s.StreamURL
		}
		switch s.Code { // first: who hears of it and looks finds it so
		case protocol.TaskPushing:
			if t.remember(k, told) {
				t.metrics.shows(k, shownPushing)
			}
		case protocol.TaskFailed:
			if t.remember(k, told) {
				t.metrics.shows(k, shownFailed)
			}
			t.metrics.failures.Inc()
		case protocol.TaskRecordingFailed:
			t.mu.Lock()
			k.unrecorded = s.Msg
			t.mu.Unlock()
			t.metrics.recordings.Inc()
		case protocol.TaskStopped:
			k.over = true
			t.metrics.shows(k, "")
			t.bury(r, k)
		}
		t.o.Log.Info("live task state", "room", r.ref.Name, "task", told.ID, "code", s.Code, "msg", s.Msg)
		for _, h := range t.hosts[r.ref.Name] {
			h.TellTask(told)
		}
	})
}

// bury stops a task that has ended by itself.
func (t *Tasks) bury(r *tasksOf, k *task) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !slices.Contains(r.tasks, k) {
		return // it was stopped
	}
	r.pending++
	r.work.Post(func() {
		t.mu.Lock()
		there := slices.Contains(r.tasks, k)
		t.mu.Unlock()
		if there {
			k.run.Stop()
			t.forget(r, k)
		}
		t.done(r)
	})
}

// remember keeps what is to be told of a task to those who come, unless it is of a server that the task has moved away from.
func (t *Tasks) remember(k *task, s protocol.TaskState) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s.StreamURL == k.former && s.StreamURL != k.StreamURL {
		return false
	}
	k.told = s
	return true
}

// unsay forgets what was told of a server that a task has moved away from.
func (t *Tasks) unsay(k *task) {
	t.mu.Lock()
	stale := k.told.Code != 0 && k.told.StreamURL != k.StreamURL
	if stale {
		k.told = protocol.TaskState{}
	}
	t.mu.Unlock()
	if stale && !k.over {
		t.metrics.shows(k, shownStarting)
	}
}
