package framecrypt

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"io"
)

// SFrame, https://www.rfc-editor.org/rfc/rfc9605.html

const (
	// maxHeader is a configuration byte, eight bytes of key id and eight of counter.
	maxHeader = 17
	// maxNonce is the longest nonce of a suite.
	maxNonce = 12
	// framesPerKey is after how many frames a sender takes another key. With frames of up to
	// 64 kB an observer then tells the ciphertext from random bytes with a chance of
	// 2^-57 at most: https://datatracker.ietf.org/doc/html/draft-irtf-cfrg-aead-limits#section-5.1
	framesPerKey = 1 << 24
	// longKID is the least of our key ids: all have eight bytes in the header, of which the configuration byte
	// then tells. No text of ASCII does, and such is what the media server puts behind silence and black of its own.
	longKID = 1 << 56
)

// suite is a cipher suite, https://www.rfc-editor.org/rfc/rfc9605.html#section-4.5
type suite struct {
	id         uint16
	key, nonce int // Nk, Nn
	tag        int // Nt
	hash       func() hash.Hash
	aead       func(key []byte) (cipher.AEAD, error)
}

// sm4GCM is SM4_128_GCM_SHA256_128: like AES_128_GCM_SHA256_128 with SM4, and a number
// of the range for private use. https://www.rfc-editor.org/rfc/rfc9605.html#section-8.1
func sm4GCM() suite {
	return suite{id: 0xf001, key: 16, nonce: gcmNonce, tag: gcmTag, hash: sha256.New, aead: newSM4GCM}
}

// senderKeys are what one key id stands for.
type senderKeys struct {
	kid  uint64
	aead cipher.AEAD
	salt [maxNonce]byte
	iv   [maxNonce]byte
	size int // of salt and iv
}

// derive is https://www.rfc-editor.org/rfc/rfc9605.html#section-4.4.2
func (s suite) derive(base []byte, kid uint64) (*senderKeys, error) {
	key, salt, err := s.keyAndSalt(base, kid)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	k := &senderKeys{kid: kid, size: s.nonce}
	copy(k.salt[:], salt)
	k.aead, err = s.aead(key)
	return k, err
}

func (s suite) keyAndSalt(base []byte, kid uint64) (key, salt []byte, err error) {
	secret, err := hkdf.Extract(s.hash, base, nil)
	if err != nil {
		return nil, nil, err
	}
	defer clear(secret)
	if key, err = hkdf.Expand(s.hash, secret, s.label("key", kid), s.key); err != nil {
		return nil, nil, err
	}
	salt, err = hkdf.Expand(s.hash, secret, s.label("salt", kid), s.nonce)
	return key, salt, err
}

func (s suite) label(what string, kid uint64) string {
	b := []byte("SFrame 1.0 Secret " + what + " ")
	b = binary.BigEndian.AppendUint64(b, kid)
	return string(binary.BigEndian.AppendUint16(b, s.id))
}

// forget overwrites the key.
func (k *senderKeys) forget() {
	if g, ok := k.aead.(*gcm); ok {
		g.forget()
	}
	k.salt, k.iv = [maxNonce]byte{}, [maxNonce]byte{}
}

// nonce is good until the next call.
func (k *senderKeys) nonce(counter uint64) []byte {
	iv := k.iv[:k.size]
	copy(iv, k.salt[:k.size])
	tail := iv[k.size-8:]
	binary.BigEndian.PutUint64(tail, binary.BigEndian.Uint64(tail)^counter)
	return iv
}

// seal appends the encrypted text and its tag.
func (k *senderKeys) seal(dst []byte, counter uint64, plain, additional []byte) []byte {
	return k.aead.Seal(dst, k.nonce(counter), plain, additional)
}

func (k *senderKeys) open(dst []byte, counter uint64, sealed, additional []byte) ([]byte, error) {
	return k.aead.Open(dst, k.nonce(counter), sealed, additional)
}

// appendHeader appends https://www.rfc-editor.org/rfc/rfc9605.html#section-4.3
func appendHeader(dst []byte, kid, counter uint64) []byte {
	at := len(dst)
	dst = append(dst, 0)
	k, dst := appendNumber(dst, kid)
	c, dst := appendNumber(dst, counter)
	dst[at] = k<<4 | c
	return dst
}

