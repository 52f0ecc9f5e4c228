package framecrypt

import (
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"errors"

	"nertc/internal/sm4"
)

const (
	blockSize = sm4.BlockSize
	gcmNonce  = 12
	gcmTag    = 16
)

// blocks is a block cipher of 16 bytes under a key, as gcm needs it: many blocks at once are faster.
type blocks interface {
	// Crypt encrypts whole blocks, as *sm4.Key does.
	Crypt(dst, src []byte)
}

// gcm is the Galois/counter mode (NIST SP 800-38D). crypto/cipher's own, for a cipher that it does not know, encrypts block by
// block, builds tables anew for each message and allocates; this one does nothing of that. Not for use by several goroutines
// at a time.
type gcm struct {
	block    blocks
	hash     ghash
	counters [sm4.Batch]byte // the counter blocks of a batch
	stream   [sm4.Batch]byte // the same, encrypted
	count    uint32          // of the first block of stream
	mask     [blockSize]byte // the first block of the message's stream, for the tag
}

var errOpen = errors.New("framecrypt: message authentication failed")

func newSM4GCM(key []byte) (cipher.AEAD, error) {
	if len(key) != sm4.KeySize {
		return nil, ErrKeyLength
	}
	k := new(sm4.Key)
	k.Expand(key)
	return newGCM(k), nil
}

func newGCM(block blocks) *gcm {
	g := &gcm{block: block}
	var h [blockSize]byte
	block.Crypt(h[:], h[:])
	g.hash.init(&h)
	return g
}

// forget overwrites the key and what was computed with it.
func (g *gcm) forget() {
	if k, ok := g.block.(*sm4.Key); ok {
		*k = sm4.Key{}
	}
	*g = gcm{}
}

// NonceSize is 12.
func (g *gcm) NonceSize() int { return gcmNonce }

// Overhead is 16, the length of the tag.
func (g *gcm) Overhead() int { return gcmTag }

// Seal is that of cipher.AEAD; dst may be plaintext[:0].
func (g *gcm) Seal(dst, nonce, plaintext, additional []byte) []byte {
	g.start(nonce, len(plaintext))
	n := len(dst)
	dst = append(dst, plaintext...)
	text := dst[n:]
	g.xor(text)
	tag := g.tag(text, additional)
	return append(dst, tag[:]...)
}

// Open is that of cipher.AEAD; dst may be ciphertext[:0].
func (g *gcm) Open(dst, nonce, ciphertext, additional []byte) ([]byte, error) {
	if len(ciphertext) < gcmTag {
		return nil, errOpen
	}
	text, tag := ciphertext[:len(ciphertext)-gcmTag], ciphertext[len(ciphertext)-gcmTag:]
	g.start(nonce, len(text))
	if want := g.tag(text, additional); subtle.ConstantTimeCompare(want[:], tag) != 1 {
		return nil, errOpen
	}
	n := len(dst)
	dst = append(dst, text...)
	g.xor(dst[n:])
	return dst, nil
}

// start begins a message of n bytes: the first block of the stream is for the tag, the text takes those behind it.
func (g *gcm) start(nonce []byte, n int) {
	if len(nonce) != gcmNonce {
		panic("framecrypt: nonce of another length")
	}
	for b := g.counters[:]; len(b) > 0; b = b[blockSize:] {
		copy(b, nonce)
	}
	g.count = 1
	g.fill(blockSize + n)
	copy(g.mask[:], g.stream[:])
}

// fill makes the stream from block count on, of n bytes or as many as it holds.
func (g *gcm) fill(n int) {
	n = min((n+blockSize-1)/blockSize*blockSize, len(g.stream))
	count := g.count
	for b := g.counters[:n]; len(b) >= blockSize; b = b[blockSize:] {
		b[12], b[13], b[14], b[15] = byte(count>>24), byte(count>>16), byte(count>>8), byte(count)
		count++
	}
	g.block.Crypt(g.stream[:n], g.counters[:n])
}

// xor is the counter mode on the message that start has begun. MaxFrame is far below the 2^32 blocks after which the
// counter would come round.
func (g *gcm) xor(text []byte) {
	stream := g.stream[blockSize:]
	for len(text) > len(stream) {
		add(text[:len(stream)], stream)
		text = text[len(stream):]
		g.count += sm4.Batch / blockSize
		g.fill(len(text))
		stream = g.stream[:]
	}
	add(text, stream)
}

// add adds the stream, which is not shorter, to the text. crypto/subtle.XORBytes goes byte by byte in WebAssembly.
func add(text, stream []byte) {
	for len(text) >= 32 && len(stream) >= 32 {
		t, s := (*[32]byte)(text), (*[32]byte)(stream)
		binary.LittleEndian.PutUint64(t[0:], binary.LittleEndian.Uint64(t[0:])^binary.LittleEndian.Uint64(s[0:]))
		binary.LittleEndian.PutUint64(t[8:], binary.LittleEndian.Uint64(t[8:])^binary.LittleEndian.Uint64(s[8:]))
		binary.LittleEndian.PutUint64(t[16:], binary.LittleEndian.Uint64(t[16:])^binary.LittleEndian.Uint64(s[16:]))
		binary.LittleEndian.PutUint64(t[24:], binary.LittleEndian.Uint64(t[24:])^binary.LittleEndian.Uint64(s[24:]))
		text, stream = text[32:], stream[32:]
	}
	for len(text) >= 8 && len(stream) >= 8 {
		binary.LittleEndian.PutUint64(text, binary.LittleEndian.Uint64(text)^binary.LittleEndian.Uint64(stream))
		text, stream = text[8:], stream[8:]
	}
	for i := range text {
		text[i] ^= stream[i]
	}
}

// tag is over the ciphertext and what belongs to it.
func (g *gcm) tag(text, additional []byte) (tag [gcmTag]byte) {
	y := g.hash.absorb(element{}, additional)
	y = g.hash.absorb(y, text)
	binary.BigEndian.PutUint64(tag[:8], uint64(len(additional))*8)
	binary.BigEndian.PutUint64(tag[8:], uint64(len(text))*8)
	y = g.hash.absorb(y, tag[:])
	y.put(tag[:])
	add(tag[:], g.mask[:])
	return tag
}
