package framecrypt

import (
	"encoding/binary"
	"math/bits"
)

// ghash is GHASH under one key (NIST SP 800-38D, 6.4). It uses neither tables nor branches by what it hashes or by the
// key, so that its time tells nothing of them: carry-less multiplication is by integer multiplications whose carries fall
// into holes, and upper halves are lower halves of reversed numbers, as in https://bearssl.org/constanttime.html#ghash-for-gcm
//
// Eight blocks are multiplied by eight powers of the key, summed and reduced once.
type ghash struct {
	powers factors
}

const (
	// together is how many blocks are reduced at once.
	together = 8
	group    = together * blockSize
)

// The three products of 64 bits of a multiplication of 128 (Karatsuba), and the same of the numbers read backwards, which
// give the upper halves.
const (
	low = iota
	high
	middle
	lowBack
	highBack
	middleBack
	parts
)

// terms are the parts of the blocks of a group; factors those of the powers that each is multiplied by, taken apart.
type (
	terms   [parts][together]uint64
	factors [parts][together][9]uint64
)

// element is one of GF(2^128) as its 16 bytes lie in memory, read as two numbers with the lowest byte first.
type element struct{ first, second uint64 }

func elementOf(b *[blockSize]byte) element {
	return element{binary.LittleEndian.Uint64(b[:8]), binary.LittleEndian.Uint64(b[8:])}
}

func (e element) put(b []byte) {
	binary.LittleEndian.PutUint64(b, e.first)
	binary.LittleEndian.PutUint64(b[8:], e.second)
}

// init takes the key: the block of zeros, encrypted.
func (g *ghash) init(h *[blockSize]byte) {
	g.powers = factors{}
	var last [group]byte
	copy(last[group-blockSize:], h[:])
	var t terms
	for i := together - 1; i >= 0; i-- {
		t.fill(&last, element{})
		for part := range parts {
			g.powers[part][i] = apart(t[part][together-1])
		}
		// The next power is this one times the first, which is the last of the factors.
		g.reduce(&t).put(last[group-blockSize:])
	}
}

// absorb goes on from y with bytes, filled up to whole blocks with zeros.
func (g *ghash) absorb(y element, b []byte) element {
	var t terms
	for len(b) >= group {
		t.fill((*[group]byte)(b), y)
		y = g.reduce(&t)
		b = b[group:]
	}
	if len(b) == 0 {
		return y
	}
	// Fewer blocks are the last of a group: what is in front of them is zero.
	var last [group]byte
	first := group - (len(b)+blockSize-1)/blockSize*blockSize
	copy(last[first:], b)
	front := last[first : first+blockSize]
	e := elementOf((*[blockSize]byte)(front))
	element{e.first ^ y.first, e.second ^ y.second}.put(front)
	t.fill(&last, element{})
	return g.reduce(&t)
}

// fill takes the blocks of a group, the first with y added.
func (t *terms) fill(b *[group]byte, y element) {
	for i := range together {
		first := binary.LittleEndian.Uint64(b[i*blockSize:]) ^ y.first
		second := binary.LittleEndian.Uint64(b[i*blockSize+8:]) ^ y.second
		y = element{}
		hi, lo := bits.ReverseBytes64(first), bits.ReverseBytes64(second)
		rhi, rlo := mirror(first), mirror(second)
		t[low][i], t[high][i], t[middle][i] = lo, hi, lo^hi
		t[lowBack][i], t[highBack][i], t[middleBack][i] = rlo, rhi, rlo^rhi
	}
}

// mirror turns each byte round.
func mirror(x uint64) uint64 {
	x = x>>1&0x5555555555555555 | x&0x5555555555555555<<1
	x = x>>2&0x3333333333333333 | x&0x3333333333333333<<2
	return x>>4&0x0f0f0f0f0f0f0f0f | x&0x0f0f0f0f0f0f0f0f<<4
}

