//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// These tests run the real program with the real engine, so they build it once.
func TestGateway(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "nertc-gateway")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", bin, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	for name, f := range map[string]func(*testing.T, string){
		"serves and stops":          servesAndStops,
		"two side by side":          twoSideBySide,
		"engine killed":             engineKilled,
		"gateway killed":            gatewayKilled,
		"stopped while it starts":   stoppedWhileStarting,
		"self-signed":               selfSigned,
		"port taken":                portTaken,
		"wrong configuration":       wrongConfiguration,
		"others may not reach it":   othersMayNotReachIt,
		"engine elsewhere":          engineElsewhere,
		"engine elsewhere and down": engineElsewhereDown,
		"operator's API":            operatorsAPI,
		"limits":                    limits,
		"doctor":                    doctorLooks,
		"metrics":                   metrics,
		"log in JSON":               jsonLog,
	} {
		t.Run(name, func(t *testing.T) { f(t, bin) })
	}
}

// process is a running gateway.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	url    string // by address, as announced on the console
	ready  chan readyLine
	exited chan struct{}
	client *http.Client

	mu     sync.Mutex
	stdout bytes.Buffer
	stderr bytes.Buffer
}

var announced = regexp.MustCompile(`(?:Open +|"url":")(https?)://localhost:(\d+)`)

// start runs serve on a free port and returns when its address is announced.
func start(t *testing.T, bin string, args ...string) *process {
	t.Helper()
	p := &process{
		t: t, ready: make(chan readyLine, 1), exited: make(chan struct{}),
		client: &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{
			DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		}},
	}
	p.cmd = exec.Command(bin, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	// The tests' own environment configures nothing.
	p.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	open := make(chan string, 1)
	var readers sync.WaitGroup
	readers.Go(func() {
		p.lines(stdout, &p.stdout, func(line string) {
			var r readyLine
			if json.Unmarshal([]byte(line), &r) == nil && r.Event == "ready" {
				p.ready <- r
			}
		})
	})
	readers.Go(func() {
		p.lines(stderr, &p.stderr, func(line string) {
			if m := announced.FindStringSubmatch(line); m != nil {
				open <- m[1] + "://127.0.0.1:" + m[2]
			}
		})
	})
	go func() {
		readers.Wait()
		_ = p.cmd.Wait() // ProcessState has the result
		close(p.exited)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // most have gone by themselves
		<-p.exited
		if t.Failed() {
			t.Logf("stdout:\n%s\nstderr:\n%s", p.out(), p.err())
		}
	})
	select {
	case p.url = <-open:
	case <-p.exited:
		t.Fatal("the gateway ended at its start")
	case <-time.After(40 * time.Second):
		t.Fatal("the gateway does not say its address")
	}
	return p
}

func (p *process) lines(r io.Reader, all *bytes.Buffer, f func(string)) {
	for in := bufio.NewScanner(r); in.Scan(); {
		p.mu.Lock()
		fmt.Fprintln(all, in.Text())
		p.mu.Unlock()
		f(in.Text())
	}
}

func (p *process) out() string { p.mu.Lock(); defer p.mu.Unlock(); return p.stdout.String() }
func (p *process) err() string { p.mu.Lock(); defer p.mu.Unlock(); return p.stderr.String() }

// awaitReady is the JSON line.
func (p *process) awaitReady() readyLine {
	p.t.Helper()
	select {
	case r := <-p.ready:
		return r
	case <-p.exited:
		p.t.Fatal("the gateway ended before it was ready")
	case <-time.After(60 * time.Second):
		p.t.Fatal("no line on stdout says that the gateway is ready")
	}
	panic("unreachable")
}

// get is the status and body of a path; status 0 when there is no answer.
func (p *process) get(path string) (int, string) {
	r, err := p.client.Get(p.url + path)
	if err != nil {
		return 0, err.Error()
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return 0, err.Error()
	}
	return r.StatusCode, string(b)
}

// within fails the test when a state that nothing announces does not come in time.
func within(t *testing.T, d time.Duration, what string, is func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for !is() {
		select {
		case <-look.C:
		case <-ctx.Done():
			t.Fatalf("%s: not within %v", what, d)
		}
	}
}

