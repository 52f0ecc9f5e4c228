package framecrypt

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"
)

// seeded is a source of sender ids that gives the same ones each time.
type seeded struct{ *rand.Rand }

func (s seeded) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(s.Uint32())
	}
	return len(b), nil
}

type clock struct{ t time.Time }

func newCipher(t testing.TB, mode Mode, key byte, seed uint64, now *clock) *Cipher {
	t.Helper()
	c, err := New(Options{
		Mode: mode, Key: bytes.Repeat([]byte{key}, KeyLength),
		Random: seeded{rand.New(rand.NewPCG(seed, 0))},
		Now: func() time.Time {
			if now == nil {
				return time.Time{}
			}
			return now.t
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// frameOf makes a frame as an encoder might.
func frameOf(r *rand.Rand, codec Codec, n int) []byte {
	b := randomBytes(r, n)
	switch codec {
	case VP8:
		if n > 0 && r.IntN(2) == 0 {
			b[0] &^= 1
		}
	case H264:
		head := []byte{0, 0, 0, 1, 9, 0x10, 0, 0, 0, 1, 0x67, 0x42, 0xe0, 0x1f, 0, 0, 1, 0x68, 0xce, 0, 0, 0, 1, 0x65, 0x88, 0x84}
		if r.IntN(2) == 0 {
			head = []byte{0, 0, 0, 1, 0x41, 0x9a}
		}
		// Zeros and small bytes are what emulation prevention is about.
		for i := range b {
			if r.IntN(3) > 0 {
				b[i] = byte(r.IntN(4))
			}
		}
		b = append(head, b...)
	}
	return b
}

var codecs = []Codec{Other, Opus, VP8, VP9, AV1, H264}

func sizes(r *rand.Rand) []int {
	s := []int{}
	for n := range 130 {
		s = append(s, n)
	}
	for range 40 {
		s = append(s, r.IntN(70_001))
	}
	return append(s, 1200, 20_000, 65_535, 65_536, 70_000)
}

func TestWhatIsEncryptedIsDecrypted(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, mode := range []Mode{ECB, GCM} {
		for _, codec := range codecs {
			ann, ben := newCipher(t, mode, 1, 1, nil), newCipher(t, mode, 1, 2, nil)
			s := ann.NewSender()
			for _, n := range sizes(r) {
				frame := frameOf(r, codec, n)
				sent, err := s.Encrypt([]byte("before"), frame, codec)
				if err != nil {
					t.Fatalf("%s, codec %d, %d bytes: %v", mode, codec, n, err)
				}
				sent = sent[len("before"):]
				if codec != H264 && len(sent) > len(frame)+MaxGrowth {
					t.Fatalf("%d bytes became %d", len(frame), len(sent))
				}
				got, err := ben.Decrypt([]byte("x"), sent)
				if err != nil || !bytes.Equal(got[1:], frame) {
					t.Fatalf("%s, codec %d, %d bytes: %v", mode, codec, n, err)
				}
				if n >= 32 && bytes.Contains(sent, frame[len(frame)-16:]) {
					t.Fatalf("%s, codec %d: the frame's end is in what is sent", mode, codec)
				}
			}
		}
	}
}

func TestClearBytes(t *testing.T) {
	nal := []byte{0, 0, 0, 1, 0x67, 9, 0, 0, 1, 0x68, 8, 0, 0, 0, 1, 0x65, 0xb8, 0xbb}
	for _, c := range []struct {
		name  string
		codec Codec
		frame []byte
		clear int
	}{
		{"opus", Opus, []byte{0xfc, 1, 2}, 1},
		{"empty opus", Opus, nil, 0},
		{"vp8 key frame", VP8, append([]byte{0x10}, make([]byte, 20)...), 10},
		{"vp8 delta frame", VP8, append([]byte{0x11}, make([]byte, 20)...), 3},
		{"short vp8 key frame", VP8, []byte{0x10, 1, 2, 3}, 3},
		{"vp8 of two bytes", VP8, []byte{0x10, 1}, 0},
		{"vp9", VP9, make([]byte, 20), 0},
		{"av1", AV1, make([]byte, 20), 0},
		{"h264 key frame", H264, nal, 17},
		{"h264 delta frame", H264, []byte{0, 0, 1, 0x41, 0x9a, 2, 3}, 5},
		{"h264 of slice type 7", H264, []byte{0, 0, 1, 0x65, 0x88, 0x84, 3}, 6},
		{"h264 of parameter set 7", H264, []byte{0, 0, 1, 0x65, 0xb1, 0, 0, 3}, 6},
	} {
		n, _, err := clearBytes(c.codec, c.frame)
		if err != nil || n != c.clear {
			t.Errorf("%s: %d clear bytes, %v, want %d", c.name, n, err, c.clear)
		}
		for _, mode := range []Mode{ECB, GCM} {
			sent, err := newCipher(t, mode, 1, 1, nil).NewSender().Encrypt(nil, c.frame, c.codec)
			if err != nil || !bytes.Equal(sent[:n], c.frame[:n]) {
				t.Errorf("%s, %s: begins %x, %v", c.name, mode, sent[:n], err)
			}
		}
	}
}

func TestCodecs(t *testing.T) {
	for mime, want := range map[string]Codec{"audio/opus": Opus, "video/VP8": VP8, "VIDEO/vp9": VP9, "video/AV1": AV1, "video/H264": H264} {
		if got, ok := CodecOf(mime); !ok || got != want {
			t.Errorf("%s: %d, %v", mime, got, ok)
		}
	}
	for _, mime := range []string{"", "audio/red", "video/h265"} {
		if _, ok := CodecOf(mime); ok {
			t.Errorf("%q is known", mime)
		}
	}
	if VideoCodec([]byte{0, 0, 0, 1, 0x41}) != H264 || VideoCodec([]byte{0x10, 0, 0}) != VP8 || VideoCodec(nil) != VP8 ||
		VideoCodec([]byte{0, 0, 1, 0x9d, 0x01, 0x2a, 0, 0, 0, 0}) != VP8 { // a key frame of VP8 whose tag looks like a start code
		t.Error("a codec was taken for another")
	}
}

func TestSeveralGoroutines(t *testing.T) {
	ann, ben := newCipher(t, GCM, 1, 1, nil), newCipher(t, GCM, 1, 2, nil)
	var wg sync.WaitGroup
	for n := range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			s := ann.NewSender()
			for i := range 200 {
				frame := []byte(fmt.Sprintf("frame %d of %d", i, n))
				sent, err := s.Encrypt(nil, frame, Opus)
				if err == nil {
					var got []byte
					if got, err = ben.Decrypt(nil, sent); !bytes.Equal(got, frame) {
						t.Errorf("%q", got)
					}
				}
				if err != nil {
					t.Error(err)
				}
			}
		}()
	}
	wg.Wait()
}

func TestNoAllocations(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	for _, mode := range []Mode{ECB, GCM} {
		for _, codec := range []Codec{Opus, VP8, H264} {
			ann, ben := newCipher(t, mode, 1, 1, nil), newCipher(t, mode, 1, 2, nil)
			s, frame := ann.NewSender(), frameOf(r, codec, 1200)
			sent, got := make([]byte, 0, 4096), make([]byte, 0, 4096)
			if n := testing.AllocsPerRun(100, func() {
				out, err := s.Encrypt(sent, frame, codec)
				if err == nil {
					_, err = ben.Decrypt(got, out)
				}
				if err != nil {
					t.Fatal(err)
				}
			}); n != 0 {
				t.Errorf("%s, codec %d: %v allocations a frame", mode, codec, n)
			}
		}
	}
}
