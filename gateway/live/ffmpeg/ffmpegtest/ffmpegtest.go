// Package ffmpegtest makes encoded pictures and sounds for tests, and looks into programmes.
package ffmpegtest

import (
	"bytes"
	"encoding/binary"
	"io"
	"os/exec"
	"strings"
	"testing"

	"github.com/pion/webrtc/v4/pkg/media/oggreader"

	"nertc/gateway/live/ffmpeg"
)

// Program is the machine's ffmpeg.
func Program(t testing.TB) ffmpeg.Program {
	t.Helper()
	p, err := ffmpeg.Find("")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Run runs ffmpeg and gives what it writes.
func Run(t testing.TB, stdin []byte, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), Program(t).Path, append([]string{"-v", "error", "-nostats"}, args...)...)
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(stdin), &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("ffmpeg %s: %v: %s", strings.Join(args, " "), err, stderr.String())
	}
	return out
}

// encoders are options for the kind of stream that WebRTC has.
var encoders = map[ffmpeg.Codec][]string{
	ffmpeg.VP8:  {"-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-auto-alt-ref", "0", "-lag-in-frames", "0", "-f", "ivf"},
	ffmpeg.VP9:  {"-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-auto-alt-ref", "0", "-lag-in-frames", "0", "-f", "ivf"},
	ffmpeg.AV1:  {"-c:v", "libaom-av1", "-usage", "realtime", "-cpu-used", "8", "-lag-in-frames", "0", "-f", "ivf"},
	ffmpeg.H264: {"-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-profile:v", "baseline", "-bsf:v", "h264_metadata=aud=insert", "-f", "h264"},
}

// Pictures encodes what a filter source shows, with a key frame every second, and gives its frames.
// https://ffmpeg.org/ffmpeg-filters.html#Video-Sources
func Pictures(t testing.TB, codec ffmpeg.Codec, source string, rate string) [][]byte {
	t.Helper()
	args := append([]string{"-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", "-b:v", "600k", "-g", rate}, encoders[codec]...)
	out := Run(t, nil, append(args, "-")...)
	if codec != ffmpeg.H264 {
		var frames [][]byte
		for at := 32; at+12 <= len(out); {
			n := int(binary.LittleEndian.Uint32(out[at:]))
			frames = append(frames, out[at+12:at+12+n])
			at += 12 + n
		}
		return frames
	}
	var frames [][]byte
	delimiter := []byte{0, 0, 0, 1, 9}
	for _, f := range bytes.Split(out, delimiter)[1:] {
		frames = append(frames, append(append([]byte{}, delimiter...), f...))
	}
	return frames
}

// Sounds encodes what a filter source plays, and gives its Opus packets of 20 ms.
func Sounds(t testing.TB, source string) [][]byte {
	t.Helper()
	out := Run(t, nil, "-f", "lavfi", "-i", source, "-c:a", "libopus", "-b:a", "64k", "-page_duration", "1", "-f", "ogg", "-")
	r, _, err := oggreader.NewWith(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	var packets [][]byte
	for {
		payload, _, err := r.ParseNextPage()
		if err == io.EOF {
			return packets
		}
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(payload, []byte("OpusTags")) {
			packets = append(packets, payload)
		}
	}
}
