package framecrypt

import (
	"errors"
	"testing"
)

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
