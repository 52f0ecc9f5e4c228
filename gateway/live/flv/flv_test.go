package flv_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os/exec"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"nertc/gateway/live/amf"
	"nertc/gateway/live/flv"
)

var story = []flv.Packet{
	{Kind: flv.Video, Config: true, Data: []byte{1, 2, 3}},
	{Kind: flv.Audio, Config: true, Data: []byte{0x12, 0x10}},
	{Kind: flv.Video, Key: true, DTS: 20 * time.Millisecond, PTS: 60 * time.Millisecond, Data: bytes.Repeat([]byte{7}, 300_000)},
	{Kind: flv.Audio, DTS: 23 * time.Millisecond, PTS: 23 * time.Millisecond, Data: []byte{9}},
	// Shown before it is decoded: a negative offset is kept.
	{Kind: flv.Video, DTS: 60 * time.Millisecond, PTS: 40 * time.Millisecond, Data: []byte{8, 8}},
	{Kind: flv.Video, DTS: 0xffffff * time.Millisecond, PTS: 0xffffff * time.Millisecond, Data: []byte{8}},
}

func written(t *testing.T, meta *flv.Meta, packets ...flv.Packet) []byte {
	t.Helper()
	var b bytes.Buffer
	w := flv.NewWriter(&b)
	if meta != nil {
		if err := w.WriteMeta(*meta); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range packets {
		if err := w.Write(p); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func readAll(r io.Reader) (packets []flv.Packet, err error) {
	in := flv.NewReader(r)
	for {
		p, err := in.Next()
		if err != nil {
			return packets, err
		}
		packets = append(packets, p)
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	stream := written(t, &flv.Meta{Width: 640, Height: 360, FrameRate: 25, SampleRate: 48000, Channels: 2}, story...)
	for name, r := range map[string]io.Reader{"whole": bytes.NewReader(stream), "byte by byte": iotest.OneByteReader(bytes.NewReader(stream))} {
		got, err := readAll(r)
		if err != io.EOF {
			t.Fatalf("%s: %v", name, err)
		}
		if !reflect.DeepEqual(got, story) {
			t.Errorf("%s: got %d packets, not the %d written", name, len(got), len(story))
		}
	}
}

func TestTimesGoOnBeyondTheirTurn(t *testing.T) {
	const turn = 1 << 32 * time.Millisecond
	var want []flv.Packet
	for _, at := range []time.Duration{turn - 20*time.Millisecond, turn + 10*time.Millisecond, turn - time.Millisecond, turn + 40*time.Millisecond} {
		want = append(want, flv.Packet{Kind: flv.Audio, DTS: at, PTS: at, Data: []byte{1}})
	}
	got, err := readAll(bytes.NewReader(written(t, nil, want...)))
	if err != io.EOF || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

func TestAnEndWithinAPacketIsTold(t *testing.T) {
	stream := written(t, nil, story[:4]...)
	whole := map[int]bool{}
	for i, at := 0, 13; i <= 4; i++ {
		whole[at] = true
		if at < len(stream) {
			at += 15 + int(stream[at+1])<<16 + int(stream[at+2])<<8 + int(stream[at+3])
		}
	}
	for _, n := range []int{3, 12, 13, 14, 23, 24, 30, 39, 40, len(stream) - 1, len(stream)} {
		_, err := readAll(bytes.NewReader(stream[:n]))
		want := io.ErrUnexpectedEOF
		if whole[n] {
			want = io.EOF
		}
		if !errors.Is(err, want) {
			t.Errorf("cut after %d bytes: %v, want %v", n, err, want)
		}
	}
}

func TestWhatIsNoStreamIsRefused(t *testing.T) {
	header := "FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00"
	for name, c := range map[string]struct {
		in   string
		want error
	}{
		"another container":   {"\x1aE\xdf\xa3 and more of it", flv.ErrFormat},
		"a huge file header":  {"FLV\x01\x05\xff\xff\xff\xff\x00\x00\x00\x00", flv.ErrFormat},
		"a type with flags":   {header + "\x29\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x0c", flv.ErrFormat},
		"a packet too long":   {header + "\x09\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00", flv.ErrFormat},
		"a wrong size behind": {header + "\x09\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00\x17\x01\x00\x00\x00A\x00\x00\x00\x10", flv.ErrFormat},
		"H.265":               {header + "\x09\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00\x90hvc1\x00\x00\x00\x10", flv.ErrCodec},
		"MP3":                 {header + "\x08\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x2fA\x00\x00\x00\x0d", flv.ErrCodec},
		"a picture too short": {header + "\x09\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x17\x01\x00\x00\x00\x0d", flv.ErrFormat},
	} {
		if _, err := readAll(strings.NewReader(c.in)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	w := flv.NewWriter(io.Discard)
	if err := w.Write(flv.Packet{Kind: flv.Audio, Data: make([]byte, flv.MaxPacket)}); !errors.Is(err, flv.ErrFormat) {
		t.Errorf("a packet too long was written: %v", err)
	}
}

// The real thing: the encoder of live tasks writes through a pipe, and what we write of it can be decoded again.
func TestReadsWhatFFmpegWrites(t *testing.T) {
	encoder := exec.Command("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=320x180:rate=25:duration=2",
		"-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=2",
		"-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p", "-c:a", "aac", "-f", "flv", "-")
	stream, err := encoder.Output()
	if err != nil {
		t.Fatalf("ffmpeg: %v", err)
	}
	packets, err := readAll(bytes.NewReader(stream))
	if err != io.EOF {
		t.Fatal(err)
	}
	pictures, keys, configs := 0, 0, 0
	for _, p := range packets {
		switch {
		case p.Config:
			configs++
		case p.Kind == flv.Video:
			pictures++
			if p.Key {
				keys++
			}
			if n := int(binary.BigEndian.Uint32(p.Data)); n+4 > len(p.Data) {
				t.Fatalf("a picture of %d bytes begins with a unit of %d", len(p.Data), n)
			}
		}
	}
	if pictures != 50 || keys != 2 || configs != 2 {
		t.Errorf("%d pictures, %d of them keys, and %d configs; want 50, 2 and 2", pictures, keys, configs)
	}

	decoder := exec.Command("ffprobe", "-v", "error", "-f", "flv", "-count_frames", "-show_entries", "stream=codec_name,width,height,nb_read_frames", "-of", "csv=p=0", "-")
	decoder.Stdin = bytes.NewReader(written(t, &flv.Meta{Width: 320, Height: 180, FrameRate: 25, SampleRate: 48000, Channels: 1}, packets...))
	said, err := decoder.CombinedOutput()
	if err != nil || !strings.Contains(string(said), "h264,320,180,50") || !strings.Contains(string(said), "aac,") {
		t.Errorf("ffprobe of what we wrote: %v\n%s", err, said)
	}
}

func TestMetaSaysWhatIsThere(t *testing.T) {
	values, err := amf.Read(flv.Meta{Width: 640, Height: 360, FrameRate: 25, VideoRate: 800}.AppendBody(nil))
	if err != nil || len(values) != 2 || values[0] != flv.Description {
		t.Fatalf("%v, %v", values, err)
	}
	o := values[1].(amf.Object)
	if o.Get("width") != 640.0 || o.Get("framerate") != 25.0 || o.Get("videocodecid") != 7.0 || o.Get("audiocodecid") != nil {
		t.Errorf("the description is %v", o)
	}
}

func FuzzReader(f *testing.F) {
	var b bytes.Buffer
	w := flv.NewWriter(&b)
	w.WriteMeta(flv.Meta{Width: 2, Height: 2, SampleRate: 48000})
	for _, p := range story {
		if len(p.Data) < 100 {
			w.Write(p)
		}
	}
	f.Add(b.Bytes())
	f.Add(b.Bytes()[:40])
	f.Fuzz(func(t *testing.T, in []byte) {
		packets, err := readAll(bytes.NewReader(in))
		if err == nil {
			t.Fatal("no error at the end")
		}
		for _, p := range packets {
			if len(p.Data) == 0 || p.Kind != flv.Video && p.Kind != flv.Audio {
				t.Fatalf("an empty packet: %+v", p)
			}
		}
		var b bytes.Buffer
		w := flv.NewWriter(&b)
		for _, p := range packets {
			if err := w.Write(p); err != nil {
				t.Fatal(err)
			}
		}
		if again, _ := readAll(&b); len(again) != len(packets) {
			t.Fatalf("%d packets were read, %d of them again", len(packets), len(again))
		}
	})
}