// appendNumber gives a number's four bits of the configuration byte; one of 8 and more
// has its bytes appended.
func appendNumber(dst []byte, n uint64) (byte, []byte) {
	if n < 8 {
		return byte(n), dst
	}
	length := 1
	for n>>(8*length) != 0 && length < 8 {
		length++
	}
	for i := length - 1; i >= 0; i-- {
		dst = append(dst, byte(n>>(8*i)))
	}
	return 8 | byte(length-1), dst
}

// readHeader reads a header that fills b, in the shortest form, as it must be.
func readHeader(b []byte) (kid, counter uint64, ok bool) {
	if len(b) == 0 {
		return 0, 0, false
	}
	rest := b[1:]
	kid, rest, okKID := readNumber(b[0]>>4, rest)
	counter, rest, okCounter := readNumber(b[0]&15, rest)
	return kid, counter, okKID && okCounter && len(rest) == 0
}

func readNumber(bits byte, b []byte) (n uint64, rest []byte, ok bool) {
	if bits < 8 {
		return uint64(bits), b, true
	}
	length := int(bits&7) + 1
	if len(b) < length || (length > 1 && b[0] == 0) {
		return 0, nil, false
	}
	for _, v := range b[:length] {
		n = n<<8 | uint64(v)
	}
	return n, b[length:], n >= 8
}

// seal encrypts a frame whose first n bytes are in dst already: ciphertext, tag, header, trailer.
func (s *Sender) seal(dst, frame []byte, n int, kind layout) ([]byte, error) {
	c := s.c
	now := c.now()
	c.expire(now)
	if e := c.sending(now); s.keys == nil || s.epoch != e || s.next >= framesPerKey {
		if err := s.renew(e); err != nil {
			return nil, err
		}
	}
	c.aad = appendHeader(c.aad[:0], s.keys.kid, s.next)
	header := len(c.aad)
	c.aad = kind.appendMetadata(c.aad, frame[:n])
	dst = s.keys.seal(dst, s.next, frame[n:], c.aad)
	s.next++
	dst = append(dst, c.aad[:header]...)
	return append(dst, trailerOf(kind, header)), nil
}

// renew takes a fresh sender id, and with it a key under which no counter was used.
func (s *Sender) renew(e *epoch) error {
	var id [8]byte
	for id[0] == 0 { // see longKID
		if _, err := io.ReadFull(s.c.random, id[:]); err != nil {
			return err
		}
	}
	keys, err := sm4GCM().derive(e.base, binary.BigEndian.Uint64(id[:]))
	if err != nil {
		return err
	}
	s.forget()
	s.keys, s.epoch, s.next = keys, e, 0
	s.c.senders[s] = struct{}{}
	return nil
}

// appendMetadata appends what a tag covers beside the header: the clear bytes.
func (l layout) appendMetadata(dst, prefix []byte) []byte {
	if l == layoutNAL {
		return appendNALs(dst, prefix)
	}
	return append(dst, prefix...)
}

// open decrypts what follows the clear bytes, without the trailer.
func (c *Cipher) open(dst, prefix, sealed []byte, kind layout, mark int) ([]byte, error) {
	c.expire(c.now())
	if mark < 1 || mark > maxHeader || len(sealed) < mark+gcmTag {
		return nil, ErrUnencrypted
	}
	header, body := sealed[len(sealed)-mark:], sealed[:len(sealed)-mark]
	kid, counter, ok := readHeader(header)
	if !ok || kid < longKID {
		return nil, ErrUnencrypted
	}
	c.aad = kind.appendMetadata(append(c.aad[:0], header...), prefix)
	dst = append(dst, prefix...)
	if p := c.peers.find(kid); p != nil {
		if p.window.seen(counter) {
			return nil, ErrReplay
		}
		out, err := p.keys.open(dst, counter, body, c.aad)
		if err != nil {
			return nil, ErrKey
		}
		p.window.add(counter)
		return out, nil
	}
	// Somebody new, who is believed when a tag fits and leaves no trace before.
	for i := len(c.epochs) - 1; i >= 0; i-- {
		keys, err := sm4GCM().derive(c.epochs[i].base, kid)
		if err != nil {
			return nil, ErrKey
		}
		out, err := keys.open(dst, counter, body, c.aad)
		if err != nil {
			keys.forget()
			continue
		}
		p := &peer{keys: keys, epoch: c.epochs[i]}
		p.window.add(counter)
		c.peers.add(p)
		return out, nil
	}
	return nil, ErrKey
}
