package framecrypt

import (
	"bytes"
	"errors"
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

func TestNoSliceNoFrame(t *testing.T) {
	s := newCipher(t, GCM, 1, 1, nil).NewSender()
	for _, frame := range [][]byte{
		nil, {1, 2, 3}, {0, 0, 0, 1}, {0, 0, 0, 1, 0x67, 1, 2, 3}, {9, 0, 0, 1, 0x65, 0xb8}, {0, 0, 0, 0, 1, 0x65, 0xb8, 3},
		{0, 0, 1, 0x65}, {0, 0, 1, 0x65, 0}, {0, 0, 1, 0x65, 0, 0, 0, 0, 1, 0xff}, {0, 0, 1, 0x65, 0x88}, {0, 0, 1, 0x65, 0xb0},
	} {
		if _, err := s.Encrypt(nil, frame, H264); !errors.Is(err, ErrFormat) {
			t.Errorf("%x: %v", frame, err)
		}
	}
}

// TestH264StaysOneSlice: nothing in what is sent may look like a start code to a packetizer.
func TestH264StaysOneSlice(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, mode := range []Mode{ECB, GCM} {
		s := newCipher(t, mode, 1, 1, nil).NewSender()
		for n := range 3000 {
			frame := frameOf(r, H264, n%400)
			sent, err := s.Encrypt(nil, frame, H264)
			if err != nil {
				t.Fatal(err)
			}
			rest := sent[sliceData(sent):]
			for _, bad := range [][]byte{{0, 0, 0}, {0, 0, 1}, {0, 0, 2}} {
				if bytes.Contains(rest, bad) {
					t.Fatalf("%x holds %x", rest, bad)
				}
			}
			if rest[len(rest)-1] == 0 {
				t.Fatal("the slice ends with a zero")
			}
		}
	}
}

// TestH264ThroughAPacketizer: a receiver gets other start codes and no delimiter.
func TestH264ThroughAPacketizer(t *testing.T) {
	frame := []byte{0, 0, 0, 1, 9, 0x10, 0, 0, 1, 0x67, 0x42, 0xe0, 0, 0, 1, 0x68, 0xce, 0, 0, 1, 0x65, 0xb8, 2, 3, 0, 0, 0, 1, 0x65, 4}
	want := []byte{0, 0, 0, 1, 0x67, 0x42, 0xe0, 0, 0, 0, 1, 0x68, 0xce, 0, 0, 0, 1, 0x65, 0xb8, 2, 3, 0, 0, 0, 1, 0x65, 4}
	sent, err := newCipher(t, GCM, 1, 1, nil).NewSender().Encrypt(nil, frame, H264)
	if err != nil {
		t.Fatal(err)
	}
	n := sliceData(sent)
	arrived := append(appendNALs(nil, sent[:n]), sent[n:]...)
	ben := newCipher(t, GCM, 1, 2, nil)
	got, err := ben.Decrypt(nil, arrived)
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%x, %v", got, err)
	}
	arrived[5] ^= 1 // a byte of the parameter set
	if _, err := newCipher(t, GCM, 1, 2, nil).Decrypt(nil, arrived); !errors.Is(err, ErrKey) {
		t.Errorf("a changed parameter set: %v", err)
	}
}

func TestEveryFlippedBitIsRefused(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for _, codec := range codecs {
		frame := frameOf(r, codec, 60)
		sent, err := newCipher(t, GCM, 1, 1, nil).NewSender().Encrypt(nil, frame, codec)
		if err != nil {
			t.Fatal(err)
		}
		for i := range len(sent) * 8 {
			changed := bytes.Clone(sent)
			changed[i/8] ^= 1 << (i % 8)
			// What a packetizer changes anyway is not covered: start codes and delimiters.
			if codec == H264 && i/8 < sliceData(sent)-3 && bytes.Equal(appendNALs(nil, changed[:max(sliceData(changed), 0)]), appendNALs(nil, sent[:sliceData(sent)])) {
				continue
			}
			got, err := newCipher(t, GCM, 1, 2, nil).Decrypt(nil, changed)
			if err == nil && !bytes.Equal(got, frame) {
				t.Fatalf("codec %d: bit %d was changed and %x decrypted", codec, i, got)
			}
			if err == nil {
				t.Fatalf("codec %d: bit %d was changed without notice", codec, i)
			}
		}
		for n := range sent {
			if _, err := newCipher(t, GCM, 1, 2, nil).Decrypt(nil, sent[:n]); err == nil {
				t.Fatalf("codec %d: cut to %d bytes and decrypted", codec, n)
			}
		}
	}
}

