//go:build js && wasm

package js

import "context"

// Turn waits until the browser has come back to its event loop once, so that everything
// that waits for promises settled before has run. Not by a timer: the timers of a page
// in the background are slowed down to seconds.
func (s *Scope) Turn(ctx context.Context) {
	channel, err := New(Global("MessageChannel"))
	if err != nil {
		return
	}
	receive, send := Property(channel, "port1"), Property(channel, "port2")
	turned := make(chan struct{}, 1)
	remove := s.Listen(receive, "message", func(Value) { turned <- struct{}{} })
	defer func() {
		remove()
		_, _ = Call(receive, "close")
	}()
	_, _ = Call(receive, "start")
	if _, err := Call(send, "postMessage", Null()); err != nil {
		return
	}
	select {
	case <-turned:
	case <-ctx.Done():
	case <-s.done:
	}
}

// Guard runs a function and writes a panic in it to the console, where it would
// otherwise end the program.
func Guard(f func()) {
	defer func() {
		if r := recover(); r != nil {
			Complain("internal error", panicError(r))
		}
	}()
	f()
}
