package main

import (
	"io"
	"log/slog"
	"net"

	"nertc/gateway/config"
)

// newLog is the gateway's log, of the configured level and form. In JSON durations are in
// seconds, as metrics have them.
func newLog(w io.Writer, cfg *config.Config) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(cfg.LogLevel)) // config has checked it
	if cfg.LogFormat != config.LogJSON {
		return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
	}
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Value.Kind() == slog.KindDuration {
			a.Value = slog.Float64Value(a.Value.Duration().Seconds())
		}
		return a
	}}))
}

// sayWhere tells where the gateway is and what to be careful about: a person on the console,
// or whatever reads the log, where every line is to be an object.
func sayWhere(w io.Writer, cfg *config.Config, addr *net.TCPAddr, log *slog.Logger) {
	if cfg.LogFormat != config.LogJSON {
		announce(w, cfg, addr)
		return
	}
	log.Info("listening", "listen", addr.String(), "url", pageURL(cfg, addr))
	if cfg.Debug() {
		log.Warn("debug mode: no app is configured, so any appkey is accepted and no token is asked for", "open", !cfg.Loopback())
	}
}
