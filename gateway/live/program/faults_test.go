package program_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"nertc/gateway/live/ffmpeg"
	"nertc/gateway/live/ffmpeg/ffmpegtest"
	"nertc/gateway/live/flv"
	"nertc/gateway/live/livetest"
	"nertc/gateway/live/mix"
	"nertc/internal/protocol"
)

// processes are the ffmpegs that this test's process has started, by what is among their arguments.
func processes(t *testing.T, argument string) []int {
	t.Helper()
	lists, err := filepath.Glob("/proc/self/task/*/children")
	must(t, err)
	var out []int
	for _, l := range lists {
		b, _ := os.ReadFile(l)
		for _, f := range strings.Fields(string(b)) {
			line, _ := os.ReadFile("/proc/" + f + "/cmdline")
			if pid, err := strconv.Atoi(f); err == nil && strings.Contains(string(line), "ffmpeg") && strings.Contains(string(line), argument) {
				out = append(out, pid)
			}
		}
	}
	return out
}

// tone is heard of who sends one of 440 Hz.
func tone(pcm []int16) bool { return level(pcm, 440) > 1500 }

func oneUser(c int) protocol.Task {
	return protocol.Task{ID: "t", Layout: protocol.Layout{
		Canvas: protocol.Canvas{Width: 320, Height: 180, Color: c},
		Users:  []protocol.TaskUser{region("1", 0, 0, 160, 180)},
	}}
}

// Decoders and the encoder crash or hang: they are started again, the stream's times go on, and at the end none is left.
func TestWhatCrashesIsStartedAgain(t *testing.T) {
	w := livetest.Start(t)
	ann := w.Join("room", "1")
	sending := ann.Publish(camera(t, ffmpeg.VP8, "red"), mic(t, 440))
	p := play(t, w, "room", oneUser(gray), nil)
	p.until("the user", pixels(80, 90, red))

	for _, kind := range []string{"ivf", "ogg", "libx264"} {
		for _, pid := range processes(t, kind) {
			must(t, syscall.Kill(pid, syscall.SIGKILL))
		}
	}
	sending[0].Replace(ffmpegtest.Pictures(t, ffmpeg.VP8, "color=blue:s=320x180:r=25:d=1", "25"))
	p.until("the user after crashes", pixels(80, 90, blue, 300, 90, gray))

	for _, kind := range []string{"ivf", "ogg", "libx264"} {
		for _, pid := range processes(t, kind) {
			must(t, syscall.Kill(pid, syscall.SIGSTOP))
		}
	}
	sending[0].Replace(ffmpegtest.Pictures(t, ffmpeg.VP8, "color=lime:s=320x180:r=25:d=1", "25"))
	p.until("the user after hangs", pixels(80, 90, green, 300, 90, gray))
	time.Sleep(time.Second) // for a while, which is to have no gap
	p.hears("the tone after hangs", tone)
	p.Stop()
	p.watch().steady(t)
	if left := processes(t, ""); len(left) > 0 {
		t.Errorf("processes %v are left", left)
	}
}

// Inputs lose packets, stall, and change their size: the stream goes on at its pace, and shows them again.
func TestBadInputsDoNotHoldTheStreamUp(t *testing.T) {
	w := livetest.Start(t)
	ann := w.JoinOver("room", "1", livetest.Lossy(0.05))
	// Half of it is red, so that there is something to lose.
	noisy := func(c, size string) [][]byte {
		return ffmpegtest.Pictures(t, ffmpeg.VP8, fmt.Sprintf("testsrc2=s=%s:r=25:d=2,drawbox=w=iw/2:color=%s:t=fill", size, c), "50")
	}
	src := camera(t, ffmpeg.VP8, "red")
	src.Frames = noisy("red", "320x180")
	sending := ann.Publish(src, mic(t, 440))
	p := play(t, w, "room", oneUser(gray), nil)
	p.until("the user", pixels(20, 90, red))
	sending[0].Replace(noisy("blue", "160x90")) // a lower layer
	p.until("the user in another size", pixels(20, 90, blue, 300, 90, gray))
	sending[0].Replace(noisy("lime", "320x180"))
	p.until("the user in the first size again", pixels(20, 90, green, 300, 90, gray))
	sending[0].Pause(true)
	time.Sleep(2 * time.Second)
	sending[0].Pause(false)
	sending[0].Replace(noisy("yellow", "320x180"))
	p.until("the user after a stall", pixels(20, 90, yellow, 300, 90, gray))
	p.Stop()
	f := p.watch()
	f.steady(t)
	heard := 0
	for i := 2 * mix.Rate; i+mix.Rate/25 < len(f.pcm); i += mix.Rate / 25 {
		if level(f.pcm[i:i+mix.Rate/25], 440) > 500 {
			heard++
		}
	}
	if all := (len(f.pcm) - 2*mix.Rate) / (mix.Rate / 25); heard < all*9/10 {
		t.Errorf("the tone is heard in %d of %d pieces", heard, all)
	}
}

// The one user's picture of H.264 is passed on as it comes, with the sound encoded; when the user is muted the
// canvas is shown instead, and afterwards it is passed on again. The times go on through all that.
func TestOnePictureIsPassedOnAsItComes(t *testing.T) {
	w := livetest.Start(t)
	ann := w.Join("room", "1")
	src := camera(t, ffmpeg.H264, "red")
	ann.Publish(src, mic(t, 440))
	task := oneUser(gray)
	task.Config.SingleVideoNoTrans = true
	p := play(t, w, "room", task, nil)
	whole := func(m *mix.Picture) bool { return pixels(10, 10, red, 310, 170, red)(m) } // not in its region, but all there is
	p.until("the user as it comes", whole)
	for deadline := time.Now().Add(30 * time.Second); len(processes(t, "libx264")) > 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("pictures are encoded")
		}
	}
	p.mu.Lock()
	same := 0
	for _, k := range p.got {
		if k.Kind != flv.Video || k.Config {
			continue
		}
		for _, f := range src.Frames {
			if len(k.Data) > 20 && strings.Contains(string(f), string(k.Data[len(k.Data)-20:])) {
				same++
				break
			}
		}
	}
	p.mu.Unlock()
	if same == 0 {
		t.Error("none of the pictures is one that was sent")
	}
	ann.Mute(protocol.MediaVideo, true)
	p.until("the canvas", pixels(10, 10, gray, 310, 170, gray))
	ann.Mute(protocol.MediaVideo, false)
	p.until("the user again", whole)
	time.Sleep(time.Second) // for a while, which is to have no gap
	p.hears("the tone", tone)
	p.Stop()
	p.watch().steady(t)
}
