// Package limit bounds what one address, one app and one connection may ask of a gateway.
package limit

import "nertc/internal/protocol"

// Values are the limits of a gateway. Those of addresses, apps and rooms are off where they are 0.
type Values struct {
	// Connections is how many one address may have open at once.
	Connections int
	// ConnectionRate is how many an address may open a second, after ConnectionBurst at once.
	ConnectionRate, ConnectionBurst int
	// JoinRate is how many joins an app may have a second, after JoinBurst at once.
	JoinRate, JoinBurst int
	// Members is how many a room may have, and Rooms how many rooms an app, on this gateway.
	Members, Rooms int
	// MessageRate is how many messages a second are taken from a connection, after MessageBurst at once.
	MessageRate, MessageBurst int
	// MessageSize is the largest message taken, in bytes, at most protocol.ReadLimit.
	MessageSize int
	// Queue is how many messages wait for a client that reads slowly.
	Queue int
}

// Default are the limits where nothing is configured: out of the way of an office behind
// one address, and of an app whose members all come back at once.
func Default() Values {
	return Values{
		Connections: 200, ConnectionRate: 20, ConnectionBurst: 100,
		JoinRate: 100, JoinBurst: 500,
		Members:     1000,
		MessageRate: 200, MessageBurst: 400, MessageSize: protocol.ReadLimit, Queue: 256,
	}
}

// Complete fills in what a connection cannot do without.
func (v Values) Complete() Values {
	d := Default()
	if v.MessageRate <= 0 || v.MessageBurst <= 0 {
		v.MessageRate, v.MessageBurst = d.MessageRate, d.MessageBurst
	}
	if v.MessageSize <= 0 || v.MessageSize > d.MessageSize {
		v.MessageSize = d.MessageSize
	}
	if v.Queue <= 0 {
		v.Queue = d.Queue
	}
	return v
}
