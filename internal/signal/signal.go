// Package signal is the client's end of the signalling socket: requests and their
// answers, pushed messages in order, ping and pong.
package signal

import "context"

// Conn is an open socket of text messages.
type Conn interface {
	// Read waits for the next message, up to protocol.ReadLimit bytes.
	Read(ctx context.Context) ([]byte, error)
	// Write sends one message.
	Write(ctx context.Context, b []byte) error
	// Close ends the connection with a code that browsers allow: 1000 or 4000 to 4999.
	Close(code int, reason string) error
}

// Dialer opens a socket to an address, ws: or wss:.
type Dialer func(ctx context.Context, address string) (Conn, error)
