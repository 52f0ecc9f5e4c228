package runner

import (
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"nertc/gateway/live"
	"nertc/internal/protocol"
)

// An ffmpeg that hangs keeps nobody waiting for long, is started once for all who wait, and is used when it answers.
func TestAnFFmpegThatHangsRefusesTasks(t *testing.T) {
	real, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	script := `#!/bin/sh
echo started >> ` + dir + `/starts
while [ ! -e ` + dir + `/go ]; do sleep 0.05; done
[ -z "$NERTC_TEST_SECRET" ] || exit 1
exec ` + real + ` "$@"
`
	program := filepath.Join(dir, "ffmpeg")
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("NERTC_TEST_SECRET", "secret") // what is in the gateway's environment is not ffmpeg's affair
	r := New(Options{FFmpeg: program, Log: slog.New(slog.DiscardHandler)})
	r.findTime = 100 * time.Millisecond
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			var refused *live.Refusal
			if _, err := r.find(); !errors.As(err, &refused) || refused.Code != protocol.CodeTasksOff {
				t.Errorf("found, or %v", err)
			}
		})
	}
	all.Wait()
	if err := os.WriteFile(filepath.Join(dir, "go"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r.findTime = time.Minute
	found, err := r.find()
	if err != nil || found.Path != program {
		t.Fatalf("once it answers: %+v, %v", found, err)
	}
	if starts, err := os.ReadFile(filepath.Join(dir, "starts")); string(starts) != "started\n" {
		t.Errorf("started %q, %v", starts, err)
	}
}
