package room

import (
	"errors"
	"testing"
	"time"

	"nertc/gateway/engine"
	"nertc/gateway/live"
	"nertc/internal/errcode"
	"nertc/internal/protocol"
)

// pushes is a Runner in a test's hand.
type pushes struct{ begun chan *push }

type push struct {
	task    protocol.Task
	tell    func(live.State)
	updates chan protocol.Task
	stopped chan struct{}
}

func (p pushes) Start(_ live.RoomRef, t protocol.Task, tell func(live.State)) (live.Run, error) {
	r := &push{t, tell, make(chan protocol.Task, 16), make(chan struct{})}
	p.begun <- r
	return r, nil
}
func (p *push) Update(t protocol.Task) error { p.updates <- t; return nil }
func (p *push) Stop()                        { close(p.stopped) }

func newLiveStage(t *testing.T, o Options) (*stage, pushes) {
	t.Helper()
	p := pushes{make(chan *push, 16)}
	o.Live = live.Options{Runner: p, Linger: o.Live.Linger}
	return newStage(t, o), p
}

// joinsLive is a client that has joined for a live broadcast.
func (g *stage) joinsLive(t *testing.T, uid string, change func(*protocol.Join)) *rawClient {
	t.Helper()
	c := dial(t, g.Server)
	j := joinAs("room", uid)
	j.Profile = protocol.ProfileLive
	if change != nil {
		change(&j)
	}
	id := c.say(protocol.TypeJoin, j)
	s := awaited(t, g.joins, "join")
	s.letIn()
	m := c.reply(id)
	if m.Type != protocol.TypeJoined {
		t.Fatalf("join is answered with %s %s", m.Type, m.Data)
	}
	c.secret = as[protocol.Joined](t, m).Resume
	// A member is among those who hear of tasks right after the answer, and before the next word of the engine.
	s.events <- engine.Candidate{Candidate: "one more"}
	pushed[protocol.Candidate](c, protocol.TypeCandidate)
	return c
}

func broadcast(id string) protocol.Tasks {
	return protocol.Tasks{Tasks: []protocol.Task{{
		ID: id, StreamURL: "rtmp://example.com/app/" + id,
		Layout: protocol.Layout{Canvas: protocol.Canvas{Width: 640, Height: 360}, Users: []protocol.TaskUser{{UID: "1", Width: 640, Height: 360}}},
	}}}
}

func begun(t *testing.T, p pushes) *push {
	t.Helper()
	return awaited(t, p.begun, "push")
}

func awaited[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(testTime):
		t.Fatalf("no %s", what)
		panic("unreachable")
	}
}

func TestEveryHostHasTheTasksOfItsRoom(t *testing.T) {
	g, p := newLiveStage(t, Options{})
	one, two := g.joinsLive(t, "1", nil), g.joinsLive(t, "2", nil)
	watcher := g.joinsLive(t, "3", func(j *protocol.Join) { j.Role = protocol.RoleAudience })

	ask[struct{}](one, protocol.TypeTaskAdd, broadcast("a"), protocol.TypeOK)
	r := begun(t, p)
	r.tell(live.State{Code: protocol.TaskPushing, Msg: "25 fps"})
	want := protocol.TaskState{ID: "a", StreamURL: "rtmp://example.com/app/a", HostUID: "1", Code: 505, Msg: "25 fps"}
	for _, c := range []*rawClient{one, two} {
		if got := pushed[protocol.TaskState](c, protocol.TypeTaskState); got != want {
			t.Errorf("told %+v, want %+v", got, want)
		}
	}
	// Another host changes it, and ends it.
	moved := broadcast("a")
	moved.Tasks[0].Layout.Users[0].Width = 321
	ask[struct{}](two, protocol.TypeTaskUpdate, moved, protocol.TypeOK)
	if got := awaited(t, r.updates, "update"); got.Layout.Users[0].Width != 320 {
		t.Errorf("updated to %+v", got)
	}
	// Whoever becomes a host is told what there is, and then of changes.
	ask[struct{}](watcher, protocol.TypeRole, protocol.RoleChange{Role: protocol.RoleHost}, protocol.TypeOK)
	if got := pushed[protocol.TaskStates](watcher, protocol.TypeTasks); len(got.Tasks) != 1 || got.Tasks[0] != want {
		t.Errorf("told of %+v", got)
	}
	ask[struct{}](two, protocol.TypeTaskDelete, protocol.TaskIDs{IDs: []string{"a"}}, protocol.TypeOK)
	awaited(t, r.stopped, "end")
	for _, c := range []*rawClient{one, two, watcher} {
		if got := pushed[protocol.TaskState](c, protocol.TypeTaskState); got.Code != protocol.TaskStopped {
			t.Errorf("told %+v", got)
		}
	}
	for _, m := range watcher.seen {
		if m.Type == protocol.TypeTaskState {
			t.Errorf("an audience was told %s", m.Data)
		}
	}
}

