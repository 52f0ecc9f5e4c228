package push_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"nertc/gateway/live/address"
	"nertc/gateway/live/flv"
	"nertc/gateway/live/push"
	"nertc/gateway/live/rtmp"
	"nertc/gateway/live/rtmptest"
	"nertc/gateway/live/sei"
)

// told collects what a pusher tells.
type told struct{ states chan push.State }

func newTold() *told { return &told{states: make(chan push.State, 100)} }

func (l *told) tell(s push.State) { l.states <- s }

// next waits for the next state.
func (l *told) next(t *testing.T, within time.Duration) push.State {
	t.Helper()
	select {
	case s := <-l.states:
		return s
	case <-time.After(within):
		t.Fatalf("nothing was told within %v", within)
	}
	return push.State{}
}

// pushing waits for the stream to be taken, past failures.
func (l *told) pushing(t *testing.T, within time.Duration) push.State {
	t.Helper()
	for end := time.Now().Add(within); ; {
		if s := l.next(t, time.Until(end)); s.Pushing {
			return s
		}
	}
}

var meta = flv.Meta{Width: 320, Height: 180, FrameRate: 25, VideoRate: 600, AudioRate: 64, SampleRate: 48000, Channels: 1}

// start pushes the programme to url until the test ends.
func start(t *testing.T, url string, o push.Options) (*push.Pusher, *told) {
	t.Helper()
	return startOf(t, url, o, programme(t))
}

func startOf(t *testing.T, url string, o push.Options, packets []flv.Packet) (*push.Pusher, *told) {
	t.Helper()
	l := newTold()
	o.URL, o.Meta, o.Tell = url, meta, l.tell
	p, err := push.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var playing sync.WaitGroup
	playing.Go(func() { rtmptest.Play(packets, p.Send, stop) })
	t.Cleanup(func() {
		close(stop)
		playing.Wait()
		p.Close()
	})
	return p, l
}

var programme = func() func(t *testing.T) []flv.Packet {
	var once sync.Once
	var packets []flv.Packet
	return func(t *testing.T) []flv.Packet {
		once.Do(func() { packets = rtmptest.Programme(t, 320, 180, 25, 4) })
		return packets
	}
}()

// watch receives what a server gives to its audience for a while, into a file.
func watch(t *testing.T, url string, seconds string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "watched.flv")
	said, err := exec.Command("ffmpeg", "-v", "error", "-rw_timeout", "8000000", "-i", url, "-t", seconds, "-c", "copy", "-f", "flv", file).CombinedOutput()
	if err != nil {
		t.Fatalf("ffmpeg: %v\n%s", err, said)
	}
	return file
}

type probed struct {
	Streams []struct {
		CodecName    string `json:"codec_name"`
		Width        int
		Height       int
		AvgFrameRate string `json:"avg_frame_rate"`
		SampleRate   string `json:"sample_rate"`
	}
}

func probe(t *testing.T, file string) probed {
	t.Helper()
	said, err := exec.Command("ffprobe", "-v", "error", "-show_streams", "-of", "json", file).Output()
	var p probed
	if err == nil {
		err = json.Unmarshal(said, &p)
	}
	if err != nil {
		t.Fatalf("ffprobe: %v\n%s", err, said)
	}
	return p
}

func TestARealServerGetsTheStream(t *testing.T) {
	server := rtmptest.Start(t)
	const extra = `{"scene":"première \u0000"}`
	begun := time.Now()
	p, l := start(t, server.URL("one?sign=1/2"), push.Options{ExtraInfo: extra})
	if s := l.next(t, 20*time.Second); !s.Pushing || s.URL != server.URL("one?sign=1/2") {
		t.Fatalf("told %+v", s)
	}
	if took := time.Since(begun); took < 1500*time.Millisecond {
		t.Errorf("pushing was told after %v: too soon to know", took)
	}
	file := watch(t, server.URL("one"), "3")
	streams := probe(t, file).Streams
	if len(streams) != 2 {
		t.Fatalf("streams %+v", streams)
	}
	video, audio := streams[0], streams[1]
	if audio.CodecName == "h264" {
		video, audio = audio, video
	}
	if video.CodecName != "h264" || video.Width != 320 || video.Height != 180 || video.AvgFrameRate != "25/1" || audio.CodecName != "aac" || audio.SampleRate != "48000" {
		t.Errorf("what arrived: %+v", streams)
	}
	arrived, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(arrived), sei.Owner+extra); n < 2 {
		t.Errorf("the text is in %d of the key frames of 3 s", n)
	}
	// Another text and another place.
	p.Inform("other")
	if err := p.Move(server.URL("two")); err != nil {
		t.Fatal(err)
	}
	if s := l.next(t, 20*time.Second); !s.Pushing || s.URL != server.URL("two") {
		t.Fatalf("told %+v", s)
	}
	arrived, _ = os.ReadFile(watch(t, server.URL("two"), "2"))
	if !strings.Contains(string(arrived), sei.Owner+"other") || strings.Contains(string(arrived), extra) {
		t.Error("the text was not changed")
	}
	if err := p.Move("http://nowhere"); !errors.Is(err, address.ErrSyntax) {
		t.Errorf("moved to what is no address: %v", err)
	}
	if stats := p.Stats(); stats.Sent == 0 || stats.Dropped != 0 || stats.Attempts != 2 || stats.Failures != 0 {
		t.Errorf("stats %+v", stats)
	}
}

