package livetask_test

import (
	"fmt"
	"strings"
	"testing"

	"nertc/internal/livetask"
	"nertc/internal/protocol"
)

func good() protocol.Task {
	return protocol.Task{
		ID: "task_1", StreamURL: "rtmp://live.example.com/app/key?auth=1",
		Layout: protocol.Layout{
			Canvas: protocol.Canvas{Width: 1280, Height: 720, Color: 0xffffff},
			Users: []protocol.TaskUser{
				{UID: "1", Width: 640, Height: 720, PushAudio: true, PushVideo: true},
				{UID: "two", X: 640, Width: 640, Height: 720, Adaption: 1, ZOrder: 100},
			},
			Images: []protocol.TaskImage{{URL: "https://example.com/a.png", Width: 64, Height: 64}},
		},
		Config: protocol.TaskConfig{AudioParam: protocol.AudioParam{BitRate: 64, SampleRate: 44100, Channels: 1, CodecProfile: 1}},
	}
}

func TestATaskThatIsGoodIsTaken(t *testing.T) {
	task := good()
	if err := livetask.Check(&task); err != nil {
		t.Fatal(err)
	}
	heard := good()
	heard.Layout = protocol.Layout{Users: []protocol.TaskUser{{UID: "1", PushAudio: true}}} // a canvas of 0×0: sound alone
	if err := livetask.Check(&heard); err != nil {
		t.Error(err)
	}
	least := protocol.Task{ID: "A", StreamURL: "rtmps://[2001:db8::1]:443/app", Layout: protocol.Layout{Canvas: protocol.Canvas{Width: 16, Height: 16}}}
	if err := livetask.Check(&least); err != nil {
		t.Fatal(err)
	}
}

func TestEveryMemberIsChecked(t *testing.T) {
	const secret = "s3cret"
	for name, spoil := range map[string]func(*protocol.Task){
		"taskId": func(t *protocol.Task) { t.ID = "" }, "taskId ": func(t *protocol.Task) { t.ID = "a-b" },
		"taskId  ": func(t *protocol.Task) { t.ID = strings.Repeat("a", 65) }, "taskId   ": func(t *protocol.Task) { t.ID = "é" },
		"streamUrl":       func(t *protocol.Task) { t.StreamURL = "http://" + secret + "/app/key" },
		"streamUrl ":      func(t *protocol.Task) { t.StreamURL = "rtmp:///app/" + secret },
		"streamUrl  ":     func(t *protocol.Task) { t.StreamURL = "rtmp://host" },
		"streamUrl   ":    func(t *protocol.Task) { t.StreamURL = "rtmp://host/" },
		"streamUrl    ":   func(t *protocol.Task) { t.StreamURL = "rtmp://host/app\r\n" + secret },
		"streamUrl     ":  func(t *protocol.Task) { t.StreamURL = "rtmp://host/app/" + strings.Repeat("a", 2048) },
		"streamUrl      ": func(t *protocol.Task) { t.StreamURL = "rtmp://:1935/app/" + secret },
		"extraInfo":       func(t *protocol.Task) { t.ExtraInfo = strings.Repeat("a", 4097) },
		"hostUid":         func(t *protocol.Task) { t.HostUID = strings.Repeat("a", 65) },
		"canvas":          func(t *protocol.Task) { t.Layout.Canvas.Width = 1921 },
		"canvas ":         func(t *protocol.Task) { t.Layout.Canvas.Height = -2 },
		"canvas  ":        func(t *protocol.Task) { t.Layout.Canvas.Height = 0 },
		"color":           func(t *protocol.Task) { t.Layout.Canvas.Color = 1 << 24 },
		"color ":          func(t *protocol.Task) { t.Layout.Canvas.Color = -1 },
		"users":           func(t *protocol.Task) { t.Layout.Users = make([]protocol.TaskUser, 22) },
		"users[0].uid":    func(t *protocol.Task) { t.Layout.Users[0].UID = "" },
		"users[1]":        func(t *protocol.Task) { t.Layout.Users[1].UID = "1" },
		"users[0]'s":      func(t *protocol.Task) { t.Layout.Users[0].X = -1 },
		"users[1]'s":      func(t *protocol.Task) { t.Layout.Users[1].Height = 1921 },
		"users[1] ":       func(t *protocol.Task) { t.Layout.Users[1].X = 642 },
		"users[0].adap":   func(t *protocol.Task) { t.Layout.Users[0].Adaption = 2 },
		"users[1].zOrder": func(t *protocol.Task) { t.Layout.Users[1].ZOrder = 101 },
		"users[0].media":  func(t *protocol.Task) { t.Layout.Users[0].MediaType = "audio" },
		"images[0].url":   func(t *protocol.Task) { t.Layout.Images[0].URL = "file:///etc/passwd" },
		"images[0]'s":     func(t *protocol.Task) { t.Layout.Images[0].Width = -4 },
		"images[0] ":      func(t *protocol.Task) { t.Layout.Images[0].Y = 700 },
		"images[0].adap":  func(t *protocol.Task) { t.Layout.Images[0].Adaption = -1 },
		"images":          func(t *protocol.Task) { t.Layout.Images = make([]protocol.TaskImage, 17) },
		"bitRate":         func(t *protocol.Task) { t.Config.AudioParam.BitRate = 9 },
		"bitRate ":        func(t *protocol.Task) { t.Config.AudioParam.BitRate = 193 },
		"sampleRate":      func(t *protocol.Task) { t.Config.AudioParam.SampleRate = 22050 },
		"channels":        func(t *protocol.Task) { t.Config.AudioParam.Channels = 3 },
		"codecProfile":    func(t *protocol.Task) { t.Config.AudioParam.CodecProfile = 2 },
	} {
		task := good()
		spoil(&task)
		err := livetask.Check(&task)
		if err == nil {
			t.Errorf("%s: taken", name)
			continue
		}
		if !strings.Contains(err.Error(), strings.TrimSpace(name)) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: refused with %q", name, err)
		}
	}
}

