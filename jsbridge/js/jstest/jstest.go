//go:build js && wasm

// Package jstest has what the tests of the border need of a page.
package jstest

import (
	"context"
	"testing"
	"time"

	"nertc/jsbridge/js"
)

// limit is when a test gives up on the browser.
const limit = time.Minute

// Script runs the body of a function and gives what it returns.
func Script(t *testing.T, body string) js.Value {
	t.Helper()
	f, err := js.New(js.Global("Function"), body)
	if err != nil {
		t.Fatal(err)
	}
	v, err := js.Invoke(f)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Within is a context that ends with the test, or when it has taken too long.
func Within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	t.Cleanup(cancel)
	return ctx
}

// Picture is a video track of 64×48 pixels that changes all the time.
func Picture(t *testing.T) js.Value {
	t.Helper()
	return Script(t, `
		const c = document.createElement('canvas'); c.width = 64; c.height = 48;
		const g = c.getContext('2d'); let n = 0;
		const draw = () => { g.fillStyle = 'hsl(' + (n++ * 7 % 360) + ',80%,50%)'; g.fillRect(0, 0, 64, 48); };
		draw();
		setInterval(draw, 30);
		return c.captureStream(30).getVideoTracks()[0];`)
}
