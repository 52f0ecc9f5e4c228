//go:build js && wasm

package api

import (
	"runtime"
	"time"
)

// collectDelay gathers what a page lets go of at once, a room full of streams say.
const collectDelay = 500 * time.Millisecond

// collect has the garbage collected soon. The browser keeps what Go's values stand for, elements and
// whole clients of the page among them, until Go has found that nobody needs them; and Go, which
// looks for that when it needs memory, needs none in a page that is idle.
// It takes a few milliseconds.
func (a *API) collect() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.collecting {
		return
	}
	a.collecting = true
	time.AfterFunc(collectDelay, func() {
		a.mu.Lock()
		a.collecting = false
		a.mu.Unlock()
		runtime.GC()
	})
}