func TestWrongKey(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for _, mode := range []Mode{ECB, GCM} {
		s, other := newCipher(t, mode, 1, 1, nil).NewSender(), newCipher(t, mode, 2, 2, nil)
		refused := 0
		for range 200 {
			frame := frameOf(r, VP8, 100)
			sent, _ := s.Encrypt(nil, frame, VP8)
			got, err := other.Decrypt(nil, sent)
			if errors.Is(err, ErrKey) {
				refused++
			} else if err != nil || bytes.Equal(got, frame) {
				t.Fatalf("%s: %v", mode, err)
			}
		}
		// ECB has only its padding to tell by.
		if mode == GCM && refused != 200 || refused < 180 {
			t.Errorf("%s: %d of 200 refused", mode, refused)
		}
	}
}

func TestClearFramesAreRefused(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	for _, mode := range []Mode{ECB, GCM} {
		c := newCipher(t, mode, 1, 1, nil)
		taken := 0
		for n := range 20_000 {
			if _, err := c.Decrypt(nil, frameOf(r, codecs[n%len(codecs)], n%300)); err == nil {
				taken++
			}
		}
		// ECB takes what ends in its mark, is whole blocks and has a padding by chance.
		if mode == GCM && taken > 0 || taken > 5 {
			t.Errorf("%s: %d clear frames were taken", mode, taken)
		}
		other := GCM
		if mode == GCM {
			other = ECB
		}
		sent, _ := newCipher(t, other, 1, 1, nil).NewSender().Encrypt(nil, make([]byte, 100), Opus)
		if _, err := c.Decrypt(nil, sent); !errors.Is(err, ErrUnencrypted) {
			t.Errorf("%s took a frame of %s: %v", mode, other, err)
		}
	}
}

func TestReplay(t *testing.T) {
	s, ben := newCipher(t, GCM, 1, 1, nil).NewSender(), newCipher(t, GCM, 1, 2, nil)
	var sent [][]byte
	for n := range 3000 {
		f, err := s.Encrypt(nil, []byte{byte(n), byte(n >> 8)}, Opus)
		if err != nil {
			t.Fatal(err)
		}
		sent = append(sent, f)
	}
	take := func(n int, want error) {
		t.Helper()
		if _, err := ben.Decrypt(nil, sent[n]); !errors.Is(err, want) {
			t.Errorf("frame %d: %v, want %v", n, err, want)
		}
	}
	take(0, nil)
	take(0, ErrReplay)
	take(2, nil) // out of order
	take(1, nil)
	take(1, ErrReplay)
	take(1500, nil)
	take(1500-windowSize, ErrReplay) // too old to tell
	take(1500-windowSize+1, nil)
	take(1499, nil)
	take(1499, ErrReplay)
	take(1501, nil)
	take(1501-windowSize+1, nil)
	take(2999, nil)
	take(1501, ErrReplay)
	damaged := bytes.Clone(sent[2998])
	damaged[1] ^= 1
	if _, err := ben.Decrypt(nil, damaged); !errors.Is(err, ErrKey) {
		t.Error(err)
	}
	take(2998, nil) // the damaged one has not used its number up
}

func TestSendersHaveKeysOfTheirOwn(t *testing.T) {
	ann, ben := newCipher(t, GCM, 1, 1, nil), newCipher(t, GCM, 1, 2, nil)
	kids := map[uint64]bool{}
	for range 20 {
		s := ann.NewSender()
		for range 3 {
			sent, err := s.Encrypt(nil, []byte("0123456789"), Other)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := ben.Decrypt(nil, sent); err != nil || string(got) != "0123456789" {
				t.Fatal(err)
			}
		}
		kids[s.keys.kid] = true
	}
	if len(kids) != 20 || len(ben.peers.byKID) != 20 {
		t.Errorf("%d ids, %d known", len(kids), len(ben.peers.byKID))
	}
}

func TestASenderTakesAnotherKeyInTime(t *testing.T) {
	ann, ben := newCipher(t, GCM, 1, 1, nil), newCipher(t, GCM, 1, 2, nil)
	s := ann.NewSender()
	if _, err := s.Encrypt(nil, []byte("a"), Other); err != nil {
		t.Fatal(err)
	}
	before := s.keys.kid
	s.next = framesPerKey - 1
	for range 2 {
		sent, err := s.Encrypt(nil, []byte("a"), Other)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ben.Decrypt(nil, sent); err != nil {
			t.Fatal(err)
		}
	}
	if s.keys.kid == before || s.next != 1 {
		t.Errorf("id %x after %x, counter %d", s.keys.kid, before, s.next)
	}
}

// TestOnlyAVerifiedTagIsRemembered: whoever has no key cannot make a receiver keep anything.
func TestOnlyAVerifiedTagIsRemembered(t *testing.T) {
	ben := newCipher(t, GCM, 1, 2, nil)
	s := newCipher(t, GCM, 9, 1, nil)
	for range 100 {
		sent, _ := s.NewSender().Encrypt(nil, []byte("frame"), Other)
		if _, err := ben.Decrypt(nil, sent); !errors.Is(err, ErrKey) {
			t.Fatal(err)
		}
	}
	if n := len(ben.peers.byKID); n != 0 {
		t.Errorf("%d strangers are remembered", n)
	}
}

