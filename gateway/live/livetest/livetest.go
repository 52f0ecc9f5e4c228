// Package livetest gives tests of live tasks a real room: an engine, a gateway, and members who send
// encoded pictures and sounds at their pace.
package livetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
	pionmedia "github.com/pion/webrtc/v4/pkg/media"

	"nertc/gateway/engine"
	"nertc/gateway/engine/enginetest"
	"nertc/gateway/live/ffmpeg"
	"nertc/gateway/room"
	"nertc/internal/client"
	"nertc/internal/media"
	"nertc/internal/nativemedia"
	"nertc/internal/protocol"
	"nertc/internal/signal"
)

// App is the application of all rooms here.
const App = "app"

// World is an engine and a gateway.
type World struct {
	Engine *engine.Engine
	t      testing.TB
	server string
}

// folder has what Program has built.
var folder atomic.Pointer[string]

// Program is the engine's program, built when the first test asks for it: the processes of a fuzzer need none.
var Program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "live")
	if err != nil {
		return "", err
	}
	folder.Store(&dir)
	return enginetest.Build(dir)
})

// Main runs a package's tests.
func Main(m *testing.M) {
	code := m.Run()
	if dir := folder.Load(); dir != nil {
		_ = os.RemoveAll(*dir)
	}
	os.Exit(code)
}

// Start makes a world for as long as a test lasts.
func Start(t testing.TB) *World {
	t.Helper()
	program, err := Program()
	if err != nil {
		t.Fatal(err)
	}
	e := enginetest.Start(t, program)
	h := room.NewHandler(room.Options{Engine: e, Log: enginetest.Log(t)})
	srv := httptest.NewServer(h)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := h.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
		srv.Close()
	})
	return &World{Engine: e, t: t, server: "ws" + strings.TrimPrefix(srv.URL, "http") + protocol.Path}
}

// Room is the engine's name of a room.
func (w *World) Room(channel string) string { return engine.RoomName(App, channel) }

// User is a member of a room.
type User struct {
	*client.Client
	t   testing.TB
	ctx context.Context

	mu     sync.Mutex
	events []client.Event
	codec  atomic.Value // of the next picture, a string
}

// announcing is a peer connection that says which codec a picture comes in, as a browser's does.
type announcing struct {
	media.PeerConnection
	codec *atomic.Value
}

// PictureCodecs is the one that is being published.
func (a announcing) PictureCodecs() []string {
	if c, ok := a.codec.Load().(string); ok {
		return []string{c}
	}
	return nil
}

// Join has somebody join a room.
func (w *World) Join(channel, uid string) *User {
	w.t.Helper()
	return w.JoinOver(channel, uid, nil)
}

// JoinOver has somebody join a room over a network of the test's making.
func (w *World) JoinOver(channel, uid string, network func(net.PacketConn) net.PacketConn) *User {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	u := &User{t: w.t, ctx: ctx}
	u.Client = client.New(client.Options{
		AppKey: App, SDK: "live test", Dial: signal.Dial,
		NewPeer: func(o media.Observer) (media.PeerConnection, error) {
			pc, err := nativemedia.Factory(nativemedia.Options{Loopback: true, Wrap: network})(o)
			return announcing{pc, &u.codec}, err
		},
		Handle: func(e client.Event) {
			u.mu.Lock()
			u.events = append(u.events, e)
			u.mu.Unlock()
		},
		Policy: signal.DefaultPolicy(),
	})
	w.t.Cleanup(func() {
		_ = u.Destroy(context.Background())
		cancel()
	})
	if err := u.Client.Join(ctx, client.JoinOptions{Server: w.server, Channel: channel, UID: uid}); err != nil {
		w.t.Fatalf("%s: %v", uid, err)
	}
	return u
}

// Events are what the user was told so far.
func (u *User) Events() []client.Event {
	u.mu.Lock()
	defer u.mu.Unlock()
	return append([]client.Event(nil), u.events...)
}

// Source is a picture or a sound that is sent over and over.
type Source struct {
	MediaType protocol.MediaType
	// Codec of a picture.
	Codec ffmpeg.Codec
	// Frames, each of which lasts Every.
	Frames [][]byte
	Every  time.Duration
	// Width and Height as announced.
	Width, Height int
}

