package runner_test

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"nertc/gateway/live"
	"nertc/gateway/live/address"
	"nertc/gateway/live/ffmpeg"
	"nertc/gateway/live/ffmpeg/ffmpegtest"
	"nertc/gateway/live/livetest"
	"nertc/gateway/live/record"
	"nertc/gateway/live/rtmptest"
	"nertc/gateway/live/runner"
	"nertc/internal/protocol"
)

func TestMain(m *testing.M) { livetest.Main(m) }

func task(url string) protocol.Task {
	return protocol.Task{ID: "main", StreamURL: url, Layout: protocol.Layout{
		Canvas: protocol.Canvas{Width: 160, Height: 96},
		Users:  []protocol.TaskUser{{UID: "1", Width: 160, Height: 96, PushAudio: true, PushVideo: true}},
	}}
}

// told waits for a state of that code.
func told(t *testing.T, states <-chan live.State, code int) live.State {
	t.Helper()
	for timeout := time.After(30 * time.Second); ; {
		select {
		case s := <-states:
			if s.Code == code {
				return s
			}
		case <-timeout:
			t.Fatalf("%d was never told", code)
		}
	}
}

// sent is how many bytes have gone to servers.
func sent(t *testing.T, metrics *prometheus.Registry) float64 {
	t.Helper()
	families, err := metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "nertc_live_sent_bytes_total" {
			return f.GetMetric()[0].GetCounter().GetValue()
		}
	}
	t.Fatal("there is no such metric")
	return 0
}

// A task is pushed, moved, recorded for a while, and stopped; of what it is told, and what it leaves.
func TestATask(t *testing.T) {
	w := livetest.Start(t)
	w.Join("room", "1").Publish(livetest.Source{
		MediaType: protocol.MediaVideo, Codec: ffmpeg.VP8, Every: 40 * time.Millisecond, Width: 160, Height: 96,
		Frames: ffmpegtest.Pictures(t, ffmpeg.VP8, "testsrc2=s=160x96:r=25:d=1", "25"),
	})
	server := rtmptest.Start(t)
	dir := t.TempDir()
	metrics := prometheus.NewRegistry()
	r := runner.New(runner.Options{
		Engine: w.Engine, Loopback: true, Nice: 5, Recordings: dir, Registry: metrics,
		Policy: address.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
	})
	states := make(chan live.State, 100)
	first := task(server.URL("one"))
	first.Config.AudioParam.CodecProfile = protocol.ProfileHEAAC
	first.Layout.Images = []protocol.TaskImage{{URL: fmt.Sprintf("http://127.0.0.1:%d/none", rtmptest.FreePort(t)), Width: 10, Height: 10}}
	run, err := r.Start(live.RoomRef{Name: w.Room("room"), App: livetest.App, Channel: "room"}, first, func(s live.State) { states <- s })
	if err != nil {
		t.Fatal(err)
	}
	stopped := false
	defer func() {
		if !stopped {
			run.Stop()
		}
	}()
	if s := told(t, states, protocol.TaskImageFailed); !strings.HasPrefix(s.Msg, "layout.images[0]: ") {
		t.Errorf("of the image was told %q", s.Msg)
	}
	if s := told(t, states, protocol.TaskPushing); s.StreamURL != first.StreamURL || !strings.Contains(s.Msg, "AAC-LC") {
		t.Errorf("told %+v", s)
	}

	// Refused, and nothing has changed.
	bad := task("rtmp://")
	bad.Record = true
	if err := run.Update(bad); err == nil {
		t.Error("an address that is none was taken")
	}
	if files, _ := record.List(dir); len(files) != 0 {
		t.Errorf("recorded %v", files)
	}

	second := task(server.URL("two"))
	second.Record = true
	if err := run.Update(second); err != nil {
		t.Fatal(err)
	}
	if s := told(t, states, protocol.TaskPushing); s.StreamURL != second.StreamURL || s.Msg != "" {
		t.Errorf("after the move told %+v", s)
	}
	refused := task(server.In("closed", "three"))
	refused.Record = true
	if err := run.Update(refused); err != nil {
		t.Fatal(err)
	}
	if s := told(t, states, protocol.TaskFailed); s.StreamURL != refused.StreamURL || s.Msg == "" || strings.Contains(s.Msg, "three") {
		t.Errorf("told %+v", s)
	}
	pushed := sent(t, metrics)
	if pushed == 0 {
		t.Error("the metrics do not show what was sent")
	}
	run.Stop()
	stopped = true
	if after := sent(t, metrics); after < pushed {
		t.Errorf("%v bytes were sent, and %v by the end", pushed, after)
	}

	files, err := record.List(dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("recorded %v, %v", files, err)
	}
	raw := ffmpegtest.Run(t, nil, "-i", filepath.Join(dir, files[0].Name), "-f", "rawvideo", "-pix_fmt", "gray", "-")
	if len(raw) < 25*160*96 {
		t.Errorf("of the recording %d bytes are left", len(raw))
	}
	lists, _ := filepath.Glob("/proc/self/task/*/children")
	for _, l := range lists {
		pids, _ := os.ReadFile(l)
		for _, pid := range strings.Fields(string(pids)) {
			if line, _ := os.ReadFile("/proc/" + pid + "/cmdline"); strings.Contains(string(line), "ffmpeg") {
				t.Errorf("process %s is left", pid)
			}
		}
	}
}

func TestWhatCannotBeCarriedOutIsRefused(t *testing.T) {
	var refusal *live.Refusal
	_, err := runner.New(runner.Options{FFmpeg: "no-such-ffmpeg"}).Start(live.RoomRef{}, task("rtmp://x/y/z"), func(live.State) {})
	if !errors.As(err, &refusal) || refusal.Code != protocol.CodeTasksOff || !strings.Contains(refusal.Reason, "ffmpeg") {
		t.Errorf("without ffmpeg: %v", err)
	}
	r := runner.New(runner.Options{})
	recorded := task("rtmp://x/y/z")
	recorded.Record = true
	if _, err := r.Start(live.RoomRef{}, recorded, func(live.State) {}); err == nil || !strings.Contains(err.Error(), "record") {
		t.Errorf("without a directory: %v", err)
	}
	full := runner.New(runner.Options{Recordings: t.TempDir(), RecordingsFree: math.MaxUint64})
	if _, err := full.Start(live.RoomRef{}, recorded, func(live.State) {}); !errors.Is(err, record.ErrFull) {
		t.Errorf("with a full disk: %v", err)
	}
	if _, err := r.Start(live.RoomRef{}, task("http://x"), func(live.State) {}); !errors.Is(err, address.ErrSyntax) {
		t.Errorf("a wrong address: %v", err)
	}
}
