//go:build js && wasm

// Package socket opens the signalling socket in the browser: a signal.Dialer over
// nhooyr.io/websocket.
package socket

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"nhooyr.io/websocket"

	"nertc/internal/protocol"
	"nertc/internal/signal"
	"nertc/jsbridge/js"
)

const (
	className    = "WebSocket"
	closeNormal  = 1000
	closePrivate = 4000
)

// Dialer opens sockets. The zero value is ready.
type Dialer struct{ mu sync.Mutex }

// Dial is a signal.Dialer. It returns as soon as the browser gives up, at the latest
// when the context ends.
func (d *Dialer) Dial(ctx context.Context, address string) (signal.Conn, error) {
	raw, release, err := d.lend(address)
	if err != nil {
		return nil, fmt.Errorf("open the signalling socket: %w", err)
	}
	defer release()
	// The context is not the package's: where one ends, it closes with code 1008, which
	// browsers refuse, and the socket would stay.
	stop := context.AfterFunc(ctx, func() { _, _ = js.Call(raw, "close") })
	defer stop()
	ws, _, err := websocket.Dial(context.Background(), address, nil)
	switch {
	case err == nil && ctx.Err() == nil:
		return newConn(ws, raw), nil
	case err == nil:
		_, _ = js.Call(raw, "close")
		err = ctx.Err()
	case ctx.Err() != nil:
		err = ctx.Err()
	}
	return nil, fmt.Errorf("open the signalling socket: %w", err)
}

// lend makes the WebSocket and has the package's next look for the class find one that
// gives this WebSocket; no code of the page runs in between.
//
// The package keeps its WebSocket to itself, and its Close cannot be used: it waits for the
// event close with a lock held that its handler of the event error wants, and a connection
// that breaks in the closing handshake fires error first. The handler, called by JavaScript,
// would block the whole page.
func (d *Dialer) lend(address string) (raw js.Value, release func(), err error) {
	d.mu.Lock()
	class := js.Global(className)
	raw, err = js.New(class, address)
	if err != nil {
		d.mu.Unlock()
		return raw, nil, err
	}
	scope := js.NewScope()
	var once sync.Once
	restore := func() {
		once.Do(func() {
			_ = js.Set(js.Global("globalThis"), className, class)
			d.mu.Unlock()
		})
	}
	constructor, _ := scope.Func(func(js.Value, []js.Value) any {
		restore()
		return raw
	})
	release = func() {
		restore()
		scope.Close()
	}
	_ = js.Set(js.Global("globalThis"), className, constructor)
	if !js.Global(className).Equal(constructor) {
		release()
		_, _ = js.Call(raw, "close")
		return raw, nil, errors.New("the page has frozen its WebSocket")
	}
	return raw, release, nil
}

// conn reads ahead of its user. The package's own Read picks at random between a message
// and the end of the connection where both are there, so that the last words of the
// gateway, which say why it closes, could be lost; and a Read whose context ends closes
// with a code that browsers refuse.
type conn struct {
	ws  *websocket.Conn
	raw js.Value // the WebSocket behind it

	mu       sync.Mutex
	messages [][]byte
	err      error
	arrived  chan struct{} // holds one token while there is something to take
}

func newConn(ws *websocket.Conn, raw js.Value) *conn {
	ws.SetReadLimit(protocol.ReadLimit)
	c := &conn{ws: ws, raw: raw, arrived: make(chan struct{}, 1)}
	go c.pump()
	return c
}

func (c *conn) pump() {
	for {
		kind, b, err := c.ws.Read(context.Background())
		c.mu.Lock()
		switch {
		case err != nil && c.err == nil:
			c.err = fmt.Errorf("read from the signalling socket: %w", err)
		case err == nil && kind == websocket.MessageText:
			c.messages = append(c.messages, b)
		}
		c.mu.Unlock()
		c.wake()
		if err != nil {
			// A message beyond the limit leaves the socket open, because the package
			// closes with 1009, which browsers refuse.
			_, _ = js.Call(c.raw, "close", closeNormal, "")
			return
		}
	}
}

func (c *conn) wake() {
	select {
	case c.arrived <- struct{}{}:
	default:
	}
}

// Read waits for the next message.
func (c *conn) Read(ctx context.Context) ([]byte, error) {
	for {
		c.mu.Lock()
		if len(c.messages) > 0 {
			b := c.messages[0]
			c.messages[0] = nil
			c.messages = c.messages[1:]
			c.mu.Unlock()
			return b, nil
		}
		err := c.err
		c.mu.Unlock()
		if err != nil {
			return nil, err
		}
		select {
		case <-c.arrived:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Write sends one message. The browser buffers it; it does not wait.
func (c *conn) Write(ctx context.Context, b []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := c.ws.Write(ctx, websocket.MessageText, b); err != nil {
		return fmt.Errorf("write to the signalling socket: %w", err)
	}
	return nil
}

// Close ends the connection. It does not wait for the gateway's answer: a gateway that is
// gone would hold up its caller for as long as the browser has patience.
func (c *conn) Close(code int, reason string) error {
	if code != closeNormal && (code < closePrivate || code > 4999) {
		return errors.New("close the signalling socket: a code that browsers refuse")
	}
	c.mu.Lock()
	if c.err == nil {
		c.err = errors.New("the signalling socket is closed")
	}
	c.mu.Unlock()
	c.wake()
	if _, err := js.Call(c.raw, "close", code, reason); err != nil {
		return fmt.Errorf("close the signalling socket: %w", err)
	}
	return nil
}
