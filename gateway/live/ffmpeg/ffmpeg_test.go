//go:build linux

package ffmpeg_test

import (
	"bufio"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"nertc/gateway/live/ffmpeg"
	"nertc/gateway/live/ffmpeg/ffmpegtest"
	"nertc/gateway/live/flv"
	"nertc/gateway/live/mix"
)

// asGateway has the test's program be a gateway that is going to be killed.
const asGateway = "NERTC_TEST_FFMPEG_PARENT"

func TestMain(m *testing.M) {
	if os.Getenv(asGateway) != "" {
		parent()
		return
	}
	os.Exit(m.Run())
}

type shown struct {
	at int64
	p  *mix.Picture
}

func receive[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(time.Minute):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

// luma is the brightness in the middle of a picture.
func luma(p *mix.Picture) int { return int(p.Data[p.H/2*p.W+p.W/2]) }

func TestDecodesEveryCodecAtOnce(t *testing.T) {
	program := ffmpegtest.Program(t)
	for _, codec := range []ffmpeg.Codec{ffmpeg.VP8, ffmpeg.H264, ffmpeg.VP9, ffmpeg.AV1} {
		// Brightness says which frame it is.
		first := ffmpegtest.Pictures(t, codec, "color=white:s=320x180:r=5:d=1.4,geq=lum=40+20*N:cb=128:cr=128", "5")
		out := make(chan shown, 100)
		d, err := program.DecodeVideo(codec, 160, 160, false, func(at int64, p *mix.Picture) { out <- shown{at, p} })
		if err != nil {
			t.Fatal(err)
		}
		const begin = 1 << 40
		for i, f := range first {
			d.Decode(begin+int64(i)*18000, f)
			// Nothing else is fed before it has come: no picture waits for the next one.
			for done := false; !done; {
				s := receive(t, out)
				n := (s.at + 3 - begin) / 18000
				if want := 40 + 20*int(n); luma(s.p) < want-6 || luma(s.p) > want+6 || s.p.W != 160 || s.p.H != 90 {
					t.Errorf("%s: at frame %d: %d×%d of brightness %d, want %d", codec, n, s.p.W, s.p.H, luma(s.p), want)
				}
				done = s.at == begin+int64(i)*18000
			}
		}
		// Another size, as of another simulcast layer or a window that is made larger.
		second := ffmpegtest.Pictures(t, codec, "color=gray:s=240x320:r=5:d=1", "5")
		for i, f := range second {
			d.Decode(begin+int64(len(first)+i)*18000, f)
		}
		for range second {
			if s := receive(t, out); s.p.W != 120 || s.p.H != 160 {
				t.Errorf("%s: after the change %d×%d", codec, s.p.W, s.p.H)
			}
		}
		d.Close()
		<-d.Done()
		if d.Decode(0, first[0]) {
			t.Error("a closed decoder takes frames")
		}
	}
}

func TestADecoderFillsItsBox(t *testing.T) {
	out := make(chan shown, 100)
	d, err := ffmpegtest.Program(t).DecodeVideo(ffmpeg.VP8, 100, 160, true, func(at int64, p *mix.Picture) { out <- shown{at, p} })
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	d.Decode(7, ffmpegtest.Pictures(t, ffmpeg.VP8, "color=white:s=320x180:r=1:d=1", "1")[0])
	if s := receive(t, out); s.p.W != 100 || s.p.H != 160 || luma(s.p) < 200 || s.p.Data[0] < 200 || len(s.p.Data) != mix.Size(100, 160) {
		t.Errorf("%d×%d, brightness %d", s.p.W, s.p.H, luma(s.p))
	}
}

func TestASoundKeepsItsTimes(t *testing.T) {
	type piece struct {
		at  int64
		pcm []int16
	}
	out := make(chan piece, 500)
	d, err := ffmpegtest.Program(t).DecodeAudio(func(at int64, pcm []int16) { out <- piece{at, append([]int16(nil), pcm...)} })
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	packets := ffmpegtest.Sounds(t, "sine=frequency=1000:sample_rate=48000:duration=1")
	const begin = -5000
	at := int64(begin)
	var want []int64
	for i, p := range packets {
		switch i {
		case 10, 11: // lost: concealed
			at += 960
			want = append(want, at-960)
			continue
		case 20: // a pause of 400 ms in which nothing was sent
			for range 20 {
				want = append(want, at)
				at += 960
			}
		case 30: // another timeline
			at += 1e9
		case 31: // comes a second time
			d.Decode(at-960, packets[30])
		case 32:
			d.Decode(at, []byte{3}) // none at all
			d.Decode(at, nil)
		}
		d.Decode(at, p)
		want = append(want, at)
		at += 960
	}
	loud := 0.0
	for i, w := range want {
		p := receive(t, out)
		if p.at != w || len(p.pcm) != 960*mix.Channels {
			t.Fatalf("piece %d is at %d with %d samples, want %d", i, p.at, len(p.pcm)/2, w)
		}
		if i > 5 && i < 15 { // over the loss too
			for _, v := range p.pcm {
				loud = max(loud, math.Abs(float64(v)))
			}
		}
	}
	if loud < 2000 {
		t.Errorf("the tone is at %.0f", loud)
	}
}

func encoding() ffmpeg.Encoding {
	return ffmpeg.Encoding{W: 160, H: 96, FrameRate: 25, VideoRate: 300, AudioRate: 64, SampleRate: 44100, Channels: 1}
}

func TestEncodes(t *testing.T) {
	var packets []flv.Packet
	e, err := ffmpegtest.Program(t).Encode(encoding(), func(p flv.Packet) { packets = append(packets, p) })
	if err != nil {
		t.Fatal(err)
	}
	pcm := make([]int16, mix.Rate/25*mix.Channels)
	for i := range 100 {
		if err := e.Write(mix.New(160, 96, mix.Color(i*1000)), pcm); err != nil {
			t.Fatal(err)
		}
	}
	e.Close()
	var pictures, keys, configs int
	var sound, picture time.Duration
	for _, p := range packets {
		switch {
		case p.Config:
			configs++
		case p.Kind == flv.Audio:
			sound = p.DTS
		default:
			if pictures > 0 && (p.DTS-picture < 39*time.Millisecond || p.DTS-picture > 41*time.Millisecond || p.PTS != p.DTS) {
				t.Errorf("picture %d is %v behind the last, shown at %v", pictures, p.DTS-picture, p.PTS)
			}
			picture = p.DTS
			pictures++
			if p.Key {
				keys++
			}
		}
	}
	if pictures != 100 || keys != 2 || configs < 2 || sound < 3900*time.Millisecond || sound > 4100*time.Millisecond {
		t.Errorf("%d pictures, %d keys, %d configs, sound to %v", pictures, keys, configs, sound)
	}
	if e.Write(mix.New(160, 96, 0), pcm) == nil {
		t.Error("a closed encoder takes pictures")
	}
}

func TestEncodesSoundAlone(t *testing.T) {
	var packets []flv.Packet
	c := encoding()
	c.W, c.H = 0, 0
	e, err := ffmpegtest.Program(t).Encode(c, func(p flv.Packet) { packets = append(packets, p) })
	if err != nil {
		t.Fatal(err)
	}
	for range 50 {
		if err := e.Write(nil, make([]int16, mix.Rate/25*mix.Channels)); err != nil {
			t.Fatal(err)
		}
	}
	e.Close()
	if n := len(packets); n < 80 || packets[0].Kind != flv.Audio || !packets[0].Config || packets[n-1].DTS < 1900*time.Millisecond {
		t.Errorf("%d packets", n)
	}
}

// An encoder that takes nothing is ended, and whoever writes is told.
func TestAHungEncoderIsEnded(t *testing.T) {
	e, err := ffmpegtest.Program(t).Encode(encoding(), func(flv.Packet) {})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	pid := children(t, os.Getpid())[0]
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	pcm := make([]int16, mix.Rate/25*mix.Channels)
	for range 1000 {
		if err = e.Write(mix.New(160, 96, 0), pcm); err != nil {
			break
		}
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("writing fails with %v", err)
	}
	<-e.Done()
}

func TestFind(t *testing.T) {
	if _, err := ffmpeg.Find("no-such-ffmpeg"); !errors.Is(err, ffmpeg.ErrMissing) {
		t.Errorf("no program: %v", err)
	}
	poor := filepath.Join(t.TempDir(), "ffmpeg")
	if err := os.WriteFile(poor, []byte("#!/bin/sh\necho aac libopus\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := ffmpeg.Find(poor); !errors.Is(err, ffmpeg.ErrMissing) || !strings.Contains(err.Error(), "libx264") {
		t.Errorf("one without an encoder: %v", err)
	}
}

// parent starts one process of each kind and waits for its death.
func parent() {
	p, err := ffmpeg.Find("")
	if err != nil {
		panic(err)
	}
	p.Nice = 7
	if _, err := p.DecodeVideo(ffmpeg.VP8, 64, 64, true, func(int64, *mix.Picture) {}); err != nil {
		panic(err)
	}
	if _, err := p.DecodeAudio(func(int64, []int16) {}); err != nil {
		panic(err)
	}
	if _, err := p.Encode(encoding(), func(flv.Packet) {}); err != nil {
		panic(err)
	}
	fmt.Println("ready")
	select {}
}

// children are the processes that a process has started.
func children(t *testing.T, pid int) []int {
	t.Helper()
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		t.Fatal(err)
	}
	var out []int
	for _, l := range lists {
		b, _ := os.ReadFile(l)
		for _, f := range strings.Fields(string(b)) {
			n, err := strconv.Atoi(f)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, n)
		}
	}
	return out
}

