//go:build js && wasm

package js

import (
	"sync"
	"sync/atomic"
	sysjs "syscall/js"
)

// outcome is how a promise has settled.
type outcome struct {
	value Value
	err   error
}

// waits are those of a tree of scopes for promises. One function of Go serves all, and each
// promise has it with a number bound to it: who stops waiting takes the number back, and the
// promise may settle later or never. A function of its own could not be released before that,
// because the page is told of each call to a function that Go has released.
type waits struct {
	live *atomic.Int64

	mu      sync.Mutex
	settle  sysjs.Func // of a number, whether it is a rejection, and the value
	made    bool
	closed  bool
	last    int
	pending map[int]chan<- outcome // nil of those that nobody waits for any more
}

// begin takes a number. The channel must have room for what comes.
func (w *waits) begin(settled chan<- outcome) (id int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.pending == nil {
		w.pending = map[int]chan<- outcome{}
	}
	w.last++
	w.pending[w.last] = settled
	w.live.Add(1)
	return w.last
}

// attach has the promise settle the wait of a number.
func (w *waits) attach(id int, promise Value) error {
	w.mu.Lock()
	if !w.made {
		w.settle, w.made = sysjs.FuncOf(guarded(w.settled)), true
	}
	settle := w.settle.Value
	w.mu.Unlock()
	fulfilled, err := Call(settle, "bind", Undefined(), id, false)
	if err != nil {
		return err
	}
	rejected, err := Call(settle, "bind", Undefined(), id, true)
	if err != nil {
		return err
	}
	p, err := Call(Global("Promise"), "resolve", promise)
	if err == nil {
		_, err = Call(p, "then", fulfilled, rejected)
	}
	return err
}

// settled is what a promise calls.
func (w *waits) settled(_ Value, args []Value) any {
	if len(args) < 2 {
		return nil
	}
	id, _ := Integer(args[0])
	o := outcome{value: first(args[2:])}
	if IsTrue(args[1]) {
		o = outcome{err: ErrorFrom(o.value)}
	}
	if waiting := w.end(int(id)); waiting != nil {
		waiting <- o
	}
	return nil
}

// end forgets a number whose promise settles no more, and gives who still waits for it.
func (w *waits) end(id int) (waiting chan<- outcome) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if waiting = w.pending[id]; waiting != nil {
		w.live.Add(-1)
	}
	delete(w.pending, id)
	w.tidy()
	return waiting
}

// abandon has a promise settle for nobody.
func (w *waits) abandon(id int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.pending[id] != nil {
		w.pending[id] = nil
		w.live.Add(-1)
	}
}

// close releases the function as soon as no promise will call it.
func (w *waits) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	w.tidy()
}

func (w *waits) tidy() {
	if w.closed && w.made && len(w.pending) == 0 {
		w.settle.Release()
		w.made = false
	}
}
