//go:build linux

package ffmpeg_test

import (
	"encoding/binary"
	"testing"

	"nertc/gateway/live/ffmpeg"
	"nertc/gateway/live/ffmpeg/ffmpegtest"
	"nertc/gateway/live/mix"
)

// A picture of a few kilobytes may say that it has 256 million pixels, which would take a gigabyte of memory: it is not
// decoded, and what follows it is.
func TestAPictureOfTooManyPixelsIsNotDecoded(t *testing.T) {
	out := make(chan shown, 100)
	d, err := ffmpegtest.Program(t).DecodeVideo(ffmpeg.VP8, 160, 160, false, func(at int64, p *mix.Picture) { out <- shown{at, p} })
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	// https://www.rfc-editor.org/rfc/rfc6386#section-9.1: a key frame that is shown, with 2000 bytes in its first partition.
	bomb := []byte{1<<4 | 2000<<5&0xe0, 2000 >> 3 & 0xff, 2000 >> 11, 0x9d, 0x01, 0x2a}
	for range 2 {
		bomb = binary.LittleEndian.AppendUint16(bomb, 16000)
	}
	bomb = append(bomb, make([]byte, 30_000)...)
	for i := range 3 {
		d.Decode(int64(i)*3000, bomb)
	}
	const at = 90_000
	d.Decode(at, ffmpegtest.Pictures(t, ffmpeg.VP8, "color=white:s=320x180:r=1:d=1", "1")[0])
	if s := receive(t, out); s.at != at || s.p.H != 90 {
		t.Errorf("at %d there is a picture of %d×%d", s.at, s.p.W, s.p.H)
	}
}
