package sm4

import "encoding/binary"

// Crypt encrypts whole blocks, or decrypts them with an inverted key: dst[i:i+16] becomes what src[i:i+16] is enciphered to. Both
// have the same length, of a multiple of BlockSize, else it panics, and are the same memory or do not overlap.
func (k *Key) Crypt(dst, src []byte) {
	if len(dst) != len(src) || len(src)%BlockSize != 0 {
		panic("sm4: not whole blocks")
	}
	for len(src) >= Batch && len(dst) >= Batch {
		k.batch((*[Batch]byte)(dst), (*[Batch]byte)(src))
		dst, src = dst[Batch:], src[Batch:]
	}
	if len(src) > 0 {
		var rest [Batch]byte
		copy(rest[:], src)
		k.batch(&rest, &rest)
		copy(dst, rest[:])
	}
}

func (k *Key) batch(dst, src *[Batch]byte) {
	var s [4]planes
	gather(&s[0], (*column)(src[0:]))
	gather(&s[1], (*column)(src[4:]))
	gather(&s[2], (*column)(src[8:]))
	gather(&s[3], (*column)(src[12:]))
	crypt(&s, k.rounds[:])
	// The cipher gives a block's words in the opposite order.
	scatter((*column)(dst[0:]), &s[3])
	scatter((*column)(dst[4:]), &s[2])
	scatter((*column)(dst[8:]), &s[1])
	scatter((*column)(dst[12:]), &s[0])
}

// column is what has the same word of each of the blocks: the first four bytes of every 16.
type column [Batch - BlockSize + 4]byte

func (c *column) pair(first, second int) uint64 {
	return uint64(binary.LittleEndian.Uint32(c[first:])) | uint64(binary.LittleEndian.Uint32(c[second:]))<<32
}

func (c *column) put(at int, w uint64) {
	c[at], c[at+1], c[at+2], c[at+3] = byte(w), byte(w>>8), byte(w>>16), byte(w>>24)
}

// gather puts a word of each block into planes.
func gather(p *planes, c *column) {
	p0 := interleave(c.pair(0, 128))
	p1 := interleave(c.pair(16, 144))
	p2 := interleave(c.pair(32, 160))
	p3 := interleave(c.pair(48, 176))
	p4 := interleave(c.pair(64, 192))
	p5 := interleave(c.pair(80, 208))
	p6 := interleave(c.pair(96, 224))
	p7 := interleave(c.pair(112, 240))
	p0, p1 = swap(p0, p1, 1, 0x5555555555555555)
	p2, p3 = swap(p2, p3, 1, 0x5555555555555555)
	p4, p5 = swap(p4, p5, 1, 0x5555555555555555)
	p6, p7 = swap(p6, p7, 1, 0x5555555555555555)
	p0, p2 = swap(p0, p2, 2, 0x3333333333333333)
	p1, p3 = swap(p1, p3, 2, 0x3333333333333333)
	p4, p6 = swap(p4, p6, 2, 0x3333333333333333)
	p5, p7 = swap(p5, p7, 2, 0x3333333333333333)
	p0, p4 = swap(p0, p4, 4, 0x0f0f0f0f0f0f0f0f)
	p1, p5 = swap(p1, p5, 4, 0x0f0f0f0f0f0f0f0f)
	p2, p6 = swap(p2, p6, 4, 0x0f0f0f0f0f0f0f0f)
	p3, p7 = swap(p3, p7, 4, 0x0f0f0f0f0f0f0f0f)
	*p = planes{p0, p1, p2, p3, p4, p5, p6, p7}
}

// scatter is the opposite.
func scatter(c *column, p *planes) {
	p0, p1, p2, p3, p4, p5, p6, p7 := p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7]
	p0, p1 = swap(p0, p1, 1, 0x5555555555555555)
	p2, p3 = swap(p2, p3, 1, 0x5555555555555555)
	p4, p5 = swap(p4, p5, 1, 0x5555555555555555)
	p6, p7 = swap(p6, p7, 1, 0x5555555555555555)
	p0, p2 = swap(p0, p2, 2, 0x3333333333333333)
	p1, p3 = swap(p1, p3, 2, 0x3333333333333333)
	p4, p6 = swap(p4, p6, 2, 0x3333333333333333)
	p5, p7 = swap(p5, p7, 2, 0x3333333333333333)
	p0, p4 = swap(p0, p4, 4, 0x0f0f0f0f0f0f0f0f)
	p1, p5 = swap(p1, p5, 4, 0x0f0f0f0f0f0f0f0f)
	p2, p6 = swap(p2, p6, 4, 0x0f0f0f0f0f0f0f0f)
	p3, p7 = swap(p3, p7, 4, 0x0f0f0f0f0f0f0f0f)
	p0 = part(p0)
	c.put(0, p0)
	c.put(128, p0>>32)
	p1 = part(p1)
	c.put(16, p1)
	c.put(144, p1>>32)
	p2 = part(p2)
	c.put(32, p2)
	c.put(160, p2>>32)
	p3 = part(p3)
	c.put(48, p3)
	c.put(176, p3>>32)
	p4 = part(p4)
	c.put(64, p4)
	c.put(192, p4>>32)
	p5 = part(p5)
	c.put(80, p5)
	c.put(208, p5>>32)
	p6 = part(p6)
	c.put(96, p6)
	c.put(224, p6>>32)
	p7 = part(p7)
	c.put(112, p7)
	c.put(240, p7>>32)
}

// interleave takes the bytes a0 a1 a2 a3 b0 b1 b2 b3 to a0 b0 a1 b1 a2 b2 a3 b3.
func interleave(w uint64) uint64 {
	t := (w ^ w>>16) & 0x00000000ffff0000
	w ^= t ^ t<<16
	t = (w ^ w>>8) & 0x0000ff000000ff00
	return w ^ t ^ t<<8
}

// part undoes interleave.
func part(w uint64) uint64 {
	t := (w ^ w>>8) & 0x0000ff000000ff00
	w ^= t ^ t<<8
	t = (w ^ w>>16) & 0x00000000ffff0000
	return w ^ t ^ t<<16
}

// swap exchanges the bits of a that the mask has not with those of b that it has. With shifts of 1, 2 and 4 that transposes
// 8 by 8 bits: bit i of a byte of word p comes to bit p of the same byte of word i.
func swap(a, b uint64, shift int, mask uint64) (uint64, uint64) {
	t := (a>>shift ^ b) & mask
	return a ^ t<<shift, b ^ t
}
