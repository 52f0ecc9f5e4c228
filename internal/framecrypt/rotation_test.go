package framecrypt

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"
)

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
