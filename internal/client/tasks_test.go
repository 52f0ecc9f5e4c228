package client_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"nertc/internal/client"
	"nertc/internal/errcode"
	"nertc/internal/journal"
	"nertc/internal/protocol"
)

func liveTask(id string) protocol.Task {
	return protocol.Task{
		ID: id, StreamURL: "rtmp://example.com/app/the-key-of-" + id + "?auth=signature",
		Layout: protocol.Layout{
			Canvas: protocol.Canvas{Width: 641, Height: 360},
			Users:  []protocol.TaskUser{{UID: "1", Width: 640, Height: 360, PushVideo: true}},
		},
	}
}

// inLive is a client that has joined a live room.
func inLive(t *testing.T, o client.JoinOptions, change ...func(*client.Options)) *world {
	t.Helper()
	w := newWorld(t, change...)
	must(t, w.c.SetProfile(protocol.ProfileLive))
	w.joinAs(o, protocol.Joined{})
	return w
}

func (w *world) asks(f func() error) <-chan error {
	result := make(chan error, 1)
	go func() { result <- f() }()
	return result
}

func (w *world) adds(id string) <-chan error {
	return w.asks(func() error { return w.c.AddTasks(w.ctx, []protocol.Task{liveTask(id)}) })
}

func TestTasksAreAskedFor(t *testing.T) {
	w := inLive(t, client.JoinOptions{})
	var tasks protocol.Tasks
	result := w.adds("a")
	m := w.request(protocol.TypeTaskAdd, &tasks)
	want := liveTask("a")
	want.Layout.Canvas.Width = 640
	if len(tasks.Tasks) != 1 || tasks.Tasks[0].StreamURL != want.StreamURL || tasks.Tasks[0].Layout.Canvas != want.Layout.Canvas || !slices.Equal(tasks.Tasks[0].Layout.Users, want.Layout.Users) {
		t.Errorf("asked for %+v", tasks)
	}
	w.pipe.Say(protocol.TypeOK, m.ID, nil)
	must(t, <-result)

	result = w.asks(func() error { return w.c.UpdateTasks(w.ctx, []protocol.Task{liveTask("a"), liveTask("b")}) })
	m = w.request(protocol.TypeTaskUpdate, &tasks)
	w.pipe.Say(protocol.TypeOK, m.ID, nil)
	must(t, <-result)
	if len(tasks.Tasks) != 2 {
		t.Errorf("asked for %+v", tasks)
	}

	var ids protocol.TaskIDs
	result = w.asks(func() error { return w.c.DeleteTasks(w.ctx, []string{"a"}) })
	m = w.request(protocol.TypeTaskDelete, &ids)
	w.pipe.Say(protocol.TypeOK, m.ID, nil)
	must(t, <-result)
	if !slices.Equal(ids.IDs, []string{"a"}) {
		t.Errorf("asked for the end of %v", ids)
	}
}

func TestRefusalsOfTasksHaveTheirCodes(t *testing.T) {
	calls := func(w *world) []func() error {
		return []func() error{
			func() error { return w.c.AddTasks(w.ctx, []protocol.Task{liveTask("a")}) },
			func() error { return w.c.UpdateTasks(w.ctx, []protocol.Task{liveTask("a")}) },
			func() error { return w.c.DeleteTasks(w.ctx, []string{"a"}) },
		}
	}
	expect := func(name string, w *world, codes ...errcode.Code) {
		t.Helper()
		for i, call := range calls(w) {
			if err := call(); code(err) != codes[i] {
				t.Errorf("%s, call %d: %v, want %d", name, i, err, codes[i])
			}
		}
	}
	failed := []errcode.Code{errcode.AddTaskFailed, errcode.UpdateTaskFailed, errcode.DeleteTaskFailed}

	w := newWorld(t)
	bad := liveTask("a-b")
	for want, err := range map[errcode.Code]error{
		errcode.InvalidTaskToAdd:    w.c.AddTasks(w.ctx, []protocol.Task{bad}),
		errcode.InvalidTaskToUpdate: w.c.UpdateTasks(w.ctx, []protocol.Task{bad}),
		errcode.InvalidTaskToDelete: w.c.DeleteTasks(w.ctx, nil),
	} {
		if code(err) != want || !strings.Contains(err.Error(), "task") {
			t.Errorf("%v, want %d", err, want)
		}
	}
	expect("before a join", w, errcode.NotJoinedForTasks, errcode.NotJoinedForTasks, errcode.NotJoinedForTasks)
	must(t, <-w.c.SetRole(audience))
	w.expect("RoleChanged{audience}")
	w.joinAs(client.JoinOptions{}, protocol.Joined{})
	expect("audience", w, errcode.TasksNeedHost, errcode.TasksNeedHost, errcode.TasksNeedHost)

	w = newWorld(t)
	w.joinAs(client.JoinOptions{}, protocol.Joined{})
	expect("rtc", w, failed...)

	w = newWorld(t)
	must(t, w.c.SetProfile(protocol.ProfileLive))
	if j := w.joinAs(client.JoinOptions{NoLive: true}, protocol.Joined{}); !j.NoLive || j.Profile != protocol.ProfileLive {
		t.Errorf("joined with %+v", j)
	}
	expect("liveEnable false", w, failed...)

	w = inLive(t, client.JoinOptions{})
	for i, call := range calls(w) {
		result := w.asks(call)
		w.refuse([]protocol.Type{protocol.TypeTaskAdd, protocol.TypeTaskUpdate, protocol.TypeTaskDelete}[i], protocol.CodeTaskRefused, "why")
		if e := errcode.Of(<-result); e.Code != failed[i] || e.ExtraCode != protocol.CodeTaskRefused || e.Reason != "why" {
			t.Errorf("call %d: %+v", i, e)
		}
	}
	result := w.adds("a")
	w.refuse(protocol.TypeTaskAdd, int(errcode.InvalidTaskToAdd), "the gateway knows better")
	if err := <-result; code(err) != errcode.InvalidTaskToAdd {
		t.Error(err)
	}
}

