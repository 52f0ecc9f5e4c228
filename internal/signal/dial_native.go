//go:build !js

package signal

import (
	"context"
	"fmt"

	"nhooyr.io/websocket"

	"nertc/internal/protocol"
)

// Dial opens a WebSocket without a browser: for bots and tests.
func Dial(ctx context.Context, address string) (Conn, error) {
	c, _, err := websocket.Dial(ctx, address, nil)
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	c.SetReadLimit(protocol.ReadLimit)
	return native{c}, nil
}

type native struct{ c *websocket.Conn }

func (n native) Read(ctx context.Context) ([]byte, error) {
	_, b, err := n.c.Read(ctx)
	return b, err
}

func (n native) Write(ctx context.Context, b []byte) error {
	return n.c.Write(ctx, websocket.MessageText, b)
}

func (n native) Close(code int, reason string) error {
	return n.c.Close(websocket.StatusCode(code), reason)
}
