//go:build js && wasm

package js

import (
	"context"
)

// Await waits until a promise settles; what is not a promise is its own result. It must
// not be called inside a function that JavaScript called.
//
// A context that ends does not end the promise, nor does a scope that closes: it then
// settles for nobody.
func (s *Scope) Await(ctx context.Context, promise Value) (Value, error) {
	settled := make(chan outcome, 1)
	id := s.waits.begin(settled)
	forget, ok := s.own(func() { s.waits.abandon(id) })
	if !ok {
		s.waits.end(id)
		Disown(promise)
		return Undefined(), ErrClosed
	}
	defer forget()
	if err := s.waits.attach(id, promise); err != nil {
		s.waits.end(id)
		return Undefined(), err
	}
	select {
	case o := <-settled:
		return o.value, o.err
	case <-ctx.Done():
		s.waits.abandon(id)
		return Undefined(), ctx.Err()
	case <-s.done:
		return Undefined(), ErrClosed
	}
}

// Disown takes a rejection that nobody waits for: the page would report it as unhandled.
// Boolean is a function that every page has and that does nothing.
func Disown(promise Value) {
	if p, err := Call(Global("Promise"), "resolve", promise); err == nil {
		_, _ = Call(p, "catch", Global("Boolean"))
	}
}

// AwaitCall calls a method that gives a promise and waits until it settles.
func (s *Scope) AwaitCall(ctx context.Context, v Value, method string, args ...any) (Value, error) {
	p, err := Call(v, method, args...)
	if err != nil {
		return Undefined(), err
	}
	return s.Await(ctx, p)
}

func first(args []Value) Value {
	if len(args) == 0 {
		return Undefined()
	}
	return args[0]
}

// Promise is a promise that Go settles.
type Promise struct {
	// Value is the JavaScript promise.
	Value           Value
	resolve, reject Value
}

// NewPromise makes a promise that is pending.
func NewPromise() *Promise {
	p := &Promise{}
	// The executor runs inside the constructor and never again: a scope of its own is
	// enough, so that it does not depend on an owner that may be gone.
	s := NewScope()
	defer s.Close()
	executor, _ := s.Func(func(_ Value, args []Value) any {
		p.resolve, p.reject = args[0], args[1]
		return nil
	})
	p.Value = Global("Promise").New(executor)
	return p
}

// Resolve fulfils the promise.
func (p *Promise) Resolve(v any) { p.resolve.Invoke(v) }

// Reject rejects the promise with the border's error object.
func (p *Promise) Reject(err error) { p.reject.Invoke(ErrorValue(err)) }

// Settle resolves the promise, or rejects it if there is an error.
func (p *Promise) Settle(v any, err error) {
	if err != nil {
		p.Reject(err)
		return
	}
	p.Resolve(v)
}
