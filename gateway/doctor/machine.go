package doctor

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"nertc/gateway"
	"nertc/gateway/config"
	"nertc/gateway/engine"
)

const (
	// filesWanted is the number of open files that a gateway wants: a member has one or two
	// connections, and the engine a handful of its own.
	filesWanted = 4096
	// bufferWanted is the size in bytes of a UDP receive buffer below which the engine's one
	// media socket drops packets in bursts, as key frames of several people are. It is what the
	// engine asks the system for.
	bufferWanted = 5_000_000
)

// mediaPorts sees whether the embedded engine could have its ports.
func mediaPorts(c *config.Config, running server) Finding {
	e := c.Engine
	switch {
	case e.External.URL != "":
		return Finding{Status: Skipped, Detail: "the external engine has its own"}
	case running.answers:
		return Finding{Status: OK, Detail: "in use by the gateway that serves"}
	}
	if e.Port != 0 { // the one that the check of the engine does not take
		own, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(e.Port)))
		if err != nil {
			return Finding{Status: Failed, Detail: err.Error(), Advice: "end what uses the port, or set another engine.port, or none"}
		}
		_ = own.Close()
	}
	host := ""
	if c.EngineLoopback() {
		host = "127.0.0.1"
	}
	udp, err := net.ListenPacket("udp", net.JoinHostPort(host, strconv.Itoa(e.UDPPort)))
	if err != nil {
		return Finding{Status: Failed, Detail: err.Error(), Advice: "end what uses the port, or set another engine.udpPort"}
	}
	_ = udp.Close()
	tcp, err := net.Listen("tcp", net.JoinHostPort("", strconv.Itoa(e.TCPPort)))
	if err != nil {
		return Finding{Status: Failed, Detail: err.Error(), Advice: "end what uses the port, or set another engine.tcpPort"}
	}
	_ = tcp.Close()
	if c.EngineLoopback() {
		return Finding{Status: OK, Detail: "media stays on this machine"}
	}
	if e.UDPPort == 0 || e.TCPPort == 0 {
		return Finding{
			Status: Warning, Detail: "media ports are picked anew at each start",
			Advice: "set engine.udpPort and engine.tcpPort, and open them in the firewall for everybody",
		}
	}
	return Finding{Status: OK, Detail: fmt.Sprintf("UDP %d and TCP %d are free; the firewall must let both in", e.UDPPort, e.TCPPort)}
}

// mediaAddress judges the address that browsers are told to send media to.
func mediaAddress(_ context.Context, c *config.Config) Finding {
	switch {
	case c.Engine.External.URL != "":
		return Finding{Status: Skipped, Detail: "the external engine says its own"}
	case c.EngineLoopback():
		if c.Loopback() {
			return Finding{Status: OK, Detail: "media goes to 127.0.0.1, as the pages come from there"}
		}
		return Finding{
			Status: Failed, Detail: "pages come from other machines, but media goes to 127.0.0.1",
			Advice: "set engine.nodeIP to the address at which browsers reach this machine",
		}
	}
	own := gateway.Addresses()
	ip := c.Engine.NodeIP
	if ip == "" {
		if len(own) == 0 {
			return Finding{Status: Failed, Detail: "this machine has no address outside loopback", Advice: "set engine.nodeIP"}
		}
		if ip = own[0]; !private(ip) {
			return Finding{Status: OK, Detail: "media goes to this machine's own address, " + ip + " or another of its own"}
		}
		return Finding{
			Status: Warning, Detail: "media goes to " + ip + ", a private address of this machine",
			Advice: "well for people of the same network; for all others set engine.nodeIP to the public address",
		}
	}
	for _, o := range own {
		if o == ip {
			return Finding{Status: OK, Detail: "media goes to " + ip + ", an address of this machine"}
		}
	}
	return Finding{Status: OK, Detail: "media goes to " + ip + ", which is not this machine's own: something must pass the media ports on"}
}

func private(ip string) bool {
	a, err := netip.ParseAddr(ip)
	return err == nil && (a.IsPrivate() || a.IsLinkLocalUnicast())
}

