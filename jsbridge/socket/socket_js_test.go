package socket

import (
	"context"
	"strings"
	"testing"
	"time"

	"nertc/internal/protocol"
	"nertc/internal/signal"
	"nertc/jsbridge/js"
)

func within(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// scripted puts a WebSocket in place of the browser's that a test plays the server of:
// globalThis.sockets holds those that were opened.
func scripted(t *testing.T) {
	t.Helper()
	f, err := js.New(js.Global("Function"), `
		const own = globalThis.WebSocket;
		globalThis.sockets = [];
		globalThis.WebSocket = class extends EventTarget {
			constructor(url) { super(); this.url = url; this.sent = []; sockets.push(this); }
			fire(type, fields) { this.dispatchEvent(Object.assign(new Event(type), fields)); }
			open() { this.fire('open'); }
			say(data) { this.fire('message', { data }); }
			end(code, wasClean) { this.fire('close', { code, reason: '', wasClean }); }
			send(data) { this.sent.push(data); }
			close(code) {
				if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) throw new DOMException('code', 'InvalidAccessError');
				this.closed = code ?? 1005;
				if (!this.broken) queueMicrotask(() => this.end(this.closed, true));
			}
		};
		return () => { globalThis.WebSocket = own; }`)
	if err != nil {
		t.Fatal(err)
	}
	undo, err := js.Invoke(f)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = js.Invoke(undo) })
}

func server(t *testing.T, scope *js.Scope) js.Value {
	t.Helper()
	ctx := within(t, 30*time.Second)
	for ctx.Err() == nil {
		if sockets := js.Items(js.Global("sockets")); len(sockets) > 0 {
			return sockets[0]
		}
		scope.Turn(ctx)
	}
	t.Fatal("no socket was opened")
	return js.Undefined()
}

func call(v js.Value, method string, args ...any) { _, _ = js.Call(v, method, args...) }

func open(t *testing.T) (signal.Conn, js.Value) {
	t.Helper()
	scripted(t)
	type outcome struct {
		c   signal.Conn
		err error
	}
	dialled := make(chan outcome, 1)
	go func() {
		c, err := new(Dialer).Dial(within(t, 30*time.Second), "ws://gateway.test/nertc/v1")
		dialled <- outcome{c, err}
	}()
	s := server(t, js.NewScope())
	call(s, "open")
	o := <-dialled
	if o.err != nil {
		t.Fatal(o.err)
	}
	return o.c, s
}

func TestNobodyListens(t *testing.T) {
	for _, address := range []string{"ws://127.0.0.1:29999/nertc/v1", "ws://[", "ftp://127.0.0.1/", ""} {
		begin := time.Now()
		if _, err := new(Dialer).Dial(within(t, 60*time.Second), address); err == nil {
			t.Errorf("%q was opened", address)
		}
		if d := time.Since(begin); d > 20*time.Second {
			t.Errorf("%q: the error took %v", address, d)
		}
	}
}

func TestServerThatNeverAnswers(t *testing.T) {
	scripted(t)
	if _, err := new(Dialer).Dial(within(t, 20*time.Millisecond), "ws://gateway.test/"); err == nil {
		t.Fatal("opened")
	}
	s := js.Items(js.Global("sockets"))[0]
	if js.IsNullish(js.Property(s, "closed")) {
		t.Error("the socket was left open")
	}
}