func TestWhoMayHaveTasks(t *testing.T) {
	g, p := newLiveStage(t, Options{})
	early := dial(t, g.Server)
	if code := early.refused(protocol.TypeTaskAdd, broadcast("a")); code != int(errcode.NotJoined) {
		t.Errorf("before a join: %d", code)
	}
	for name, c := range map[string]struct {
		change func(*protocol.Join)
		code   int
	}{
		"audience":   {func(j *protocol.Join) { j.Role = protocol.RoleAudience }, int(errcode.TasksNeedHost)},
		"rtc":        {func(j *protocol.Join) { j.Profile = protocol.ProfileRTC }, protocol.CodeTaskProfile},
		"no profile": {func(j *protocol.Join) { j.Profile = "" }, protocol.CodeTaskProfile},
		"not live":   {func(j *protocol.Join) { j.NoLive = true }, protocol.CodeTaskProfile},
		"encrypted":  {func(j *protocol.Join) { j.Channel, j.CryptMode, j.CryptCheck = "secret", "sm4-128-gcm", checkOf(1) }, protocol.CodeTaskEncrypted},
	} {
		client := g.joinsLive(t, "", c.change)
		for _, typ := range []protocol.Type{protocol.TypeTaskAdd, protocol.TypeTaskUpdate} {
			if code := client.refused(typ, broadcast("a")); code != c.code {
				t.Errorf("%s: %s is refused with %d", name, typ, code)
			}
		}
		if code := client.refused(protocol.TypeTaskDelete, protocol.TaskIDs{IDs: []string{"a"}}); code != c.code {
			t.Errorf("%s: a delete is refused with %d", name, code)
		}
	}
	host := g.joinsLive(t, "1", nil)
	for _, typ := range []protocol.Type{protocol.TypeTaskAdd, protocol.TypeTaskUpdate, protocol.TypeTaskDelete} {
		for _, data := range []any{"x", 7, []int{1}, map[string]any{"tasks": 7, "taskIds": 7}} {
			if code := host.refused(typ, data); code != int(errcode.InvalidArgument) {
				t.Errorf("%s of the wrong form is refused with %d", typ, code)
			}
		}
	}
	if code := host.refused(protocol.TypeTaskAdd, protocol.Tasks{}); code != int(errcode.InvalidTaskToAdd) {
		t.Errorf("nothing is refused with %d", code)
	}
	if code := host.refused(protocol.TypeTaskUpdate, broadcast("a")); code != protocol.CodeTaskUnknown {
		t.Errorf("an unknown task is refused with %d", code)
	}
	if len(p.begun) != 0 {
		t.Error("something was begun all the same")
	}
}

func TestTasksGoOnWithoutTheirHostAndEndWithTheRoom(t *testing.T) {
	g, p := newLiveStage(t, Options{Live: live.Options{Linger: 100 * time.Millisecond}})
	one, two := g.joinsLive(t, "1", nil), g.joinsLive(t, "2", func(j *protocol.Join) { j.Role = protocol.RoleAudience })
	ask[struct{}](one, protocol.TypeTaskAdd, broadcast("a"), protocol.TypeOK)
	r := begun(t, p)
	ask[struct{}](one, protocol.TypeLeave, nil, protocol.TypeOK)
	select {
	case <-r.stopped:
		t.Fatal("ended with its host although somebody is there")
	case <-time.After(300 * time.Millisecond):
	}
	ask[struct{}](two, protocol.TypeLeave, nil, protocol.TypeOK)
	awaited(t, r.stopped, "end")
}

// What is told while a client has no connection is told when it is back, once.
func TestStatesAreToldAfterAResume(t *testing.T) {
	g, p := newLiveStage(t, Options{})
	one := g.joinsLive(t, "1", nil)
	ask[struct{}](one, protocol.TypeTaskAdd, broadcast("a"), protocol.TypeOK)
	r := begun(t, p)
	_ = one.conn.CloseNow()
	r.tell(live.State{Code: protocol.TaskPushing})
	again := dial(t, g.Server)
	id := again.say(protocol.TypeResume, protocol.Resume{Version: protocol.Version, Token: one.secret, Received: one.received})
	if m := again.reply(id); m.Type != protocol.TypeResumed {
		t.Fatalf("answered with %s %s", m.Type, m.Data)
	}
	if got := pushed[protocol.TaskState](again, protocol.TypeTaskState); got.Code != protocol.TaskPushing {
		t.Errorf("told %+v", got)
	}
	if len(p.begun) != 0 {
		t.Error("the task was begun once more")
	}
}

