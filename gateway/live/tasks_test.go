package live_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"nertc/gateway/live"
	"nertc/internal/errcode"
	"nertc/internal/protocol"
)

func TestATaskFromItsBeginningToItsEnd(t *testing.T) {
	s := newStage(t, live.Options{})
	h := newHost()
	s.Enter(theRoom.Name, h, false)
	r := s.begin(theRoom, "main")
	if r.room != theRoom || r.task.ID != "main" || r.task.HostUID != "7" {
		t.Errorf("begun with %+v %+v", r.room, r.task)
	}
	if s.metric("nertc_live_tasks", "starting") != 1 || s.metric("nertc_live_pixels") != 640*360 {
		t.Error("the metrics do not show it")
	}
	r.tell(live.State{Code: protocol.TaskFailed, Msg: "refused"})
	r.tell(live.State{Code: protocol.TaskPushing})
	want := protocol.TaskState{ID: "main", StreamURL: r.task.StreamURL, HostUID: "7", Code: protocol.TaskFailed, Msg: "refused"}
	if got := await(t, h.told, "state"); got != want {
		t.Errorf("told %+v, want %+v", got, want)
	}
	if got := await(t, h.told, "state"); got.Code != protocol.TaskPushing {
		t.Errorf("told %+v", got)
	}
	if e := s.delete(theRoom, "main"); e != nil {
		t.Fatalf("delete: %+v", e)
	}
	select {
	case <-r.stopped:
	default:
		t.Error("deleted, and not stopped")
	}
	if got := await(t, h.told, "state"); got.Code != protocol.TaskStopped || got.ID != "main" {
		t.Errorf("told %+v", got)
	}
	for _, state := range []string{"starting", "pushing", "failed"} {
		if n := s.metric("nertc_live_tasks", state); n != 0 {
			t.Errorf("%v tasks are %s", n, state)
		}
	}
	if s.metric("nertc_live_pixels") != 0 || s.metric("nertc_live_failures_total") != 1 {
		t.Error("the metrics do not show the end")
	}
	s.wantCode(s.delete(theRoom, "main"), protocol.CodeTaskUnknown)
	s.begin(theRoom, "main") // its name is free again
}

func TestWhatIsRefusedChangesNothing(t *testing.T) {
	s := newStage(t, live.Options{})
	s.wantCode(s.add(theRoom), int(errcode.InvalidTaskToAdd))
	s.wantCode(s.add(theRoom, task("a"), task("b")), int(errcode.InvalidTaskToAdd))
	s.wantCode(s.add(theRoom, task("a b")), int(errcode.InvalidTaskToAdd))
	for _, spoil := range []func(*protocol.Task){
		func(k *protocol.Task) { k.StreamURL = "rtmp://user:s3cret@live.example.com/app/s3cret" },
		func(k *protocol.Task) { k.StreamURL = "rtmp://live.example.com/s3cret" },
		func(k *protocol.Task) {
			k.Layout.Images = []protocol.TaskImage{{URL: "http://user:s3cret@example.com/a.png"}}
		},
	} {
		k := task("a")
		spoil(&k)
		e := s.add(theRoom, k)
		if s.wantCode(e, int(errcode.InvalidTaskToAdd)); strings.Contains(e.Reason, "s3cret") {
			t.Errorf("refused with %q", e.Reason)
		}
		s.wantCode(s.update(theRoom, k), int(errcode.InvalidTaskToUpdate))
	}
	s.wantCode(s.update(theRoom, task("a b")), int(errcode.InvalidTaskToUpdate))
	s.wantCode(s.delete(theRoom), int(errcode.InvalidTaskToDelete))
	s.wantCode(s.update(theRoom, task("a")), protocol.CodeTaskUnknown)

	a := s.begin(theRoom, "a")
	s.wantCode(s.add(theRoom, task("a")), protocol.CodeTaskTaken)
	s.wantCode(s.delete(theRoom, "a", "b"), protocol.CodeTaskUnknown)
	s.wantCode(s.update(theRoom, task("a"), task("b")), protocol.CodeTaskUnknown)
	if len(a.updates) != 0 || a.stops != 0 {
		t.Error("a refused request has changed something")
	}
	s.begin(theRoom, "b")
	s.begin(theRoom, "c")
	s.wantCode(s.add(theRoom, task("d")), protocol.CodeTasksFull)
	s.begin(live.RoomRef{Name: "app:other"}, "a") // another room has its own
	if n := s.metric("nertc_live_requests_total", "add", "refused"); n != 8 {
		t.Errorf("%v refusals of an add are counted", n)
	}
}

