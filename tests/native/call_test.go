// Package native has calls between clients without a browser, through a real gateway and its engine.
package native

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
	pionmedia "github.com/pion/webrtc/v4/pkg/media"

	"nertc/internal/client"
	"nertc/internal/errcode"
	"nertc/internal/nativemedia"
	"nertc/internal/protocol"
	"nertc/internal/signal"
	"nertc/tests/gatewayproc"
)

func TestMain(m *testing.M) {
	code := m.Run()
	gatewayproc.Clean()
	os.Exit(code)
}

// user is a client with the events it has told.
type user struct {
	*client.Client
	t      *testing.T
	ctx    context.Context
	server string
	events chan client.Event
}

func newUser(t *testing.T, g *gatewayproc.Gateway, change ...func(*client.Options)) *user {
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	u := &user{t: t, ctx: ctx, server: g.Signalling(), events: make(chan client.Event, 1024)}
	o := client.Options{
		AppKey: "app", SDK: "native test", Dial: signal.Dial,
		NewPeer: nativemedia.Factory(nativemedia.Options{Loopback: true}),
		Handle:  func(e client.Event) { u.events <- e },
		Policy:  signal.DefaultPolicy(),
	}
	for _, f := range change {
		f(&o)
	}
	u.Client = client.New(o)
	t.Cleanup(func() {
		_ = u.Destroy(context.Background())
		cancel()
	})
	return u
}

func (u *user) join(uid string) {
	u.t.Helper()
	err := u.Join(u.ctx, client.JoinOptions{Server: u.server, Channel: u.t.Name(), UID: uid})
	if err != nil {
		u.t.Fatalf("%s: %v", uid, err)
	}
}

// await waits for an event that satisfies a condition; the others are passed over.
func await[E client.Event](u *user, ok func(E) bool) E {
	u.t.Helper()
	for {
		select {
		case e := <-u.events:
			if e, is := e.(E); is && ok(e) {
				return e
			}
		case <-u.ctx.Done():
			var want E
			u.t.Fatalf("%T never came", want)
		}
	}
}

// talk publishes sound and picture whose payloads can be told from each other's, until the test ends.
func (u *user) talk(marker byte) {
	u.t.Helper()
	sound, err := webrtc.NewTrackLocalStaticSample(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus}, "mic-"+u.UID(), "camera")
	if err != nil {
		u.t.Fatal(err)
	}
	picture, err := webrtc.NewTrackLocalStaticSample(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8}, "cam-"+u.UID(), "camera")
	if err != nil {
		u.t.Fatal(err)
	}
	err = u.Publish(u.ctx, []client.LocalTrack{
		{MediaType: protocol.MediaAudio, Track: nativemedia.Track{Local: sound}},
		{MediaType: protocol.MediaVideo, Track: nativemedia.Track{Local: picture}, Width: 16, Height: 16},
	})
	if err != nil {
		u.t.Fatal(err)
	}
	u.send(sound, picture, marker)
}

// send writes to the tracks until the test ends.
func (u *user) send(sound, picture *webrtc.TrackLocalStaticSample, marker byte) {
	go func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		// A VP8 key frame of 16×16: tag, start code, size, then the marker as the coded picture.
		frame := append([]byte{0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 16, 0, 16, 0}, bytes.Repeat([]byte{marker}, 40)...)
		for {
			select {
			case <-tick.C:
				_ = sound.WriteSample(pionmedia.Sample{Data: append([]byte{0xf8}, bytes.Repeat([]byte{marker}, 20)...), Duration: 20 * time.Millisecond})
				_ = picture.WriteSample(pionmedia.Sample{Data: frame, Duration: 20 * time.Millisecond})
			case <-u.ctx.Done():
				return
			}
		}
	}()
}

// hears waits until a packet with the marker has come on a track.
func (u *user) hears(s client.StreamSubscribed, marker byte) {
	u.t.Helper()
	track, _, err := s.Track.(*nativemedia.RemoteTrack).Wait(u.ctx)
	if err != nil {
		u.t.Fatalf("%s from %s: %v", s.MediaType, s.UID, err)
	}
	deadline, _ := u.ctx.Deadline()
	_ = track.SetReadDeadline(deadline)
	for {
		p, _, err := track.ReadRTP()
		if err != nil {
			u.t.Fatalf("%s from %s: %v", s.MediaType, s.UID, err)
		}
		if bytes.Count(p.Payload, []byte{marker}) >= 20 {
			return
		}
	}
}