// No process outlives a gateway that is killed, not even one that hangs; and each has a group and a priority of its own.
func TestNoProcessIsLeftWhenTheGatewayIsKilled(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), asGateway+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Wait() }()
	defer func() { _ = cmd.Process.Kill() }()
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatal(line, err)
	}
	pids := children(t, cmd.Process.Pid)
	if len(pids) != 3 {
		t.Fatalf("children are %v", pids)
	}
	for i, pid := range pids {
		if group, err := syscall.Getpgid(pid); err != nil || group != pid {
			t.Errorf("process %d is in the group %d, %v", pid, group, err)
		}
		// The system call gives 20 less the nice value.
		if prio, err := syscall.Getpriority(syscall.PRIO_PROCESS, pid); err != nil || prio != 20-7 {
			t.Errorf("process %d has the priority %d, %v", pid, prio, err)
		}
		if i == 0 {
			_ = syscall.Kill(pid, syscall.SIGSTOP)
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(30 * time.Second)
	for _, pid := range pids {
		for alive(pid) {
			if time.Now().After(deadline) {
				t.Fatalf("process %d lives on", pid)
			}
			time.Sleep(5 * time.Millisecond) // nothing tells of the end of somebody else's child
		}
	}
}

// alive says whether a process runs; one that waits only for its parent to look does not.
func alive(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	return !strings.HasPrefix(rest, "Z")
}