func TestARunnersRefusalIsPassedOn(t *testing.T) {
	s := newStage(t, live.Options{MaxTasks: 1})
	s.runner.refuses(errScripted)
	e := s.add(theRoom, task("a"))
	s.wantCode(e, protocol.CodeTaskRefused)
	if e.Reason != errScripted.Error() {
		t.Errorf("refused with %q", e.Reason)
	}
	s.runner.refuses(&live.Refusal{Code: protocol.CodeTasksOff, Reason: "ffmpeg is not installed"})
	s.wantCode(s.add(theRoom, task("a")), protocol.CodeTasksOff)
	s.runner.refuses(nil)
	s.begin(theRoom, "a") // what was refused takes no place

	none := live.New(live.Options{Log: slog.New(slog.DiscardHandler)})
	reply := make(chan *protocol.Error, 1)
	none.Add(theRoom, "1", []protocol.Task{task("a")}, func(e *protocol.Error) { reply <- e })
	s.wantCode(await(t, reply, "answer"), protocol.CodeTasksOff)
}

func TestLimitsOfTheGateway(t *testing.T) {
	other := live.RoomRef{Name: "app:other"}
	s := newStage(t, live.Options{MaxTasks: 2, MaxPixels: 640 * 360 * 3})
	s.begin(theRoom, "a")
	b := s.begin(other, "b")
	s.wantCode(s.add(other, task("c")), protocol.CodeTasksBusy)

	large := task("b")
	large.Layout.Canvas.Width, large.Layout.Canvas.Height = 1280, 720
	s.wantCode(s.update(other, large), protocol.CodeTasksBusy)
	if len(b.updates) != 0 {
		t.Error("what is too large was begun")
	}
	double := task("b")
	double.Layout.Canvas.Width = 1280
	if e := s.update(other, double); e != nil {
		t.Fatalf("refused: %+v", e)
	}
	if n := s.metric("nertc_live_pixels"); n != 640*360*3 {
		t.Errorf("%v pixels", n)
	}
	if e := s.delete(other, "b"); e != nil {
		t.Fatal(e)
	}
	s.begin(other, "c")
}

func TestAnUpdateTakesThePlaceOfTheTask(t *testing.T) {
	s := newStage(t, live.Options{})
	h := newHost()
	s.Enter(theRoom.Name, h, false)
	r := s.begin(theRoom, "a")
	moved := task("a")
	moved.StreamURL = "rtmp://other.example.com/app/key"
	moved.Layout.Users[0].X, moved.Layout.Users[0].Width = 101, 401
	if e := s.update(theRoom, moved); e != nil {
		t.Fatalf("refused: %+v", e)
	}
	got := await(t, r.updates, "update")
	if got.Layout.Users[0].X != 100 || got.Layout.Users[0].Width != 400 || got.HostUID != "7" {
		t.Errorf("updated to %+v", got)
	}
	r.tell(live.State{Code: protocol.TaskFailed, StreamURL: "rtmp://old"})
	r.tell(live.State{Code: protocol.TaskPushing})
	if got := await(t, h.told, "state"); got.StreamURL != "rtmp://old" {
		t.Errorf("told %+v", got)
	}
	if got := await(t, h.told, "state"); got.StreamURL != moved.StreamURL {
		t.Errorf("told %+v", got)
	}
}

// Of several tasks all are changed, or none.
func TestAnUpdateThatIsRefusedInTheMiddleIsTakenBack(t *testing.T) {
	s := newStage(t, live.Options{})
	a, b := s.begin(theRoom, "a"), s.begin(theRoom, "b")
	b.refuses(errScripted)
	x, y := task("a"), task("b")
	x.Layout.Canvas.Color, y.Layout.Canvas.Color = 1, 1
	x.Layout.Canvas.Width, x.Layout.Canvas.Height = 1280, 720
	s.wantCode(s.update(theRoom, x, y), protocol.CodeTaskRefused)
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.updates) != 2 || a.task.Layout.Canvas.Color != 0 {
		t.Errorf("the first is left with %+v after %d updates", a.task.Layout.Canvas, len(a.updates))
	}
	if n := s.metric("nertc_live_pixels"); n != 2*640*360 {
		t.Errorf("%v pixels", n)
	}
}