func TestCall(t *testing.T) {
	g := gatewayproc.Start(t)
	ann, bob := newUser(t, g), newUser(t, g)
	ann.join("1")
	ann.talk(0xa1)
	bob.join("")
	if bob.UID() == "" || bob.UID() == "1" || ann.ChannelInfo().CID == 0 || ann.ChannelInfo().CID != bob.ChannelInfo().CID {
		t.Fatalf("ann %+v, bob %+v", ann.ChannelInfo(), bob.ChannelInfo())
	}
	bob.talk(0xb2)

	meet(ann, bob.UID(), 0xb2)
	meet(bob, "1", 0xa1)

	if err := ann.SetMuted(ann.ctx, protocol.MediaVideo, true); err != nil {
		t.Fatal(err)
	}
	await(bob, func(e client.MuteChanged) bool { return e.MediaType == protocol.MediaVideo && e.Muted })
	if err := ann.Unpublish(ann.ctx, protocol.MediaAudio); err != nil {
		t.Fatal(err)
	}
	await(bob, func(e client.StreamRemoved) bool { return e.MediaType == protocol.MediaAudio })
	if err := ann.Leave(ann.ctx); err != nil {
		t.Fatal(err)
	}
	await(bob, func(e client.StreamRemoved) bool { return e.MediaType == protocol.MediaVideo })
	await(bob, func(e client.PeerLeave) bool { return e.UID == "1" })

	// The same client again, in another round.
	ann.join("1")
	await(bob, func(e client.PeerOnline) bool { return e.UID == "1" })
	ann.talk(0xa3)
	meet(bob, "1", 0xa3)
}

// meet waits for the sound and the picture of somebody, subscribes and receives both.
func meet(u *user, uid string, marker byte) {
	u.t.Helper()
	for range 2 {
		await(u, func(e client.StreamAdded) bool { return e.UID == uid })
	}
	result := make(chan error, 1)
	go func() { result <- u.Subscribe(u.ctx, uid, protocol.MediaTypes[:]...) }()
	for range 2 {
		s := await(u, func(e client.StreamSubscribed) bool { return e.UID == uid })
		u.hears(s, marker)
	}
	if err := <-result; err != nil {
		u.t.Fatal(err)
	}
}