// A client whose session was lost is told of what there is, and of nothing where it is nothing.
func TestWhoRejoinsIsToldOfTheTasks(t *testing.T) {
	g, p := newLiveStage(t, Options{})
	one := g.joinsLive(t, "1", nil)
	ask[struct{}](one, protocol.TypeTaskAdd, broadcast("a"), protocol.TypeOK)
	r := begun(t, p)
	r.tell(live.State{Code: protocol.TaskFailed, Msg: "refused"})
	pushed[protocol.TaskState](one, protocol.TypeTaskState)
	again := g.joinsLive(t, "1", func(j *protocol.Join) { j.Rejoin = true })
	if got := pushed[protocol.TaskStates](again, protocol.TypeTasks); len(got.Tasks) != 1 || got.Tasks[0].Code != protocol.TaskFailed {
		t.Errorf("told of %+v", got)
	}
	other := g.joinsLive(t, "1", func(j *protocol.Join) { j.Rejoin, j.Channel = true, "other" })
	if got := pushed[protocol.TaskStates](other, protocol.TypeTasks); len(got.Tasks) != 0 {
		t.Errorf("told of %+v", got)
	}
}

// A room's name may be taken up for an encrypted call while the tasks of the one before linger.
func TestNothingIsPushedOfARoomThatIsEncryptedNow(t *testing.T) {
	g, p := newLiveStage(t, Options{})
	one := g.joinsLive(t, "1", nil)
	ask[struct{}](one, protocol.TypeTaskAdd, broadcast("a"), protocol.TypeOK)
	r := begun(t, p)
	ask[struct{}](one, protocol.TypeLeave, nil, protocol.TypeOK)
	g.joinsLive(t, "2", func(j *protocol.Join) { j.CryptMode, j.CryptCheck = "sm4-128-gcm", checkOf(1) })
	awaited(t, r.stopped, "end")
}

func TestTheOperatorSeesAndEndsTasks(t *testing.T) {
	g, p := newLiveStage(t, Options{})
	one := g.joinsLive(t, "1", nil)
	if all := g.h.Tasks("app", "room"); len(all) != 0 {
		t.Errorf("there are %+v", all)
	}
	ask[struct{}](one, protocol.TypeTaskAdd, broadcast("a"), protocol.TypeOK)
	r := begun(t, p)
	r.tell(live.State{Code: protocol.TaskPushing, Msg: "x"})
	pushed[protocol.TaskState](one, protocol.TypeTaskState)
	all := g.h.Tasks("app", "room")
	if len(all) != 1 || all[0].Begun.IsZero() {
		t.Fatalf("there are %+v", all)
	}
	all[0].Begun = time.Time{}
	if want := (live.Info{ID: "a", Target: "rtmp://example.com", HostUID: "1", Width: 640, Height: 360, Code: 505, Msg: "x"}); all[0] != want {
		t.Errorf("there is %+v, want %+v", all[0], want)
	}
	for _, id := range []string{"b", "no id"} {
		if err := g.h.EndTask(t.Context(), "app", "room", id); !errors.Is(err, live.ErrNoTask) {
			t.Errorf("the end of %q: %v", id, err)
		}
	}
	if err := g.h.EndTask(t.Context(), "app", "room", "a"); err != nil {
		t.Fatal(err)
	}
	awaited(t, r.stopped, "end")
	if got := pushed[protocol.TaskState](one, protocol.TypeTaskState); got.Code != protocol.TaskStopped {
		t.Errorf("told %+v", got)
	}
	// What is refused for another reason may be there still.
	if err := g.h.tasks.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := g.h.EndTask(t.Context(), "app", "room", "a"); err == nil || errors.Is(err, live.ErrNoTask) {
		t.Errorf("while the gateway stops: %v", err)
	}
}

func TestAClosedRoomHasNoTasks(t *testing.T) {
	g, p := newLiveStage(t, Options{})
	g.h.operator = &scriptedOperator{}
	one := g.joinsLive(t, "1", nil)
	ask[struct{}](one, protocol.TypeTaskAdd, broadcast("a"), protocol.TypeOK)
	r := begun(t, p)
	if err := g.h.CloseRoom(t.Context(), "app", "room"); err != nil {
		t.Fatal(err)
	}
	awaited(t, r.stopped, "end")
}

func TestWithoutARunnerTasksAreRefused(t *testing.T) {
	g := newStage(t, Options{})
	one := g.joinsLive(t, "1", nil)
	e := as[protocol.Error](t, one.reply(one.say(protocol.TypeTaskAdd, broadcast("a"))))
	if e.Code != protocol.CodeTasksOff || e.Reason == "" {
		t.Errorf("refused with %+v", e)
	}
}