func TestWhatIsAskedOfARoomHappensInOrder(t *testing.T) {
	s := newStage(t, live.Options{})
	r := s.begin(theRoom, "a")
	r.mu.Lock()
	r.hold = make(chan struct{})
	r.mu.Unlock()
	deleted, added := make(chan *protocol.Error, 1), make(chan *protocol.Error, 1)
	s.Delete(theRoom, "1", []string{"a"}, func(e *protocol.Error) { deleted <- e })
	s.Add(theRoom, "1", []protocol.Task{task("a")}, func(e *protocol.Error) { added <- e })
	s.begin(live.RoomRef{Name: "app:other"}, "a") // other rooms do not wait
	if len(deleted)+len(added) != 0 {
		t.Fatal("answered before the end")
	}
	close(r.hold)
	if e := await(t, deleted, "answer"); e != nil {
		t.Errorf("delete: %+v", e)
	}
	if e := await(t, added, "answer"); e != nil {
		t.Errorf("add behind a delete: %+v", e)
	}
}

func TestTooMuchAtOnceIsRefused(t *testing.T) {
	s := newStage(t, live.Options{})
	r := s.begin(theRoom, "a")
	r.mu.Lock()
	r.hold = make(chan struct{})
	r.mu.Unlock()
	answers := make(chan *protocol.Error, 100)
	s.Delete(theRoom, "1", []string{"a"}, func(e *protocol.Error) { answers <- e })
	for range 20 {
		s.Update(theRoom, "1", []protocol.Task{task("a")}, func(e *protocol.Error) { answers <- e })
	}
	s.wantCode(await(t, answers, "answer"), 429)
	close(r.hold)
	for range 20 {
		await(t, answers, "answer")
	}
}

func TestTasksEndWhenTheRoomHasBeenEmpty(t *testing.T) {
	s := newStage(t, live.Options{Linger: 50 * time.Millisecond})
	a, b := s.begin(theRoom, "a"), s.begin(theRoom, "b")
	other := s.begin(live.RoomRef{Name: "app:other"}, "a")
	there := newHost()
	s.Enter(theRoom.Name, there, false)
	s.isEmpty(theRoom.Name, true)
	await(t, a.stopped, "end of a")
	await(t, b.stopped, "end of b")
	for range 2 { // the list has none whose end was told
		if got := await(t, there.told, "state"); got.Code != protocol.TaskStopped {
			t.Errorf("told %+v", got)
		}
	}
	select {
	case <-other.stopped:
		t.Error("another room's task has ended too")
	default:
	}
	s.isEmpty(theRoom.Name, false)
	h := newHost()
	s.Enter(theRoom.Name, h, true)
	if all := await(t, h.all, "list"); len(all.Tasks) != 0 {
		t.Errorf("left are %+v", all)
	}
}

func TestTasksGoOnWhenSomebodyComesBackInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const linger = 30 * time.Second
		s := newStage(t, live.Options{Linger: linger})
		a := s.begin(theRoom, "a")
		s.isEmpty(theRoom.Name, true)
		time.Sleep(linger - time.Nanosecond)
		s.isEmpty(theRoom.Name, false)
		select {
		case <-a.stopped:
			t.Fatal("stopped although somebody is there")
		case <-time.After(linger + linger/2):
		}
		// The time counts from the last end of the room.
		s.isEmpty(theRoom.Name, true)
		time.Sleep(linger / 2)
		s.isEmpty(theRoom.Name, false)
		s.isEmpty(theRoom.Name, true)
		begun := time.Now()
		<-a.stopped
		if took := time.Since(begun); took != linger {
			t.Errorf("ended after %v", took)
		}
	})
}

// Whoever adds a task and leaves at once must not leave it there for good.
func TestATaskOfARoomThatIsEmptyByThen(t *testing.T) {
	s := newStage(t, live.Options{Linger: 20 * time.Millisecond})
	s.isEmpty(theRoom.Name, true)
	await(t, s.begin(theRoom, "a").stopped, "end")
}

