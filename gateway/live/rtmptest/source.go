package rtmptest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"testing"
	"time"

	"nertc/gateway/live/flv"
)

// Programme makes that many seconds of a test picture and a tone of 440 Hz, H.264 and AAC, with a key frame each second.
func Programme(t testing.TB, width, height, fps, seconds int) []flv.Packet {
	t.Helper()
	return encode(t, fps, fmt.Sprintf("testsrc=size=%dx%d:rate=%d:duration=%d", width, height, fps, seconds),
		fmt.Sprintf("sine=frequency=440:sample_rate=48000:duration=%d", seconds))
}

// Nothing makes as many seconds of black and silence, which takes hardly any bytes.
func Nothing(t testing.TB, seconds int) []flv.Packet {
	t.Helper()
	return encode(t, 50, fmt.Sprintf("color=black:size=320x180:rate=25:duration=%d", seconds), fmt.Sprintf("anullsrc=sample_rate=48000:duration=%d", seconds))
}

func encode(t testing.TB, keyEvery int, picture, sound string) []flv.Packet {
	t.Helper()
	encoder := exec.Command("ffmpeg", "-v", "error", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound,
		"-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", fmt.Sprint(keyEvery), "-b:v", "600k", "-pix_fmt", "yuv420p",
		"-c:a", "aac", "-b:a", "64k", "-f", "flv", "-")
	stream, err := encoder.Output()
	if err != nil {
		t.Fatalf("ffmpeg: %v", err)
	}
	var packets []flv.Packet
	for r := flv.NewReader(bytes.NewReader(stream)); ; {
		p, err := r.Next()
		if errors.Is(err, io.EOF) {
			return packets
		}
		if err != nil {
			t.Fatal(err)
		}
		packets = append(packets, p)
	}
}

// Play sends the packets as they are due, over and over, until stop is closed. Their times go on.
func Play(packets []flv.Packet, send func(flv.Packet), stop <-chan struct{}) {
	var frames []flv.Packet
	var length time.Duration
	for _, p := range packets {
		if p.Config {
			send(p)
			continue
		}
		frames = append(frames, p)
		length = max(length, p.DTS)
	}
	length = (length + 40*time.Millisecond).Truncate(time.Second) // begins a second later than it would end
	if length == 0 {
		length = time.Second
	}
	begin := time.Now()
	for round := time.Duration(0); ; round++ {
		for _, p := range frames {
			if p.DTS >= length {
				continue
			}
			p.DTS += round * length
			p.PTS += round * length
			select {
			case <-stop:
				return
			case <-time.After(time.Until(begin.Add(p.DTS))):
				send(p)
			}
		}
	}
}
