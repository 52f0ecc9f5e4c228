package framecrypt

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"
)

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