// gone reports whether a process has ended; one that nobody waits for counts.
func gone(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return true
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return os.IsNotExist(err)
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return strings.HasPrefix(state, "Z")
}

// stop sends SIGTERM and demands a good end within five seconds, the engine's too.
func (p *process) stop(enginePID int) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	select {
	case <-p.exited:
	case <-time.After(5 * time.Second):
		p.t.Fatal("SIGTERM: still running after 5 s")
	}
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		p.t.Errorf("SIGTERM: exit code %d", code)
	}
	if enginePID != 0 && !gone(enginePID) {
		p.t.Error("SIGTERM: the engine is still running")
	}
}

func servesAndStops(t *testing.T, bin string) {
	begun := time.Now()
	p := start(t, bin)
	if status, body := p.get("/healthz"); status != 200 || time.Since(begun) > 2*time.Second {
		t.Errorf("healthz: %d %s after %v, want 200 within 2 s", status, body, time.Since(begun))
	}
	r := p.awaitReady()
	if r.PID != p.cmd.Process.Pid || r.EnginePID == 0 || r.EnginePID == r.PID || r.TLS || r.EnginePort == 0 || r.EngineUDPPort == 0 ||
		r.TURNUDPPort == 0 || r.TURNTLSPort != 0 ||
		"http://"+r.Listen != p.url || r.URL != strings.Replace(p.url, "127.0.0.1", "localhost", 1) {
		t.Errorf("ready line %+v, address %s", r, p.url)
	}
	for _, path := range []string{"/readyz", "/", "/metrics"} {
		if status, body := p.get(path); status != 200 {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if !strings.Contains(p.err(), "DEBUG MODE") {
		t.Error("the console does not say that this is debug mode")
	}
	p.stop(r.EnginePID)
	if n := strings.Count(p.out(), "\n"); n != 1 {
		t.Errorf("%d lines on stdout, want 1:\n%s", n, p.out())
	}
}

func twoSideBySide(t *testing.T, bin string) {
	a, b := start(t, bin), start(t, bin)
	ra, rb := a.awaitReady(), b.awaitReady()
	if ra.Listen == rb.Listen || ra.EnginePort == rb.EnginePort || ra.EngineUDPPort == rb.EngineUDPPort {
		t.Errorf("shared ports: %+v, %+v", ra, rb)
	}
	a.stop(ra.EnginePID)
	if status, body := b.get("/readyz"); status != 200 {
		t.Errorf("the other one after the first stopped: %d %s", status, body)
	}
	b.stop(rb.EnginePID)
}

func engineKilled(t *testing.T, bin string) {
	p := start(t, bin)
	r := p.awaitReady()
	if err := syscall.Kill(r.EnginePID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	within(t, 5*time.Second, "the engine runs again and /readyz says so", func() bool {
		_, metrics := p.get("/metrics")
		status, _ := p.get("/readyz")
		return status == 200 && strings.Contains(metrics, "nertc_engine_restarts_total 1")
	})
	if status, _ := p.get("/healthz"); status != 200 {
		t.Errorf("healthz: %d", status)
	}
	p.stop(0)
}

func gatewayKilled(t *testing.T, bin string) {
	p := start(t, bin)
	r := p.awaitReady()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-p.exited
	within(t, 5*time.Second, "the engine ends with its parent", func() bool { return gone(r.EnginePID) })
}

func stoppedWhileStarting(t *testing.T, bin string) {
	start(t, bin).stop(0)
}

func selfSigned(t *testing.T, bin string) {
	p := start(t, bin, "--tls-self-signed")
	if status, body := p.get("/healthz"); status != 200 || !strings.HasPrefix(p.url, "https://") {
		t.Errorf("%s/healthz: %d %s", p.url, status, body)
	}
	r := p.awaitReady()
	if !r.TLS || !strings.HasPrefix(r.URL, "https://localhost:") {
		t.Errorf("ready line %+v", r)
	}
	p.stop(r.EnginePID)
}

// fails runs serve and expects it to end with a code and a text on the console.
func fails(t *testing.T, bin string, code int, want string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, bin, append([]string{"serve"}, args...)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	out, _ := cmd.CombinedOutput() // ProcessState has the result
	if cmd.ProcessState.ExitCode() != code || !strings.Contains(string(out), want) {
		t.Errorf("exit code %d, want %d, with %q in\n%s", cmd.ProcessState.ExitCode(), code, want, out)
	}
}

func portTaken(t *testing.T, bin string) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	_, port, err := net.SplitHostPort(ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	fails(t, bin, exitError, "listen on "+ln.Addr().String(), "--listen", ln.Addr().String())
	fails(t, bin, exitError, "address already in use", "--listen", "127.0.0.1:0", "--engine-port", port)
}

func wrongConfiguration(t *testing.T, bin string) {
	file := filepath.Join(t.TempDir(), "gateway.yaml")
	if err := os.WriteFile(file, []byte("listen: 127.0.0.1:0\nengine:\n  udpPort: 99999\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	fails(t, bin, exitUsage, file+":3: engine.udpPort: ", "--config", file)
	fails(t, bin, exitUsage, "-nonsense", "--nonsense")
	fails(t, bin, exitUsage, `"extra" is no flag`, "extra")
	fails(t, bin, exitError, "tls.cert and tls.key: open /nowhere/cert.pem", "--listen", "127.0.0.1:0", "--tls-cert", "/nowhere/cert.pem", "--tls-key", "/nowhere/key.pem")
}

func othersMayNotReachIt(t *testing.T, bin string) {
	fails(t, bin, exitUsage, "--debug-open", "--listen", "0.0.0.0:0")
}

// The engine of one gateway is the other's deployment.
func engineElsewhere(t *testing.T, bin string) {
	const key, secret = "APIkey", "a-secret-of-more-than-thirty-two-bytes"
	owner := start(t, bin, "--engine-key", key, "--engine-secret", secret)
	there := owner.awaitReady()
	p := start(t, bin, "--livekit-url", fmt.Sprintf("http://127.0.0.1:%d", there.EnginePort), "--livekit-key", key, "--livekit-secret", secret)
	if r := p.awaitReady(); r.EnginePID != 0 || r.EnginePort != 0 {
		t.Errorf("ready line %+v, want no engine of its own", r)
	}
	if status, body := p.get("/readyz"); status != 200 {
		t.Errorf("readyz: %d %s", status, body)
	}
	p.stop(0)
	if gone(there.EnginePID) {
		t.Error("the deployment was stopped with its user")
	}
	owner.stop(there.EnginePID)
}

func engineElsewhereDown(t *testing.T, bin string) {
	// An address at which nobody listens: the port was free a moment ago.
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	p := start(t, bin, "--livekit-url", "ws://"+ln.Addr().String(), "--livekit-key", "key", "--livekit-secret", "secret-that-stays-here")
	if status, _ := p.get("/healthz"); status != 200 {
		t.Errorf("healthz: %d", status)
	}
	if status, body := p.get("/readyz"); status != 503 || !strings.Contains(body, "reason") {
		t.Errorf("readyz: %d %s", status, body)
	}
	p.stop(0)
	if p.out() != "" {
		t.Errorf("stdout: %s", p.out())
	}
	if strings.Contains(p.err(), "secret-that-stays-here") {
		t.Error("the secret is in the log")
	}
}

func limits(t *testing.T, bin string) {
	p := start(t, bin, "--limit-connection-rate=1", "--limit-connection-burst=1")
	if status, body := p.get("/nertc/v1"); status != http.StatusUpgradeRequired {
		t.Errorf("a first request that is no WebSocket: %d %s", status, body)
	}
	// A bucket of one refills in a second: of some requests at once all but the first are refused.
	refused := 0
	within(t, 20*time.Second, "a request is refused", func() bool {
		status, body := p.get("/nertc/v1")
		if status == http.StatusTooManyRequests && strings.Contains(body, "too many connections") {
			refused++
		}
		return refused > 0
	})
	want := fmt.Sprintf(`nertc_refused_total{limit="connection-rate"} %d`, refused)
	if _, metrics := p.get("/metrics"); !strings.Contains(metrics, want) {
		t.Errorf("metrics have no %s", want)
	}
	if status, _ := p.get("/healthz"); status != http.StatusOK {
		t.Errorf("healthz: %d", status)
	}
}
