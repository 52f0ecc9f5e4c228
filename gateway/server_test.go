package gateway

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"nertc/internal/protocol"
)

type engineState struct{ atomic.Bool }

func (e *engineState) Ready() bool { return e.Load() }

// sessions notes what happens to it.
type sessions struct {
	asked  atomic.Int32
	closed atomic.Bool
	hold   chan struct{} // when set, Close waits for it or for its context
}

func (s *sessions) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.asked.Add(1)
	w.WriteHeader(http.StatusTeapot)
}

func (s *sessions) Close(ctx context.Context) error {
	s.closed.Store(true)
	if s.hold != nil {
		select {
		case <-s.hold:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func newServer(e *engineState, s *sessions, t *tls.Config) *Server {
	return NewServer(Options{
		Engine: e, Sessions: s, TLS: t,
		Site:     http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "site") }),
		Registry: NewRegistry(e, func() int { return 3 }),
		Log:      slog.New(slog.DiscardHandler),
	})
}

func get(s *Server, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.handler().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

func TestHealthAndReadiness(t *testing.T) {
	e, ss := &engineState{}, &sessions{}
	s := newServer(e, ss, nil)
	if w := get(s, "/healthz"); w.Code != 200 {
		t.Errorf("healthz without engine: %d", w.Code)
	}
	w := get(s, "/readyz")
	var answer struct {
		Ready  bool
		Reason string
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != 503 || answer.Ready || answer.Reason == "" {
		t.Errorf("readyz without engine: %d %s", w.Code, w.Body)
	}
	e.Store(true)
	if w := get(s, "/readyz"); w.Code != 200 {
		t.Errorf("readyz with engine: %d", w.Code)
	}
}

func TestRoutes(t *testing.T) {
	e, ss := &engineState{}, &sessions{}
	e.Store(true)
	s := newServer(e, ss, nil)
	if w := get(s, protocol.Path); w.Code != http.StatusTeapot || ss.asked.Load() != 1 {
		t.Errorf("%s did not reach the sessions: %d", protocol.Path, w.Code)
	}
	for _, path := range []string{"/", "/nertc.js", protocol.Path + "/more"} {
		if w := get(s, path); w.Body.String() != "site" {
			t.Errorf("%s did not reach the site", path)
		}
	}
	m := get(s, "/metrics").Body.String()
	for _, want := range []string{"nertc_engine_ready 1", "nertc_engine_restarts_total 3", "go_goroutines ", "process_resident_memory_bytes "} {
		if !strings.Contains(m, want) {
			t.Errorf("/metrics has no %q", want)
		}
	}
}

func TestShutdown(t *testing.T) {
	for name, hold := range map[string]chan struct{}{"at once": nil, "hanging session": make(chan struct{})} {
		t.Run(name, func(t *testing.T) {
			ss := &sessions{hold: hold}
			s := newServer(&engineState{}, ss, nil)
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			served := make(chan error, 1)
			go func() { served <- s.Serve(ln) }()
			r, err := http.Get("http://" + ln.Addr().String() + "/healthz")
			if err != nil {
				t.Fatal(err)
			}
			r.Body.Close()
			// A browser's spare connection, on which nothing is ever asked.
			spare, err := net.Dial("tcp", ln.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer spare.Close()
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			err = s.Shutdown(ctx)
			if hold != nil && err == nil {
				t.Error("a session that hangs is not reported")
			}
			if !ss.closed.Load() {
				t.Error("the sessions were not closed")
			}
			if err := <-served; err != nil {
				t.Errorf("Serve: %v", err)
			}
			if _, err := net.Dial("tcp", ln.Addr().String()); err == nil {
				t.Error("still listening")
			}
		})
	}
}

// A client that asks and does not read must not keep the answer for ever; one that has become a session's has no such bound.
func TestAnswerThatNobodyReads(t *testing.T) {
	const bound = 50 * time.Millisecond
	done := make(chan error, 1)
	s := NewServer(Options{
		AnswerTime: bound, Log: slog.New(slog.DiscardHandler), Registry: NewRegistry(&engineState{}, func() int { return 0 }),
		Sessions: &hijacking{after: bound},
		Site: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var err error
			for err == nil {
				_, err = w.Write(make([]byte, 1<<20))
			}
			done <- err
		}),
	})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve(ln)
	defer s.Shutdown(t.Context())
	ask := func(path string) net.Conn {
		conn, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		if _, err := io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		return conn
	}
	ask("/")
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Error("the answer is still being written")
	}
	if got, err := io.ReadAll(ask(protocol.Path)); string(got) != "late" || err != nil {
		t.Errorf("a session: %q, %v", got, err)
	}
}

// hijacking sessions take the connection and write later than an answer may.
type hijacking struct{ after time.Duration }

func (h *hijacking) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	time.Sleep(2 * h.after) // it is the time that passes which must do nothing
	_, _ = io.WriteString(conn, "late")
}

func (*hijacking) Close(context.Context) error { return nil }

func TestSelfSigned(t *testing.T) {
	now := time.Now()
	cert, err := SelfSigned([]string{"localhost", "127.0.0.1", "::1", "192.168.7.9", ""}, now)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	for _, host := range []string{"localhost", "127.0.0.1", "::1", "192.168.7.9"} {
		if _, err := leaf.Verify(x509.VerifyOptions{DNSName: host, Roots: roots}); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
	if leaf.VerifyHostname("example.com") == nil {
		t.Error("valid for example.com")
	}
	// Apple's systems refuse server certificates of more than 398 days.
	if valid := leaf.NotAfter.Sub(leaf.NotBefore); valid < 364*24*time.Hour || valid > 398*24*time.Hour {
		t.Errorf("valid for %v", valid)
	}

	e := &engineState{}
	s := newServer(e, &sessions{}, &tls.Config{Certificates: []tls.Certificate{cert}})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(ln) }()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	defer client.CloseIdleConnections()
	r, err := client.Get("https://" + ln.Addr().String() + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != 200 {
		t.Errorf("healthz over TLS: %d", r.StatusCode)
	}
	if err := s.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
}
