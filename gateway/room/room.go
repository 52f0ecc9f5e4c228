// Package room is the gateway's end of the protocol: it takes the signalling
// WebSockets of clients and joins each to the media engine.
package room

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"

	"nertc/gateway/engine"
)

// Options of a Handler.
type Options struct {
	// Engine carries the media.
	Engine *engine.Engine
	// CheckApp says whether an appkey may join; nil takes every one.
	CheckApp func(appkey string) bool
	// AllowOrigin says whether a page of the request's Origin may connect; nil allows the gateway's own origin only.
	AllowOrigin func(r *http.Request) bool
	// Log gets a line for each join and end; nil is slog.Default().
	Log *slog.Logger
	// Registry gets the metrics; nil keeps them unregistered.
	Registry prometheus.Registerer
}

// Handler takes the WebSockets at protocol.Path.
type Handler struct{}

// NewHandler makes a handler.
func NewHandler(o Options) *Handler { return &Handler{} }

// ServeHTTP takes one client for as long as it stays.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {}

// Close ends every session with the reason shutdown and takes no new ones; it
// returns when all have ended or ctx ends.
func (h *Handler) Close(ctx context.Context) error { return nil }
