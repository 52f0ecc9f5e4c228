package framecrypt

import (
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"math/bits"

	"github.com/tjfoc/gmsm/sm4"
)

const (
	gcmNonce = 12
	gcmTag   = 16
)

// gcm is the Galois/counter mode over any block cipher of 16 bytes (NIST SP 800-38D).
// crypto/cipher's own, for a cipher that it does not know, builds its tables anew for each
// message and allocates; this one does neither. Not for use by several goroutines at a time.
type gcm struct {
	block   cipher.Block
	h       element
	counter [blockSize]byte
	stream  [blockSize]byte
	mask    [blockSize]byte // the first block of the stream, for the tag
	y       element
}

var errOpen = errors.New("framecrypt: message authentication failed")

func newSM4GCM(key []byte) (cipher.AEAD, error) {
	block, err := sm4.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return newGCM(block), nil
}

func newGCM(block cipher.Block) *gcm {
	g := &gcm{block: block}
	block.Encrypt(g.stream[:], g.counter[:])
	g.h = elementOf(g.stream[:])
	g.h.prepare()
	return g
}

// NonceSize is 12.
func (g *gcm) NonceSize() int { return gcmNonce }

// Overhead is 16, the length of the tag.
func (g *gcm) Overhead() int { return gcmTag }

// Seal is that of cipher.AEAD; dst may be plaintext[:0].
func (g *gcm) Seal(dst, nonce, plaintext, additional []byte) []byte {
	g.start(nonce)
	n := len(dst)
	dst = append(dst, plaintext...)
	text := dst[n:]
	g.xor(text)
	dst = append(dst, g.tag(text, additional)...)
	return dst
}

// Open is that of cipher.AEAD; dst may be ciphertext[:0].
func (g *gcm) Open(dst, nonce, ciphertext, additional []byte) ([]byte, error) {
	if len(ciphertext) < gcmTag {
		return nil, errOpen
	}
	text, tag := ciphertext[:len(ciphertext)-gcmTag], ciphertext[len(ciphertext)-gcmTag:]
	g.start(nonce)
	if subtle.ConstantTimeCompare(g.tag(text, additional), tag) != 1 {
		return nil, errOpen
	}
	n := len(dst)
	dst = append(dst, text...)
	g.xor(dst[n:])
	return dst, nil
}

func (g *gcm) start(nonce []byte) {
	if len(nonce) != gcmNonce {
		panic("framecrypt: nonce of another length")
	}
	copy(g.counter[:], nonce)
	binary.BigEndian.PutUint32(g.counter[gcmNonce:], 1)
	g.block.Encrypt(g.mask[:], g.counter[:])
}

// xor is the counter mode, from the second block of the stream on. MaxFrame is far below
// the 2^32 blocks after which the counter would come round.
func (g *gcm) xor(text []byte) {
	count := uint32(2)
	for len(text) >= blockSize {
		binary.BigEndian.PutUint32(g.counter[gcmNonce:], count)
		count++
		g.block.Encrypt(g.stream[:], g.counter[:])
		b := text[:blockSize]
		lo := binary.NativeEndian.Uint64(b) ^ binary.NativeEndian.Uint64(g.stream[:8])
		hi := binary.NativeEndian.Uint64(b[8:]) ^ binary.NativeEndian.Uint64(g.stream[8:])
		binary.NativeEndian.PutUint64(b, lo)
		binary.NativeEndian.PutUint64(b[8:], hi)
		text = text[blockSize:]
	}
	if len(text) > 0 {
		binary.BigEndian.PutUint32(g.counter[gcmNonce:], count)
		g.block.Encrypt(g.stream[:], g.counter[:])
		for i := range text {
			text[i] ^= g.stream[i]
		}
	}
}

// tag is good until the next call.
func (g *gcm) tag(text, additional []byte) []byte {
	g.y = element{}
	g.absorb(additional)
	g.absorb(text)
	g.y.hi ^= uint64(len(additional)) * 8
	g.y.lo ^= uint64(len(text)) * 8
	g.y.multiply(&g.h)
	binary.BigEndian.PutUint64(g.stream[:8], g.y.hi)
	binary.BigEndian.PutUint64(g.stream[8:], g.y.lo)
	for i, b := range g.mask {
		g.stream[i] ^= b
	}
	return g.stream[:]
}

