package framecrypt

import (
	"bytes"
	"errors"
	"testing"
)

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
