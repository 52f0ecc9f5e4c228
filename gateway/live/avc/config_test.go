package avc_test

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"testing"

	"nertc/gateway/live/avc"
	"nertc/gateway/live/flv"
)

// Sizes that need cropping and those that do not, of profiles with and without a chroma format, whole frames and fields.
func TestSizesOfRealEncodings(t *testing.T) {
	for _, c := range []struct {
		width, height int
		more          []string
	}{
		{640, 360, []string{"-profile:v", "baseline", "-pix_fmt", "yuv420p"}},
		{1920, 1080, []string{"-profile:v", "high", "-pix_fmt", "yuv420p"}},
		{98, 54, []string{"-profile:v", "main", "-pix_fmt", "yuv420p"}},
		{322, 180, []string{"-profile:v", "high", "-x264-params", "tff=1", "-pix_fmt", "yuv420p"}},
		{322, 182, []string{"-profile:v", "high422", "-pix_fmt", "yuv422p"}},
		{321, 181, []string{"-profile:v", "high444", "-pix_fmt", "yuv444p"}},
		{320, 180, []string{"-profile:v", "high", "-x264-params", "cqm=jvt", "-pix_fmt", "yuv420p"}},
	} {
		args := append([]string{"-v", "error", "-f", "lavfi", "-i", fmt.Sprintf("color=size=%dx%d:rate=5:duration=0.4,format=%s", c.width, c.height, c.more[len(c.more)-1]), "-c:v", "libx264"}, c.more...)
		var said bytes.Buffer
		ffmpeg := exec.Command("ffmpeg", append(args, "-f", "flv", "-")...)
		ffmpeg.Stderr = &said
		out, err := ffmpeg.Output()
		if err != nil {
			t.Fatalf("ffmpeg with %v: %v\n%s", c.more, err, &said)
		}
		p, err := flv.NewReader(bytes.NewReader(out)).Next()
		if err != nil || !p.Config {
			t.Fatalf("%+v, %v", p, err)
		}
		got, err := avc.ParseConfig(p.Data)
		if err != nil || got != (avc.Config{Width: c.width, Height: c.height, LengthSize: 4}) {
			t.Errorf("%dx%d with %v is read as %+v, %v", c.width, c.height, c.more, got, err)
		}
		for n := range p.Data[:min(len(p.Data), 16)] {
			if _, err := avc.ParseConfig(p.Data[:n]); !errors.Is(err, avc.ErrConfig) {
				t.Errorf("%d bytes of it: %v", n, err)
			}
		}
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add([]byte("\x01\x64\x00\x1f\xff\xe1\x00\x18\x67\x64\x00\x1f\xac\xd9\x40\x50\x05\xbb\x01\x10\x00\x00\x03\x00\x10\x00\x00\x03\x03\xc0\xf1\x83\x19\x60"))
	f.Fuzz(func(t *testing.T, in []byte) {
		c, err := avc.ParseConfig(in)
		if err == nil && (c.Width < 2 || c.Height < 2 || c.Width > 16384 || c.Height > 16384) {
			t.Fatalf("%+v", c)
		}
	})
}