// Sending is a source that is being sent.
type Sending struct {
	user  *User
	track *webrtc.TrackLocalStaticSample
	mu    sync.Mutex
	src   Source
	next  int
	still bool
	stop  context.CancelFunc
}

// Publish sends sources, at one clock, until the user leaves or they are stopped.
func (u *User) Publish(sources ...Source) []*Sending {
	u.t.Helper()
	var out []*Sending
	var tracks []client.LocalTrack
	ctx, cancel := context.WithCancel(u.ctx)
	u.t.Cleanup(cancel)
	for _, s := range sources {
		mime := webrtc.MimeTypeOpus
		if s.Codec != "" {
			mime = "video/" + string(s.Codec)
			u.codec.Store(string(s.Codec))
		}
		capability := webrtc.RTPCodecCapability{MimeType: mime, ClockRate: 90000}
		if s.Codec == "" {
			capability.ClockRate, capability.Channels = 48000, 2
		}
		if s.Codec == ffmpeg.H264 { // the first that is offered: the engine takes for granted that it is sent, as browsers do
			capability.SDPFmtpLine = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f"
		}
		track, err := webrtc.NewTrackLocalStaticSample(capability, fmt.Sprintf("%s-%s-%d", s.MediaType, u.UID(), time.Now().UnixNano()), string(s.MediaType))
		if err != nil {
			u.t.Fatal(err)
		}
		tracks = append(tracks, client.LocalTrack{MediaType: s.MediaType, Track: nativemedia.Track{Local: track}, Width: s.Width, Height: s.Height})
		out = append(out, &Sending{user: u, track: track, src: s, stop: cancel})
	}
	if err := u.Client.Publish(u.ctx, tracks); err != nil {
		u.t.Fatalf("%s: %v", u.UID(), err)
	}
	begin := time.Now()
	for _, s := range out {
		go s.run(ctx, begin)
	}
	return out
}

// run sends each frame when it is due, so that what was published together stays together.
func (s *Sending) run(ctx context.Context, begin time.Time) {
	due := begin
	for {
		s.mu.Lock()
		data, every := s.src.Frames[s.next%len(s.src.Frames)], s.src.Every
		s.next++
		still := s.still
		s.mu.Unlock()
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Until(due)):
		}
		if still {
			data = nil
		}
		_ = s.track.WriteSample(pionmedia.Sample{Data: data, Duration: every})
		due = due.Add(every)
	}
}

// Replace sends other frames of the same codec from their beginning on.
func (s *Sending) Replace(frames [][]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.src.Frames, s.next = frames, 0
}

// Pause sends nothing for a while, without a word.
func (s *Sending) Pause(paused bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.still = paused
}

// Unpublish ends the sending, and that of what was published with it.
func (s *Sending) Unpublish() {
	s.user.t.Helper()
	s.stop()
	if err := s.user.Client.Unpublish(s.user.ctx, s.src.MediaType); err != nil {
		s.user.t.Fatal(err)
	}
}

// Mute says that a track is silent or black, or no more so.
func (u *User) Mute(m protocol.MediaType, muted bool) {
	u.t.Helper()
	if err := u.SetMuted(u.ctx, m, muted); err != nil {
		u.t.Fatal(err)
	}
}

// lossy is a socket that loses some of the media that is sent through it.
type lossy struct {
	net.PacketConn
	share float64
}

// Lossy is a network that loses a share of what is sent: of media, not of what sets the connection up.
func Lossy(share float64) func(net.PacketConn) net.PacketConn {
	return func(c net.PacketConn) net.PacketConn { return lossy{c, share} }
}

// WriteTo loses RTP and RTCP alike, https://www.rfc-editor.org/rfc/rfc7983#section-7
func (l lossy) WriteTo(b []byte, to net.Addr) (int, error) {
	if len(b) > 0 && b[0]>>6 == 2 && rand.Float64() < l.share {
		return len(b), nil
	}
	return l.PacketConn.WriteTo(b, to)
}
