package engine

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"slices"
	"sync"
)

// stays are the sessions of an engine by room and identity, so that what the engine's own
// process logs about somebody is logged as a line of that session.
type stays struct {
	mu    sync.Mutex
	known map[stay]*Session
}

type stay struct{ room, identity string }

func (s *Session) stay() stay { return stay{s.options.Room, s.identity} }

func (y *stays) add(s *Session) {
	y.mu.Lock()
	defer y.mu.Unlock()
	if y.known == nil {
		y.known = map[stay]*Session{}
	}
	y.known[s.stay()] = s
}

// remove forgets a session, unless another of the same identity has come meanwhile.
func (y *stays) remove(s *Session) {
	y.mu.Lock()
	defer y.mu.Unlock()
	if y.known[s.stay()] == s {
		delete(y.known, s.stay())
	}
}

func (y *stays) log(room, identity string) *slog.Logger {
	y.mu.Lock()
	defer y.mu.Unlock()
	if s := y.known[stay{room, identity}]; s != nil {
		return s.log
	}
	return nil
}

// copyLog hands the child's lines to the log until its output ends.
func (e *Engine) copyLog(r io.Reader) {
	in := bufio.NewReaderSize(r, maxLogLine)
	for {
		line, more, err := in.ReadLine()
		if len(line) > 0 {
			e.copyLine(line)
		}
		for more && err == nil { // the rest of an overlong line
			_, more, err = in.ReadLine()
		}
		if err != nil {
			return
		}
	}
}

// copyLine logs one line of the child. LiveKit's own are JSON objects; they keep their fields, but
// room and participant are named as in all other lines, and secrets are taken out. Anything else, such as the trace of a
// panic, is logged as it is.
func (e *Engine) copyLine(line []byte) {
	var fields map[string]any
	if json.Unmarshal(line, &fields) != nil || fields == nil {
		e.log.Warn("media engine says", "line", hushLine(string(line)))
		return
	}
	hush(fields)
	level := slog.LevelInfo // also of finer lines: engine.logLevel has let them through
	switch fields["level"] {
	case "warn":
		level = slog.LevelWarn
	case "error", "dpanic", "panic", "fatal":
		level = slog.LevelError
	}
	room, _ := fields["room"].(string)
	identity, _ := fields["participant"].(string)
	attrs := []any{"line", fields["msg"]}
	log := e.stays.log(room, identity)
	if log == nil {
		log = e.log
		if room != "" {
			attrs = append(attrs, "room", room)
		}
		if identity != "" {
			attrs = append(attrs, "uid", identity)
		}
	}
	for _, k := range []string{"level", "ts", "msg", "room", "participant"} {
		delete(fields, k)
	}
	if len(fields) > 0 {
		var rest []any
		for _, k := range slices.Sorted(maps.Keys(fields)) {
			rest = append(rest, slog.Any(k, fields[k]))
		}
		attrs = append(attrs, slog.Group("engine", rest...)) // apart, whatever they are called
	}
	log.Log(context.Background(), level, "media engine says", attrs...)
}