func (g *gcm) absorb(b []byte) {
	for len(b) >= blockSize {
		g.y.hi ^= binary.BigEndian.Uint64(b)
		g.y.lo ^= binary.BigEndian.Uint64(b[8:])
		g.y.multiply(&g.h)
		b = b[blockSize:]
	}
	if len(b) > 0 {
		var last [blockSize]byte
		copy(last[:], b)
		g.y.hi ^= binary.BigEndian.Uint64(last[:])
		g.y.lo ^= binary.BigEndian.Uint64(last[8:])
		g.y.multiply(&g.h)
	}
}

// element is one of GF(2^128) in GCM's order of bits: the first bit of the block, the
// highest of hi, is the coefficient of x^0. prepare keeps the halves reversed too.
type element struct {
	hi, lo       uint64
	rhi, rlo, rm uint64
	mid          uint64
}

func elementOf(b []byte) element {
	return element{hi: binary.BigEndian.Uint64(b), lo: binary.BigEndian.Uint64(b[8:])}
}

// prepare computes what a factor that is used again and again needs.
func (e *element) prepare() {
	e.mid = e.hi ^ e.lo
	e.rhi, e.rlo, e.rm = bits.Reverse64(e.hi), bits.Reverse64(e.lo), bits.Reverse64(e.mid)
}

// multiply multiplies by a prepared factor. It uses neither tables nor branches, so that its time tells
// nothing of the key: carry-less multiplication by integer multiplications whose carries
// fall into holes, and the high halves by multiplying reversed numbers, as in
// https://bearssl.org/constanttime.html#ghash-for-gcm
func (y *element) multiply(h *element) {
	mid := y.hi ^ y.lo
	rhi, rlo := bits.Reverse64(y.hi), bits.Reverse64(y.lo)

	// Three products of 64 bits each (Karatsuba), as low half and as high half.
	l0, l1 := clmul(y.lo, h.lo), clmul(rlo, h.rlo)
	h0, h1 := clmul(y.hi, h.hi), clmul(rhi, h.rhi)
	m0, m1 := clmul(mid, h.mid)^l0^h0, clmul(rlo^rhi, h.rm)^l1^h1
	l1, h1, m1 = bits.Reverse64(l1)>>1, bits.Reverse64(h1)>>1, bits.Reverse64(m1)>>1

	// The product of 255 bits, one to the left for the reversed order of bits.
	v0, v1, v2, v3 := l0, l1^m0, h0^m1, h1
	v3 = v3<<1 | v2>>63
	v2 = v2<<1 | v1>>63
	v1 = v1<<1 | v0>>63
	v0 <<= 1

	// Modulo x^128 + x^7 + x^2 + x + 1.
	v2 ^= v0 ^ v0>>1 ^ v0>>2 ^ v0>>7
	v1 ^= v0<<63 ^ v0<<62 ^ v0<<57
	v3 ^= v1 ^ v1>>1 ^ v1>>2 ^ v1>>7
	v2 ^= v1<<63 ^ v1<<62 ^ v1<<57
	y.hi, y.lo = v3, v2
}

// clmul gives the lower 64 bits of the carry-less product. Each of the four parts has a
// bit in every fourth place: up to 15 can be added there before a carry meets the next, and
// 16 meet only in the last place, whose carry falls out.
func clmul(x, y uint64) uint64 {
	const m0, m1, m2, m3 = 0x1111111111111111, 0x2222222222222222, 0x4444444444444444, 0x8888888888888888
	x0, x1, x2, x3 := x&m0, x&m1, x&m2, x&m3
	y0, y1, y2, y3 := y&m0, y&m1, y&m2, y&m3
	z0 := x0*y0 ^ x1*y3 ^ x2*y2 ^ x3*y1
	z1 := x0*y1 ^ x1*y0 ^ x2*y3 ^ x3*y2
	z2 := x0*y2 ^ x1*y1 ^ x2*y0 ^ x3*y3
	z3 := x0*y3 ^ x1*y2 ^ x2*y1 ^ x3*y0
	return z0&m0 | z1&m1 | z2&m2 | z3&m3
}
