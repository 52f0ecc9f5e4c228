package framecrypt

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"math/rand/v2"
	"testing"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func randomBytes(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// oneByOne is a cipher of the standard library's.
type oneByOne struct{ cipher.Block }

func (o oneByOne) Crypt(dst, src []byte) {
	for i := 0; i < len(src); i += blockSize {
		o.Encrypt(dst[i:], src[i:])
	}
}

// TestSM4GCMVector is https://www.rfc-editor.org/rfc/rfc8998.html#appendix-A.1
func TestSM4GCMVector(t *testing.T) {
	a, err := newSM4GCM(unhex(t, "0123456789abcdeffedcba9876543210"))
	if err != nil {
		t.Fatal(err)
	}
	nonce, aad := unhex(t, "00001234567800000000abcd"), unhex(t, "feedfacedeadbeeffeedfacedeadbeefabaddad2")
	plain := unhex(t, "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccddddddddddddddddeeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa")
	want := unhex(t, "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d83de3541e4c2b58177e065a9bf7b62ec")
	if got := a.Seal(nil, nonce, plain, aad); !bytes.Equal(got, want) {
		t.Errorf("%x", got)
	}
	if got, err := a.Open(nil, nonce, want, aad); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("%x, %v", got, err)
	}
}

// TestGCMIsThatOfTheStandardLibrary compares with AES-GCM of crypto/cipher.
func TestGCMIsThatOfTheStandardLibrary(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		block, _ := aes.NewCipher(randomBytes(r, 16))
		theirs, _ := cipher.NewGCM(block)
		ours := newGCM(oneByOne{block})
		nonce, plain, aad := randomBytes(r, 12), randomBytes(r, r.IntN(1000)), randomBytes(r, r.IntN(70))
		want := theirs.Seal(nil, nonce, plain, aad)
		got := ours.Seal([]byte("front"), nonce, plain, aad)
		if !bytes.Equal(got, append([]byte("front"), want...)) {
			t.Fatalf("%d and %d bytes: %x, want %x", len(plain), len(aad), got, want)
		}
		back, err := ours.Open(nil, nonce, want, aad)
		if err != nil || !bytes.Equal(back, plain) {
			t.Fatalf("opened as %x, %v", back, err)
		}
		want[r.IntN(len(want))] ^= 1 << r.IntN(8)
		if _, err := ours.Open(nil, nonce, want, aad); err == nil {
			t.Fatal("a changed message was taken")
		}
	}
}
