package engine

import (
	"bufio"
	"encoding/json"
	"io"
	"sync"
)

// Bytes is a line that the embedded engine's process writes to its stdout every few seconds:
// what it has received and sent since it started, as LiveKit counts it.
type Bytes struct {
	In  uint64 `json:"in"`
	Out uint64 `json:"out"`
}

// meter adds up the bytes of all processes of an engine.
type meter struct {
	mu    sync.Mutex
	total Bytes
}

// read takes the lines of one process until its output ends. What is no such line is left out.
func (m *meter) read(r io.Reader) {
	var last Bytes
	for in := bufio.NewReaderSize(r, maxLogLine); ; {
		line, more, err := in.ReadLine()
		var b Bytes
		if !more && err == nil && json.Unmarshal(line, &b) == nil && b.In >= last.In && b.Out >= last.Out {
			m.mu.Lock()
			m.total.In += b.In - last.In
			m.total.Out += b.Out - last.Out
			m.mu.Unlock()
			last = b
		}
		for more && err == nil {
			_, more, err = in.ReadLine()
		}
		if err != nil {
			return
		}
	}
}

// MediaBytes are what the embedded engine has received from clients and sent to them since it was
// first started, at most some seconds old: the payload of sound, pictures and data, with repetitions, and
// what passes its relay besides. It is zero for an external engine.
func (e *Engine) MediaBytes() Bytes {
	e.meter.mu.Lock()
	defer e.meter.mu.Unlock()
	return e.meter.total
}