func TestManyPublishAtOnce(t *testing.T) {
	g := gatewayproc.Start(t)
	const n = 4
	users := make([]*user, n)
	for i := range users {
		users[i] = newUser(t, g)
	}
	errs := make(chan error, n)
	for i, u := range users {
		go func() {
			errs <- u.Join(u.ctx, client.JoinOptions{Server: u.server, Channel: t.Name(), UID: fmt.Sprint(i + 1)})
		}()
	}
	for range n {
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
	}
	for i, u := range users {
		u.talk(byte(0x70 + i))
	}
	for i, u := range users {
		added := map[string]int{}
		for left := 2 * (n - 1); left > 0; left-- {
			added[await(u, func(client.StreamAdded) bool { return true }).UID]++
		}
		for uid, k := range added {
			if k != 2 {
				t.Fatalf("user %d saw %d streams of %s", i+1, k, uid)
			}
			if err := u.Subscribe(u.ctx, uid, protocol.MediaTypes[:]...); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 * (n - 1) {
			s := await(u, func(client.StreamSubscribed) bool { return true })
			var k int
			_, _ = fmt.Sscan(s.UID, &k)
			u.hears(s, byte(0x70+k-1))
		}
	}
}

func TestSameUIDAgain(t *testing.T) {
	g := gatewayproc.Start(t)
	first, second, other := newUser(t, g), newUser(t, g), newUser(t, g)
	other.join("9")
	first.join("5")
	await(other, func(e client.PeerOnline) bool { return e.UID == "5" })
	second.join("5")
	await(first, func(e client.StateChanged) bool { return e.Cur == client.Disconnected })
	await(first, func(client.UIDDuplicate) bool { return true })
	if second.State() != client.Connected {
		t.Fatal(second.State())
	}
	second.talk(0x55)
	meet(other, "5", 0x55)
}

// TestEngineDies kills the media engine in a call: both come back by themselves, nobody is seen
// to leave, and sound and picture flow again on the streams that were subscribed.
func TestEngineDies(t *testing.T) {
	g := gatewayproc.Start(t)
	ann, bob := newUser(t, g), newUser(t, g, patient)
	ann.join("1")
	bob.join("2")
	ann.talk(0x11)
	meet(bob, "1", 0x11)
	g.KillEngine(t)
	for _, u := range []*user{ann, bob} {
		await(u, func(e client.StateChanged) bool { return e.Cur == client.Connecting && e.Reconnect })
		await(u, func(e client.StateChanged) bool { return e.Cur == client.Connected && e.Reconnect })
	}
	for range 2 {
		for heard := false; !heard; {
			select {
			case e := <-bob.events:
				switch e := e.(type) {
				case client.TrackReplaced:
					bob.hears(client.StreamSubscribed(e), 0x11)
					heard = true
				case client.PeerLeave, client.PeerOnline, client.StreamAdded, client.StreamRemoved:
					t.Fatalf("bob was told %T%v", e, e)
				}
			case <-bob.ctx.Done():
				t.Fatal("sound and picture did not come back")
			}
		}
	}
	// And the room is one that others can enter.
	carol := newUser(t, g)
	carol.join("3")
	meet(carol, "1", 0x11)
}

// patient awaits the others after a rejoin for longer than usual: on a busy machine they take longer.
func patient(o *client.Options) { o.Return = 30 * time.Second }

// TestGatewayIsGone has a client give up in the end, with the documented error.
func TestGatewayIsGone(t *testing.T) {
	g := gatewayproc.Start(t)
	u := newUser(t, g, func(o *client.Options) { o.Policy.GiveUp = time.Second })
	u.join("1")
	g.Stop(t)
	await(u, func(e client.StateChanged) bool { return e.Cur == client.Connecting && e.Reconnect })
	await(u, func(e client.StateChanged) bool { return e.Cur == client.Disconnected })
	await(u, func(e client.Failed) bool { return e.Name == "SOCKET_ERROR" })
}

func TestServerDown(t *testing.T) {
	g := gatewayproc.Start(t)
	u := newUser(t, g)
	g.Stop(t)
	err := u.Join(u.ctx, client.JoinOptions{Server: u.server, Channel: "r"})
	if errcode.Of(err).Code != errcode.Network || u.State() != client.Disconnected {
		t.Fatal(err, u.State())
	}
}

func TestRefusals(t *testing.T) {
	g := gatewayproc.Start(t)
	for uid, want := range map[string]errcode.Code{
		"-1": errcode.InvalidUID, "9007199254740993": errcode.InvalidUID,
	} {
		u := newUser(t, g)
		err := u.Join(u.ctx, client.JoinOptions{Server: u.server, Channel: "r", UID: uid})
		if errcode.Of(err).Code != want || !strings.Contains(err.Error(), "code: ") {
			t.Errorf("uid %s: %v", uid, err)
		}
	}
}

// TestPictureRefreshIsAsked makes sure that a new viewer does not wait for the sender's next key frame.
func TestPictureRefreshIsAsked(t *testing.T) {
	g := gatewayproc.Start(t)
	ann, bob := newUser(t, g), newUser(t, g)
	ann.join("1")
	ann.talk(0x33)
	bob.join("2")
	for range 2 {
		await(bob, func(e client.StreamAdded) bool { return e.UID == "1" })
	}
	go func() { _ = bob.Subscribe(bob.ctx, "1", protocol.MediaVideo) }()
	s := await(bob, func(e client.StreamSubscribed) bool { return true })
	if s.MediaType != protocol.MediaVideo {
		t.Fatalf("%s was not asked for", s.MediaType)
	}
	bob.hears(s, 0x33)
	_, receiver, err := s.Track.(*nativemedia.RemoteTrack).Wait(bob.ctx)
	if err != nil {
		t.Fatal(err)
	}
	deadline, _ := bob.ctx.Deadline()
	if err := receiver.SetReadDeadline(deadline); err != nil {
		t.Fatal(err)
	}
	for { // the engine reports on what it sends: the clock by which sound and picture are kept together
		packets, _, err := receiver.ReadRTCP()
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range packets {
			if _, ok := p.(*rtcp.SenderReport); ok {
				return
			}
		}
	}
}
