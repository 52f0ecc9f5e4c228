package rtmp

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"errors"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"nertc/gateway/live/amf"
	"nertc/gateway/live/flv"
)

func TestWhatAServerIsTold(t *testing.T) {
	type heard struct{ connect, publish command }
	told := make(chan heard, 1)
	ended := make(chan command, 1)
	pong := make(chan []byte, 1)
	stream := listen(t, nil, func(s *scripted) {
		connect := s.until("connect")
		s.say(commandAMF3, append([]byte{0}, command{"_result", connecting, nil, nil}.body()...)) // AMF0 behind a byte
		s.until("createStream")
		s.say(commandAMF0, command{"onBWDone", 0.0, nil}.body())
		s.say(commandAMF0, command{"_result", creating, nil, 1.0}.body())
		told <- heard{connect, s.until("publish")}
		s.status("status", "NetStream.Publish.Start", "")
		s.say(userControl, []byte{0, 6, 1, 2, 3, 4})
		pong <- s.kind(userControl)
		ended <- s.until("deleteStream")
	})
	c, err := publish(t, Options{Stream: stream}, 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	h := <-told
	object := h.connect.status()
	if object.Text("app") != "app" || object.Text("tcUrl") != stream.TCURL() || strings.Contains(object.Text("tcUrl"), "s3cr3t") {
		t.Errorf("connect %v", object)
	}
	if h.publish.at(3) != "key-s3cr3t?sign=abc%2Fdef" || h.publish.at(4) != "live" {
		t.Errorf("publish %v", h.publish)
	}
	if got := <-pong; !bytes.Equal(got, []byte{0, 7, 1, 2, 3, 4}) {
		t.Errorf("a ping was answered by %v", got)
	}
	c.Close()
	if m := <-ended; m.at(3) != 1.0 {
		t.Errorf("at the end: %v", m)
	}
	if err := c.Send(flv.Packet{Kind: flv.Audio, Data: []byte{1}}, 0); err == nil {
		t.Error("something was sent after the end")
	}
}

func TestRefusalsSayWhyAndNotTheKey(t *testing.T) {
	for name, c := range map[string]struct {
		script func(*scripted)
		want   error
		says   string
	}{
		"at connect": {func(s *scripted) {
			s.until("connect")
			s.say(commandAMF0, command{"_error", connecting, nil, amf.Object{{Name: "level", Value: "error"}, {Name: "code", Value: "NetConnection.Connect.Rejected"}, {Name: "description", Value: "no app"}}}.body())
		}, ErrRefused, "NetConnection.Connect.Rejected: no app"},
		"at publish": {func(s *scripted) {
			s.connected()
			s.until("publish")
			s.status("error", "NetStream.Publish.BadName", "key-s3cr3t?sign=abc%2Fdef is taken,\x00\r\n signed abc/def "+strings.Repeat("x", 500))
			s.until("never")
		}, ErrRefused, "NetStream.Publish.BadName: … is taken"},
		"by closing":          {func(s *scripted) { s.connected(); s.until("publish") }, ErrRefused, "closed"},
		"by other protocols":  {func(s *scripted) { s.net.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")); s.until("never") }, errProtocol, ""},
		"by a huge message":   {func(s *scripted) { s.say(commandAMF0, make([]byte, maxMessage+1)); s.until("never") }, errProtocol, ""},
		"by nested values":    {func(s *scripted) { s.say(commandAMF0, bytes.Repeat([]byte{10, 0, 0, 0, 1}, 10000)); s.until("never") }, ErrTimeout, ""},
		"by saying nothing":   {func(s *scripted) { s.until("never") }, ErrTimeout, ""},
		"by a stream of none": {func(s *scripted) { s.until("createStream"); s.until("never") }, ErrTimeout, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			within := 20 * time.Second
			if c.want == ErrTimeout {
				within = time.Second
			}
			_, err := publish(t, Options{Stream: listen(t, nil, c.script)}, within)
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("%v, want %v saying %q", err, c.want, c.says)
			}
			if text := err.Error(); strings.Contains(text, "s3cr3t") || strings.Contains(text, "abc") || strings.ContainsAny(text, "\x00\r\n") || len(text) > 300 {
				t.Errorf("the error says %q", text)
			}
		})
	}
}

func TestAnEndDuringTheStreamIsSeen(t *testing.T) {
	for name, c := range map[string]struct {
		script func(*scripted)
		want   error
	}{
		"closed":   {func(s *scripted) { s.accept() }, ErrClosed},
		"an error": {func(s *scripted) { s.accept(); s.status("error", "NetStream.Publish.Failed", ""); s.until("never") }, ErrRefused},
		"unpublished": {func(s *scripted) {
			s.accept()
			s.status("status", "NetStream.Unpublish.Success", "the operator ended it")
			s.until("never")
		}, ErrRefused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := publish(t, Options{Stream: listen(t, nil, c.script)}, 20*time.Second)
			if err == nil { // else it came at once
				select {
				case <-conn.Done():
				case <-time.After(20 * time.Second):
					t.Fatal("not seen")
				}
				err = conn.Err()
			}
			if !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

// A server that has acknowledged once and then takes nothing more, while its machine still does.
func TestAStalledServerIsSeenWhileWritesSucceed(t *testing.T) {
	stream := listen(t, nil, func(s *scripted) {
		s.accept()
		s.kind(flv.TypeVideo)
		s.say(acknowledge, acks(5000))
		for s.kind(flv.TypeVideo) != nil {
		}
	})
	c, err := publish(t, Options{Stream: stream}, 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	tick := time.NewTicker(40 * time.Millisecond)
	defer tick.Stop()
	for time.Since(begun) < 7*time.Second && c.Err() == nil {
		<-tick.C
		c.Send(flv.Packet{Kind: flv.Video, Data: make([]byte, 2000)}, time.Since(begun))
	}
	took := time.Since(begun)
	if !errors.Is(c.Err(), ErrStalled) || took < patience || took > 6*time.Second {
		t.Errorf("after %v: %v", took, c.Err())
	}
	if took, known := c.Took(c.Sent()); took || !known {
		t.Error("the server is said to have taken it all")
	}
}

func TestSecureServersProveWhoTheyAre(t *testing.T) {
	certificate, roots := authority(t, net.IPv4(127, 0, 0, 1))
	other, _ := authority(t, net.IPv4(127, 0, 0, 2)) // for another machine
	accept := func(s *scripted) { s.accept(); s.until("never") }
	server := func(c tls.Certificate) *tls.Config { return &tls.Config{Certificates: []tls.Certificate{c}} }

	if _, err := publish(t, Options{Stream: listen(t, server(certificate), accept), TLS: &tls.Config{RootCAs: roots}}, 20*time.Second); err != nil {
		t.Errorf("a good one: %v", err)
	}
	for name, o := range map[string]Options{
		"nobody vouches":  {Stream: listen(t, server(certificate), accept)},
		"another machine": {Stream: listen(t, server(other), accept), TLS: &tls.Config{RootCAs: roots}},
	} {
		if _, err := publish(t, o, 20*time.Second); !errors.Is(err, ErrCertificate) {
			t.Errorf("%s: %v", name, err)
		}
	}
	clear := listen(t, nil, accept)
	clear.Secure = true
	if _, err := publish(t, Options{Stream: clear}, 2*time.Second); !errors.Is(err, ErrSecure) && !errors.Is(err, ErrTimeout) {
		t.Errorf("one without TLS: %v", err)
	}
}

// authority makes a certificate for an address and the roots that vouch for it.
func authority(t *testing.T, ip net.IP) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature, IPAddresses: []net.IP{ip},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

func TestACancelledAttemptEndsAtOnce(t *testing.T) {
	stream := listen(t, nil, func(s *scripted) { s.until("never") })
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	begun := time.Now()
	if _, err := Publish(ctx, Options{Stream: stream}); err == nil || time.Since(begun) > 5*time.Second { // otherwise it would wait for 30 s
		t.Errorf("after %v: %v", time.Since(begun), err)
	}
}

func TestFlow(t *testing.T) {
	now := time.Now()
	f := newFlow(now)
	step := func(d time.Duration, bytes int) uint32 { now = now.Add(d); return f.add(bytes, now) }
	// A server that never says anything is not judged by it.
	for range 100 {
		step(100*time.Millisecond, 10_000)
	}
	if f.stalled(now) {
		t.Error("stalled, though it never acknowledged")
	}
	if _, _, window, known := f.taken(); known || window != 100_000/3 {
		t.Errorf("a window of %d for 100 kB a second", window)
	}
	f.acknowledge(1_000_000, now)
	for range 35 {
		step(100*time.Millisecond, 10_000)
	}
	if f.stalled(now) {
		t.Error("stalled too early")
	}
	// nginx begins to count anew; that is a sign of life.
	f.acknowledge(100, now)
	for range 40 {
		step(100*time.Millisecond, 10_000)
	}
	if f.stalled(now) {
		t.Error("stalled after a number that began anew")
	}
	for range 10 {
		step(100*time.Millisecond, 10_000)
	}
	if !f.stalled(now) {
		t.Error("not stalled after 5 s")
	}
	f.acknowledge(100+400_000, now) // slow, and alive
	if f.stalled(now) {
		t.Error("stalled right after an acknowledgement")
	}
	// At a low rate the window is small, so that a stall shows as soon.
	for range 30 {
		step(100*time.Millisecond, 150)
	}
	if _, _, window, _ := f.taken(); window != 500 {
		t.Errorf("a window of %d for 1.5 kB a second", window)
	}
	// Numbers have 32 bits.
	g := newFlow(now)
	g.add(1<<20, now)
	g.value = 1<<32 - 1000
	g.acknowledge(1000, now)
	if acked, _, _, _ := g.taken(); acked != 2000 {
		t.Errorf("beyond 2^32: %d", acked)
	}
}

// Times beyond 4.6 hours stand in a field of their own, in each chunk.
func TestLateTimes(t *testing.T) {
	body := bytes.Repeat([]byte{7}, outChunk+1)
	for _, at := range []uint32{0, 0xfffffe, 0xffffff, 0x1234567} {
		wire := appendMessage(nil, controlStream, setChunkSize, 0, 0, binary.BigEndian.AppendUint32(nil, outChunk))
		first := len(wire)
		wire = appendMessage(wire, videoStream, flv.TypeVideo, 1, at, body)
		wire = appendMessage(wire, audioStream, flv.TypeAudio, 1, at, []byte{1})
		extra := 0
		if at >= 0xffffff {
			extra = 4
			if got := binary.BigEndian.Uint32(wire[first+12:]); got != at {
				t.Errorf("%#x is written as %#x", at, got)
			}
		}
		if want := first + 12 + extra + outChunk + 1 + extra + 1 + 12 + extra + 1; len(wire) != want {
			t.Errorf("%#x: %d bytes, want %d", at, len(wire), want)
		}
		r := newReader(bytes.NewReader(wire))
		for _, want := range [][]byte{body, {1}} {
			if m, err := r.next(); err != nil || !bytes.Equal(m.body, want) {
				t.Errorf("%#x: %d bytes, %v", at, len(m.body), err)
			}
		}
	}
}

func FuzzServer(f *testing.F) {
	f.Add(appendMessage(nil, commandStream, commandAMF0, 0, 0, command{"onStatus", 0.0, nil, amf.Object{{Name: "code", Value: "x"}}}.body()))
	f.Add(appendMessage(appendMessage(nil, 2, setChunkSize, 0, 0, []byte{0, 0, 0, 1}), 3, 20, 1, 1<<30, []byte("abc")))
	f.Add([]byte{0x80 | 3, 0xff, 0xff, 0xff, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, in []byte) {
		c := &Conn{in: newReader(bytes.NewReader(in)), flow: newFlow(time.Now()), commands: make(chan command, 8), done: make(chan struct{})}
		c.err = ErrClosed
		close(c.done) // answers go nowhere
		for {
			m, err := c.in.next()
			if err != nil {
				return
			}
			if len(m.body) > maxMessage {
				t.Fatalf("a message of %d bytes", len(m.body))
			}
			c.handle(m)
		}
	})
}
