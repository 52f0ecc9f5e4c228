package framecrypt

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"nertc/internal/sm4"
)

// material is what a key id stands for, to be looked at once it is forgotten.
type material struct {
	block *sm4.Key
	gcm   *gcm
	keys  *senderKeys
}

func materialOf(k *senderKeys) material {
	g := k.aead.(*gcm)
	return material{g.block.(*sm4.Key), g, k}
}

func (m material) forgotten() bool {
	return *m.block == sm4.Key{} && m.gcm.hash == ghash{} && m.gcm.stream == [sm4.Batch]byte{} && m.gcm.mask == [blockSize]byte{} &&
		m.keys.salt == [maxNonce]byte{} && m.keys.iv == [maxNonce]byte{}
}

// TestFormerKeysAreOverwritten: a key that is no longer of use is in memory no more, also of a sender and a receiver
// through whom nothing passes any more.
func TestFormerKeysAreOverwritten(t *testing.T) {
	now := &clock{time.Unix(1000, 0)}
	ann, ben := newCipher(t, GCM, 1, 1, now), newCipher(t, GCM, 1, 2, now)
	s := ann.NewSender()
	sent, _ := s.Encrypt(nil, []byte("frame"), Other)
	if _, err := ben.Decrypt(nil, sent); err != nil {
		t.Fatal(err)
	}
	var of []material
	var bases [][]byte
	for _, c := range []*Cipher{ann, ben} {
		bases = append(bases, c.epochs[0].base)
		if err := c.Rotate(bytes.Repeat([]byte{2}, KeyLength)); err != nil {
			t.Fatal(err)
		}
	}
	of = append(of, materialOf(s.keys), materialOf(ben.peers.byKID[s.keys.kid].keys))
	zero := make([]byte, KeyLength)
	check := func(when string, want bool) {
		t.Helper()
		for i := range of {
			if of[i].forgotten() != want || bytes.Equal(bases[i], zero) != want {
				t.Errorf("%s: forgotten by %d: %v, its base %x", when, i, of[i].forgotten(), bases[i])
			}
		}
	}
	now.t = now.t.Add(ForgetAfter - time.Millisecond)
	ann.Expire()
	ben.Expire()
	check("while both are good", false)
	now.t = now.t.Add(time.Millisecond)
	ann.Expire()
	ben.Expire()
	check("afterwards", true)
	if len(ann.senders)+len(ben.peers.byKID) != 0 {
		t.Error("somebody with the former key is still known")
	}
	if sent, err := s.Encrypt(nil, []byte("frame"), Other); err != nil {
		t.Error(err)
	} else if got, err := ben.Decrypt(nil, sent); err != nil || string(got) != "frame" {
		t.Errorf("with the new key: %q, %v", got, err)
	}
}

// TestAClosedCipher has no keys, and passes nothing on.
func TestAClosedCipher(t *testing.T) {
	for _, mode := range []Mode{ECB, GCM} {
		c := newCipher(t, mode, 1, 1, nil)
		s, other := c.NewSender(), c.NewSender()
		sent, err := s.Encrypt(nil, []byte("frame"), Other)
		if err != nil {
			t.Fatal(err)
		}
		var of []material
		if mode == GCM {
			if _, err := other.Encrypt(nil, []byte("frame"), Other); err != nil {
				t.Fatal(err)
			}
			if _, err := c.Decrypt(nil, sent); err != nil {
				t.Fatal(err)
			}
			of = append(of, materialOf(s.keys), materialOf(other.keys), materialOf(c.peers.byKID[s.keys.kid].keys))
		}
		other.Close()
		if mode == GCM && (!of[1].forgotten() || of[0].forgotten()) {
			t.Error("a sender was closed, and its key is there, or that of another is not")
		}
		c.Close()
		c.Close()
		if i := slices.IndexFunc(of, func(m material) bool { return !m.forgotten() }); i >= 0 || c.block != (ecbKey{}) {
			t.Errorf("%s: key %d is still there", mode, i)
		}
		if out, err := s.Encrypt(nil, []byte("frame"), Other); !errors.Is(err, ErrClosed) {
			t.Errorf("%s: encrypted to %x, %v", mode, out, err)
		}
		if out, err := c.Decrypt(nil, sent); !errors.Is(err, ErrClosed) {
			t.Errorf("%s: decrypted to %x, %v", mode, out, err)
		}
		if err := c.Rotate(make([]byte, KeyLength)); mode == GCM && !errors.Is(err, ErrClosed) {
			t.Errorf("another key was taken: %v", err)
		}
		c.Expire()
	}
}
