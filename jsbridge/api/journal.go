//go:build js && wasm

package api

import (
	"strconv"

	"nertc/internal/journal"
	"nertc/internal/serial"
	"nertc/jsbridge/js"
)

// NewLog makes the core's journal. Its lines go to a function (level, name, text) in their order, from a goroutine of
// their own: they are written with locks held, and the page may have put a function of its own behind the console.
func NewLog(level, write js.Value) *journal.Log {
	if !js.IsFunction(write) {
		return nil
	}
	var queue serial.Queue
	from, ok := js.Integer(level)
	if !ok {
		from = int64(journal.Info)
	}
	return journal.New(journal.Level(from), func(level journal.Level, name, text string) {
		queue.Post(func() { _, _ = js.Invoke(write, int(level), name, text) })
	})
}

// told are the members of an event's argument that are written down. What is not among them may be the page's own data.
var told = [...]string{"uid", "state", "mediaType", "code", "reason", "msg", "role", "cryptType", "audio", "video", "duration"}

// tell emits an event and writes it down.
func (c *Client) tell(event string, argument ...any) {
	switch event {
	case "error":
		c.note(journal.Error, c.log.Error, event, argument)
	case "exception", "warning", "crypt-error", "uid-duplicate", "client-banned", "channel-closed", "permkey-timeout",
		"permkey-will-expire", "audioVideoBanned", "track-low-init-fail":
		c.note(journal.Warning, c.log.Warning, event, argument)
	default:
		c.note(journal.Debug, c.log.Debug, event, argument)
	}
	emit(c.emit, event, argument...)
}

// note writes an event down, if anybody wants lines of that level.
func (c *Client) note(level journal.Level, write func(string, ...string), event string, argument []any) {
	if !c.log.Takes(level) {
		return
	}
	var pairs []string
	for _, a := range argument {
		switch a := a.(type) {
		case string:
			pairs = append(pairs, "name", a)
		case map[string]any:
			for _, key := range told {
				if v, there := a[key]; there && (key != "msg" || a["reason"] == nil) {
					pairs = append(pairs, key, text(v))
				}
			}
		}
	}
	write("event "+event, pairs...)
}

func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	case js.Value:
		if s, ok := js.Text(v); ok {
			return s
		}
		if n, ok := js.Number(v); ok {
			return strconv.FormatFloat(n, 'f', -1, 64)
		}
	}
	return "?"
}
