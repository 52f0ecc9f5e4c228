package native

import (
	"context"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"nertc/gateway/engine/enginetest"
	"nertc/gateway/live"
	"nertc/gateway/room"
	"nertc/internal/client"
	"nertc/internal/errcode"
	"nertc/internal/nativemedia"
	"nertc/internal/protocol"
	"nertc/internal/signal"
)

// scriptedRunner makes no programmes: what it would tell, the test does.
type scriptedRunner chan *scriptedRun

type scriptedRun struct {
	tell    func(live.State)
	updates chan protocol.Task
	stopped chan struct{}
}

func (r scriptedRunner) Start(_ live.RoomRef, _ protocol.Task, tell func(live.State)) (live.Run, error) {
	run := &scriptedRun{tell, make(chan protocol.Task, 8), make(chan struct{})}
	r <- run
	return run, nil
}
func (r *scriptedRun) Update(t protocol.Task) error { r.updates <- t; return nil }
func (r *scriptedRun) Stop()                        { close(r.stopped) }

func came[T any](t *testing.T, from <-chan T, what string) (v T) {
	t.Helper()
	select {
	case v = <-from:
	case <-time.After(30 * time.Second):
		t.Fatalf("no %s", what)
	}
	return v
}

// TestTasksOutliveTheEngine has two hosts with one task of their room: both are told of it, and when the media engine
// dies and they come back, the task goes on, neither is told anything twice, and either can end it.
func TestTasksOutliveTheEngine(t *testing.T) {
	program, err := enginetest.Build(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	engine, runner := enginetest.Start(t, program), make(scriptedRunner, 8)
	h := room.NewHandler(room.Options{Engine: engine, Log: enginetest.Log(t), Live: live.Options{Runner: runner}})
	srv := httptest.NewServer(h)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := h.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
		srv.Close()
	})
	host := func(uid string) *user {
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		u := &user{t: t, ctx: ctx, server: "ws" + strings.TrimPrefix(srv.URL, "http") + protocol.Path, events: make(chan client.Event, 1024)}
		u.Client = client.New(client.Options{
			AppKey: "app", SDK: "native test", Dial: signal.Dial, NewPeer: nativemedia.Factory(nativemedia.Options{Loopback: true}),
			Handle: func(e client.Event) { u.events <- e }, Policy: signal.DefaultPolicy(),
		})
		t.Cleanup(func() {
			_ = u.Destroy(context.Background())
			cancel()
		})
		if err := u.SetProfile(protocol.ProfileLive); err != nil {
			t.Fatal(err)
		}
		u.join(uid)
		return u
	}
	ann, bob := host("1"), host("2")
	task := protocol.Task{ID: "a", StreamURL: "rtmp://example.com/app/key", Layout: protocol.Layout{
		Canvas: protocol.Canvas{Width: 640, Height: 360}, Users: []protocol.TaskUser{{UID: "1", Width: 640, Height: 360, PushVideo: true}},
	}}
	if err := ann.AddTasks(ann.ctx, []protocol.Task{task}); err != nil {
		t.Fatal(err)
	}
	run := came(t, runner, "run")
	if err := bob.AddTasks(bob.ctx, []protocol.Task{task}); errcode.Of(err).Code != errcode.AddTaskFailed || errcode.Of(err).ExtraCode != protocol.CodeTaskTaken {
		t.Errorf("the same id once more: %v", err)
	}
	run.tell(live.State{Code: protocol.TaskPushing})
	for _, u := range []*user{ann, bob} {
		if e := await(u, func(client.TaskChanged) bool { return true }); e.Code != protocol.TaskPushing || e.HostUID != "1" {
			t.Errorf("told %+v", e)
		}
	}
	if err := syscall.Kill(engine.Info().PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for _, u := range []*user{ann, bob} {
		await(u, func(e client.StateChanged) bool { return e.Cur == client.Connecting && e.Reconnect })
		await(u, func(e client.StateChanged) bool { return e.Cur == client.Connected && e.Reconnect })
	}
	task.Layout.Canvas.Color = 7
	if err := bob.UpdateTasks(bob.ctx, []protocol.Task{task}); err != nil {
		t.Fatal(err)
	}
	if got := came(t, run.updates, "update"); got.Layout.Canvas.Color != 7 {
		t.Errorf("updated to %+v", got)
	}
	if err := bob.DeleteTasks(bob.ctx, []string{"a"}); err != nil {
		t.Fatal(err)
	}
	came(t, run.stopped, "end")
	for _, u := range []*user{ann, bob} { // the first thing that is told since
		if e := await(u, func(client.TaskChanged) bool { return true }); e.Code != protocol.TaskStopped {
			t.Errorf("told %+v", e)
		}
	}
	if len(runner) != 0 {
		t.Error("the task was begun once more")
	}
}
