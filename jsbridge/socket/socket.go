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
)

const (
	closeNormal  = 1000
	closePrivate = 4000
)

// Dial is a signal.Dialer. It returns as soon as the browser gives up, at the latest
// when the context ends.
func Dial(ctx context.Context, address string) (signal.Conn, error) {
	type outcome struct {
		ws  *websocket.Conn
		err error
	}
	dialled := make(chan outcome, 1)
	// The dial has no context of its own: where one ends, the package closes with code
	// 1008, which browsers refuse, and the socket would stay.
	go func() {
		ws, _, err := websocket.Dial(context.Background(), address, nil)
		dialled <- outcome{ws, err}
	}()
	select {
	case o := <-dialled:
		if o.err != nil {
			return nil, fmt.Errorf("open the signalling socket: %w", o.err)
		}
		return newConn(o.ws), nil
	case <-ctx.Done():
		go func() {
			if o := <-dialled; o.err == nil {
				_ = o.ws.Close(closeNormal, "")
			}
		}()
		return nil, fmt.Errorf("open the signalling socket: %w", ctx.Err())
	}
}

// conn reads ahead of its user. The package's own Read picks at random between a message
// and the end of the connection where both are there, so that the last words of the
// gateway, which say why it closes, could be lost; and a Read whose context ends closes
// with a code that browsers refuse.
type conn struct {
	ws *websocket.Conn

	mu       sync.Mutex
	messages [][]byte
	err      error
	arrived  chan struct{} // holds one token while there is something to take
}

func newConn(ws *websocket.Conn) *conn {
	ws.SetReadLimit(protocol.ReadLimit)
	c := &conn{ws: ws, arrived: make(chan struct{}, 1)}
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
			_ = c.ws.Close(closeNormal, "")
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
	go func() { _ = c.ws.Close(websocket.StatusCode(code), reason) }()
	return nil
}
