package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"

	"nertc/gateway/admin"
	"nertc/gateway/config"
	"nertc/gateway/room"
)

// operatorAPI is the operator's API, as far as it is configured.
type operatorAPI struct {
	here http.Handler // for the gateway's own address; nil when it is not there
	addr string       // of its own, empty when it has none
	stop func()
}

// startAdmin starts the operator's API. An end of its server by itself goes to failed.
func startAdmin(cfg *config.Config, rooms *room.Handler, registry prometheus.Registerer, t *tls.Config, log *slog.Logger, failed chan<- error) (operatorAPI, error) {
	o := operatorAPI{stop: func() {}}
	if cfg.Admin.Secret == "" {
		return o, nil
	}
	h := admin.NewHandler(admin.Options{Rooms: rooms, Secret: cfg.Admin.Secret, Recordings: cfg.Live.Recordings, Log: log, Registry: registry})
	if cfg.Admin.Listen == "" {
		o.here = h
		return o, nil
	}
	ln, err := net.Listen("tcp", cfg.Admin.Listen)
	if err != nil {
		return o, fmt.Errorf("listen on %s for the operator's API: %w", cfg.Admin.Listen, err)
	}
	o.addr = ln.Addr().String()
	srv := admin.NewServer(h, t)
	go func() {
		if err := srv.Serve(ln); err != nil {
			failed <- fmt.Errorf("operator's API on %s: %w", o.addr, err)
		}
	}()
	o.stop = func() {
		ctx, cancel := context.WithTimeout(context.Background(), operatorEnd)
		defer cancel()
		srv.Shutdown(ctx)
	}
	log.Info("operator's API", "listen", o.addr)
	return o, nil
}
