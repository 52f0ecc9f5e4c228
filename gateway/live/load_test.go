package live_test

import (
	"strconv"
	"testing"

	"nertc/gateway/live"
	"nertc/internal/protocol"
)

// crowd is a task with so many members in its layout, each in a region of the whole canvas.
func crowd(id string, members int) protocol.Task {
	k := task(id)
	k.Layout.Users = nil
	for i := range members {
		k.Layout.Users = append(k.Layout.Users, protocol.TaskUser{UID: strconv.Itoa(i + 1), Width: 640, Height: 360, PushAudio: true, PushVideo: true})
	}
	return k
}

func TestDecodersAreBounded(t *testing.T) {
	s := newStage(t, live.Options{MaxDecoders: 7})
	if e := s.add(theRoom, crowd("a", 2)); e != nil {
		t.Fatalf("four of seven: %+v", e)
	}
	s.wantCode(s.add(theRoom, crowd("b", 2)), protocol.CodeTasksBusy)
	unseen := crowd("b", 2)
	unseen.Layout.Users[0].PushVideo = false
	unseen.Layout.Users[1].Width = 0 // no region
	twice := unseen.Layout.Users[0]
	twice.MediaType = protocol.MediaScreen // whose sound is decoded once
	unseen.Layout.Users = append(unseen.Layout.Users, twice)
	if e := s.add(theRoom, unseen); e != nil {
		t.Fatalf("the sound of two is six of seven: %+v", e)
	}
	if n := s.metric("nertc_live_decoders"); n != 6 {
		t.Errorf("%v decoders are counted", n)
	}
	s.wantCode(s.update(theRoom, crowd("b", 2)), protocol.CodeTasksBusy)
	if e := s.update(theRoom, crowd("a", 1)); e != nil {
		t.Fatalf("fewer: %+v", e)
	}
	if e := s.update(theRoom, crowd("b", 2)); e != nil {
		t.Fatalf("what was given back: %+v", e)
	}
	if e := s.delete(theRoom, "a", "b"); e != nil {
		t.Fatal(e)
	}
	if n := s.metric("nertc_live_decoders"); n != 0 {
		t.Errorf("%v decoders are counted of nothing", n)
	}
}

// Regions that lie over each other are decoded and drawn, however small the canvas is.
func TestRegionsOverEachOtherCount(t *testing.T) {
	s := newStage(t, live.Options{MaxPixels: 2 * 640 * 360})
	if e := s.add(theRoom, crowd("a", 2)); e != nil {
		t.Fatalf("twice the canvas: %+v", e)
	}
	if n := s.metric("nertc_live_pixels"); n != 640*360 {
		t.Errorf("%v pixels are counted", n)
	}
	s.wantCode(s.update(theRoom, crowd("a", 5)), protocol.CodeTasksBusy)
	pictures := crowd("a", 2)
	for range 3 {
		pictures.Layout.Images = append(pictures.Layout.Images, protocol.TaskImage{URL: "http://x/y", Width: 640, Height: 360})
	}
	s.wantCode(s.update(theRoom, pictures), protocol.CodeTasksBusy)
	if e := s.update(theRoom, crowd("a", 4)); e != nil {
		t.Errorf("four times the canvas: %+v", e)
	}
}

func TestTasksOfAnAppAreBounded(t *testing.T) {
	s := newStage(t, live.Options{MaxAppTasks: 2})
	other := live.RoomRef{Name: "app:other", App: "app", Channel: "other"}
	s.begin(theRoom, "a")
	s.begin(other, "b")
	s.wantCode(s.add(other, task("c")), protocol.CodeTasksBusy)
	s.begin(live.RoomRef{Name: "app2:room", App: "app2", Channel: "room"}, "a") // another's is its own affair
	if e := s.delete(theRoom, "a"); e != nil {
		t.Fatal(e)
	}
	s.runner.refuses(errScripted)
	s.wantCode(s.add(other, task("c")), protocol.CodeTaskRefused)
	s.runner.refuses(nil)
	s.begin(other, "c")
}

// Of a task that has moved nobody is told how its former server was.
func TestWhatWasToldOfTheFormerServerIsForgotten(t *testing.T) {
	s := newStage(t, live.Options{})
	r := s.begin(theRoom, "a")
	former := r.task.StreamURL
	r.tell(live.State{Code: protocol.TaskPushing, StreamURL: former})
	if s.metric("nertc_live_tasks", "pushing") != 1 {
		t.Error("it is not counted as pushing")
	}
	moved := task("a")
	moved.StreamURL = "rtmp://other.example.com/app/key"
	if e := s.update(theRoom, moved); e != nil {
		t.Fatal(e)
	}
	r.tell(live.State{Code: protocol.TaskFailed, StreamURL: former, Msg: "late"})
	if s.metric("nertc_live_tasks", "starting") != 1 {
		t.Error("it is not counted as starting")
	}
	came := func() protocol.TaskState {
		h := newHost()
		s.Enter(theRoom.Name, h, false)
		defer s.Leave(theRoom.Name, h)
		return await(t, h.all, "list").Tasks[0]
	}
	if got := came(); got.Code != 0 || got.StreamURL != moved.StreamURL {
		t.Errorf("who comes is told %+v", got)
	}
	r.tell(live.State{Code: protocol.TaskPushing, StreamURL: moved.StreamURL})
	if got := came(); got.Code != protocol.TaskPushing || got.StreamURL != moved.StreamURL {
		t.Errorf("who comes then is told %+v", got)
	}
}

func TestTheEndOfARecordingIsTold(t *testing.T) {
	s := newStage(t, live.Options{})
	h := newHost()
	s.Enter(theRoom.Name, h, false)
	k := task("a")
	k.Record = true
	if e := s.add(theRoom, k); e != nil {
		t.Fatal(e)
	}
	r := await(t, s.runner.begun, "run")
	r.tell(live.State{Code: protocol.TaskPushing})
	r.tell(live.State{Code: protocol.TaskRecordingFailed, Msg: "the recording has ended: full"})
	await(t, h.told, "state")
	if got := await(t, h.told, "state"); got.Code != protocol.TaskRecordingFailed || got.Msg != "the recording has ended: full" {
		t.Errorf("told %+v", got)
	}
	if s.metric("nertc_live_recording_failures_total") != 1 || s.metric("nertc_live_tasks", "pushing") != 1 {
		t.Error("the metrics do not show it, or not that the push goes on")
	}
	if i := s.List(theRoom.Name)[0]; i.Unrecorded != "the recording has ended: full" || i.Code != protocol.TaskPushing {
		t.Errorf("the operator sees %+v", i)
	}
	if e := s.update(theRoom, k); e != nil { // which begins another
		t.Fatal(e)
	}
	if i := s.List(theRoom.Name)[0]; i.Unrecorded != "" {
		t.Errorf("the operator sees %+v", i)
	}
}
