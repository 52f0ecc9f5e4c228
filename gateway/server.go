// Package gateway is the HTTP face of the server: it puts the signalling WebSocket,
// the site, health and metrics on one address and takes them down in order.
package gateway

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"nertc/internal/protocol"
)

// Engine is what the server asks the media engine.
type Engine interface {
	// Ready says whether calls are possible now.
	Ready() bool
}

// Sessions takes the signalling WebSockets.
type Sessions interface {
	http.Handler
	// Close ends every session and returns when all have ended or ctx ends.
	Close(ctx context.Context) error
}

// Options of a Server; all but Logs, Admin and TLS are needed.
type Options struct {
	Engine   Engine
	Sessions Sessions
	// Logs takes the logs of calls, at its path.
	Logs http.Handler
	// Site answers every path that is nothing else's.
	Site http.Handler
	// Admin takes everything below /admin/; nil leaves that to the site, which has nothing there.
	Admin http.Handler
	// Registry is what /metrics shows.
	Registry *prometheus.Registry
	// TLS makes the server speak HTTPS; nil is plain HTTP.
	TLS *tls.Config
	// AnswerTime bounds how long a client takes to read an answer; sessions, and answers with bounds of their own, have
	// others. 0 is 10 minutes, in which a line of 20 kbit/s carries the compressed core.
	AnswerTime time.Duration
	Log        *slog.Logger
}

// Server is the gateway's HTTP server.
type Server struct {
	o    Options
	http *http.Server
}

// NewServer makes a server; Serve starts it.
func NewServer(o Options) *Server {
	s := &Server{o: o}
	s.http = &http.Server{
		Handler:           s.handler(),
		TLSConfig:         o.TLS,
		ReadHeaderTimeout: 10 * time.Second,
		WriteTimeout:      cmp.Or(o.AnswerTime, 10*time.Minute),
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		// What net/http reports are strangers' broken handshakes: of use only when looking for something.
		ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
	}
	return s
}

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", s.health)
	mux.HandleFunc("/readyz", s.ready)
	mux.Handle("/metrics", promhttp.HandlerFor(s.o.Registry, promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(s.o.Log.Handler(), slog.LevelWarn),
	}))
	mux.Handle(protocol.Path, s.o.Sessions)
	if s.o.Logs != nil {
		mux.Handle(protocol.Path+protocol.LogPath, s.o.Logs)
	}
	mux.Handle("/", s.o.Site)
	if s.o.Admin == nil {
		return mux
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Before the mux, which redirects what is not in its eyes a clean path.
		if strings.HasPrefix(r.URL.Path, "/admin/") {
			s.o.Admin.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// health answers as soon as the process serves.
func (s *Server) health(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{"status": "ok"})
}

// ready answers 200 while calls are possible, otherwise 503 with the reason.
func (s *Server) ready(w http.ResponseWriter, _ *http.Request) {
	if !s.o.Engine.Ready() {
		answer(w, http.StatusServiceUnavailable, map[string]any{"ready": false, "reason": "the media engine is not ready"})
		return
	}
	answer(w, http.StatusOK, map[string]any{"ready": true})
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// An error here is a connection that is gone.
	_ = json.NewEncoder(w).Encode(v)
}

// Serve answers on ln, which it closes, until Shutdown.
func (s *Server) Serve(ln net.Listener) error {
	var err error
	if s.o.TLS != nil {
		err = s.http.ServeTLS(ln, "", "")
	} else {
		err = s.http.Serve(ln)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// requestsEnd is how long requests get to end once the sessions have: enough for a
// file, while a browser's spare connections, which net/http waits for, hold nothing up.
const requestsEnd = 500 * time.Millisecond

// Shutdown ends the sessions, so that their clients are told, then stops listening and
// ends the requests under way; what is left at the end of ctx is cut off.
func (s *Server) Shutdown(ctx context.Context) error {
	err := s.o.Sessions.Close(ctx)
	ctx, cancel := context.WithTimeout(ctx, requestsEnd)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		_ = s.http.Close()
	}
	return err
}