// external starts the embedded engine for a moment, or asks the external one.
func external(ctx context.Context, c *config.Config) Finding {
	quiet := slog.New(slog.DiscardHandler)
	e := c.Engine
	if e.External.URL != "" {
		eng, err := engine.External(e.External.URL, e.External.Key, e.External.Secret, quiet)
		if err != nil {
			return Finding{Status: Failed, Detail: err.Error(), Advice: "correct engine.external"}
		}
		defer func() { _ = eng.Stop(ctx) }()
		if eng.WaitReady(ctx) != nil {
			return Finding{
				Status: Failed, Detail: "the external engine does not answer",
				Advice: "is it running, is engine.external.url right, are its key and secret the ones that it has?",
			}
		}
		return Finding{Status: OK, Detail: "the external engine answers"}
	}
	self, err := os.Executable()
	if err != nil {
		return Finding{Status: Failed, Detail: err.Error()}
	}
	// On ports of its own, so that a gateway that serves is not disturbed.
	eng, err := engine.StartEmbedded(ctx, engine.Config{Loopback: true, LogLevel: "error", Log: quiet}, self)
	if err != nil {
		return Finding{Status: Failed, Detail: err.Error(), Advice: "the media engine is this very program: may it start processes?"}
	}
	err = eng.WaitReady(ctx)
	stopped := eng.Stop(ctx)
	switch {
	case err != nil:
		return Finding{Status: Failed, Detail: "the media engine starts, but is not ready in time", Advice: "start the gateway with --engine-log-level debug and read its log"}
	case stopped != nil:
		return Finding{Status: Warning, Detail: "the media engine had to be ended by force: " + stopped.Error()}
	}
	return Finding{Status: OK, Detail: "the media engine starts, is ready, and stops"}
}

// openFiles looks at the number of files that this user's processes may have open.
func openFiles(context.Context, *config.Config) Finding {
	var r syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r); err != nil {
		return Finding{Status: Warning, Detail: "cannot be read: " + err.Error()}
	}
	// Go raises the soft limit to the hard one by itself.
	if r.Max < filesWanted {
		return Finding{
			Status: Warning, Detail: fmt.Sprintf("at most %d", r.Max),
			Advice: fmt.Sprintf("allow %d or more (LimitNOFILE= in a systemd unit)", filesWanted),
		}
	}
	return Finding{Status: OK, Detail: fmt.Sprintf("up to %d", r.Max)}
}

// udpBuffers looks at how large Linux lets the media socket's buffer be.
func udpBuffers(_ context.Context, c *config.Config) Finding {
	return buffers("/proc/sys/net/core/rmem_max", c.Engine.External.URL != "")
}

func buffers(file string, elsewhere bool) Finding {
	if elsewhere {
		return Finding{Status: Skipped, Detail: "the external engine has its own"}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return Finding{Status: Skipped, Detail: "this system does not say"}
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return Finding{Status: Skipped, Detail: "this system does not say"}
	}
	if n < bufferWanted {
		return Finding{
			Status: Warning, Detail: fmt.Sprintf("at most %d bytes; with many people in a room packets are lost in bursts", n),
			Advice: fmt.Sprintf("sysctl -w net.core.rmem_max=%d, and the same in /etc/sysctl.d", bufferWanted),
		}
	}
	return Finding{Status: OK, Detail: fmt.Sprintf("up to %d bytes", n)}
}

// program looks for a program in the folders of a PATH and asks its version.
func program(ctx context.Context, name, path string) (file string, f Finding) {
	for _, folder := range filepath.SplitList(path) {
		file := filepath.Join(folder, name)
		if i, err := os.Stat(file); err != nil || i.IsDir() || i.Mode()&0o111 == 0 {
			continue
		}
		out, err := exec.CommandContext(ctx, file, "-version").Output()
		if err != nil {
			return file, Finding{Status: Warning, Detail: file + " does not run: " + err.Error(), Advice: missingProgram(name).Advice}
		}
		line, _, _ := strings.Cut(string(out), "\n")
		return file, Finding{Status: OK, Detail: strings.TrimSpace(line)}
	}
	return "", missingProgram(name)
}

func missingProgram(name string) Finding {
	return Finding{
		Status: Warning, Detail: name + " is not installed",
		Advice: "calls do not need it; live tasks (RTMP) do: apt install " + name,
	}
}
