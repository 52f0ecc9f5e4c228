//go:build js && wasm

package js

import (
	"context"
	"time"
)

// Callback gives the first argument that a function of the old kind calls back with. It must
// not be called inside a function that JavaScript called.
func (s *Scope) Callback(ctx context.Context, call func(done Value) error) (Value, error) {
	called := make(chan Value, 1)
	var release func()
	done, release := s.Func(func(_ Value, args []Value) any {
		release() // not before: what is called once it is released would complain to the page
		called <- first(args)
		return nil
	})
	if done.IsUndefined() {
		return Undefined(), ErrClosed
	}
	if err := call(done); err != nil {
		release()
		return Undefined(), err
	}
	select {
	case v := <-called:
		return v, nil
	case <-ctx.Done():
		return Undefined(), ctx.Err()
	case <-s.done:
		return Undefined(), ErrClosed
	}
}

// saveGrace is how long the address of a file that is being saved is kept: the browser opens
// it some time after the click, and never says when.
const saveGrace = time.Minute

// Save has the browser save a Blob as a file, as if the user had clicked a link to it.
func Save(blob Value, name string) error {
	url := Global("URL")
	address, err := Call(url, "createObjectURL", blob)
	if err != nil {
		return err
	}
	time.AfterFunc(saveGrace, func() { _, _ = Call(url, "revokeObjectURL", address) })
	link, err := Call(Global("document"), "createElement", "a")
	if err != nil {
		return err
	}
	_ = Set(link, "href", address)
	_ = Set(link, "download", name)
	_, err = Call(link, "click")
	return err
}
