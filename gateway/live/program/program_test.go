package program_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"nertc/gateway/live/ffmpeg"
	"nertc/gateway/live/ffmpeg/ffmpegtest"
	"nertc/gateway/live/flv"
	"nertc/gateway/live/livetest"
	"nertc/gateway/live/mix"
	"nertc/gateway/live/program"
	"nertc/internal/protocol"
)

func TestMain(m *testing.M) { livetest.Main(m) }

// tape is a programme and what it has given.
type tape struct {
	*program.Program
	t      *testing.T
	mu     sync.Mutex
	got    []flv.Packet
	at     []time.Time // when each came
	images []string
}

func play(t *testing.T, w *livetest.World, room string, task protocol.Task, load func(context.Context, string) (image.Image, error)) *tape {
	p := &tape{t: t}
	p.Program = program.Start(program.Options{
		Engine: w.Engine, Room: w.Room(room), Loopback: true, FFmpeg: ffmpegtest.Program(t), Image: load,
		Packet: func(k flv.Packet) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.got, p.at = append(p.got, k), append(p.at, time.Now())
		},
		ImageFailed: func(n int, why string) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.images = append(p.images, fmt.Sprint(n, " ", why))
		},
	}, task)
	t.Cleanup(p.Stop)
	return p
}

// film is what a viewer has of a programme.
type film struct {
	frames []*mix.Picture
	pts    []time.Duration // of the frames
	came   []time.Time
	pcm    []int16 // mono, from sound's first packet
	sound  time.Duration
}

// watch decodes what the programme has given.
func (p *tape) watch() film {
	p.t.Helper()
	return p.since(0)
}

// latest decodes the last seconds of that, from a key frame on.
func (p *tape) latest() film {
	p.t.Helper()
	begin := 0
	p.mu.Lock()
	for i, k := range slices.Backward(p.got) {
		if k.Kind == flv.Video && k.Key && !k.Config && p.got[len(p.got)-1].DTS-k.DTS > 4*time.Second {
			begin = i
			break
		}
	}
	p.mu.Unlock()
	return p.since(begin)
}

