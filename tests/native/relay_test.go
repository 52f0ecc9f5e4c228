package native

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"nertc/internal/client"
	"nertc/internal/errcode"
	"nertc/internal/media"
	"nertc/internal/nativemedia"
	"nertc/internal/protocol"
	"nertc/internal/signal"
	"nertc/tests/gatewayproc"
)

// certificate makes one for localhost that signs itself, in files, and the pool that trusts it.
func certificate(t *testing.T) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, kind string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	pool = x509.NewCertPool()
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool.AddCert(parsed)
	return write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", pkcs8), pool
}

// router keeps the peer connections that a user makes, to ask them how media goes, and notes
// which kinds of candidates they found.
type router struct {
	mu    sync.Mutex
	peers []media.PeerConnection
	found []string
}

func (r *router) factory(o nativemedia.Options) media.Factory {
	make := nativemedia.Factory(o)
	return func(observer media.Observer) (media.PeerConnection, error) {
		tell := observer.Candidate
		observer.Candidate = func(c string) {
			r.mu.Lock()
			r.found = append(r.found, c)
			r.mu.Unlock()
			tell(c)
		}
		pc, err := make(observer)
		r.mu.Lock()
		r.peers = append(r.peers, pc)
		r.mu.Unlock()
		return pc, err
	}
}

// path is how media goes in the latest peer connection.
func (r *router) path(t *testing.T, ctx context.Context) nativemedia.Path {
	t.Helper()
	for tick := time.Tick(20 * time.Millisecond); ; {
		r.mu.Lock()
		pc := r.peers[len(r.peers)-1].(interface {
			Path() (nativemedia.Path, bool)
		})
		r.mu.Unlock()
		if p, ok := pc.Path(); ok {
			return p
		}
		select {
		case <-tick:
		case <-ctx.Done():
			t.Fatal("media has no path")
		}
	}
}

func TestStartProxyServerRelaysMedia(t *testing.T) {
	cert, key, pool := certificate(t)
	overTLS := []string{"--turn-domain", "localhost", "--turn-cert", cert, "--turn-key", key}
	for name, tc := range map[string]struct {
		args []string
		want nativemedia.Path
	}{
		"UDP, as it is without settings": {nil, nativemedia.Path{Local: "relay", Protocol: "udp"}},
		"TLS alone":                      {append(overTLS, "--turn-udp=false"), nativemedia.Path{Local: "relay", Protocol: "tls"}},
		"UDP first where there are both": {overTLS, nativemedia.Path{Local: "relay", Protocol: "udp"}},
	} {
		t.Run(name, func(t *testing.T) {
			g := gatewayproc.Start(t, tc.args...)
			r := &router{}
			ann := newUser(t, g, func(o *client.Options) {
				o.NewPeer = r.factory(nativemedia.Options{Loopback: true, RelayTLS: &tls.Config{RootCAs: pool, ServerName: "localhost"}})
			})
			bob := newUser(t, g)
			if err := ann.SetRelay(true); err != nil {
				t.Fatal(err)
			}
			ann.join("1")
			bob.join("2")
			ann.talk(0xa1)
			meet(bob, "1", 0xa1)
			if p := r.path(t, ann.ctx); p != tc.want {
				t.Errorf("media goes by %+v, want %+v", p, tc.want)
			}
			r.mu.Lock()
			if len(r.found) == 0 {
				t.Error("no candidate was told")
			}
			for _, c := range r.found {
				if !strings.Contains(c, " typ relay") {
					t.Errorf("a candidate beside the relay's: %s", c)
				}
			}
			r.mu.Unlock()
			if err := ann.SetRelay(false); errcode.Of(err).Code != errcode.InvalidOperation {
				t.Errorf("switched off in a room: %v", err)
			}

			// Switched off, it goes directly again.
			if err := ann.Leave(ann.ctx); err != nil {
				t.Fatal(err)
			}
			if err := ann.SetRelay(false); err != nil {
				t.Fatal(err)
			}
			ann.join("1")
			if p := r.path(t, ann.ctx); p.Local != "host" || p.Protocol != "" {
				t.Errorf("switched off, media goes by %+v", p)
			}
		})
	}
}

func TestProxyServerThatIsNotThere(t *testing.T) {
	g := gatewayproc.Start(t, "--turn=false")
	ann, bob := newUser(t, g), newUser(t, g)
	bob.join("2")
	if err := ann.SetRelay(true); err != nil {
		t.Fatal(err)
	}
	err := ann.Join(ann.ctx, client.JoinOptions{Server: ann.server, Channel: t.Name(), UID: "1"})
	var e *errcode.Error
	if !errors.As(err, &e) || e.Code != errcode.RefusedByServer || e.ExtraCode != protocol.CodeNoRelay {
		t.Fatalf("join: %v", err)
	}
	if ann.State() != client.Disconnected {
		t.Errorf("state %s", ann.State())
	}
	if err := ann.SetRelay(false); err != nil {
		t.Fatal(err)
	}
	ann.join("3")
	// The first that the other hears of is the one who got in.
	if e := await(bob, func(client.PeerOnline) bool { return true }); e.UID != "3" {
		t.Errorf("%s came", e.UID)
	}
}

