// Package gatewayproc builds and runs a gateway with its engine, as an operator
// would, for tests: on loopback, on free ports, ended with the test.
package gatewayproc

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Ready is the line that a gateway prints when it can be used.
type Ready struct {
	Event      string `json:"event"`
	URL        string `json:"url"`
	EnginePort int    `json:"enginePort"`
	// TURNTLSPort is where the relay is reached over TLS.
	TURNTLSPort int `json:"turnTLSPort"`
	PID         int `json:"pid"`
	EnginePID   int `json:"enginePid"`
}

// Gateway is a running gateway.
type Gateway struct {
	Ready
	cmd  *exec.Cmd
	done chan struct{}
	log  *tail
}

var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "nertc-gateway-")
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "nertc-gateway")
	cmd := exec.Command("go", "build", "-o", bin, "nertc/cmd/nertc-gateway")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the gateway: %w\n%s", err, out)
	}
	return bin, nil
})

// Clean removes what Start has built. A TestMain calls it last.
func Clean() {
	if bin, err := build(); err == nil {
		_ = os.RemoveAll(filepath.Dir(bin))
	}
}

// Start runs a gateway until the test ends.
func Start(t testing.TB, args ...string) *Gateway {
	t.Helper()
	if runtime.GOOS == "js" {
		t.Fatal("a gateway cannot run in a browser")
	}
	bin, err := build()
	if err != nil {
		t.Fatal(err)
	}
	args = append([]string{"serve", "--listen", "127.0.0.1:0", "--engine-port", "0", "--engine-udp-port", "0"}, args...)
	g := &Gateway{cmd: exec.Command(bin, args...), done: make(chan struct{}), log: &tail{}}
	g.cmd.Stderr = g.log
	out, err := g.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := g.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan Ready, 1)
	go func() {
		defer close(g.done)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var r Ready
			if json.Unmarshal(lines.Bytes(), &r) == nil && r.Event == "ready" {
				ready <- r
			}
		}
		_ = g.cmd.Wait()
	}()
	t.Cleanup(func() {
		g.Stop(t)
		if t.Failed() {
			t.Logf("the gateway said:\n%s", g.log)
		}
	})
	select {
	case g.Ready = <-ready:
	case <-g.done:
		t.Fatalf("the gateway ended at once:\n%s", g.log)
	case <-time.After(60 * time.Second):
		t.Fatalf("the gateway was not ready in time:\n%s", g.log)
	}
	return g
}

// Run runs another command of the program to its end, and gives what it printed.
func Run(t testing.TB, environ []string, args ...string) string {
	t.Helper()
	bin, err := build()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin, args...)
	cmd.Env = append(os.Environ(), environ...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, &errs)
	}
	return string(out)
}

// Signalling is the address of the gateway's WebSocket.
func (g *Gateway) Signalling() string {
	return "ws" + strings.TrimPrefix(g.URL, "http") + "/nertc/v1"
}

// KillEngine kills the engine's process, as an out-of-memory killer would.
func (g *Gateway) KillEngine(t testing.TB) {
	t.Helper()
	if err := syscall.Kill(g.EnginePID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// Kill ends the gateway without a word, as a crash would; its engine goes with it.
func (g *Gateway) Kill(t testing.TB) {
	t.Helper()
	if err := g.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-g.done
}

// Stop ends the gateway and waits for it.
func (g *Gateway) Stop(t testing.TB) {
	_ = g.cmd.Process.Signal(syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	select {
	case <-g.done:
	case <-ctx.Done():
		_ = g.cmd.Process.Kill()
		<-g.done
		t.Error("the gateway did not stop by itself")
	}
}

// tail keeps the last of what is written to it.
type tail struct {
	mu sync.Mutex
	b  []byte
}

func (l *tail) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.b = append(l.b, p...)
	if n := len(l.b) - 1<<16; n > 0 {
		l.b = l.b[n:]
	}
	return len(p), nil
}

func (l *tail) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.b)
}
