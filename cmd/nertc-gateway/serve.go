package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"nertc/gateway"
	"nertc/gateway/app"
	"nertc/gateway/config"
	"nertc/gateway/engine"
	"nertc/gateway/logs"
	"nertc/gateway/room"
	"nertc/gateway/site"
	"nertc/web"
)

// A stop takes at most the sum of these, which is below five seconds.
const (
	sessionsEnd = 1500 * time.Millisecond
	operatorEnd = 300 * time.Millisecond
	engineEnd   = 2500 * time.Millisecond
)

// slowStart is after how long a missing engine is worth a word.
const slowStart = 10 * time.Second

// gcPercent is that of the engine, for the same reason: signalling makes little garbage, so
// collecting it early costs next to nothing. GOGC in the environment wins.
const gcPercent = 25

func serveCommand(args, environ []string, stdout, stderr io.Writer) int {
	cfg, code, ok := configure("serve", "", args, environ, stderr)
	if !ok {
		return code
	}
	log := newLog(stderr, cfg)
	for _, w := range cfg.Warnings {
		log.Warn(w)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, stop, cfg, log, stdout, stderr); err != nil {
		log.Error("the gateway ends", "err", err)
		return exitError
	}
	return exitOK
}

// serve runs a gateway until ctx ends. It then calls signalled, so that a second
// signal ends the process at once.
func serve(ctx context.Context, signalled func(), cfg *config.Config, log *slog.Logger, stdout, stderr io.Writer) error {
	tlsConfig, err := tlsConfig(cfg)
	if err != nil {
		return err
	}
	files, err := site.New(site.SDK(), web.Files)
	if err != nil {
		return err
	}
	if !files.Built() {
		log.Warn("this gateway was compiled without the SDK's files: run `make build`")
	}
	// First the address, so that /healthz answers while the engine is on its way.
	ln, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", cfg.Listen, err)
	}
	defer ln.Close()
	addr := ln.Addr().(*net.TCPAddr)
	if cfg.Loopback() && !addr.IP.IsLoopback() {
		return fmt.Errorf("%s is %s on this machine, which is not loopback", cfg.Listen, addr.IP)
	}

	eng, err := startEngine(cfg, log)
	if err != nil {
		return err
	}
	defer func() {
		end, cancel := context.WithTimeout(context.Background(), engineEnd)
		defer cancel()
		if err := eng.Stop(end); err != nil {
			log.Warn("the media engine was ended by force", "err", err)
		}
	}()
	registry := gateway.NewRegistry(eng, func() int { return eng.Info().Restarts })
	if cfg.Engine.External.URL == "" {
		gateway.RegisterMedia(registry, func() uint64 { return eng.MediaBytes().In }, func() uint64 { return eng.MediaBytes().Out })
	}
	callLogs, err := logs.New(logs.Options{
		Directory: cfg.Logs.Directory, Size: cfg.Logs.Size, Quota: cfg.Logs.Quota, Rate: cfg.Logs.Rate, Retention: cfg.Logs.Retention,
		AllowOrigin: cfg.AllowOrigin, Proxies: cfg.TrustedProxies, Log: log, Registry: registry,
	})
	if err != nil {
		return fmt.Errorf("logs.directory: %w", err)
	}
	defer callLogs.Close()
	tasks, err := liveTasks(cfg.Live, eng, cfg.EngineLoopback(), log, registry)
	if err != nil {
		return err
	}
	rooms := room.NewHandler(room.Options{
		Live:   tasks,
		Engine: eng, Apps: app.New(cfg.Apps), AllowOrigin: cfg.AllowOrigin, Log: log, Registry: registry,
		Limits: cfg.Limits, Proxies: cfg.TrustedProxies, LogTicket: callLogs.Ticket,
	})
	failed := make(chan error, 2)
	operator, err := startAdmin(cfg, rooms, registry, tlsConfig, log, failed)
	if err != nil {
		return err
	}
	defer operator.stop()
	srv := gateway.NewServer(gateway.Options{
		Engine: eng, Sessions: rooms, Logs: callLogs, Admin: operator.here,
		Site: files, Registry: registry, TLS: tlsConfig, Log: log,
	})
	go func() { failed <- srv.Serve(ln) }()
	sayWhere(stderr, cfg, addr, log)
	go sayReady(ctx, eng, cfg, addr, operator.addr, log, stdout)

	select {
	case err := <-failed:
		return fmt.Errorf("serve on %s: %w", addr, err)
	case <-ctx.Done():
	}
	signalled()
	log.Info("stopping")
	end, cancel := context.WithTimeout(context.Background(), sessionsEnd)
	defer cancel()
	if err := srv.Shutdown(end); err != nil {
		log.Warn("some connections were cut off", "err", err)
	}
	return nil
}

