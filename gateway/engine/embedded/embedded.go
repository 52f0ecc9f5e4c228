// Package embedded is the body of the engine's child process: LiveKit in one node.
// Only cmd/nertc-gateway imports it, so that the tests of everything else need not link LiveKit's server.
package embedded

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/livekit/livekit-server/pkg/config"
	"github.com/livekit/livekit-server/pkg/routing"
	"github.com/livekit/livekit-server/pkg/service"
	"github.com/livekit/livekit-server/pkg/telemetry/prometheus"

	"nertc/gateway/engine"
)

// stopTime is how long LiveKit gets to end; the process then goes anyway.
const stopTime = 2 * time.Second

// gcPercent is lower than Go's 100: with ten people in a room, and calls before them, the engine
// holds tens of MiB less, and calls are no slower for it (make bench prints both). GOGC in the
// environment wins.
const gcPercent = 25

// RunChild is what `nertc-gateway engine` does: it reads a JSON configuration from stdin,
// runs LiveKit, and returns when stdin ends, so it stops with its parent even if that was killed.
// It changes how the whole process treats signals and logs, so a process that runs it does nothing else.
// To stdout it writes an engine.Bytes every few seconds.
func RunChild(stdin io.Reader, stdout io.Writer) error {
	// A terminal's interrupt reaches the whole process group. The parent takes it, says
	// goodbye to the clients, and then closes stdin: going before that would cut it short.
	signal.Ignore(os.Interrupt, syscall.SIGTERM)
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}

	in := bufio.NewReader(stdin)
	line, err := in.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	var c engine.ChildConfig
	if err := json.Unmarshal(line, &c); err != nil {
		return errors.New("configuration is not what the gateway writes") // the cause could quote the secret
	}
	srv, err := newServer(c)
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- srv.Start() }()
	metering := time.NewTicker(meterEvery)
	defer metering.Stop()
	go meter(stdout, metering.C)
	parent := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, in) // until the parent closes it or dies
		close(parent)
	}()
	select {
	case err := <-ended:
		if err == nil {
			err = errors.New("engine ended by itself")
		}
		return err
	case <-parent:
	}
	stopped := make(chan struct{})
	go func() {
		srv.Stop(true)
		close(stopped)
	}()
	select {
	case <-stopped:
	case <-time.After(stopTime):
	}
	return nil
}

func newServer(c engine.ChildConfig) (*service.LivekitServer, error) {
	text, err := configText(c)
	if err != nil {
		return nil, err
	}
	conf, err := config.NewConfig(text, true, nil, nil)
	if err != nil {
		return nil, fmt.Errorf("configure engine: %w", err)
	}
	config.InitLoggerFromConfig(&conf.Logging)
	if err := conf.ValidateKeys(); err != nil {
		return nil, fmt.Errorf("check engine keys: %w", err)
	}
	node, err := routing.NewLocalNode(conf)
	if err != nil {
		return nil, fmt.Errorf("make engine node: %w", err)
	}
	if err := prometheus.Init(string(node.NodeID()), node.NodeType()); err != nil {
		return nil, fmt.Errorf("start engine metrics: %w", err)
	}
	srv, err := service.InitializeServer(conf, node)
	if err != nil {
		return nil, fmt.Errorf("start engine: %w", err)
	}
	return srv, nil
}

// configText is LiveKit's configuration. JSON is YAML too, so nothing needs quoting of our own.
func configText(c engine.ChildConfig) (string, error) {
	rtc := map[string]any{
		"udp_port":        c.UDPPort,
		"tcp_port":        c.TCPPort,
		"node_ip":         c.NodeIP,
		"use_external_ip": false,
		// With node_ip set the engine asks no STUN server; the gateway hands none to clients either.
		"stun_servers": []string{},
		// Lite: the engine's address is known and reachable, so only the client checks, which saves
		// time. https://www.rfc-editor.org/rfc/rfc8445#section-2.5
		"use_ice_lite":       true,
		"allow_tcp_fallback": c.TCPPort != 0,
	}
	if c.Loopback {
		rtc["enable_loopback_candidate"] = true
		rtc["ips"] = map[string]any{"includes": []string{"127.0.0.1/32"}}
	}
	turn, err := turnConfig(c)
	if err != nil {
		return "", err
	}
	b, err := json.Marshal(map[string]any{
		"port":           c.Port,
		"bind_addresses": []string{"127.0.0.1"},
		"rtc":            rtc,
		"keys":           map[string]string{c.Key: c.Secret},
		"logging":        map[string]any{"level": c.LogLevel, "json": true},
		"room":           map[string]any{"auto_create": true, "empty_timeout": 30, "departure_timeout": 3},
		// The gateway's own limits are stricter; an escaped appkey and a channel fit in 512 bytes.
		"limit": map[string]any{"max_room_name_length": 512, "max_participant_identity_length": 256},
		// Nothing of ours uses it.
		"enable_data_tracks": false,
		"turn":               turn,
	})
	return string(b), err
}
