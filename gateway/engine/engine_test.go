package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"nertc/gateway/engine"
	"nertc/gateway/engine/enginetest"
)

var program string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "engine")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		if program, err = enginetest.Build(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	}())
}

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// awaitDeath polls: nothing tells of the end of a process that is not one's own child.
func awaitDeath(t *testing.T, pid int) {
	t.Helper()
	ctx := within(t, 30*time.Second)
	for syscall.Kill(pid, 0) == nil {
		select {
		case <-ctx.Done():
			t.Fatalf("process %d lives on", pid)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func TestStartsAnswersAndStops(t *testing.T) {
	e := enginetest.Start(t, program)
	i := e.Info()
	if i.PID == 0 || i.Port == 0 || i.UDPPort == 0 || i.TCPPort != 0 || i.Restarts != 0 || !e.Ready() {
		t.Errorf("ready engine says %+v", i)
	}
	if want := fmt.Sprintf("ws://127.0.0.1:%d", i.Port); i.URL != want {
		t.Errorf("URL is %s, want %s", i.URL, want)
	}
	if err := e.Stop(within(t, 30*time.Second)); err != nil {
		t.Fatal(err)
	}
	awaitDeath(t, i.PID)
	if e.Ready() {
		t.Error("ready after its stop")
	}
	if err := e.WaitReady(t.Context()); !errors.Is(err, engine.ErrStopped) {
		t.Errorf("wait after the stop: %v", err)
	}
	if _, err := e.Join(t.Context(), engine.JoinOptions{Room: "r", Identity: "1"}); !errors.Is(err, engine.ErrNotReady) {
		t.Errorf("join after the stop: %v", err)
	}
}

func TestComesBackOnItsPortsWhenKilled(t *testing.T) {
	e := enginetest.Start(t, program)
	before := e.Info()
	if err := syscall.Kill(before.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	awaitDeath(t, before.PID)
	ctx := within(t, 5*time.Second)
	for e.Info().Restarts == 0 || !e.Ready() {
		select {
		case <-ctx.Done():
			t.Fatalf("not back within 5 s: %+v", e.Info())
		case <-time.After(time.Millisecond):
		}
	}
	after := e.Info()
	if after.PID == before.PID || after.Restarts != 1 {
		t.Errorf("was %+v, is %+v", before, after)
	}
	if after.Port != before.Port || after.UDPPort != before.UDPPort {
		t.Errorf("ports changed: was %+v, is %+v", before, after)
	}
}

// The child's only tie to its parent is its stdin: it goes when that ends, however it ends.
func TestChildGoesWithItsParent(t *testing.T) {
	cmd := exec.Command(program, "engine")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	port := freePort(t)
	config, err := json.Marshal(engine.ChildConfig{
		Port: port, UDPPort: freePort(t), NodeIP: "127.0.0.1", LogLevel: "error", Key: "k", Secret: strings.Repeat("s", 40), Loopback: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.Write(append(config, '\n')); err != nil {
		t.Fatal(err)
	}
	ctx := within(t, 40*time.Second)
	for {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			_ = c.Close()
			break
		}
		select {
		case <-ctx.Done():
			t.Fatal("child does not listen")
		case <-time.After(5 * time.Millisecond):
		}
	}
	// A terminal's interrupt is not for the child.
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	gone := make(chan error, 1)
	go func() { gone <- cmd.Wait() }()
	select {
	case err := <-gone:
		if err != nil {
			t.Errorf("child ended with %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("child outlives its parent")
	}
}

func TestChildRefusesABadConfiguration(t *testing.T) {
	for _, in := range []string{"", "{", "nonsense\n", "{\"secret\": 7, \"key\": \"very-secret\"}\n"} {
		cmd := exec.CommandContext(within(t, 30*time.Second), program, "engine")
		cmd.Stdin = strings.NewReader(in)
		out, err := cmd.CombinedOutput()
		if err == nil {
			t.Errorf("%q is taken", in)
		}
		if strings.Contains(string(out), "very-secret") {
			t.Errorf("%q is quoted: %s", in, out)
		}
	}
}

func TestBadConfigurations(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for name, c := range map[string]engine.Config{
		"negative": {Port: -1}, "too high": {UDPPort: 65536},
		"taken": {Port: taken.Addr().(*net.TCPAddr).Port},
	} {
		c.Loopback = true
		if _, err := engine.StartEmbedded(t.Context(), c, program); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := engine.StartEmbedded(t.Context(), engine.Config{}, program+"-not"); err == nil {
		t.Error("a program that is not there is started")
	}
	for _, u := range []string{"", "://", "ftp://h", "ws://", "ws://user:pass@h", "ws://h?access_token=x"} {
		if _, err := engine.External(u, "k", "s", nil); err == nil {
			t.Errorf("%q is taken for an engine's address", u)
		}
	}
	if _, err := engine.External("ws://127.0.0.1:1", "k", "", nil); err == nil {
		t.Error("no secret, no error")
	}
}

// An external engine is the same engine with somebody else's hand on it.
func TestExternal(t *testing.T) {
	port, udp := freePort(t), freePort(t)
	const key, secret = "somebody", "0123456789012345678901234567890123456789"
	own, err := engine.StartEmbedded(context.Background(), engine.Config{
		Port: port, UDPPort: udp, Key: key, Secret: secret, Loopback: true, Log: enginetest.Log(t),
	}, program)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = own.Stop(within(t, 30*time.Second)) }()
	if err := own.WaitReady(within(t, 40*time.Second)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		secret string
		ready  bool
	}{{secret, true}, {strings.Repeat("x", 40), false}} {
		e, err := engine.External(fmt.Sprintf("http://127.0.0.1:%d/", port), key, c.secret, enginetest.Log(t))
		if err != nil {
			t.Fatal(err)
		}
		if c.ready {
			if err := e.WaitReady(within(t, 30*time.Second)); err != nil {
				t.Errorf("not ready: %v", err)
			}
		} else if err := e.WaitReady(within(t, 300*time.Millisecond)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("ready with a wrong secret: %v", err)
		}
		if err := e.Stop(within(t, 30*time.Second)); err != nil {
			t.Error(err)
		}
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
