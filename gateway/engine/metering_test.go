package engine

import (
	"log/slog"
	"strings"
	"testing"
)

func TestBytesOfAllProcesses(t *testing.T) {
	e := newEngine(slog.New(slog.DiscardHandler), "k", "s", func() {})
	e.meter.read(strings.NewReader("hello\n" + `{"in":10,"out":1}` + "\n" + strings.Repeat("x", 3*maxLogLine) + "\n" + `{"in":30,"out":2}` + "\n" + `{"in":-1}` + "\n" + `{"in":5,"out":9}` + "\n"))
	if got := e.MediaBytes(); got != (Bytes{30, 2}) {
		t.Errorf("one process: %+v", got)
	}
	e.meter.read(strings.NewReader(`{"in":4,"out":4}` + "\n"))
	if got := e.MediaBytes(); got != (Bytes{34, 6}) {
		t.Errorf("and another: %+v", got)
	}
}