// startEngine starts the embedded engine or takes the external one. It is not tied to
// the signal: the engine goes last, after the sessions that stand on it.
func startEngine(cfg *config.Config, log *slog.Logger) (*engine.Engine, error) {
	e := cfg.Engine
	if e.External.URL != "" {
		return engine.External(e.External.URL, e.External.Key, e.External.Secret, log)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find the own program: %w", err)
	}
	eng, err := engine.StartEmbedded(context.Background(), engine.Config{
		Port: e.Port, UDPPort: e.UDPPort, TCPPort: e.TCPPort, NodeIP: e.NodeIP, LogLevel: e.LogLevel,
		Key: e.Key, Secret: e.Secret, Loopback: cfg.EngineLoopback(), TURN: turn(cfg.TURN), Log: log,
	}, self)
	if err != nil {
		return nil, fmt.Errorf("start the media engine: %w", err)
	}
	return eng, nil
}

// turn is the relay as the engine is to have it.
func turn(t config.TURN) engine.TURN {
	if !t.Enabled {
		return engine.TURN{}
	}
	return engine.TURN{
		UDP: t.UDP, UDPPort: t.UDPPort, Domain: t.Domain, TLSPort: t.TLSPort, Cert: t.Cert, Key: t.Key,
		ExternalTLS: t.ExternalTLS, PublicPort: t.PublicPort, FirstPort: t.FirstPort, LastPort: t.LastPort,
	}
}

func tlsConfig(cfg *config.Config) (*tls.Config, error) {
	var cert tls.Certificate
	var err error
	switch {
	case cfg.TLS.Cert != "":
		if cert, err = tls.LoadX509KeyPair(cfg.TLS.Cert, cfg.TLS.Key); err != nil {
			return nil, fmt.Errorf("tls.cert and tls.key: %w", err)
		}
	case cfg.TLS.SelfSigned:
		hosts := []string{"localhost", "127.0.0.1", "::1"}
		if name, err := os.Hostname(); err == nil {
			hosts = append(hosts, name)
		}
		hosts = append(hosts, gateway.Addresses()...)
		if host, _, err := net.SplitHostPort(cfg.Listen); err == nil {
			hosts = append(hosts, host)
		}
		hosts = append(hosts, cfg.Engine.NodeIP)
		if cert, err = gateway.SelfSigned(hosts, time.Now()); err != nil {
			return nil, fmt.Errorf("make a self-signed certificate: %w", err)
		}
	default:
		return nil, nil
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}, nil
}

// readyLine is the one line on stdout, for programs that start a gateway.
type readyLine struct {
	Event         string `json:"event"`
	Listen        string `json:"listen"`
	URL           string `json:"url"`
	TLS           bool   `json:"tls"`
	EnginePort    int    `json:"enginePort"`
	EngineUDPPort int    `json:"engineUDPPort"`
	EngineTCPPort int    `json:"engineTCPPort"`
	// TURNUDPPort and TURNTLSPort are the relay's, where it is reached that way.
	TURNUDPPort int `json:"turnUDPPort,omitempty"`
	TURNTLSPort int `json:"turnTLSPort,omitempty"`
	PID         int `json:"pid"`
	EnginePID   int `json:"enginePid"`
	// Admin is the address of the operator's API where it has one of its own.
	Admin string `json:"admin,omitempty"`
}

func sayReady(ctx context.Context, eng *engine.Engine, cfg *config.Config, addr *net.TCPAddr, admin string, log *slog.Logger, stdout io.Writer) {
	slow := time.AfterFunc(slowStart, func() {
		log.Warn("the media engine is not ready yet; /readyz answers 503 until it is", "after", slowStart)
	})
	err := eng.WaitReady(ctx)
	slow.Stop()
	if err != nil {
		return // the gateway stops
	}
	i := eng.Info()
	// One write, so that a reader never sees half a line.
	line, err := json.Marshal(readyLine{
		Event: "ready", Listen: addr.String(), URL: pageURL(cfg, addr), TLS: cfg.TLS != config.TLS{},
		EnginePort: i.Port, EngineUDPPort: i.UDPPort, EngineTCPPort: i.TCPPort,
		TURNUDPPort: i.TURNUDPPort, TURNTLSPort: i.TURNTLSPort, PID: os.Getpid(), EnginePID: i.PID,
		Admin: admin,
	})
	if err == nil {
		_, err = stdout.Write(append(line, '\n'))
	}
	if err != nil {
		log.Warn("cannot say on stdout that the gateway is ready", "err", err)
	}
}