// since decodes what the programme has given from a packet on.
func (p *tape) since(begin int) film {
	p.t.Helper()
	p.mu.Lock()
	got, at := slices.Clone(p.got), slices.Clone(p.at) // decoding takes long, and the programme does not wait for it
	p.mu.Unlock()
	before := got[:begin]
	got, at = got[begin:], at[begin:]
	for _, kind := range []flv.Kind{flv.Video, flv.Audio} { // nothing is decoded without the configs that hold
		for _, k := range slices.Backward(before) {
			if k.Config && k.Kind == kind {
				got, at = slices.Insert(got, 0, k), slices.Insert(at, 0, time.Time{})
				break
			}
		}
	}
	for i, k := range slices.Backward(got) {
		if k.Kind == flv.Video {
			if k.Config { // its picture is about to come
				got = slices.Delete(got, i, i+1)
				at = slices.Delete(at, i, i+1)
			}
			break
		}
	}
	var f film
	var w, h int
	var parts [][]flv.Packet // one size each
	for i, k := range got {
		if k.Config && k.Kind == flv.Video {
			parts = append(parts, nil)
		}
		if len(parts) == 0 {
			parts = append(parts, nil)
		}
		parts[len(parts)-1] = append(parts[len(parts)-1], k)
		if k.Kind == flv.Video && !k.Config {
			f.pts, f.came = append(f.pts, k.PTS), append(f.came, at[i])
		}
		if k.Kind == flv.Audio && !k.Config && f.sound == 0 {
			f.sound = max(k.PTS, 1)
		}
	}
	var audio bytes.Buffer
	sound := flv.NewWriter(&audio)
	for _, part := range parts {
		var b bytes.Buffer
		video := flv.NewWriter(&b)
		for _, k := range part {
			if k.Kind == flv.Audio {
				must(p.t, sound.Write(k))
			} else {
				must(p.t, video.Write(k))
			}
		}
		if b.Len() == 0 {
			continue
		}
		head := ffmpegtest.Run(p.t, b.Bytes(), "-f", "flv", "-i", "-", "-frames:v", "1", "-f", "image2pipe", "-c:v", "png", "-")
		c, err := png.DecodeConfig(bytes.NewReader(head))
		must(p.t, err)
		w, h = c.Width, c.Height
		raw := ffmpegtest.Run(p.t, b.Bytes(), "-f", "flv", "-i", "-", "-fps_mode", "passthrough", "-pix_fmt", "yuv420p", "-f", "rawvideo", "-")
		for n := mix.Size(w, h); len(raw) >= n; raw = raw[n:] {
			f.frames = append(f.frames, &mix.Picture{W: w, H: h, Data: raw[:n]})
		}
	}
	raw := ffmpegtest.Run(p.t, audio.Bytes(), "-f", "flv", "-i", "-", "-ar", "48000", "-ac", "1", "-f", "s16le", "-")
	for i := 0; i+1 < len(raw); i += 2 {
		f.pcm = append(f.pcm, int16(binary.LittleEndian.Uint16(raw[i:])))
	}
	if len(f.frames) != len(f.pts) {
		p.t.Fatalf("%d of %d pictures can be decoded", len(f.frames), len(f.pts))
	}
	return f
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// steady fails where presentation times have a gap.
func (f film) steady(t *testing.T) {
	t.Helper()
	for i := range f.pts {
		if i > 0 && (f.pts[i] <= f.pts[i-1] || f.pts[i]-f.pts[i-1] > 200*time.Millisecond) {
			t.Errorf("picture %d is %v behind the last", i, f.pts[i]-f.pts[i-1])
		}
	}
}

// rgb is a picture's colour at a pixel.
func rgb(p *mix.Picture, x, y int) (r, g, b int) {
	n, o := p.W*p.H, y/2*(p.W/2)+x/2
	l, cb, cr := 1.164*(float64(p.Data[y*p.W+x])-16), float64(p.Data[n+o])-128, float64(p.Data[n+n/4+o])-128
	return int(l + 1.596*cr), int(l - 0.392*cb - 0.813*cr), int(l + 2.017*cb)
}

func isColor(p *mix.Picture, x, y, want int) bool {
	r, g, b := rgb(p, x, y)
	near := func(a, b int) bool { return a-b < 40 && b-a < 40 }
	return near(r, want>>16&255) && near(g, want>>8&255) && near(b, want&255)
}

const (
	red, green, blue, gray, yellow = 0xff0000, 0x00ff00, 0x0000ff, 0x808080, 0xffff00
)

func level(pcm []int16, hertz float64) float64 {
	var re, im float64
	for i, v := range pcm {
		a := 2 * math.Pi * hertz * float64(i) / mix.Rate
		re, im = re+float64(v)*math.Cos(a), im+float64(v)*math.Sin(a)
	}
	return 2 * math.Hypot(re, im) / float64(max(len(pcm), 1))
}

// hears waits until the last half second of the sound is as it should be.
func (p *tape) hears(what string, ok func(pcm []int16) bool) {
	p.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(500 * time.Millisecond) {
		if f := p.latest(); len(f.pcm) > mix.Rate/2 && ok(f.pcm[len(f.pcm)-mix.Rate/2:]) {
			return
		}
	}
	p.t.Fatalf("%s: not heard", what)
}

// shows waits until some picture, not just the newest, satisfies a condition.
func (p *tape) shows(what string, ok func(*mix.Picture) bool) {
	p.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		if p.any(flv.Video) && slices.ContainsFunc(p.latest().frames, ok) {
			return
		}
	}
	p.t.Fatalf("%s: never", what)
}

// any says whether something of a kind has come.
func (p *tape) any(kind flv.Kind) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.got, func(k flv.Packet) bool { return k.Kind == kind && !k.Config })
}

// until watches until the newest picture satisfies a condition, and says when it came, or a later time where that is longer ago
// than what is looked at.
func (p *tape) until(what string, ok func(*mix.Picture) bool) time.Time {
	p.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		if !p.any(flv.Video) {
			continue
		}
		f := p.latest()
		first := len(f.frames)
		for first > 0 && ok(f.frames[first-1]) {
			first--
		}
		if first < len(f.frames) {
			return f.came[first]
		}
	}
	p.t.Fatalf("%s: never", what)
	return time.Time{}
}

func pixels(points ...int) func(*mix.Picture) bool {
	return func(p *mix.Picture) bool {
		for i := 0; i < len(points); i += 3 {
			if points[i] >= p.W || points[i+1] >= p.H || !isColor(p, points[i], points[i+1], points[i+2]) {
				return false
			}
		}
		return true
	}
}

func camera(t *testing.T, codec ffmpeg.Codec, c string) livetest.Source {
	return livetest.Source{MediaType: protocol.MediaVideo, Codec: codec, Every: 40 * time.Millisecond, Width: 320, Height: 180,
		Frames: ffmpegtest.Pictures(t, codec, "color="+c+":s=320x180:r=25:d=1", "25")}
}

func mic(t *testing.T, hertz int) livetest.Source {
	return livetest.Source{MediaType: protocol.MediaAudio, Every: 20 * time.Millisecond,
		Frames: ffmpegtest.Sounds(t, fmt.Sprintf("sine=frequency=%d:sample_rate=48000:duration=2,volume=3", hertz))}
}

