// Package engine runs or reaches the media engine, LiveKit, and is the only place
// that knows it: everybody else sees an Engine and its Sessions.
package engine

import (
	"context"
	"log/slog"
)

// Config of an embedded engine. A port of 0 is picked free when the engine starts.
type Config struct {
	// Port of the engine's own HTTP server, always on 127.0.0.1: only the gateway talks to it.
	Port int
	// UDPPort and TCPPort carry media. In Loopback mode a TCPPort of 0 means no TCP at all.
	UDPPort, TCPPort int
	// NodeIP is the address that clients are told to send media to.
	NodeIP string
	// LogLevel of the engine: debug, info, warn or error; empty is warn.
	LogLevel string
	// Key and Secret sign the gateway's tokens for the engine. Empty: made at random.
	Key, Secret string
	// Loopback offers media on 127.0.0.1 alone.
	Loopback bool
	// Log gets the supervisor's and the sessions' lines; nil is slog.Default().
	Log *slog.Logger
}

// Info is what is known of an engine.
type Info struct {
	// Port, UDPPort and TCPPort of an embedded engine, with what was picked for 0; TCPPort is 0 where TCP is off.
	Port, UDPPort, TCPPort int
	// PID of the embedded engine's process, 0 while none runs or for an external engine.
	PID int
	// Restarts counts how often the process was started again.
	Restarts int
	// URL of the engine, ws:// or wss://.
	URL string
}

// Engine is an embedded engine under supervision or an external one. Its methods may be called at any time.
type Engine struct{}

// StartEmbedded starts `self engine` as a supervised child and returns at once; see
// WaitReady. The child is started again when it dies, at first immediately, then
// after a growing delay, until Stop is called or ctx ends.
func StartEmbedded(ctx context.Context, c Config, self string) (*Engine, error) {
	return &Engine{}, nil
}

// External is an engine that somebody else runs, at a ws, wss, http or https URL.
func External(url, key, secret string, log *slog.Logger) (*Engine, error) {
	return &Engine{}, nil
}

// Ready says whether the engine took a request lately and runs.
func (e *Engine) Ready() bool { return false }

// Info says what is known of the engine.
func (e *Engine) Info() Info { return Info{} }

// WaitReady returns when the engine is ready, stopped, or ctx ends.
func (e *Engine) WaitReady(ctx context.Context) error { return nil }

// Stop ends an embedded engine: gently at first, when ctx ends with force.
func (e *Engine) Stop(ctx context.Context) error { return nil }