func TestTheLongestSilentIsForgotten(t *testing.T) {
	ann, ben := newCipher(t, GCM, 1, 1, nil), newCipher(t, GCM, 1, 2, nil)
	first := ann.NewSender()
	say := func(s *Sender) {
		sent, _ := s.Encrypt(nil, []byte("frame"), Other)
		if _, err := ben.Decrypt(nil, sent); err != nil {
			t.Fatal(err)
		}
	}
	for range maxPeers + 10 {
		say(first)
		say(ann.NewSender())
	}
	if n := len(ben.peers.byKID); n != maxPeers {
		t.Errorf("%d are remembered", n)
	}
	if ben.peers.byKID[first.keys.kid] == nil {
		t.Error("one who speaks was forgotten")
	}
}

func TestRotation(t *testing.T) {
	now := &clock{time.Unix(1000, 0)}
	ann, ben := newCipher(t, GCM, 1, 1, now), newCipher(t, GCM, 1, 2, now)
	late := newCipher(t, GCM, 2, 3, now) // has joined with the new secret
	s, back := ann.NewSender(), ben.NewSender()
	key := bytes.Repeat([]byte{2}, KeyLength)
	exchange := func(what string) {
		t.Helper()
		for _, x := range []struct {
			s *Sender
			c *Cipher
		}{{s, ben}, {back, ann}} {
			sent, err := x.s.Encrypt(nil, []byte("frame"), Other)
			if err == nil {
				_, err = x.c.Decrypt(nil, sent)
			}
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
	exchange("before")
	old, _ := s.Encrypt(nil, []byte("old"), Other)
	if err := ann.Rotate(key); err != nil {
		t.Fatal(err)
	}
	for elapsed := time.Duration(0); elapsed < 15*time.Second; elapsed += 100 * time.Millisecond {
		if elapsed == SwitchAfter-100*time.Millisecond { // the last moment
			if err := ben.Rotate(key); err != nil {
				t.Fatal(err)
			}
		}
		exchange(fmt.Sprint(elapsed))
		now.t = now.t.Add(100 * time.Millisecond)
	}
	if _, err := ben.Decrypt(nil, old); !errors.Is(err, ErrKey) {
		t.Errorf("a frame of the old key, after its time: %v", err)
	}
	sent, _ := s.Encrypt(nil, []byte("frame"), Other)
	if _, err := late.Decrypt(nil, sent); err != nil {
		t.Errorf("a newcomer: %v", err)
	}
	if err := ann.Rotate(key); err != nil || len(ann.epochs) != 1 {
		t.Errorf("the present key once more: %v, %d keys", err, len(ann.epochs))
	}
	for _, e := range ben.peers.byKID {
		if e.epoch != ben.epochs[0] {
			t.Error("a sender of the old key is still known")
		}
	}
}

func TestRotationsInARow(t *testing.T) {
	now := &clock{time.Unix(1000, 0)}
	ann, ben := newCipher(t, GCM, 1, 1, now), newCipher(t, GCM, 1, 2, now)
	s := ann.NewSender()
	for k := byte(2); k < 6; k++ {
		for _, c := range []*Cipher{ann, ben} {
			if err := c.Rotate(bytes.Repeat([]byte{k}, KeyLength)); err != nil {
				t.Fatal(err)
			}
		}
		now.t = now.t.Add(time.Second)
		sent, err := s.Encrypt(nil, []byte("frame"), Other)
		if err == nil {
			_, err = ben.Decrypt(nil, sent)
		}
		if err != nil || len(ben.epochs) != 2 {
			t.Errorf("%v, %d keys", err, len(ben.epochs))
		}
	}
}

func TestRefusals(t *testing.T) {
	if err := newCipher(t, ECB, 1, 1, nil).Rotate(make([]byte, KeyLength)); !errors.Is(err, ErrRotation) {
		t.Error(err)
	}
	if err := newCipher(t, GCM, 1, 1, nil).Rotate(make([]byte, 16)); !errors.Is(err, ErrKeyLength) {
		t.Error(err)
	}
	for _, o := range []Options{{}, {Mode: None, Key: make([]byte, 32)}, {Mode: GCM, Key: make([]byte, 16)}, {Mode: GCM, Key: make([]byte, 32)}} {
		if _, err := New(o); !errors.Is(err, ErrKeyLength) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	big := make([]byte, MaxFrame+1)
	for _, mode := range []Mode{ECB, GCM} {
		c := newCipher(t, mode, 1, 1, nil)
		if _, err := c.NewSender().Encrypt(nil, big, Opus); !errors.Is(err, ErrTooLarge) {
			t.Error(err)
		}
		if _, err := c.Decrypt(nil, make([]byte, 2*MaxFrame+1)); !errors.Is(err, ErrTooLarge) {
			t.Error(err)
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
