package doctor

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nertc/gateway"
	"nertc/gateway/app"
	"nertc/gateway/config"
)

func expect(t *testing.T, name string, f Finding, status Status, words string) {
	t.Helper()
	if f.Status != status || !strings.Contains(f.Detail+" "+f.Advice, words) {
		t.Errorf("%s: got %v: %s (%s); want %v with %q", name, f.Status, f.Detail, f.Advice, status, words)
	}
	if f.Status == Failed && f.Advice == "" {
		t.Errorf("%s: it failed and says not what to do", name)
	}
}

func TestConfiguration(t *testing.T) {
	for _, c := range []struct {
		name   string
		config config.Config
		status Status
		words  string
	}{
		{"debug", config.Config{}, OK, "debug mode"},
		{"apps", config.Config{Apps: []app.App{{AppKey: "a", SecureMode: true}, {AppKey: "b"}}}, OK, "2 apps, 1 of them in secure mode"},
		{"warnings", config.Config{Warnings: []string{"one thing", "another"}}, Warning, "one thing; another"},
	} {
		expect(t, c.name, configuration(t.Context(), &c.config), c.status, c.words)
	}
}

func TestSecureContext(t *testing.T) {
	proxies, err := config.Load(&config.Flags{}, []string{"NERTC_TRUSTED_PROXIES=10.0.0.0/8"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		config config.Config
		status Status
	}{
		{"loopback", config.Config{Listen: "127.0.0.1:8080"}, OK},
		{"open, plain", config.Config{Listen: ":8080"}, Warning},
		{"open, HTTPS", config.Config{Listen: ":443", TLS: config.TLS{SelfSigned: true}}, OK},
		{"behind a proxy", config.Config{Listen: ":8080", TrustedProxies: proxies.TrustedProxies}, OK},
	} {
		expect(t, c.name, secureContext(t.Context(), &c.config), c.status, "")
	}
}

func TestMediaAddress(t *testing.T) {
	for _, c := range []struct {
		name   string
		config config.Config
		status Status
		words  string
	}{
		{"loopback", config.Config{Listen: "127.0.0.1:1"}, OK, "127.0.0.1"},
		{"elsewhere", config.Config{Engine: config.Engine{External: config.External{URL: "ws://x"}}}, Skipped, ""},
		{"open, media on loopback", config.Config{Listen: ":1", Engine: config.Engine{NodeIP: "127.0.0.1"}}, Failed, "engine.nodeIP"},
		{"a translated address", config.Config{Listen: ":1", Engine: config.Engine{NodeIP: "203.0.113.9"}}, OK, "pass the media ports on"},
	} {
		expect(t, c.name, mediaAddress(t.Context(), &c.config), c.status, c.words)
	}
}

func TestPorts(t *testing.T) {
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	taken := udp.LocalAddr().(*net.UDPAddr).Port
	open := config.Config{Listen: ":1"}
	same := config.Config{Listen: "127.0.0.1:1", Engine: config.Engine{UDPPort: taken}}
	elsewhere := config.Config{Engine: config.Engine{External: config.External{URL: "ws://x"}}}
	expect(t, "taken", mediaPorts(&same, server{}), Failed, "engine.udpPort")
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	listening := tcp.Addr().String()
	signalling := config.Config{Listen: "127.0.0.1:1", Engine: config.Engine{Port: tcp.Addr().(*net.TCPAddr).Port}}
	expect(t, "the engine's own taken", mediaPorts(&signalling, server{}), Failed, "engine.port")
	expect(t, "address taken", address(&config.Config{Listen: listening}, server{}), Failed, "`listen`")
	expect(t, "the operator's taken", address(&config.Config{Listen: "127.0.0.1:0", Admin: config.Admin{Listen: listening}}, server{}), Failed, "admin.listen")
	expect(t, "both free", address(&config.Config{Listen: "127.0.0.1:0", Admin: config.Admin{Listen: "127.0.0.1:0"}}, server{}), OK, "operator's API")
	expect(t, "taken by a gateway", mediaPorts(&same, server{answers: true}), OK, "in use")
	expect(t, "free", mediaPorts(&config.Config{Listen: "127.0.0.1:1"}, server{}), OK, "stays")
	expect(t, "picked", mediaPorts(&open, server{}), Warning, "engine.tcpPort")
	expect(t, "elsewhere", mediaPorts(&elsewhere, server{}), Skipped, "")
}

func TestServing(t *testing.T) {
	health, ready := `{"status":"ok"}`, true
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/healthz":
			_, _ = io.WriteString(w, health)
		case "/readyz":
			_ = json.NewEncoder(w).Encode(map[string]any{"ready": ready})
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer s.Close()
	c := &config.Config{Listen: s.Listener.Addr().String()}
	expect(t, "ready", serving(t.Context(), c).finding(), OK, "takes calls")
	ready = false
	expect(t, "not ready", serving(t.Context(), c).finding(), Failed, "/readyz")
	for _, health = range []string{"<!DOCTYPE html>", "ok", `{"status":"up"}`, ""} {
		other := serving(t.Context(), c)
		expect(t, "another server that answers "+health, other.finding(), Skipped, "no gateway serves")
		expect(t, "whose address it has", address(c, other), Failed, "end what listens there")
	}
	s.Close()
	expect(t, "gone", serving(t.Context(), c).finding(), Skipped, "")
	expect(t, "any port", serving(t.Context(), &config.Config{Listen: "127.0.0.1:0"}).finding(), Skipped, "")
}

func TestCertificate(t *testing.T) {
	now := time.Now()
	made := func(hosts []string, at time.Time) *x509.Certificate {
		pair, err := gateway.SelfSigned(hosts, at)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(pair.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		return leaf
	}
	expect(t, "valid", judge(made([]string{"call.example", "192.0.2.1"}, now), now), OK, "call.example, 192.0.2.1")
	expect(t, "expired", judge(made([]string{"x"}, now.AddDate(-2, 0, 0)), now), Failed, "expired")
	expect(t, "expires soon", judge(made([]string{"x"}, now.AddDate(-1, 0, 7)), now), Warning, "expires on")
	expect(t, "of the future", judge(made([]string{"x"}, now.AddDate(0, 0, 7)), now), Failed, "clock")
	expect(t, "of nobody", judge(made(nil, now), now), Warning, "names no host")

	cert, key := files(t, "call.example")
	expect(t, "vouched for by nobody", certificate(t.Context(), &config.Config{TLS: config.TLS{Cert: cert, Key: key}}), Warning, "no authority")
	missing := &config.Config{TLS: config.TLS{Cert: filepath.Join(t.TempDir(), "none"), Key: "none"}}
	expect(t, "no file", certificate(t.Context(), missing), Failed, "tls.cert")
	expect(t, "self-signed", certificate(t.Context(), &config.Config{TLS: config.TLS{SelfSigned: true}}), Warning, "authority")
	expect(t, "plain", certificate(t.Context(), &config.Config{}), Skipped, "")
}

// files has a certificate for a host, which no authority has signed, and its key.
func files(t *testing.T, host string) (cert, key string) {
	t.Helper()
	pair, err := gateway.SelfSigned([]string{host}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]pem.Block{cert: {Type: "CERTIFICATE", Bytes: pair.Certificate[0]}, key: {Type: "PRIVATE KEY", Bytes: der}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(&block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func TestChain(t *testing.T) {
	signed := func(name string, authority bool, parent *x509.Certificate, by *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		template := &x509.Certificate{
			SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour),
			NotAfter: time.Now().Add(time.Hour), IsCA: authority, BasicConstraintsValid: true, DNSNames: []string{"call.example"},
		}
		if parent == nil {
			parent, by = template, key
		}
		der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, by)
		if err != nil {
			t.Fatal(err)
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return c, key
	}
	root, rootKey := signed("root", true, nil, nil)
	between, betweenKey := signed("between", true, root, rootKey)
	leaf, _ := signed("leaf", false, between, betweenKey)
	roots := x509.NewCertPool()
	roots.AddCert(root)
	if !vouched(tls.Certificate{Leaf: leaf, Certificate: [][]byte{leaf.Raw, between.Raw}}, roots) {
		t.Error("a whole chain is not believed")
	}
	if vouched(tls.Certificate{Leaf: leaf, Certificate: [][]byte{leaf.Raw}}, roots) {
		t.Error("one that lacks what is between is")
	}
}

func TestMachine(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return file
	}
	expect(t, "small buffers", buffers(write("small", "212992\n", 0o644), false), Warning, "sysctl")
	expect(t, "large buffers", buffers(write("large", "8388608\n", 0o644), false), OK, "8388608")
	expect(t, "unreadable buffers", buffers(filepath.Join(dir, "none"), false), Skipped, "")
	expect(t, "odd buffers", buffers(write("odd", "many", 0o644), false), Skipped, "")
	expect(t, "buffers elsewhere", buffers("", true), Skipped, "")

	write("works", "#!/bin/sh\necho works version 7\n", 0o755)
	write("fails", "#!/bin/sh\nexit 3\n", 0o755)
	write("plain", "no program", 0o644)
	path := filepath.Join(dir, "none") + string(filepath.ListSeparator) + dir
	found := func(name string) Finding {
		_, f := program(t.Context(), name, path)
		return f
	}
	expect(t, "a program", found("works"), OK, "works version 7")
	expect(t, "a broken one", found("fails"), Warning, "does not run")
	expect(t, "not executable", found("plain"), Warning, "not installed")
	expect(t, "a missing one", found("none"), Warning, "apt install")

	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	bad := &config.Config{Engine: config.Engine{External: config.External{URL: "ws://127.0.0.1:1", Key: "k", Secret: "s"}}}
	expect(t, "no engine there", external(cancelled, bad), Failed, "does not answer")
}

func TestPrint(t *testing.T) {
	var b strings.Builder
	Print(&b, Finding{Check: "address", Status: Failed, Detail: "taken", Advice: "end it"})
	Print(&b, Finding{Check: "ffmpeg", Detail: "version 5"})
	want := "failed   address         taken\n                         → end it\nok       ffmpeg          version 5\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}
