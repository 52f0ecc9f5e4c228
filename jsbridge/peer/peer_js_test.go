package peer

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"nertc/internal/media"
	"nertc/jsbridge/js"
	"nertc/jsbridge/js/jstest"
)

func script(t *testing.T, body string) js.Value {
	t.Helper()
	return jstest.Script(t, body)
}

// movingPicture is a canvas whose picture changes all the time.
func movingPicture(t *testing.T) *Track {
	t.Helper()
	track, err := NewTrack(script(t, `
		const c = document.createElement('canvas'); c.width = 320; c.height = 240;
		const g = c.getContext('2d'); let n = 0;
		setInterval(() => { g.fillStyle = 'hsl(' + (n++ * 7 % 360) + ',80%,50%)'; g.fillRect(0, 0, 320, 240); }, 30);
		return c.captureStream(30).getVideoTracks()[0];`))
	if err != nil {
		t.Fatal(err)
	}
	return track
}

func tone(t *testing.T) *Track {
	t.Helper()
	track, err := NewTrack(script(t, `
		const a = new AudioContext(), o = a.createOscillator(), d = a.createMediaStreamDestination();
		o.connect(d); o.start(); return d.stream.getAudioTracks()[0];`))
	if err != nil {
		t.Fatal(err)
	}
	return track
}

// loop is a connection of ours and the far end that answers it.
type loop struct {
	t      *testing.T
	ctx    context.Context
	scope  *js.Scope
	near   media.PeerConnection
	far    *webrtc.PeerConnection
	states chan media.ConnectionState
	raw    chan string
}

func newLoop(t *testing.T) *loop {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	l := &loop{
		t: t, ctx: ctx, scope: js.NewScope(),
		states: make(chan media.ConnectionState, 20), raw: make(chan string, 100),
	}
	var err error
	if l.far, err = webrtc.NewPeerConnection(webrtc.Configuration{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.far.Close() })
	l.near, err = NewFactory(l.scope)(media.Observer{
		Candidate: func(c string) { l.raw <- c },
		State:     func(s media.ConnectionState) { l.states <- s },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.near.Close() })
	return l
}

// negotiate goes through one offer and answer and gives the offer.
func (l *loop) negotiate() string {
	l.t.Helper()
	sdp, err := l.near.Offer(l.ctx)
	if err != nil {
		l.t.Fatal(err)
	}
	if err := l.far.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: sdp}); err != nil {
		l.t.Fatal(err)
	}
	answer, err := l.far.CreateAnswer(nil)
	if err != nil {
		l.t.Fatal(err)
	}
	if err := l.far.SetLocalDescription(answer); err != nil {
		l.t.Fatal(err)
	}
	if err := l.near.Answer(l.ctx, answer.SDP); err != nil {
		l.t.Fatal(err)
	}
	return sdp
}

// trickle carries candidates in both directions until the test ends.
func (l *loop) trickle() {
	l.scope.Listen(l.far.JSValue(), "icecandidate", func(event js.Value) {
		c := js.Property(event, "candidate")
		if !js.IsObject(c) {
			return
		}
		text, _ := js.Call(js.Global("JSON"), "stringify", c)
		s := text.String()
		go func() { _ = l.near.AddCandidate(l.ctx, s) }()
	})
	go func() {
		for {
			select {
			case c := <-l.raw:
				init, _ := js.Call(js.Global("JSON"), "parse", c)
				_, _ = l.scope.AwaitCall(l.ctx, l.far.JSValue(), "addIceCandidate", init)
			case <-l.ctx.Done():
				return
			}
		}
	}()
}

func (l *loop) waitConnected() {
	l.t.Helper()
	for {
		select {
		case s := <-l.states:
			if s == media.StateConnected {
				return
			}
		case <-l.ctx.Done():
			l.t.Fatal("not connected in time")
		}
	}
}

// received waits until the far end has decoded frames beyond a number and gives the new one.
func (l *loop) received(beyond int64) int64 {
	l.t.Helper()
	for l.ctx.Err() == nil {
		stats, err := l.scope.AwaitCall(l.ctx, l.far.JSValue(), "getStats")
		if err != nil {
			l.t.Fatal(err)
		}
		values, _ := js.Call(js.Global("Array"), "from", stats)
		for _, pair := range js.Items(values) {
			s := js.Items(pair)[1]
			if n, _ := js.Integer(js.Property(s, "framesDecoded")); n > beyond {
				return n
			}
		}
		l.scope.Turn(l.ctx)
	}
	l.t.Fatal("no frames were decoded in time")
	return 0
}