// reduce gives the sum of the products of a group's blocks with their powers, modulo x^128 + x^7 + x^2 + x + 1.
func (g *ghash) reduce(t *terms) element {
	var p [parts]uint64
	multiply(&p, t, &g.powers)
	l1, h1 := p[lowBack], p[highBack]
	m0, m1 := p[middle]^p[low]^p[high], p[middleBack]^l1^h1
	l1, h1, m1 = bits.Reverse64(l1)>>1, bits.Reverse64(h1)>>1, bits.Reverse64(m1)>>1

	// The product of 255 bits, one to the left for the reversed order of bits.
	v0, v1, v2, v3 := p[low], l1^m0, p[high]^m1, h1
	v3 = v3<<1 | v2>>63
	v2 = v2<<1 | v1>>63
	v1 = v1<<1 | v0>>63
	v0 <<= 1

	v2 ^= v0 ^ v0>>1 ^ v0>>2 ^ v0>>7
	v1 ^= v0<<63 ^ v0<<62 ^ v0<<57
	v3 ^= v1 ^ v1>>1 ^ v1>>2 ^ v1>>7
	v2 ^= v1<<63 ^ v1<<62 ^ v1<<57
	return element{bits.ReverseBytes64(v3), bits.ReverseBytes64(v2)}
}

// everyFourth has a bit in every fourth place: where up to 15 are added, no carry meets the next one.
const everyFourth = 0x1111111111111111

// apart takes a number apart into what the products of multiply are of: its bits of every fourth place, moved to the same
// places, and sums of them.
func apart(x uint64) [9]uint64 {
	a, b, c, d := x&everyFourth, x>>1&everyFourth, x>>2&everyFourth, x>>3&everyFourth
	return [9]uint64{a, b, a ^ b, c, d, c ^ d, a ^ c, b ^ d, a ^ b ^ c ^ d}
}