// The promise: whatever happens to a server is told within 6 s, and it is found again when it is back.
func TestFailuresAreToldAndRecovered(t *testing.T) {
	const promise = 6 * time.Second
	failed := func(t *testing.T, l *told, want error) {
		t.Helper()
		begun := time.Now()
		if s := l.next(t, promise); s.Pushing || !errors.Is(s.Err, want) {
			t.Fatalf("told %+v, want %v", s, want)
		}
		t.Logf("told after %.1f s: %v", time.Since(begun).Seconds(), want)
	}
	recovered := func(t *testing.T, l *told) {
		t.Helper()
		begun := time.Now()
		l.pushing(t, 40*time.Second)
		t.Logf("pushing again after %.1f s", time.Since(begun).Seconds())
	}
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		server := rtmptest.Start(t)
		const key = "s3cr3t-key"
		p, l := start(t, server.In("closed", key), push.Options{})
		for range 2 {
			begun := time.Now()
			s := l.next(t, promise)
			if s.Pushing || !errors.Is(s.Err, rtmp.ErrRefused) || strings.Contains(s.Err.Error(), key) {
				t.Fatalf("told %+v", s)
			}
			t.Logf("told after %.1f s: %v", time.Since(begun).Seconds(), s.Err)
		}
		if err := p.Move(server.URL(key)); err != nil {
			t.Fatal(err)
		}
		recovered(t, l)
	})
	t.Run("nobody there", func(t *testing.T) {
		t.Parallel()
		server := rtmptest.Start(t)
		server.Kill()
		_, l := start(t, server.URL("key"), push.Options{})
		failed(t, l, rtmp.ErrNoListener)
		server.Again()
		recovered(t, l)
	})
	t.Run("killed", func(t *testing.T) {
		t.Parallel()
		server := rtmptest.Start(t)
		_, l := start(t, server.URL("key"), push.Options{})
		l.pushing(t, 20*time.Second)
		server.Kill()
		failed(t, l, rtmp.ErrClosed)
		server.Again()
		recovered(t, l)
	})
	// The less there is to send, the longer it fits into the buffers of who does not take it.
	t.Run("hung, with nothing on the air", func(t *testing.T) {
		t.Parallel()
		server := rtmptest.Start(t)
		_, l := startOf(t, server.URL("key"), push.Options{}, rtmptest.Nothing(t, 4))
		l.pushing(t, 20*time.Second)
		time.Sleep(2 * time.Second) // the rate is known by then
		server.Hang()
		failed(t, l, rtmp.ErrStalled)
	})
	t.Run("hung", func(t *testing.T) {
		t.Parallel()
		server := rtmptest.Start(t)
		_, l := start(t, server.URL("key"), push.Options{})
		l.pushing(t, 20*time.Second)
		server.Hang()
		failed(t, l, rtmp.ErrStalled)
		// And each attempt since, at whose end the server still does not answer.
		if s := l.next(t, 20*time.Second); !errors.Is(s.Err, rtmp.ErrTimeout) {
			t.Errorf("told %+v", s)
		}
		server.Continue()
		recovered(t, l)
	})
	t.Run("not allowed", func(t *testing.T) {
		t.Parallel()
		server := rtmptest.Start(t)
		_, l := start(t, server.URL("key"), push.Options{Dial: address.Policy{}.Dial})
		failed(t, l, address.ErrForbidden)
	})
}

// Where nothing comes out of the encoder any more, the server is well and nobody sees anything: that is a failure too.
func TestNothingToPushIsTold(t *testing.T) {
	server := rtmptest.Start(t)
	l := newTold()
	p, err := push.Start(push.Options{URL: server.URL("key"), Meta: meta, Tell: l.tell, Silence: 2 * time.Second, LeastWait: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	play := func() (end func()) {
		stop := make(chan struct{})
		var playing sync.WaitGroup
		playing.Go(func() { rtmptest.Play(programme(t), p.Send, stop) })
		return func() {
			close(stop)
			playing.Wait()
		}
	}
	end := play()
	l.pushing(t, 20*time.Second)
	end()
	if s := l.next(t, 20*time.Second); s.Pushing || !errors.Is(s.Err, push.ErrNothing) {
		t.Fatalf("told %+v", s)
	}
	end = play()
	defer func() { end() }()
	l.pushing(t, 20*time.Second)
}

// A server that takes the stream and does not read it makes the pusher leave pictures out, not wait or grow.
func TestSendNeverWaits(t *testing.T) {
	server := rtmptest.Start(t)
	p, l := start(t, server.URL("key"), push.Options{Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, address)
		return &slow{Conn: c}, err
	}})
	begun := time.Now()
	for p.Stats().Dropped == 0 {
		if time.Since(begun) > 20*time.Second {
			t.Fatal("nothing was left out for a server that takes 30 kB a second")
		}
		time.Sleep(50 * time.Millisecond)
	}
	if s := l.next(t, 20*time.Second); !s.Pushing {
		t.Errorf("told %+v of a server that is slow, and takes data", s)
	}
	// What does arrive can be decoded from the beginning: it goes on with a key frame after each gap.
	said, err := exec.Command("ffmpeg", "-v", "error", "-rw_timeout", "8000000", "-i", server.URL("key"), "-t", "2", "-f", "null", "-").CombinedOutput()
	if err != nil || strings.Contains(string(said), "error while decoding") || strings.Contains(string(said), "reference") {
		t.Errorf("decoding: %v\n%s", err, said)
	}
}

// slow is a line of 30 kB a second.
type slow struct{ net.Conn }

func (s *slow) Write(b []byte) (n int, err error) {
	for len(b) > 0 {
		part := min(len(b), 3000)
		time.Sleep(100 * time.Millisecond)
		m, err := s.Conn.Write(b[:part])
		n += m
		if err != nil {
			return n, err
		}
		b = b[part:]
	}
	return n, nil
}

func TestWhatIsNoAddressDoesNotStart(t *testing.T) {
	if _, err := push.Start(push.Options{URL: "http://host/app/key"}); !errors.Is(err, address.ErrSyntax) {
		t.Errorf("started: %v", err)
	}
}