func TestATaskThatEndsByItselfIsForgotten(t *testing.T) {
	s := newStage(t, live.Options{MaxTasks: 1})
	h := newHost()
	s.Enter(theRoom.Name, h, false)
	a := s.begin(theRoom, "a")
	a.tell(live.State{Code: protocol.TaskStopped, Msg: "the encoder is gone"})
	a.tell(live.State{Code: protocol.TaskFailed, Msg: "late"})
	if got := await(t, h.told, "state"); got.Code != protocol.TaskStopped || got.Msg != "the encoder is gone" {
		t.Errorf("told %+v", got)
	}
	await(t, a.stopped, "end")
	s.wantCode(s.delete(theRoom, "a"), protocol.CodeTaskUnknown)
	s.begin(theRoom, "a")
	select {
	case got := <-h.told:
		t.Errorf("told once more: %+v", got)
	default:
	}
}

func TestWhoComesLaterIsToldWhatThereIs(t *testing.T) {
	s := newStage(t, live.Options{})
	first, second := newHost(), newHost()
	s.Enter(theRoom.Name, first, true)
	await(t, first.all, "list")
	a := s.begin(theRoom, "a")
	s.begin(theRoom, "b")
	a.tell(live.State{Code: protocol.TaskPushing, Msg: "x"})
	a.tell(live.State{Code: protocol.TaskImageFailed, Msg: "no image"})
	await(t, first.told, "state")
	await(t, first.told, "state")
	s.Enter(theRoom.Name, second, false)
	all := await(t, second.all, "list")
	if got := fmt.Sprintf("%d %q %d %q %q %d", len(all.Tasks), all.Tasks[0].ID, all.Tasks[0].Code, all.Tasks[0].Msg, all.Tasks[1].ID, all.Tasks[1].Code); got != `2 "a" 505 "x" "b" 0` {
		t.Error(got)
	}
	if len(first.all) != 0 {
		t.Error("who was there is told of all")
	}
	// Who has left is told nothing more.
	s.Leave(theRoom.Name, first)
	a.tell(live.State{Code: protocol.TaskFailed})
	await(t, second.told, "state")
	if len(first.told) != 0 {
		t.Error("told after it had left")
	}
}

func TestCloseEndsEverythingAndTakesNoMore(t *testing.T) {
	s := newStage(t, live.Options{})
	a := s.begin(theRoom, "a")
	b := s.begin(live.RoomRef{Name: "app:other"}, "b")
	hold := make(chan struct{})
	a.mu.Lock()
	a.hold = hold
	a.mu.Unlock()
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := s.Close(short); err == nil {
		t.Error("closed with a task that has not ended")
	}
	await(t, b.stopped, "end of b")
	s.wantCode(s.add(theRoom, task("c")), 503)
	close(hold)
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// What is pushed to is a secret: whoever has it can push there.
func TestNoAddressIsLogged(t *testing.T) {
	var mu sync.Mutex
	var log bytes.Buffer
	s := newStage(t, live.Options{Log: slog.New(slog.NewTextHandler(locked{&mu, &log}, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	k := task("a")
	k.StreamURL = "rtmp://live.example.com/app/s3cret?auth=s3cret"
	if e := s.add(theRoom, k); e != nil {
		t.Fatal(e)
	}
	r := await(t, s.runner.begun, "run")
	h := newHost()
	s.Enter(theRoom.Name, h, false)
	r.tell(live.State{Code: protocol.TaskPushing})
	await(t, h.told, "state")
	k.StreamURL += "2"
	if e := s.update(theRoom, k); e != nil {
		t.Fatal(e)
	}
	r.refuses(errScripted)
	s.update(theRoom, k)
	if e := s.delete(theRoom, "a"); e != nil {
		t.Fatal(e)
	}
	mu.Lock()
	defer mu.Unlock()
	if text := log.String(); strings.Contains(text, "s3cret") || !strings.Contains(text, "rtmp://live.example.com") {
		t.Error(text)
	}
}

type locked struct {
	mu *sync.Mutex
	to *bytes.Buffer
}

func (l locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.to.Write(b)
}
