// Package sm4 is the block cipher SM4 (GB/T 32907-2016) in constant time: it looks nothing up in tables and takes no
// branch by what it encrypts or by the key, so that neither time nor the cache tells of them.
//
// It computes with bits in parallel: 16 blocks at a time, of which the processor's 64-bit words hold one bit of each of
// the 64 bytes that one step of the cipher substitutes. Fewer blocks take as long as 16. It allocates nothing.
package sm4

import "math/bits"

const (
	// BlockSize and KeySize are in bytes.
	BlockSize = 16
	KeySize   = 16

	rounds = 32
	// abreast is how many blocks are encrypted at a time.
	abreast = 16
	// Batch is how many bytes cost as much as one.
	Batch = abreast * BlockSize
)

// planes are the same 32-bit word of 16 blocks, by bits: bit p of a byte is in planes[p], at the place of the byte in memory
// (0 to 3, the highest of the word first) times 16 plus the number of the block. So a rotation of all words by
// 8 bits to the left is one of each plane by 16 to the right.
type planes [8]uint64

// Key is an expanded key: what each round adds, for all blocks abreast. The zero value is none. It is not
// changed by use, so that several goroutines may share one.
type Key struct {
	rounds [rounds]planes
}

// Constants of the key schedule, GB/T 32907-2016, 7.3. Those of its rounds are the bytes 7·(4i+j) for j from 0 to 3.
var family = [4]uint32{0xa3b1bac6, 0x56aa3350, 0x677d9197, 0xb27022dc}

// substitute computes for each byte, but for two constants, the S-box: its input must have had enter added, and leave is to be added to what
// comes out. The substitution is A·inverse(A·x + c) + c in GF(2^8); what is left without the constants is an inversion between two linear maps.
const (
	enter = 0x75 // A⁻¹·c
	leave = 0xd3 // c
)

// Expand expands a key of KeySize bytes for encrypting. It panics for one of another length.
func (k *Key) Expand(key []byte) {
	if len(key) != KeySize {
		panic("sm4: a key has 16 bytes")
	}
	var x [4]uint32
	for i := range x {
		b := key[4*i : 4*i+4]
		x[i] = uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
		x[i] ^= family[i]
	}
	for i := range rounds {
		var constant uint32
		for j := range uint32(4) {
			constant = constant<<8 | (4*uint32(i)+j)*7&0xff
		}
		s := substituteWord(x[1] ^ x[2] ^ x[3] ^ constant)
		next := x[0] ^ s ^ bits.RotateLeft32(s, 13) ^ bits.RotateLeft32(s, 23)
		x = [4]uint32{x[1], x[2], x[3], next}
		// With this added to what a round substitutes, the substitution is spared its constants: that of its input, and that of its output
		// which each word has taken in every fourth round, so that at the end there is none left.
		extra := uint32(enter * 0x01010101)
		for j := 1; j <= 3; j++ {
			if (i+j)/4%2 == 1 {
				extra ^= diffuse(leave * 0x01010101)
			}
		}
		k.rounds[i].broadcast(next ^ extra)
	}
}

// Invert makes a key for decrypting out of one for encrypting, and the other way round.
func (k *Key) Invert() {
	for i := range rounds / 2 {
		k.rounds[i], k.rounds[rounds-1-i] = k.rounds[rounds-1-i], k.rounds[i]
	}
}

// broadcast puts a word into all blocks.
func (p *planes) broadcast(w uint32) {
	for bit := range p {
		p[bit] = 0
		for place := range 4 {
			p[bit] |= -uint64(w>>(24-8*place+bit)&1) & 0xffff << (16 * place)
		}
	}
}

// substituteWord is the S-box on each byte of a word, by way of a round whose linear part is taken back.
func substituteWord(w uint32) uint32 {
	var s [4]planes
	var k [1]planes
	k[0].broadcast(w ^ enter*0x01010101)
	crypt(&s, k[:])
	var out uint32
	for place := range 4 {
		for bit := range 8 {
			out |= uint32(s[0][bit]>>(16*place)&1) << (24 - 8*place + bit)
		}
	}
	// As a polynomial of rotations diffuse is 1 + r² + r¹⁰ + r¹⁸ + r²⁴ modulo r³² + 1. Its square is 1 + r¹⁶ + r²⁰, the fourth power r⁸:
	// what undoes it is itself times its square times r²⁴.
	out = diffuse(out ^ bits.RotateLeft32(out, 16) ^ bits.RotateLeft32(out, 20))
	return bits.RotateLeft32(out, 24) ^ leave*0x01010101
}

// diffuse is the linear part of a round, L of GB/T 32907-2016, 6.2.
func diffuse(w uint32) uint32 {
	return w ^ bits.RotateLeft32(w, 2) ^ bits.RotateLeft32(w, 10) ^ bits.RotateLeft32(w, 18) ^ bits.RotateLeft32(w, 24)
}
