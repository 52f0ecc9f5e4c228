package framecrypt

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

// times is the multiplication as NIST SP 800-38D, 6.3, writes it, bit by bit.
func times(x, y [blockSize]byte) (z [blockSize]byte) {
	v := y
	for i := range 128 {
		if x[i/8]>>(7-i%8)&1 == 1 {
			for j := range z {
				z[j] ^= v[j]
			}
		}
		out := v[blockSize-1] & 1
		for j := blockSize - 1; j > 0; j-- {
			v[j] = v[j]>>1 | v[j-1]<<7
		}
		v[0] = v[0]>>1 ^ 0xe1*out
	}
	return z
}

// TestHashBitByBit compares with the standard's way to write it, for any number of blocks and for numbers that make the
// most carries.
func TestHashBitByBit(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	ones := ^uint64(0)
	values := []uint64{0, 1, ones, 1 << 63, ones << 1, 0x8888888888888888, 0x1111111111111111}
	pick := func(b []byte) {
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		for ; len(b) >= 8; b = b[8:] {
			if r.IntN(3) == 0 {
				binary.BigEndian.PutUint64(b, values[r.IntN(len(values))])
			}
		}
	}
	for range 4000 {
		var h, want, start [blockSize]byte
		pick(h[:])
		pick(start[:])
		text := make([]byte, r.IntN(12*blockSize))
		pick(text)
		want = start
		for i := 0; i < len(text); i += blockSize {
			for j, b := range text[i:min(i+blockSize, len(text))] {
				want[j] ^= b
			}
			want = times(want, h)
		}
		var g ghash
		g.init(&h)
		if got := g.absorb(elementOf(&start), text); got != elementOf(&want) {
			t.Fatalf("%d bytes under %x from %x: %x, want %x", len(text), h, start, got, want)
		}
	}
}