// multiply gives the lower 64 bits of the sums of carry-less products: as polynomials of x^4 the four quarters of a number
// have a bit in every fourth place, so that their products are those of integers, but for the places between. 16 summands meet
// only in the last place, whose carry falls out. Karatsuba, twice, makes nine products of 16. It is written out, and
// each sum in one piece, because the compiler then keeps what it needs in registers.
func multiply(p *[parts]uint64, t *terms, f *factors) {
	for part := range p {
		x, y := &t[part], &f[part]
		v0, v1, v2, v3 := x[0], x[1], x[2], x[3]
		w0, w1, w2, w3 := v0^v0>>1, v1^v1>>1, v2^v2>>1, v3^v3>>1
		z0 := (v0&everyFourth)*y[0][0] ^ (v1&everyFourth)*y[1][0] ^ (v2&everyFourth)*y[2][0] ^ (v3&everyFourth)*y[3][0]
		z1 := (v0>>1&everyFourth)*y[0][1] ^ (v1>>1&everyFourth)*y[1][1] ^ (v2>>1&everyFourth)*y[2][1] ^ (v3>>1&everyFourth)*y[3][1]
		z2 := (w0&everyFourth)*y[0][2] ^ (w1&everyFourth)*y[1][2] ^ (w2&everyFourth)*y[2][2] ^ (w3&everyFourth)*y[3][2]
		z3 := (v0>>2&everyFourth)*y[0][3] ^ (v1>>2&everyFourth)*y[1][3] ^ (v2>>2&everyFourth)*y[2][3] ^ (v3>>2&everyFourth)*y[3][3]
		z4 := (v0>>3&everyFourth)*y[0][4] ^ (v1>>3&everyFourth)*y[1][4] ^ (v2>>3&everyFourth)*y[2][4] ^ (v3>>3&everyFourth)*y[3][4]
		z5 := (w0>>2&everyFourth)*y[0][5] ^ (w1>>2&everyFourth)*y[1][5] ^ (w2>>2&everyFourth)*y[2][5] ^ (w3>>2&everyFourth)*y[3][5]
		u0, u1, u2, u3 := v0^v0>>2, v1^v1>>2, v2^v2>>2, v3^v3>>2
		z6 := (u0&everyFourth)*y[0][6] ^ (u1&everyFourth)*y[1][6] ^ (u2&everyFourth)*y[2][6] ^ (u3&everyFourth)*y[3][6]
		z7 := (u0>>1&everyFourth)*y[0][7] ^ (u1>>1&everyFourth)*y[1][7] ^ (u2>>1&everyFourth)*y[2][7] ^ (u3>>1&everyFourth)*y[3][7]
		z8 := ((u0^u0>>1)&everyFourth)*y[0][8] ^ ((u1^u1>>1)&everyFourth)*y[1][8] ^ ((u2^u2>>1)&everyFourth)*y[2][8] ^ ((u3^u3>>1)&everyFourth)*y[3][8]

		v4, v5, v6, v7 := x[4], x[5], x[6], x[7]
		w4, w5, w6, w7 := v4^v4>>1, v5^v5>>1, v6^v6>>1, v7^v7>>1
		z0 ^= (v4&everyFourth)*y[4][0] ^ (v5&everyFourth)*y[5][0] ^ (v6&everyFourth)*y[6][0] ^ (v7&everyFourth)*y[7][0]
		z1 ^= (v4>>1&everyFourth)*y[4][1] ^ (v5>>1&everyFourth)*y[5][1] ^ (v6>>1&everyFourth)*y[6][1] ^ (v7>>1&everyFourth)*y[7][1]
		z2 ^= (w4&everyFourth)*y[4][2] ^ (w5&everyFourth)*y[5][2] ^ (w6&everyFourth)*y[6][2] ^ (w7&everyFourth)*y[7][2]
		z3 ^= (v4>>2&everyFourth)*y[4][3] ^ (v5>>2&everyFourth)*y[5][3] ^ (v6>>2&everyFourth)*y[6][3] ^ (v7>>2&everyFourth)*y[7][3]
		z4 ^= (v4>>3&everyFourth)*y[4][4] ^ (v5>>3&everyFourth)*y[5][4] ^ (v6>>3&everyFourth)*y[6][4] ^ (v7>>3&everyFourth)*y[7][4]
		z5 ^= (w4>>2&everyFourth)*y[4][5] ^ (w5>>2&everyFourth)*y[5][5] ^ (w6>>2&everyFourth)*y[6][5] ^ (w7>>2&everyFourth)*y[7][5]
		u4, u5, u6, u7 := v4^v4>>2, v5^v5>>2, v6^v6>>2, v7^v7>>2
		z6 ^= (u4&everyFourth)*y[4][6] ^ (u5&everyFourth)*y[5][6] ^ (u6&everyFourth)*y[6][6] ^ (u7&everyFourth)*y[7][6]
		z7 ^= (u4>>1&everyFourth)*y[4][7] ^ (u5>>1&everyFourth)*y[5][7] ^ (u6>>1&everyFourth)*y[6][7] ^ (u7>>1&everyFourth)*y[7][7]
		z8 ^= ((u4^u4>>1)&everyFourth)*y[4][8] ^ ((u5^u5>>1)&everyFourth)*y[5][8] ^ ((u6^u6>>1)&everyFourth)*y[6][8] ^ ((u7^u7>>1)&everyFourth)*y[7][8]

		z2 ^= z0 ^ z1
		z5 ^= z3 ^ z4
		z8 ^= z6 ^ z7 ^ z2 ^ z5
		z6 ^= z0 ^ z1 ^ z3
		z7 ^= z1 ^ z3 ^ z4
		p[part] = (z0^z7<<4)&everyFourth | (z2^z5<<4)&everyFourth<<1 | (z6^z4<<4)&everyFourth<<2 | z8&everyFourth<<3
	}
}
