package bot_test

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"nertc/gateway/engine"
	"nertc/gateway/engine/enginetest"
	"nertc/gateway/live/bot"
	"nertc/gateway/live/ffmpeg"
	"nertc/gateway/live/ffmpeg/ffmpegtest"
	"nertc/gateway/live/livetest"
	"nertc/internal/client"
	"nertc/internal/protocol"
)

func TestMain(m *testing.M) { livetest.Main(m) }

// sink notes what a track carries.
type sink struct {
	*bot.Track
	mu    sync.Mutex
	units []bot.Unit
	muted bool
	ended bool
}

func (s *sink) Take(u bot.Unit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.units = append(s.units, u)
}

func (s *sink) Mute(m bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.muted = m
}

func (s *sink) End() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
}

// watch is a bot with the tracks that it has had.
type watch struct {
	*bot.Bot
	t     *testing.T
	mu    sync.Mutex
	sinks []*sink
}

func start(t *testing.T, w *livetest.World, room string) *watch {
	b := &watch{t: t}
	b.Bot = bot.Start(bot.Options{Engine: w.Engine, Room: w.Room(room), Loopback: true, Open: func(tr *bot.Track) bot.Sink {
		s := &sink{Track: tr}
		b.mu.Lock()
		defer b.mu.Unlock()
		b.sinks = append(b.sinks, s)
		return s
	}})
	t.Cleanup(b.Close)
	return b
}

// await polls for a sink that satisfies a condition: the bot tells sinks, not tests.
func (b *watch) await(what string, ok func(*sink) bool) *sink {
	b.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		b.mu.Lock()
		for _, s := range b.sinks {
			s.mu.Lock()
			found := ok(s)
			s.mu.Unlock()
			if found {
				b.mu.Unlock()
				return s
			}
		}
		b.mu.Unlock()
	}
	b.t.Fatalf("%s: never", what)
	return nil
}

func of(uid string, m protocol.MediaType, n int) func(*sink) bool {
	return func(s *sink) bool { return !s.ended && s.UID == uid && s.MediaType == m && len(s.units) >= n }
}

func camera(t *testing.T, codec ffmpeg.Codec) livetest.Source {
	return livetest.Source{MediaType: protocol.MediaVideo, Codec: codec, Every: 40 * time.Millisecond, Width: 160, Height: 96,
		Frames: ffmpegtest.Pictures(t, codec, "testsrc2=s=160x96:r=25:d=2", "25")}
}

func mic(t *testing.T) livetest.Source {
	return livetest.Source{MediaType: protocol.MediaAudio, Every: 20 * time.Millisecond, Frames: ffmpegtest.Sounds(t, "sine=440:r=48000:d=2")}
}

// The bot receives whom it wants, whole pictures and from a key frame on, in whatever codec; nobody hears of it.
func TestReceivesWhatIsWanted(t *testing.T) {
	w := livetest.Start(t)
	b := start(t, w, "room")
	b.Want(map[string]bot.Want{"1": {Picture: true, Sound: true}, "2": {Picture: true}})
	ann, bob := w.Join("room", "1"), w.Join("room", "2")
	ann.Publish(camera(t, ffmpeg.VP8), mic(t))
	bob.Publish(camera(t, ffmpeg.H264), mic(t))

	first := b.await("the camera of 1", of("1", protocol.MediaVideo, 10))
	b.await("the microphone of 1", of("1", protocol.MediaAudio, 20))
	second := b.await("the camera of 2", of("2", protocol.MediaVideo, 10))
	for s, codec := range map[*sink]ffmpeg.Codec{first: ffmpeg.VP8, second: ffmpeg.H264} {
		s.mu.Lock()
		for i, u := range s.units {
			if u.Codec != codec || i == 0 && !u.Key || len(u.Data) == 0 || i > 0 && u.At <= s.units[i-1].At {
				t.Errorf("%s: unit %d is %s, key %v, at %d", s.UID, i, u.Codec, u.Key, u.At)
			}
		}
		last := s.units[len(s.units)-1].At
		s.mu.Unlock()
		if at, ok := s.Position(time.Now().Add(bot.Delay)); !ok || at < last-2*ffmpeg.VideoClock || at > last+2*ffmpeg.VideoClock {
			t.Errorf("%s: at %d what is due is %d, %v", s.UID, last, at, ok)
		}
	}
	b.mu.Lock()
	for _, s := range b.sinks {
		if s.UID == "2" && s.MediaType == protocol.MediaAudio {
			t.Error("a sound comes that nobody wants")
		}
	}
	b.mu.Unlock()

	// Muted, and unmuted.
	ann.Mute(protocol.MediaVideo, true)
	b.await("mute", func(s *sink) bool { return s == first && s.muted })
	ann.Mute(protocol.MediaVideo, false)
	b.await("unmute", func(s *sink) bool { return s == first && !s.muted })

	// Wanted no more, and again.
	b.Want(map[string]bot.Want{"1": {Sound: true}, "2": {Picture: true, Sound: true}})
	b.await("the end of the camera of 1", func(s *sink) bool { return s == first && s.ended })
	b.await("the microphone of 2", of("2", protocol.MediaAudio, 5))
	b.Want(map[string]bot.Want{"1": {Picture: true, Sound: true}, "2": {Picture: true, Sound: true}})
	b.await("the camera of 1 again", of("1", protocol.MediaVideo, 10))

	// Gone, and back.
	if err := bob.Leave(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.await("the end of the camera of 2", func(s *sink) bool { return s == second && s.ended })
	w.Join("room", "2").Publish(camera(t, ffmpeg.VP8))
	again := b.await("the camera of 2 again", of("2", protocol.MediaVideo, 10))
	again.mu.Lock()
	if again.units[0].Codec != ffmpeg.VP8 || !again.units[0].Key {
		t.Errorf("2 is back in %s", again.units[0].Codec)
	}
	again.mu.Unlock()

	for _, e := range ann.Events() {
		if e, ok := e.(client.PeerOnline); ok && e.UID != "2" {
			t.Errorf("1 was told of %q", e.UID)
		}
	}
	people, err := w.Engine.Participants(t.Context(), w.Room("room"))
	if err != nil || len(people) != 2 {
		t.Errorf("the room has %v, %v", people, err)
	}
	// The engine counts anew every few seconds.
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		rooms, err := w.Engine.Rooms(t.Context())
		if err == nil && len(rooms) == 1 && rooms[0].Members == 2 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the operator sees %+v, %v", rooms, err)
		}
	}
}