func TestDialsAtOnceGetTheirOwnSockets(t *testing.T) {
	scripted(t)
	class := js.Global("WebSocket")
	d := new(Dialer)
	const n = 8
	failed := make(chan error, n)
	for range n {
		go func() {
			_, err := d.Dial(within(t, 30*time.Second), "ws://gateway.test/")
			failed <- err
		}()
	}
	scope, ctx := js.NewScope(), within(t, 30*time.Second)
	for ctx.Err() == nil && len(js.Items(js.Global("sockets"))) < n {
		scope.Turn(ctx)
	}
	for _, s := range js.Items(js.Global("sockets")) {
		call(s, "open")
	}
	for range n {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
	if !js.Global("WebSocket").Equal(class) {
		t.Error("the page's WebSocket was not given back")
	}
}

func TestFrozenWebSocketIsAnError(t *testing.T) {
	scripted(t)
	f, _ := js.New(js.Global("Function"), `
		Object.defineProperty(globalThis, 'WebSocket', { value: WebSocket, writable: false, configurable: true });
		return () => Object.defineProperty(globalThis, 'WebSocket', { value: WebSocket, writable: true, configurable: true })`)
	thaw, _ := js.Invoke(f)
	defer func() { _, _ = js.Invoke(thaw) }()
	if _, err := new(Dialer).Dial(within(t, time.Second), "ws://gateway.test/"); err == nil {
		t.Error("opened")
	}
}

func TestLastWordsAreRead(t *testing.T) {
	ctx := within(t, 30*time.Second)
	for range 20 { // the package alone loses half of them
		c, s := open(t)
		call(s, "say", "one")
		call(s, "say", "two")
		call(s, "end", 1000, true)
		for _, want := range []string{"one", "two"} {
			if b, err := c.Read(ctx); err != nil || string(b) != want {
				t.Fatalf("got %q, %v", b, err)
			}
		}
		if _, err := c.Read(ctx); err == nil {
			t.Fatal("a message after the end")
		}
	}
}

func TestWriteReadClose(t *testing.T) {
	ctx := within(t, 30*time.Second)
	c, s := open(t)
	if err := c.Write(ctx, []byte(`{"type":"ping"}`)); err != nil {
		t.Fatal(err)
	}
	if sent := js.Items(js.Property(s, "sent")); len(sent) != 1 || js.TextOr(sent[0], "") != `{"type":"ping"}` {
		t.Errorf("sent %v", sent)
	}
	large := strings.Repeat("x", protocol.ReadLimit)
	call(s, "say", large)
	if b, err := c.Read(ctx); err != nil || len(b) != len(large) {
		t.Errorf("got %d bytes, %v", len(b), err)
	}
	short := within(t, 5*time.Millisecond)
	if _, err := c.Read(short); err == nil {
		t.Error("read what was not sent")
	}
	call(s, "say", "still here")
	if b, err := c.Read(ctx); err != nil || string(b) != "still here" {
		t.Errorf("after a read that was given up: %q, %v", b, err)
	}
	for _, code := range []int{1001, 1008, 3999, 5000} {
		if err := c.Close(code, ""); err == nil {
			t.Errorf("code %d was taken", code)
		}
	}
	if err := c.Close(4001, "bye"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(ctx); err == nil {
		t.Error("read from a closed socket")
	}
}

// A connection that breaks during the closing handshake fires error, then close; the
// package waits for close with a lock held that its handler of error wants.
func TestConnectionBreaksWhileItCloses(t *testing.T) {
	ctx := within(t, 30*time.Second)
	c, s := open(t)
	_ = js.Set(s, "broken", true)
	if err := c.Close(1000, ""); err != nil {
		t.Fatal(err)
	}
	js.NewScope().Turn(ctx)
	call(s, "fire", "error")
	call(s, "end", 1006, false)
	if _, err := c.Read(ctx); err == nil {
		t.Error("read from a closed socket")
	}
}

func TestMessageBeyondTheLimitEndsTheConnection(t *testing.T) {
	ctx := within(t, 30*time.Second)
	c, s := open(t)
	call(s, "say", strings.Repeat("x", protocol.ReadLimit+1))
	if _, err := c.Read(ctx); err == nil {
		t.Error("it was read")
	}
	scope := js.NewScope()
	for ctx.Err() == nil && js.IsNullish(js.Property(s, "closed")) {
		scope.Turn(ctx)
	}
	if code, _ := js.Integer(js.Property(s, "closed")); code != 1000 {
		t.Errorf("closed with %d", code)
	}
}
