package native

import (
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"nertc/internal/client"
	"nertc/internal/nativemedia"
	"nertc/internal/protocol"
	"nertc/tests/gatewayproc"
)

// relay stands between a client and the gateway for what they signal.
type relay struct {
	listener net.Listener
	to       string

	mu   sync.Mutex
	open map[net.Conn]struct{}
	down bool
	work sync.WaitGroup
}

func newRelay(t *testing.T, g *gatewayproc.Gateway) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{listener: l, to: strings.TrimPrefix(g.URL, "http://"), open: map[net.Conn]struct{}{}}
	r.work.Add(1)
	go r.accept()
	t.Cleanup(func() {
		_ = l.Close()
		r.cut()
		r.work.Wait()
	})
	return r
}

// signalling is the address of the gateway's WebSocket by way of the relay.
func (r *relay) signalling(g *gatewayproc.Gateway) string {
	return strings.Replace(g.Signalling(), r.to, r.listener.Addr().String(), 1)
}

// cut ends all connections, and all that come until mend.
func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down = true
	for c := range r.open {
		_ = c.Close()
	}
}

func (r *relay) mend() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down = false
}

func (r *relay) accept() {
	defer r.work.Done()
	for {
		near, err := r.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue
		}
		r.work.Add(1)
		go func() {
			defer r.work.Done()
			defer near.Close()
			if far, err := net.Dial("tcp", r.to); err == nil {
				r.pass(near, far)
			}
		}()
	}
}

func (r *relay) pass(near, far net.Conn) {
	defer far.Close()
	r.mu.Lock()
	if r.down {
		r.mu.Unlock()
		return
	}
	r.open[near], r.open[far] = struct{}{}, struct{}{}
	r.mu.Unlock()
	back := make(chan struct{})
	go func() {
		defer close(back)
		_, _ = io.Copy(near, far)
		_ = near.Close()
	}()
	_, _ = io.Copy(far, near)
	_ = far.Close()
	<-back
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.open, near)
	delete(r.open, far)
}

// listen follows the packets of a track until the test ends.
type listen struct {
	packets chan struct{}
	mu      sync.Mutex
	last    time.Time
	longest time.Duration // the longest silence
}

func (u *user) listen(s client.StreamSubscribed) *listen {
	u.t.Helper()
	track, _, err := s.Track.(*nativemedia.RemoteTrack).Wait(u.ctx)
	if err != nil {
		u.t.Fatal(err)
	}
	l := &listen{packets: make(chan struct{}), last: time.Now()}
	go func() {
		for {
			if _, _, err := track.ReadRTP(); err != nil {
				return
			}
			l.mu.Lock()
			l.longest = max(l.longest, time.Since(l.last))
			l.last = time.Now()
			l.mu.Unlock()
			select {
			case l.packets <- struct{}{}:
			default:
			}
		}
	}()
	return l
}

// wait waits for packets.
func (l *listen) wait(u *user, packets int) {
	u.t.Helper()
	for range packets {
		select {
		case <-l.packets:
		case <-u.ctx.Done():
			u.t.Fatal("no more packets come")
		}
	}
}

// silence is the longest since the last call, the one that is going on included.
func (l *listen) silence() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	longest := max(l.longest, time.Since(l.last))
	l.longest = 0
	return longest
}

func TestSignallingIsCut(t *testing.T) {
	g := gatewayproc.Start(t)
	r := newRelay(t, g)
	ann, bob := newUser(t, g), newUser(t, g)
	ann.server = r.signalling(g)
	ann.join("1")
	ann.talk(0xa1)
	bob.join("2")
	bob.talk(0xb2)
	meet(ann, "2", 0xb2)
	for range 2 {
		await(bob, func(e client.StreamAdded) bool { return e.UID == "1" })
	}
	if err := bob.Subscribe(bob.ctx, "1", protocol.MediaAudio); err != nil {
		t.Fatal(err)
	}
	sound := bob.listen(await(bob, func(client.StreamSubscribed) bool { return true }))

	sound.wait(bob, 1)
	sound.silence()
	r.cut()
	await(ann, func(e client.StateChanged) bool { return e.Cur == client.Connecting && e.Reconnect })
	muted := make(chan error, 1)
	go func() { muted <- ann.SetMuted(ann.ctx, protocol.MediaVideo, true) }()
	if err := bob.SetMuted(bob.ctx, protocol.MediaAudio, true); err != nil {
		t.Fatal(err)
	}
	sound.wait(bob, 100) // two seconds of it
	select {
	case err := <-muted:
		t.Fatalf("muted without a connection: %v", err)
	default:
	}
	r.mend()
	await(ann, func(e client.StateChanged) bool { return e.Cur == client.Connected && e.Reconnect })
	if err := <-muted; err != nil {
		t.Fatal(err)
	}
	await(ann, func(e client.MuteChanged) bool { return e.UID == "2" && e.MediaType == protocol.MediaAudio && e.Muted })
	if err := ann.SetMuted(ann.ctx, protocol.MediaVideo, false); err != nil {
		t.Fatal(err)
	}
	// All that bob has seen of it is that the picture was muted, once, and was there again.
	for want := true; ; {
		select {
		case e := <-bob.events:
			switch e.(type) {
			case client.Volumes, client.NetworkQuality:
				continue // these come all the time
			}
			if e != (client.MuteChanged{UID: "1", MediaType: protocol.MediaVideo, Muted: want}) {
				t.Errorf("bob sees %#v", e)
			}
		case <-bob.ctx.Done():
			t.Fatal("bob sees no mute")
		}
		if !want {
			break
		}
		want = false
	}
	if longest := sound.silence(); longest > 2*time.Second { // less than the cut took
		t.Errorf("sound was away for %v", longest)
	}
}