// A screen takes the camera's place while it is there, without a moment with neither.
func TestTheScreenComesInPlaceOfTheCamera(t *testing.T) {
	w := livetest.Start(t)
	b := start(t, w, "room")
	b.Want(map[string]bot.Want{"1": {Picture: true, Sound: true}, "2": {Picture: true, Prefer: protocol.MediaVideo}})
	for _, uid := range []string{"1", "2"} {
		u := w.Join("room", uid)
		u.Publish(camera(t, ffmpeg.VP8))
		cam := b.await("camera", of(uid, protocol.MediaVideo, 5))
		screen := camera(t, ffmpeg.VP8)
		screen.MediaType = protocol.MediaScreen
		music := mic(t)
		music.MediaType = protocol.MediaAudioSlave
		sending := u.Publish(screen, music)
		if uid == "2" { // it wants the camera
			cam.mu.Lock()
			n := len(cam.units)
			cam.mu.Unlock()
			b.await("more of the camera", of(uid, protocol.MediaVideo, n+50))
			continue
		}
		b.await("the sound of the screen", of(uid, protocol.MediaAudioSlave, 5))
		b.await("the end of the camera", func(s *sink) bool { return s == cam && s.ended })
		b.await("the screen", of(uid, protocol.MediaScreen, 5))
		sending[0].Unpublish()
		b.await("the camera again", of(uid, protocol.MediaVideo, 5))
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.sinks {
		if s.UID == "2" && s.MediaType == protocol.MediaScreen {
			t.Error("the screen was received of whom the camera is wanted")
		}
	}
}

// The room is closed: its members are told and stay away; the bot comes again by itself.
func TestComesAgainWhenTheRoomIsClosed(t *testing.T) {
	w := livetest.Start(t)
	b := start(t, w, "room")
	b.Want(map[string]bot.Want{"1": {Sound: true}})
	users := []*livetest.User{w.Join("room", "1"), w.Join("room", "2"), w.Join("room", "3"), w.Join("room", "4"), w.Join("room", "5")}
	for _, u := range users {
		u.Publish(mic(t))
	}
	before := b.await("sound", of("1", protocol.MediaAudio, 5))
	if err := w.Engine.DeleteRoom(context.Background(), w.Room("room")); err != nil {
		t.Fatal(err)
	}
	b.await("its end", func(s *sink) bool { return s == before && s.ended })
	for _, u := range users {
		for deadline := time.Now().Add(20 * time.Second); !slices.Contains(u.Events(), client.Event(client.ChannelClosed{})); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s was told %#v", u.UID(), u.Events())
			}
		}
	}
	w.Join("room", "1").Publish(mic(t))
	b.await("sound again", func(s *sink) bool { return s != before && len(s.units) > 5 })
	for _, u := range users {
		if s := u.State(); s != client.Disconnected {
			t.Errorf("%s is %s", u.UID(), s)
		}
	}
}

// states passes on what a bot says of its connection.
type states chan string

func (s states) Enabled(context.Context, slog.Level) bool { return true }
func (s states) WithAttrs([]slog.Attr) slog.Handler       { return s }
func (s states) WithGroup(string) slog.Handler            { return s }
func (s states) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "state" {
			select {
			case s <- a.Value.String():
			default:
			}
		}
		return true
	})
	return nil
}

// The address that the engine tells clients cannot be reached from here, as behind some routers: the bot, on the
// engine's machine, comes through all the same.
func TestComesThroughWhereTheEnginesAddressDoesNotLead(t *testing.T) {
	program, err := livetest.Program()
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.StartEmbedded(context.Background(), engine.Config{NodeIP: "192.0.2.1", Log: enginetest.Log(t)}, program)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Stop(context.Background()) }()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := e.WaitReady(ctx); err != nil {
		t.Fatal(err)
	}
	told := make(states, 100)
	b := bot.Start(bot.Options{Engine: e, Room: engine.RoomName(livetest.App, "room"), Log: slog.New(told)})
	defer b.Close()
	for {
		select {
		case s := <-told:
			if s == "connected" {
				return
			}
		case <-ctx.Done():
			t.Fatal("no way was found")
		}
	}
}
