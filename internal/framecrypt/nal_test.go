package framecrypt

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"
)

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
