// Package rtmptest runs a real RTMP server for tests: nginx with its RTMP module, on a free loopback port.
package rtmptest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

const module = "/usr/lib/nginx/modules/ngx_rtmp_module.so"

// One process, so that a signal to it is one to the whole server.
const config = `load_module %s;
daemon off;
master_process off;
error_log stderr warn;
pid nginx.pid;
events { worker_connections 64; }
rtmp {
  server {
    listen 127.0.0.1:%d;
    application live { live on; wait_key on; }
    application closed { live on; deny publish all; }
  }
}
`

// Server is a server that may be killed, hung and started again on its port.
type Server struct {
	t    testing.TB
	dir  string
	port int

	mu   sync.Mutex
	cmd  *exec.Cmd
	gone chan struct{} // closed when cmd has ended
	out  bytes.Buffer
}

// Start starts a server that ends with the test. It has two applications: live takes any stream, closed none.
func Start(t testing.TB) *Server {
	t.Helper()
	if _, err := os.Stat(module); err != nil {
		t.Fatalf("nginx's RTMP module is missing (make setup installs it): %v", err)
	}
	s := &Server{t: t, dir: t.TempDir(), port: FreePort(t)}
	file := fmt.Sprintf(config, module, s.port)
	if err := os.WriteFile(filepath.Join(s.dir, "nginx.conf"), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Kill)
	s.Again()
	return s
}

// FreePort is a port of the loopback on which nobody listens for as long as the test lasts, unless the test does: it is none of those
// that systems give to connections and to who asks for any, and by its half of UDP others who look for one here see that it is taken.
func FreePort(t testing.TB) int {
	t.Helper()
	for range 1000 {
		port := 20000 + rand.N(10000)
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		taken, err := net.ListenPacket("udp", address)
		if err != nil {
			continue
		}
		l, err := net.Listen("tcp", address)
		if err != nil {
			taken.Close()
			continue
		}
		l.Close()
		t.Cleanup(func() { taken.Close() })
		return port
	}
	t.Fatal("no port is free")
	panic("unreachable")
}

// URL is the address of a stream in the application live.
func (s *Server) URL(key string) string { return s.In("live", key) }

// In is the address of a stream in that application.
func (s *Server) In(app, key string) string {
	return fmt.Sprintf("rtmp://127.0.0.1:%d/%s/%s", s.port, app, key)
}

// Again starts the server after Kill, and returns when it listens.
func (s *Server) Again() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	cmd := exec.Command("nginx", "-p", s.dir, "-c", "nginx.conf", "-e", "stderr")
	cmd.Stdout, cmd.Stderr = &s.out, &s.out
	cmd.SysProcAttr = attributes()
	started, gone := make(chan error, 1), make(chan struct{})
	go func() {
		// The signal at the end of the parent is one at the end of its thread: https://go.dev/issue/27505
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(gone)
		err := cmd.Start()
		started <- err
		if err == nil {
			cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		s.t.Fatalf("nginx: %v", err)
	}
	s.cmd, s.gone = cmd, gone
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port))
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return
		}
		if time.Now().After(end) {
			s.end()
			s.t.Fatalf("nginx does not listen:\n%s", s.out.String())
		}
	}
}

// Kill ends the server at once.
func (s *Server) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd != nil {
		s.end()
	}
}

func (s *Server) end() {
	s.cmd.Process.Kill()
	<-s.gone
	s.cmd = nil
}

// Hang stops the server where it is: its machine still takes connections and data for it.
func (s *Server) Hang() { s.signal(syscall.SIGSTOP) }

// Continue lets it go on.
func (s *Server) Continue() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(sig syscall.Signal) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}
