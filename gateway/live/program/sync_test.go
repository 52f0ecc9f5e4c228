package program_test

import (
	"os"
	"testing"
	"time"

	"nertc/gateway/live/ffmpeg"
	"nertc/gateway/live/ffmpeg/ffmpegtest"
	"nertc/gateway/live/livetest"
	"nertc/gateway/live/mix"
	"nertc/internal/protocol"
)

// A flash and a beep that were sent at the same time are seen and heard at the same time. NERTC_LIVE_SYNC=10m
// looks at that for longer.
func TestSoundAndPictureStayTogether(t *testing.T) {
	span := 6 * time.Second
	if s := os.Getenv("NERTC_LIVE_SYNC"); s != "" {
		var err error
		span, err = time.ParseDuration(s)
		must(t, err)
	}
	w := livetest.Start(t)
	ann := w.Join("room", "1")
	// Each second begins with a flash of 120 ms and a beep of 100 ms.
	flash := livetest.Source{MediaType: protocol.MediaVideo, Codec: ffmpeg.VP8, Every: 40 * time.Millisecond, Width: 320, Height: 180,
		Frames: ffmpegtest.Pictures(t, ffmpeg.VP8, "color=black:s=320x180:r=25:d=1,drawbox=color=white:t=fill:enable='lt(n,3)'", "25")}
	beep := livetest.Source{MediaType: protocol.MediaAudio, Every: 20 * time.Millisecond,
		Frames: ffmpegtest.Sounds(t, "aevalsrc='if(lt(mod(t\\,1)\\,0.1)\\,0.5*sin(2*PI*1000*t)\\,0)':s=48000:d=1")}
	flash.Frames, beep.Frames = flash.Frames[:25], beep.Frames[:50]
	ann.Publish(flash, beep)
	p := play(t, w, "room", oneUser(0), nil)
	p.shows("a flash", func(m *mix.Picture) bool { return isColor(m, 80, 90, 0xffffff) })
	time.Sleep(span)
	p.Stop()
	f := p.watch()
	f.steady(t)
	var seen, heard []time.Duration
	for i := 1; i < len(f.frames); i++ {
		if isColor(f.frames[i], 80, 90, 0xffffff) && !isColor(f.frames[i-1], 80, 90, 0xffffff) {
			seen = append(seen, f.pts[i])
		}
	}
	const quiet = mix.Rate / 2 // before a beep
	silent := 0
	for i, v := range f.pcm {
		if v > 3000 || v < -3000 {
			if silent >= quiet {
				heard = append(heard, f.sound+time.Duration(i)*time.Second/mix.Rate)
			}
			silent = 0
		} else {
			silent++
		}
	}
	if n := int(span/time.Second) - 2; len(seen) < n || len(heard) < n {
		t.Fatalf("%d flashes and %d beeps in %v", len(seen), len(heard), span)
	}
	pairs, worst := 0, time.Duration(0)
	for _, s := range seen {
		for _, h := range heard {
			if d := h - s; d.Abs() < 400*time.Millisecond {
				pairs++
				if d.Abs() > worst.Abs() {
					worst = d
				}
				if d.Abs() > 80*time.Millisecond {
					t.Errorf("at %v the sound is %v behind the picture", s, d)
				}
			}
		}
	}
	if pairs < len(seen)-2 {
		t.Errorf("%d of %d flashes have a beep", pairs, len(seen))
	}
	t.Logf("%d pairs, at most %v apart", pairs, worst)
}