func region(uid string, x, y, w, h int) protocol.TaskUser {
	return protocol.TaskUser{UID: uid, X: x, Y: y, Width: w, Height: h, Adaption: protocol.AdaptionFill, PushAudio: true, PushVideo: true}
}

func still(c color.Color) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, 8, 8))
	for i := range 64 {
		m.Set(i%8, i/8, c)
	}
	return m
}

// Two users side by side, heard and seen; the layout changes, an image stands under who is not there, somebody
// mutes, leaves and comes back with another codec, the canvas grows: all is seen soon, and the stream has no gap.
func TestProgramme(t *testing.T) {
	w := livetest.Start(t)
	ann, bob := w.Join("room", "1"), w.Join("room", "2")
	ann.Publish(camera(t, ffmpeg.VP8, "red"), mic(t, 440))
	bob.Publish(camera(t, ffmpeg.H264, "blue"), mic(t, 1000))
	task := protocol.Task{ID: "t", Layout: protocol.Layout{
		Canvas: protocol.Canvas{Width: 320, Height: 180, Color: gray},
		Users:  []protocol.TaskUser{region("1", 0, 0, 160, 90), region("2", 160, 90, 160, 90)},
		Images: []protocol.TaskImage{
			{URL: "http://x/yellow", X: 160, Y: 90, Width: 160, Height: 90, Adaption: protocol.AdaptionFill},
			{URL: "http://x/none", X: 0, Y: 0, Width: 10, Height: 10},
		},
	}}
	p := play(t, w, "room", task, func(_ context.Context, url string) (image.Image, error) {
		if url == "http://x/yellow" {
			return still(color.RGBA{R: 255, G: 255, A: 255}), nil
		}
		return nil, errors.New("not found")
	})
	p.until("both users", pixels(80, 45, red, 240, 135, blue, 240, 45, gray, 80, 135, gray))

	// Both are heard.
	p.hears("both users", func(pcm []int16) bool {
		return level(pcm, 440) > 1500 && level(pcm, 1000) > 1500 && level(pcm, 700) < 300
	})
	p.mu.Lock()
	if len(p.images) != 1 || p.images[0] != "1 not found" {
		t.Errorf("of images was told %q", p.images)
	}
	p.mu.Unlock()

	// Another layout: places swapped, another size, over each other, another colour, one unheard.
	task.Layout.Canvas.Color = green
	task.Layout.Users = []protocol.TaskUser{region("2", 0, 0, 200, 180), region("1", 100, 0, 100, 90)}
	task.Layout.Users[0].ZOrder = 1
	task.Layout.Users[1].ZOrder = 2
	task.Layout.Users[0].PushAudio = false
	// It is to be seen within a second. Where the machine is busy with something else the pipes take longer now and then, but not each time.
	other := task
	other.Layout.Users = []protocol.TaskUser{region("1", 0, 0, 100, 90), region("2", 100, 90, 220, 90)}
	var took []time.Duration
	for range 5 {
		began := time.Now()
		p.Update(task)
		took = append(took, p.until("the other layout", pixels(40, 90, blue, 150, 45, red, 150, 140, blue, 300, 20, green)).Sub(began))
		if took[len(took)-1] <= time.Second {
			break
		}
		p.Update(other)
		p.until("one between", pixels(50, 45, red, 250, 135, blue, 250, 45, green))
	}
	if slices.Min(took) > time.Second {
		t.Errorf("the layout was seen after %v", took)
	}
	p.Update(task)
	p.hears("the one who is pushed alone", func(pcm []int16) bool { return level(pcm, 440) > 1500 && level(pcm, 1000) < 300 })

	// Somebody mutes, and is back.
	task.Layout.Users = []protocol.TaskUser{region("1", 0, 0, 160, 90), region("2", 160, 90, 160, 90)}
	p.Update(task)
	p.until("the first layout", pixels(80, 45, red, 240, 135, blue))
	bob.Mute(protocol.MediaVideo, true)
	p.until("the image of the one who is muted", pixels(80, 45, red, 240, 135, yellow))
	bob.Mute(protocol.MediaVideo, false)
	p.until("the one who was muted", pixels(240, 135, blue))

	// Leaves, and comes back with another codec; meanwhile the canvas grows.
	must(t, bob.Leave(t.Context()))
	p.until("the image of the one who left", pixels(80, 45, red, 240, 135, yellow))
	task.Layout.Canvas = protocol.Canvas{Width: 480, Height: 270, Color: blue}
	p.Update(task)
	p.until("the larger canvas", pixels(80, 45, red, 240, 135, yellow, 470, 260, blue))
	w.Join("room", "2").Publish(camera(t, ffmpeg.VP8, "lime"))
	p.until("the one who is back", pixels(80, 45, red, 240, 135, green))

	p.Stop()
	p.watch().steady(t)
}