// The gateway may have carried out what the lost session asked for.
func TestATaskIsNotAddedTwiceByARejoin(t *testing.T) {
	w := inLive(t, client.JoinOptions{})
	result := w.adds("a")
	w.request(protocol.TypeTaskAdd, nil)
	w.comeBack(protocol.Joined{})
	w.refuse(protocol.TypeTaskAdd, protocol.CodeTaskTaken, "taken")
	m := w.request(protocol.TypeTaskUpdate, nil)
	w.pipe.Say(protocol.TypeOK, m.ID, nil)
	must(t, <-result)

	result = w.asks(func() error { return w.c.DeleteTasks(w.ctx, []string{"a"}) })
	w.request(protocol.TypeTaskDelete, nil)
	w.comeBack(protocol.Joined{})
	w.refuse(protocol.TypeTaskDelete, protocol.CodeTaskUnknown, "gone")
	must(t, <-result)

	// Nothing is asked for by the rejoin itself, and an id that is taken from the start is refused.
	result = w.adds("b")
	w.refuse(protocol.TypeTaskAdd, protocol.CodeTaskTaken, "taken")
	if err := <-result; code(err) != errcode.AddTaskFailed {
		t.Error(err)
	}
}

func pushing(id string) protocol.TaskState {
	return protocol.TaskState{ID: id, StreamURL: "rtmp://x/a/b", HostUID: "7", Code: protocol.TaskPushing}
}

// After a rejoin only what has changed is told.
func TestStatesOfTasksAfterARejoin(t *testing.T) {
	w := inLive(t, client.JoinOptions{})
	for _, id := range []string{"a", "b", "c"} {
		w.say(protocol.TypeTaskState, pushing(id))
	}
	w.say(protocol.TypeTaskState, protocol.TaskState{ID: "a", Code: protocol.TaskImageFailed, Msg: "image"})
	w.expect("TaskChanged{a rtmp://x/a/b 7 505 }", "TaskChanged{b rtmp://x/a/b 7 505 }", "TaskChanged{c rtmp://x/a/b 7 505 }", "TaskChanged{a   512 image}")
	w.comeBack(protocol.Joined{})
	failed := pushing("b")
	failed.Code, failed.Msg = protocol.TaskFailed, "refused"
	starting := pushing("d")
	starting.Code = 0
	w.say(protocol.TypeTasks, protocol.TaskStates{Tasks: []protocol.TaskState{pushing("a"), failed, starting}})
	w.expect("TaskChanged{b rtmp://x/a/b 7 506 refused}", "TaskChanged{c rtmp://x/a/b 7 511 the task has ended while the connection was away}")
	// The same failure once more is news when it is told as such.
	w.say(protocol.TypeTaskState, failed)
	w.say(protocol.TypeTaskState, protocol.TaskState{ID: "a", Code: protocol.TaskStopped})
	w.expect("TaskChanged{b rtmp://x/a/b 7 506 refused}", "TaskChanged{a   511 }")
	w.comeBack(protocol.Joined{})
	w.say(protocol.TypeTasks, protocol.TaskStates{Tasks: nil})
	w.expect("TaskChanged{b rtmp://x/a/b 7 511 the task has ended while the connection was away}")
}

// Whoever has the address of a stream can push to it.
func TestNoKeyOfAStreamIsWrittenDown(t *testing.T) {
	var mu sync.Mutex
	var written []string
	log := journal.New(journal.Debug, func(_ journal.Level, _, text string) {
		mu.Lock()
		defer mu.Unlock()
		written = append(written, text)
	})
	w := inLive(t, client.JoinOptions{}, func(o *client.Options) { o.Log = log })
	result := w.adds("a")
	w.refuse(protocol.TypeTaskAdd, protocol.CodeTaskRefused, liveTask("a").StreamURL+" the-key-of-a")
	log.Warning("addTasks failed", journal.Failure(<-result)...)
	mu.Lock()
	defer mu.Unlock()
	if text := strings.Join(written, "\n"); strings.Contains(text, "the-key-of") || strings.Contains(text, "signature") || !strings.Contains(text, "addTasks failed") {
		t.Error(text)
	}
}
