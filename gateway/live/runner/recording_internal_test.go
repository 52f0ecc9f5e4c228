package runner

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nertc/gateway/live"
	"nertc/gateway/live/record"
	"nertc/gateway/live/rtmptest"
	"nertc/internal/protocol"
)

// A recording that has failed is begun anew by the next change of the task; one that goes on is left alone.
func TestARecordingThatFailedIsBegunAgain(t *testing.T) {
	quiet := slog.New(slog.DiscardHandler)
	dir := t.TempDir()
	states := make(chan live.State, 8)
	n := &run{runner: New(Options{Recordings: dir, Log: quiet}), log: quiet, tell: func(s live.State) { states <- s }}
	task := protocol.Task{ID: "t", Record: true, Layout: protocol.Layout{Canvas: protocol.Canvas{Width: 320, Height: 180}}}
	_, first, err := n.recorders(task)
	if err != nil {
		t.Fatal(err)
	}
	n.recorder = first
	if before, after, err := n.recorders(task); before != first || after != first || err != nil {
		t.Errorf("a recorder that records gives place to another: %v", err)
	}

	parts, _ := filepath.Glob(filepath.Join(dir, "*.part"))
	if len(parts) != 1 || os.Remove(parts[0]) != nil {
		t.Fatalf("parts %v", parts)
	}
	for i, side := range []int{320, 640} { // the second size is to begin a second file, and the first cannot be finished
		for _, p := range rtmptest.Programme(t, side, 180, 25, 1) {
			p.DTS += time.Duration(i) * 2 * time.Second
			first.Send(p)
		}
	}
	for end := time.Now().Add(20 * time.Second); !first.Ended(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it goes on")
		}
	}
	select {
	case s := <-states:
		if s.Code != protocol.TaskRecordingFailed || !strings.HasPrefix(s.Msg, "the recording has ended: ") || strings.Contains(s.Msg, dir) {
			t.Errorf("told %+v", s)
		}
	default:
		t.Error("the hosts are not told")
	}
	before, second, err := n.recorders(task)
	if err != nil || before != nil || second == nil || second == first {
		t.Fatalf("behind it comes %p, %v", second, err)
	}
	for _, p := range rtmptest.Programme(t, 320, 180, 25, 1) {
		second.Send(p)
	}
	second.Close()
	if len(states) > 0 {
		t.Errorf("told also %+v", <-states)
	}
	if files, err := record.List(dir); err != nil || len(files) != 1 || !files[0].Finished {
		t.Errorf("of the second recording there is %+v, %v", files, err)
	}
}