func TestOddPlacesAndSizesAreRoundedDown(t *testing.T) {
	task := good()
	task.Layout.Canvas.Width, task.Layout.Canvas.Height = 1281, 721
	task.Layout.Users[1].X, task.Layout.Users[1].Width, task.Layout.Users[1].Height = 641, 641, 719
	task.Layout.Images[0].Y = 3
	if err := livetask.Check(&task); err != nil {
		t.Fatal(err)
	}
	u := task.Layout.Users[1]
	if got := fmt.Sprint(task.Layout.Canvas.Width, task.Layout.Canvas.Height, u.X, u.Width, u.Height, task.Layout.Images[0].Y); got != "1280 720 640 640 718 2" {
		t.Error(got)
	}
}

// A user's camera and screen are two regions.
func TestAUserIsThereOnceForEachPicture(t *testing.T) {
	task := good()
	task.Layout.Users[1].UID = "1"
	task.Layout.Users[0].MediaType, task.Layout.Users[1].MediaType = protocol.MediaVideo, protocol.MediaScreen
	if err := livetask.Check(&task); err != nil {
		t.Error(err)
	}
}

func TestTasksOfACall(t *testing.T) {
	a, b := good(), good()
	b.ID = "task_2"
	for name, c := range map[string]struct {
		tasks []protocol.Task
		most  int
		ok    bool
	}{
		"none": {nil, 1, false}, "one": {[]protocol.Task{a}, 1, true}, "one too many": {[]protocol.Task{a, b}, 1, false},
		"two": {[]protocol.Task{a, b}, livetask.PerRoom, true}, "twice": {[]protocol.Task{a, a}, livetask.PerRoom, false},
		"four": {make([]protocol.Task, 4), livetask.PerRoom, false},
	} {
		if err := livetask.CheckAll(c.tasks, c.most); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, ids := range [][]string{nil, {""}, {"a", "a"}, {"a", "b", "c", "d"}, {"a b"}} {
		if livetask.CheckIDs(ids) == nil {
			t.Errorf("%q are taken", ids)
		}
	}
	if err := livetask.CheckIDs([]string{"a", "b"}); err != nil {
		t.Error(err)
	}
}