// The engine dies: the client comes back, and by the relay again, with what the new engine gives it.
func TestProxyServerAfterRecovery(t *testing.T) {
	g := gatewayproc.Start(t)
	r := &router{}
	ann := newUser(t, g, func(o *client.Options) {
		o.NewPeer = r.factory(nativemedia.Options{Loopback: true})
		o.Policy = signal.DefaultPolicy()
	})
	bob := newUser(t, g, patient)
	if err := ann.SetRelay(true); err != nil {
		t.Fatal(err)
	}
	ann.join("1")
	ann.talk(0xa1)
	bob.join("2")
	meet(bob, "1", 0xa1)
	g.KillEngine(t)
	await(ann, func(e client.StateChanged) bool { return e.Reconnect && e.Cur == client.Connecting })
	await(ann, func(e client.StateChanged) bool { return e.Reconnect && e.Cur == client.Connected })
	if e := await(bob, func(e client.TrackReplaced) bool { return e.MediaType == protocol.MediaAudio }); true {
		bob.hears(client.StreamSubscribed(e), 0xa1)
	}
	if p := r.path(t, ann.ctx); p.Local != "relay" {
		t.Errorf("media goes by %+v", p)
	}
}

// An external LiveKit has a relay of its own: what it names, clients use.
func TestProxyServerOfAnExternalEngine(t *testing.T) {
	const key, secret = "APIkey", "a-secret-of-more-than-thirty-two-bytes"
	for name, there := range map[string]bool{"with a relay": true, "without one": false} {
		t.Run(name, func(t *testing.T) {
			args := []string{"--engine-key", key, "--engine-secret", secret}
			if !there {
				args = append(args, "--turn=false")
			}
			owner := gatewayproc.Start(t, args...)
			g := gatewayproc.Start(t, "--livekit-url", fmt.Sprintf("http://127.0.0.1:%d", owner.EnginePort), "--livekit-key", key, "--livekit-secret", secret)
			r := &router{}
			ann := newUser(t, g, func(o *client.Options) { o.NewPeer = r.factory(nativemedia.Options{Loopback: true}) })
			if err := ann.SetRelay(true); err != nil {
				t.Fatal(err)
			}
			if !there {
				err := ann.Join(ann.ctx, client.JoinOptions{Server: ann.server, Channel: t.Name(), UID: "1"})
				if e := errcode.Of(err); err == nil || e.Code != errcode.RefusedByServer || e.ExtraCode != protocol.CodeNoRelay {
					t.Errorf("join: %v", err)
				}
				return
			}
			bob := newUser(t, g)
			ann.join("1")
			bob.join("2")
			ann.talk(0xa1)
			meet(bob, "1", 0xa1)
			if p := r.path(t, ann.ctx); p.Local != "relay" {
				t.Errorf("media goes by %+v", p)
			}
		})
	}
}

// A load balancer ends TLS in front of the relay, on the port that clients are told.
func TestProxyServerBehindALoadBalancer(t *testing.T) {
	cert, key, pool := certificate(t)
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	balancer, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{pair}})
	if err != nil {
		t.Fatal(err)
	}
	port := balancer.Addr().(*net.TCPAddr).Port
	g := gatewayproc.Start(t, "--turn-udp=false", "--turn-domain", "localhost", "--turn-external-tls", "--turn-public-port", strconv.Itoa(port))
	var passing sync.WaitGroup
	t.Cleanup(func() {
		_ = balancer.Close()
		passing.Wait()
	})
	passing.Go(func() {
		for {
			client, err := balancer.Accept()
			if err != nil {
				return
			}
			relay, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", g.TURNTLSPort))
			if err != nil {
				_ = client.Close()
				continue
			}
			for _, way := range [][2]net.Conn{{client, relay}, {relay, client}} {
				passing.Go(func() {
					_, _ = io.Copy(way[0], way[1])
					_ = way[0].Close()
				})
			}
		}
	})
	r := &router{}
	ann := newUser(t, g, func(o *client.Options) {
		o.NewPeer = r.factory(nativemedia.Options{Loopback: true, RelayTLS: &tls.Config{RootCAs: pool, ServerName: "localhost"}})
	})
	bob := newUser(t, g)
	if err := ann.SetRelay(true); err != nil {
		t.Fatal(err)
	}
	ann.join("1")
	bob.join("2")
	ann.talk(0xa1)
	meet(bob, "1", 0xa1)
	if p := r.path(t, ann.ctx); p != (nativemedia.Path{Local: "relay", Protocol: "tls"}) {
		t.Errorf("media goes by %+v", p)
	}
}
