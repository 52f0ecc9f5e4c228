// Package signaltest has a connection in memory, for tests that script the gateway's end.
package signaltest

import (
	"context"
	"errors"
	"sync"

	"nertc/internal/protocol"
	"nertc/internal/signal"
)

// ErrClosed is what both ends get from a pipe that one of them has closed.
var ErrClosed = errors.New("pipe closed")

// Pipe is one connection: the client's end is a signal.Conn, the other is scripted.
type Pipe struct {
	up, down chan []byte
	once     sync.Once
	closed   chan struct{}
}

// New makes a connection.
func New() *Pipe {
	return &Pipe{up: make(chan []byte, 64), down: make(chan []byte, 64), closed: make(chan struct{})}
}

// Dial is a signal.Dialer that hands out this pipe.
func (p *Pipe) Dial(context.Context, string) (signal.Conn, error) { return p, nil }

// Read is the client's.
func (p *Pipe) Read(ctx context.Context) ([]byte, error) { return receive(ctx, p.down, p.closed) }

// Write is the client's.
func (p *Pipe) Write(ctx context.Context, b []byte) error {
	select {
	case p.up <- b:
		return nil
	case <-p.closed:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close closes both ends.
func (p *Pipe) Close(int, string) error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// Closed is closed with the pipe.
func (p *Pipe) Closed() <-chan struct{} { return p.closed }

// Next waits for the client's next message.
func (p *Pipe) Next(ctx context.Context) (protocol.Message, error) {
	b, err := receive(ctx, p.up, p.closed)
	if err != nil {
		return protocol.Message{}, err
	}
	return protocol.Decode(b)
}

// Say sends a message to the client.
func (p *Pipe) Say(t protocol.Type, id uint64, data any) {
	b, err := protocol.Encode(t, id, data)
	if err != nil {
		panic(err)
	}
	p.SayRaw(b)
}

// SayRaw sends bytes to the client.
func (p *Pipe) SayRaw(b []byte) {
	select {
	case p.down <- b:
	case <-p.closed:
	}
}

func receive(ctx context.Context, from <-chan []byte, closed <-chan struct{}) ([]byte, error) {
	select {
	case b := <-from:
		return b, nil
	default:
	}
	select {
	case b := <-from:
		return b, nil
	case <-closed:
		select {
		case b := <-from: // said before the end
			return b, nil
		default:
			return nil, ErrClosed
		}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
