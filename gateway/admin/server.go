package admin

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Server is the API on an address of its own.
type Server struct{ http *http.Server }

// NewServer makes a server; Serve starts it. With a configuration for TLS it speaks HTTPS.
func NewServer(h *Handler, t *tls.Config) *Server {
	return &Server{&http.Server{
		Handler:           h,
		TLSConfig:         t,
		ReadHeaderTimeout: callTime,
		WriteTimeout:      3 * callTime,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(h.o.Log.Handler(), slog.LevelDebug),
	}}
}

// Serve answers on ln, which it closes, until Shutdown.
func (s *Server) Serve(ln net.Listener) error {
	var err error
	if s.http.TLSConfig != nil {
		err = s.http.ServeTLS(ln, "", "")
	} else {
		err = s.http.Serve(ln)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Shutdown lets the requests under way end, and cuts off what is left at the end of ctx.
func (s *Server) Shutdown(ctx context.Context) {
	if s.http.Shutdown(ctx) != nil {
		_ = s.http.Close()
	}
}
