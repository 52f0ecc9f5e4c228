//go:build js && wasm

package store

import (
	"context"
	"time"

	"nertc/jsbridge/js"
)

// A tab has a name in its sessionStorage, which outlives its pages and nothing else has.
// But a tab that is duplicated, or opened by a page, begins with a copy of it. So the
// page that goes by a name holds a Web Lock of it for as long as it lives: the browser
// releases that when the page goes, however it goes.

const tabKey = "nertc"

// tabName gives the tab's name, empty where there is none or it may not be read.
func tabName() string {
	v, err := js.Call(sessionStorage(), "getItem", tabKey)
	if err != nil {
		return ""
	}
	return js.TextOr(v, "")
}

func setTabName(name string) error {
	_, err := js.Call(sessionStorage(), "setItem", tabKey, name)
	return err
}

// forgetTabName takes a name back, unless the tab has another by now.
func forgetTabName(name string) {
	if tabName() == name {
		_, _ = js.Call(sessionStorage(), "removeItem", tabKey)
	}
}

// sessionStorage is undefined where the browser refuses it: its getter throws.
func sessionStorage() js.Value { return js.Property(js.Global("globalThis"), "sessionStorage") }

// hold takes a Web Lock, and waits for it so long at most. It is held until release is
// called or the page goes. https://www.w3.org/TR/web-locks/#api-lock-manager-request
func hold(scope *js.Scope, name string, wait time.Duration) (release func(), ok bool) {
	locks := js.Property(js.Property(js.Global("globalThis"), "navigator"), "locks")
	if !js.IsObject(locks) {
		return nil, false
	}
	options := map[string]any{"ifAvailable": true}
	var controller js.Value
	if wait > 0 {
		var err error
		if controller, err = js.New(js.Global("AbortController")); err != nil {
			return nil, false
		}
		options = map[string]any{"signal": js.Property(controller, "signal")}
	}
	held := js.NewPromise() // until it settles
	granted := make(chan bool, 2)
	callback, freeCallback := scope.Func(func(_ js.Value, args []js.Value) any {
		if len(args) == 0 || js.IsNullish(args[0]) {
			granted <- false
			return nil
		}
		granted <- true
		return held.Value
	})
	request, err := js.Call(locks, "request", name, options, callback)
	if err != nil {
		freeCallback()
		return nil, false
	}
	settled := make(chan struct{})
	go func() {
		defer close(settled)
		defer freeCallback() // it is called no more
		_, _ = scope.Await(context.Background(), request)
	}()
	release = func() {
		held.Resolve(js.Undefined())
		<-settled // all is released then
	}
	timeout := make(<-chan time.Time)
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		timeout = timer.C
	}
	for {
		select {
		case ok := <-granted:
			return release, ok
		case <-settled:
			select {
			case ok := <-granted:
				return release, ok
			default:
				return nil, false
			}
		case <-timeout: // it is refused now, unless it has just been granted
			_, _ = js.Call(controller, "abort")
		}
	}
}
