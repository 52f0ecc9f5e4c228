package enginetest

import (
	"strings"
	"sync"
)

// Text is a log that may be read while somebody still writes: a session hears of its end when the engine, or the test, is done
// already. The zero value is ready.
type Text struct {
	mu   sync.Mutex
	text strings.Builder
}

func (t *Text) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(b)
}

func (t *Text) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}
