// Package engine runs or reaches the media engine, LiveKit, and is the only place
// that knows it: everybody else sees an Engine and its Sessions.
//
// An Engine is either embedded, a supervised child process (its body is in
// gateway/engine/embedded), or external, somebody else's LiveKit deployment.
package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

var (
	// ErrNotReady says that the engine does not run or does not answer.
	ErrNotReady = errors.New("media engine is not available")
	// ErrStopped says that the engine was stopped for good.
	ErrStopped = errors.New("media engine is stopped")
)

// Config of an embedded engine. A port of 0 is picked free when the engine starts.
type Config struct {
	// Port of the engine's own HTTP server, always on 127.0.0.1: only the gateway talks to it.
	Port int
	// UDPPort and TCPPort carry media. In Loopback mode a TCPPort of 0 means no TCP at all,
	// because the engine's TCP port listens on every address of the machine.
	UDPPort, TCPPort int
	// NodeIP is the address that clients are told to send media to. Empty: 127.0.0.1 in
	// Loopback mode, otherwise the address of the machine's default route.
	NodeIP string
	// LogLevel of the engine: debug, info, warn or error; empty is warn.
	LogLevel string
	// Key and Secret sign the gateway's tokens for the engine. Empty: made at random.
	Key, Secret string
	// Loopback offers media on 127.0.0.1 alone.
	Loopback bool
	// TURN is the relay; the zero value is none.
	TURN TURN
	// Log gets the supervisor's and the engine's lines; nil is slog.Default().
	Log *slog.Logger
}

// Info is what is known of an engine.
type Info struct {
	// Port, UDPPort and TCPPort of an embedded engine, with what was picked for 0; TCPPort is 0 where TCP is off.
	Port, UDPPort, TCPPort int
	// TURNUDPPort and TURNTLSPort are the relay's, 0 where it is not reached that way.
	TURNUDPPort, TURNTLSPort int
	// PID of the embedded engine's process, 0 while none runs or for an external engine.
	PID int
	// Restarts counts how often the process was started again.
	Restarts int
	// URL of the engine, ws:// or wss://.
	URL string
}

// Engine is an embedded engine under supervision or an external one. Its methods
// may be called at any time, from any goroutine.
type Engine struct {
	log         *slog.Logger
	key, secret string
	http        *http.Client
	embedded    bool
	relay       relay // of an embedded engine

	cancel context.CancelFunc
	kill   func()        // ends an embedded engine's process by force
	done   chan struct{} // closed when supervision has ended

	stays stays
	meter meter

	mu      sync.Mutex
	ready   bool
	stopped bool
	info    Info
	changed chan struct{} // closed and replaced at every change of ready or stopped
}

// externalProbe is how often an external engine is asked whether it is there.
const externalProbe = 3 * time.Second

// External is an engine that somebody else runs, at a ws, wss, http or https URL.
// It returns at once and asks the engine every few seconds whether it is there.
func External(address, key, secret string, log *slog.Logger) (*Engine, error) {
	u, err := url.Parse(strings.TrimSuffix(address, "/"))
	if err != nil {
		return nil, errors.New("engine address is not a URL")
	}
	switch u.Scheme {
	case "http":
		u.Scheme = "ws"
	case "https":
		u.Scheme = "wss"
	case "ws", "wss":
	default:
		return nil, fmt.Errorf("engine address has the scheme %q, want ws, wss, http or https", u.Scheme)
	}
	if u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("engine address must be a scheme, a host and perhaps a path")
	}
	if key == "" || secret == "" {
		return nil, errors.New("an external engine needs its key and secret")
	}
	ctx, cancel := context.WithCancel(context.Background())
	e := newEngine(log, key, secret, cancel)
	e.http = &http.Client{Transport: newTransport(http.ProxyFromEnvironment)}
	e.info.URL = u.String()
	go e.watchExternal(ctx)
	return e, nil
}

func newEngine(log *slog.Logger, key, secret string, cancel context.CancelFunc) *Engine {
	if log == nil {
		log = slog.Default()
	}
	return &Engine{
		log: log, key: key, secret: secret, cancel: cancel,
		kill: func() {}, done: make(chan struct{}), changed: make(chan struct{}),
	}
}

func newTransport(proxy func(*http.Request) (*url.URL, error)) *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy = proxy
	// A WebSocket handshake needs HTTP/1.1.
	t.ForceAttemptHTTP2 = false
	return t
}

func (e *Engine) watchExternal(ctx context.Context) {
	defer close(e.done)
	defer e.setStopped()
	t := time.NewTicker(externalProbe)
	defer t.Stop()
	for {
		pctx, cancel := context.WithTimeout(ctx, externalProbe)
		err := e.probe(pctx)
		cancel()
		if ctx.Err() != nil {
			return
		}
		if was := e.setReady(err == nil); was != (err == nil) {
			e.log.Info("external media engine", "url", e.Info().URL, "ready", err == nil)
		} else if err != nil {
			e.log.Debug("external media engine does not answer", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// Ready says whether the engine runs and has answered.
func (e *Engine) Ready() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.ready
}

// Info says what is known of the engine.
func (e *Engine) Info() Info {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.info
}

// WaitReady returns nil when the engine is ready, ErrStopped when it was stopped,
// and ctx's error when ctx ends first.
func (e *Engine) WaitReady(ctx context.Context) error {
	for {
		e.mu.Lock()
		ready, stopped, changed := e.ready, e.stopped, e.changed
		e.mu.Unlock()
		switch {
		case stopped:
			return ErrStopped
		case ready:
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

// Stop ends an embedded engine, gently at first and by force when it does not go
// or ctx ends; it returns when the process is gone. An external one is only forgotten.
func (e *Engine) Stop(ctx context.Context) error {
	e.setStopped()
	e.cancel()
	select {
	case <-e.done:
		return nil
	case <-ctx.Done():
		e.kill()
		<-e.done
		return ctx.Err()
	}
}

// setReady notes the new state and returns the former.
func (e *Engine) setReady(ready bool) (was bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	was = e.ready
	e.ready = ready && !e.stopped
	if was != e.ready {
		e.announce()
	}
	return was
}

func (e *Engine) setStopped() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.stopped {
		e.stopped, e.ready = true, false
		e.announce()
	}
}

func (e *Engine) announce() {
	close(e.changed)
	e.changed = make(chan struct{})
}
