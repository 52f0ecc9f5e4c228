package program

import (
	"log/slog"
	"sync"
	"testing"
	"time"

	"nertc/gateway/live/ffmpeg"
	"nertc/gateway/live/ffmpeg/ffmpegtest"
	"nertc/gateway/live/flv"
	"nertc/gateway/live/mix"
)

// The times of one encoder end after weeks. Another takes its place before that, and nobody notices.
func TestATaskOutlivesItsEncoder(t *testing.T) {
	var mu sync.Mutex
	var pictures []time.Duration
	var sounds, encoders int
	o := output{ffmpeg: ffmpegtest.Program(t), log: slog.Default(), longest: FrameRate, packet: func(p flv.Packet) {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case p.Config && p.Kind == flv.Video:
			encoders++
		case p.Config:
		case p.Kind == flv.Video:
			pictures = append(pictures, p.PTS)
		default:
			sounds++
		}
	}}
	e := ffmpeg.Encoding{W: 160, H: 96, FrameRate: FrameRate, VideoRate: 200, AudioRate: 64, SampleRate: mix.Rate, Channels: 2}
	const ticks = 4*FrameRate + 10
	canvas, pcm := mix.New(e.W, e.H, 0x808080), make([]int16, perTick*mix.Channels)
	clock := time.NewTicker(tick)
	defer clock.Stop()
	for range ticks {
		<-clock.C
		o.tick(e, canvas, pcm)
	}
	o.close()
	// On a machine so busy that an encoder cannot even begin within seconds, some ticks are left out.
	if want := int((o.ticks + FrameRate - 1) / FrameRate); encoders < want || len(pictures) != int(o.ticks) || o.ticks < 3*FrameRate {
		t.Fatalf("of %d ticks %d were made, and %d pictures by %d encoders", ticks, o.ticks, len(pictures), encoders)
	}
	for i := 1; i < len(pictures); i++ {
		if d := pictures[i] - pictures[i-1]; d < tick-2*time.Millisecond || d > tick+30*time.Millisecond {
			t.Errorf("picture %d is %v behind the last", i, d)
		}
	}
	if want := int(o.ticks) * perTick / 1024; sounds < want-10 || sounds > want+10 {
		t.Errorf("%d sounds, want about %d", sounds, want)
	}
}
