// Package rtmptest runs a real RTMP server for tests: nginx with its RTMP module, on a free loopback port.
package rtmptest

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
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

	mu  sync.Mutex
	cmd *exec.Cmd
	out bytes.Buffer
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

// FreePort is a port of the loopback on which nobody listens.
func FreePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
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
	s.cmd = exec.Command("nginx", "-p", s.dir, "-c", "nginx.conf", "-e", "stderr")
	s.cmd.Stdout, s.cmd.Stderr = &s.out, &s.out
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatalf("nginx: %v", err)
	}
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port))
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return
		}
		if time.Now().After(end) {
			s.cmd.Process.Kill()
			s.cmd.Wait()
			s.cmd = nil
			s.t.Fatalf("nginx does not listen:\n%s", s.out.String())
		}
	}
}

// Kill ends the server at once.
func (s *Server) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		return
	}
	s.cmd.Process.Kill()
	s.cmd.Wait()
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
