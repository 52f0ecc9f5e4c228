package engine

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"time"
)

// ChildConfig is what the parent writes to the child's stdin, as one JSON object.
// It travels there and not in arguments or the environment because it has the secret.
type ChildConfig struct {
	Port     int    `json:"port"`
	UDPPort  int    `json:"udpPort"`
	TCPPort  int    `json:"tcpPort"`
	NodeIP   string `json:"nodeIP"`
	LogLevel string `json:"logLevel"`
	Key      string `json:"key"`
	Secret   string `json:"secret"`
	Loopback bool   `json:"loopback"`
	TURN     TURN   `json:"turn"`
}

const (
	firstDelay = 100 * time.Millisecond // before the second start in a row
	maxDelay   = 5 * time.Second
	settled    = 10 * time.Second // a child that lived as long counts as a good one
	grace      = 3 * time.Second  // for a child whose stdin was closed
	probeEvery = 2 * time.Millisecond
	probeFor   = 20 * time.Second // a child that does not answer for so long at its start is killed
	maxLogLine = 64 << 10
)

// supervisor starts the child of one embedded Engine again and again.
type supervisor struct {
	e    *Engine
	c    Config
	self string
	proc atomic.Pointer[os.Process]
}

// StartEmbedded starts `self engine` as a supervised child and returns at once; see
// WaitReady. The child is started again when it dies, at first immediately, then
// after a growing delay, until Stop is called or ctx ends. It fails when a port of
// the configuration is out of range or taken, or self is no file.
func StartEmbedded(ctx context.Context, c Config, self string) (*Engine, error) {
	if fi, err := os.Stat(self); err != nil || fi.IsDir() {
		return nil, fmt.Errorf("engine program %s is not there", filepath.Base(self))
	}
	if c.NodeIP == "" {
		c.NodeIP = nodeIP(c.Loopback)
	}
	if c.LogLevel == "" {
		c.LogLevel = "warn"
	}
	if c.Key == "" || c.Secret == "" {
		c.Key, c.Secret = "gateway", rand.Text()+rand.Text()
	}
	p, err := pickPorts(c)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	e := newEngine(c.Log, c.Key, c.Secret, cancel)
	e.embedded = true
	e.relay = relay{TURN: c.TURN, host: c.NodeIP}
	e.http = &http.Client{Transport: newTransport(nil)}
	e.setPorts(p)
	s := &supervisor{e: e, c: c, self: self}
	e.kill = s.kill
	go s.run(ctx, p)
	return e, nil
}

func (e *Engine) setPorts(p ports) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.info.Port, e.info.UDPPort, e.info.TCPPort = p.http, p.udp, p.tcp
	e.info.TURNUDPPort, e.info.TURNTLSPort = p.turnUDP, p.turnTLS
	e.info.URL = fmt.Sprintf("ws://127.0.0.1:%d", p.http)
}

func (e *Engine) setPID(pid int, restart bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.info.PID = pid
	if restart {
		e.info.Restarts++
	}
}

func (s *supervisor) kill() {
	if p := s.proc.Load(); p != nil {
		_ = p.Kill() // it may have gone by itself
	}
}

func (s *supervisor) run(ctx context.Context, p ports) {
	defer close(s.e.done)
	defer s.e.setStopped()
	deaths := 0
	for first := true; ; first = false {
		started := time.Now()
		wasReady, err := s.once(ctx, p, !first)
		if ctx.Err() != nil {
			return
		}
		if wasReady && time.Since(started) > settled {
			deaths = 0
		}
		deaths++
		delay := restartDelay(deaths)
		s.e.log.Error("media engine died", "err", err, "ready_before", wasReady, "restart_in", delay)
		if !wasReady {
			// Most likely somebody took a port between our look and the child's: look again.
			if n, perr := pickPorts(s.c); perr == nil {
				p = n
				s.e.setPorts(p)
			} else {
				s.e.log.Error("media engine has no ports", "err", perr)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(delay):
		}
	}
}

// restartDelay is the wait before the next start, after so many deaths in a row.
func restartDelay(deaths int) time.Duration {
	if deaths <= 1 {
		return 0
	}
	return min(firstDelay<<min(deaths-2, 10), maxDelay)
}

// once runs one child to its end.
func (s *supervisor) once(ctx context.Context, p ports, restart bool) (wasReady bool, err error) {
	config, err := json.Marshal(ChildConfig{
		Port: p.http, UDPPort: p.udp, TCPPort: p.tcp, NodeIP: s.c.NodeIP,
		LogLevel: s.c.LogLevel, Key: s.e.key, Secret: s.e.secret, Loopback: s.c.Loopback,
		TURN: s.c.TURN.at(p),
	})
	if err != nil {
		return false, err
	}
	cmd := exec.Command(s.self, "engine")
	// The stdin stays open as long as this process lives: its end is the child's sign to go.
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return false, err
	}
	output, err := cmd.StderrPipe()
	if err != nil {
		return false, err
	}
	figures, err := cmd.StdoutPipe()
	if err != nil {
		return false, err
	}
	if err := cmd.Start(); err != nil {
		return false, fmt.Errorf("start engine: %w", err)
	}
	s.proc.Store(cmd.Process)
	s.e.setPID(cmd.Process.Pid, restart)

	exited := make(chan error, 1)
	metered := make(chan struct{})
	go func() {
		defer close(metered)
		s.e.meter.read(figures)
	}()
	go func() {
		s.e.copyLog(output)
		<-metered
		exited <- cmd.Wait()
	}()
	_, _ = stdin.Write(append(config, '\n')) // a child that is dead already shows in exited

	readyCtx, stopProbe := context.WithTimeout(ctx, probeFor)
	ready := make(chan error, 1)
	go func() { ready <- s.awaitReady(readyCtx) }()
	started := time.Now()
	defer func() {
		stopProbe()
		s.e.setReady(false)
		s.e.setPID(0, false)
		s.proc.Store(nil)
	}()
	for {
		select {
		case err := <-exited:
			return wasReady, err
		case err := <-ready:
			ready = nil
			if err == nil {
				wasReady = true
				s.e.setReady(true)
				s.e.log.Info("media engine is ready", "pid", cmd.Process.Pid, "port", p.http,
					"udp", p.udp, "tcp", p.tcp, "took", time.Since(started).Round(time.Millisecond))
			} else if ctx.Err() == nil {
				s.e.log.Error("media engine does not answer, ending it", "pid", cmd.Process.Pid)
				s.kill()
			}
		case <-ctx.Done():
			s.e.setReady(false)
			_ = stdin.Close()
			select {
			case err := <-exited:
				return wasReady, err
			case <-time.After(grace):
				s.kill()
				return wasReady, <-exited
			}
		}
	}
}

// awaitReady asks the child until it answers.
func (s *supervisor) awaitReady(ctx context.Context) error {
	t := time.NewTicker(probeEvery)
	defer t.Stop()
	for {
		if err := s.e.probe(ctx); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		}
	}
}
