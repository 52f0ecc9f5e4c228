package room

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"
)

// diary is a log that tests wait for, and search for what must not be in it.
type diary struct {
	lines chan string
	mu    sync.Mutex
	text  strings.Builder
}

func newDiary() *diary { return &diary{lines: make(chan string, 4096)} }

func (d *diary) Enabled(context.Context, slog.Level) bool { return true }
func (d *diary) WithAttrs(a []slog.Attr) slog.Handler {
	d.write(fmt.Sprint(a))
	return d
}
func (d *diary) WithGroup(string) slog.Handler { return d }
func (d *diary) Handle(_ context.Context, r slog.Record) error {
	text := r.Message
	r.Attrs(func(a slog.Attr) bool { text += " " + a.String(); return true })
	d.write(text)
	d.lines <- r.Message
	return nil
}

func (d *diary) write(s string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.text.WriteString(s + "\n")
}

func (d *diary) String() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.text.String()
}

func (d *diary) await(t *testing.T, message string) {
	t.Helper()
	for timeout := time.After(testTime); ; {
		select {
		case m := <-d.lines:
			if m == message {
				return
			}
		case <-timeout:
			t.Fatalf("%q was never logged", message)
		}
	}
}
