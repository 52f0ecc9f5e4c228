//go:build js && wasm

package js

import (
	"errors"
	"sync"
	"sync/atomic"
	sysjs "syscall/js"

	"nertc/internal/errcode"
)

// ErrClosed is what waits of a closed Scope end with.
var ErrClosed = errors.New("the owner has been destroyed")

// Scope owns the functions and listeners that Go gives to JavaScript, and releases
// what is left when it closes. Scopes form a tree: closing one closes those below.
type Scope struct {
	live  *atomic.Int64 // of the whole tree
	waits *waits        // likewise

	mu       sync.Mutex
	parent   *Scope
	closed   bool
	done     chan struct{}
	next     uint64
	cleanups map[uint64]func()
}

// NewScope makes the root of a tree of scopes.
func NewScope() *Scope {
	live := new(atomic.Int64)
	s := &Scope{live: live, waits: &waits{live: live}, done: make(chan struct{}), cleanups: map[uint64]func(){}}
	_, _ = s.own(s.waits.close)
	return s
}

// Child makes a scope that closes with this one at the latest.
func (s *Scope) Child() *Scope {
	c := &Scope{live: s.live, waits: s.waits, parent: s, done: make(chan struct{}), cleanups: map[uint64]func(){}}
	forget, ok := s.own(c.Close)
	if !ok {
		c.Close()
		return c
	}
	_, _ = c.own(forget)
	return c
}

// Live is how many functions of the whole tree are not yet released, and promises waited for.
func (s *Scope) Live() int { return int(s.live.Load()) }

// Done is closed when the scope closes.
func (s *Scope) Done() <-chan struct{} { return s.done }

// Close removes the listeners and releases the functions. Waits end with ErrClosed.
func (s *Scope) Close() {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	s.closed = true
	cleanups := s.cleanups
	s.cleanups = nil
	close(s.done)
	s.mu.Unlock()
	for _, c := range cleanups {
		c()
	}
}

// OnClose has a function called when the scope closes, at once if it is closed
// already. The function that it returns takes that back.
func (s *Scope) OnClose(f func()) (forget func()) {
	forget, ok := s.own(f)
	if !ok {
		f()
	}
	return forget
}

func (s *Scope) own(cleanup func()) (forget func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return func() {}, false
	}
	s.next++
	id := s.next
	s.cleanups[id] = cleanup
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.cleanups, id)
	}, true
}

// Func makes a function that JavaScript can call until it is released or the scope
// closes. It must not block. A panic in it becomes the border's error object as its
// result. A closed scope gives undefined.
func (s *Scope) Func(f func(this Value, args []Value) any) (function Value, release func()) {
	fn := sysjs.FuncOf(guarded(f))
	s.live.Add(1)
	var once sync.Once
	free := func() {
		once.Do(func() {
			fn.Release()
			s.live.Add(-1)
		})
	}
	forget, ok := s.own(free)
	if !ok {
		free()
		return Undefined(), func() {}
	}
	return fn.Value, func() {
		forget()
		free()
	}
}

// guarded has a panic become the border's error object.
func guarded(f func(this Value, args []Value) any) func(Value, []Value) any {
	return func(this Value, args []Value) (result any) {
		defer func() {
			if r := recover(); r != nil {
				err := panicError(r)
				Complain("internal error", err)
				result = ErrorValue(errcode.Wrap(errcode.InvalidOperation, err, "internal error"))
			}
		}()
		return f(this, args)
	}
}

// Listen adds an event listener. The function that it returns, or the scope's end,
// removes it and releases what it holds.
func (s *Scope) Listen(target Value, event string, f func(event Value)) (remove func()) {
	function, release := s.Func(func(_ Value, args []Value) any {
		if len(args) > 0 {
			f(args[0])
		}
		return nil
	})
	if function.IsUndefined() {
		return func() {}
	}
	if _, err := Call(target, "addEventListener", event, function); err != nil {
		release()
		return func() {}
	}
	var once sync.Once
	detach := func() {
		once.Do(func() { _, _ = Call(target, "removeEventListener", event, function) })
	}
	forget, ok := s.own(detach)
	if !ok {
		detach()
	}
	return func() {
		forget()
		detach()
		release()
	}
}
