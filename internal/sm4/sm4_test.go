package sm4

import (
	"bytes"
	"encoding/hex"
	"math/rand/v2"
	"testing"

	reference "github.com/tjfoc/gmsm/sm4"
)

// TestVectors are the examples of GB/T 32907-2016, appendix A: one block, and the same encrypted a million times.
func TestVectors(t *testing.T) {
	key, _ := hex.DecodeString("0123456789abcdeffedcba9876543210")
	var k Key
	k.Expand(key)
	b := bytes.Clone(key)
	for n := 1; n <= 1_000_000; n++ {
		k.Crypt(b, b)
		want := map[int]string{1: "681edf34d206965e86b3e94f536e4246", 1_000_000: "595298c7c6fd271f0402f804c33d3f66"}[n]
		if got := hex.EncodeToString(b); want != "" && got != want {
			t.Fatalf("%d times: %s, want %s", n, got, want)
		}
		if testing.Short() {
			return
		}
	}
}

// TestAMillionBlocks compares with gmsm: random keys, random blocks, any number of them at a time, both directions.
func TestAMillionBlocks(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	fill := func(b []byte) {
		for i := range b {
			b[i] = byte(r.Uint32())
		}
	}
	key, src := make([]byte, KeySize), make([]byte, 40*BlockSize)
	want, got := make([]byte, len(src)), make([]byte, len(src))
	for blocks := 0; blocks < 1_000_000; {
		fill(key)
		theirs, err := reference.NewCipher(key)
		if err != nil {
			t.Fatal(err)
		}
		var encrypt, decrypt Key
		encrypt.Expand(key)
		decrypt = encrypt
		decrypt.Invert()
		for range 50 {
			n := r.IntN(len(src)/BlockSize + 1)
			src, want, got := src[:n*BlockSize], want[:n*BlockSize], got[:n*BlockSize]
			fill(src)
			for i := 0; i < len(src); i += BlockSize {
				theirs.Encrypt(want[i:], src[i:])
			}
			encrypt.Crypt(got, src)
			if !bytes.Equal(got, want) {
				t.Fatalf("%d blocks %x under %x: %x, want %x", n, src, key, got, want)
			}
			decrypt.Crypt(got, got)
			if !bytes.Equal(got, src) {
				t.Fatalf("%d blocks under %x do not come back: %x, want %x", n, key, got, src)
			}
			blocks += n
		}
	}
}

// TestEachBlockByItself: what stands beside a block does not matter, nor where it stands.
func TestEachBlockByItself(t *testing.T) {
	var k Key
	k.Expand([]byte("sixteen bytes of"))
	var alone [BlockSize]byte
	k.Crypt(alone[:], alone[:])
	for n := range 2 * abreast {
		b := bytes.Repeat([]byte{byte(n + 1)}, 2*Batch)
		clear(b[n*BlockSize : (n+1)*BlockSize])
		k.Crypt(b, b)
		if !bytes.Equal(b[n*BlockSize:(n+1)*BlockSize], alone[:]) {
			t.Errorf("the block at %d is another", n)
		}
	}
}

func TestWrongLengths(t *testing.T) {
	var k Key
	for name, f := range map[string]func(){
		"a key":         func() { k.Expand(make([]byte, 15)) },
		"half a block":  func() { k.Crypt(make([]byte, 24), make([]byte, 24)) },
		"two lengths":   func() { k.Crypt(make([]byte, 16), make([]byte, 32)) },
		"none and some": func() { k.Crypt(make([]byte, 16), nil) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: taken", name)
				}
			}()
			f()
		}()
	}
}

func BenchmarkCrypt(b *testing.B) {
	var k Key
	k.Expand(make([]byte, KeySize))
	buf := make([]byte, 64*BlockSize)
	b.SetBytes(int64(len(buf)))
	b.ReportAllocs()
	for b.Loop() {
		k.Crypt(buf, buf)
	}
}

func BenchmarkReference(b *testing.B) {
	c, err := reference.NewCipher(make([]byte, KeySize))
	if err != nil {
		b.Fatal(err)
	}
	buf := make([]byte, 64*BlockSize)
	b.SetBytes(int64(len(buf)))
	for b.Loop() {
		for i := 0; i < len(buf); i += BlockSize {
			c.Encrypt(buf[i:], buf[i:])
		}
	}
}

func BenchmarkExpand(b *testing.B) {
	var k Key
	key := make([]byte, KeySize)
	for b.Loop() {
		k.Expand(key)
	}
}