func TestPictureArrivesDecoded(t *testing.T) {
	l := newLoop(t)
	if err := l.near.AddReceivers(l.ctx, 1, 1); err != nil {
		t.Fatal(err)
	}
	l.trickle()
	first := l.negotiate()
	if !strings.Contains(first, "m=application") || strings.Count(first, "a=recvonly") != 2 {
		t.Errorf("the first offer lacks the data channel or a spare section:\n%s", first)
	}
	l.waitConnected()
	picture, sound := movingPicture(t), tone(t)
	sender, err := l.near.Send(l.ctx, picture, media.SendOptions{MaxBitrate: 500_000, MaxFramerate: 30})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.near.Send(l.ctx, sound, media.SendOptions{}); err != nil {
		t.Fatal(err)
	}
	sdp := l.negotiate()
	for _, track := range []*Track{picture, sound} {
		if !regexp.MustCompile(`a=msid:\S+ ` + regexp.QuoteMeta(track.ID())).MatchString(sdp) {
			t.Errorf("the offer does not name the %s track %s", track.Kind(), track.ID())
		}
	}
	n := l.received(0)

	other := movingPicture(t)
	if err := sender.Replace(l.ctx, other); err != nil {
		t.Fatal(err)
	}
	n = l.received(n + 5)

	// What was stopped leaves its place in the SDP to the next track of its kind.
	if err := sender.Stop(l.ctx); err != nil {
		t.Fatal(err)
	}
	if err := sender.Stop(l.ctx); err != nil {
		t.Fatal(err)
	}
	stopped := l.negotiate()
	if !strings.Contains(stopped, "a=inactive") {
		t.Error("the stopped section is not inactive")
	}
	next := movingPicture(t)
	if _, err := l.near.Send(l.ctx, next, media.SendOptions{MaxBitrate: 300_000}); err != nil {
		t.Fatal(err)
	}
	again := l.negotiate()
	if a, b := strings.Count(sdp, "\nm="), strings.Count(again, "\nm="); a != b {
		t.Errorf("%d sections became %d", a, b)
	}
	if !strings.Contains(again, " "+next.ID()) || strings.Contains(again, picture.ID()) {
		t.Error("the offer does not name the new track in the place of the old")
	}
	l.received(n + 5)
}

func TestReceiversByMid(t *testing.T) {
	l := newLoop(t)
	if err := l.near.AddReceivers(l.ctx, 1, 1); err != nil {
		t.Fatal(err)
	}
	if _, ok := l.near.Receiver("0"); ok {
		t.Error("a receiver before its section has a mid")
	}
	sdp := l.negotiate()
	kinds := map[media.Kind]bool{}
	for _, m := range regexp.MustCompile(`a=mid:(\S+)`).FindAllStringSubmatch(sdp, -1) {
		if r, ok := l.near.Receiver(m[1]); ok {
			kinds[r.Kind()] = true
			if r.MID() != m[1] || r.ID() == "" {
				t.Errorf("got mid %q, id %q", r.MID(), r.ID())
			}
		}
	}
	if !kinds[media.Audio] || !kinds[media.Video] {
		t.Errorf("got %v", kinds)
	}
}

func TestCandidatesAreTheBrowsersOwn(t *testing.T) {
	l := newLoop(t)
	if _, err := l.near.Offer(l.ctx); err != nil {
		t.Fatal(err)
	}
	select {
	case c := <-l.raw:
		for _, key := range []string{"candidate", "sdpMid", "sdpMLineIndex", "usernameFragment"} {
			if !strings.Contains(c, `"`+key+`"`) {
				t.Errorf("%s is missing in %s", key, c)
			}
		}
	case <-l.ctx.Done():
		t.Fatal("no candidate")
	}
}

func TestICEServersWithTURN(t *testing.T) {
	l := newLoop(t)
	err := l.near.SetICEServers([]media.ICEServer{
		{URLs: []string{"stun:127.0.0.1:3478"}},
		{URLs: []string{"turn:127.0.0.1:3478?transport=tcp"}, Username: "u", Credential: "p"},
	}, true)
	if err != nil {
		t.Fatal(err)
	}
	configuration, _ := js.Call(l.near.(*connection).pc.JSValue(), "getConfiguration")
	if n := len(js.Items(js.Property(configuration, "iceServers"))); n != 2 {
		t.Errorf("%d servers are set", n)
	}
	if policy := js.TextOr(js.Property(configuration, "iceTransportPolicy"), ""); policy != "relay" {
		t.Errorf("the policy is %q", policy)
	}
	if err := l.near.SetICEServers([]media.ICEServer{{URLs: []string{"http://no"}}}, false); err == nil {
		t.Error("a server that is none was taken")
	}
}

func TestOddInput(t *testing.T) {
	l := newLoop(t)
	for _, c := range []string{"", "no json", "null", "7", `{"candidate":"x"}`, `{"candidate":5,"sdpMid":[]}`} {
		if err := l.near.AddCandidate(l.ctx, c); err == nil && c != "null" {
			t.Errorf("candidate %q was taken", c)
		}
	}
	if err := l.near.Answer(l.ctx, "no sdp"); err == nil {
		t.Error("an answer that is none was taken")
	}
	if _, err := NewTrack(js.Object(map[string]any{"id": "x", "kind": "audio"})); err == nil {
		t.Error("an object was taken for a track")
	}
	if _, err := l.near.Offer(l.ctx); err != nil {
		t.Errorf("no offer after odd input: %v", err)
	}
}

func TestCloseAtAnyTimeReleasesAll(t *testing.T) {
	l := newLoop(t)
	if l.scope.Live() == 0 {
		t.Error("an open connection holds no functions")
	}
	ended := make(chan error, 1)
	go func() {
		_, err := l.near.Offer(l.ctx)
		ended <- err
	}()
	if err := l.near.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.near.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Error("an offer of a closed connection")
	}
	if _, err := l.near.Offer(l.ctx); err == nil {
		t.Error("an offer of a closed connection")
	}
	if err := l.near.AddReceivers(l.ctx, 1, 0); err == nil {
		t.Error("a closed connection took a section")
	}
	if err := l.near.AddCandidate(l.ctx, `{}`); !errors.Is(err, js.ErrClosed) {
		t.Errorf("got %v", err)
	}
	if n := l.scope.Live(); n != 0 {
		t.Errorf("%d functions are still alive", n)
	}
}
