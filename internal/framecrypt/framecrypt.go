// Package framecrypt encrypts encoded media frames end to end, so that what a media
// server forwards is ciphertext. docs/encryption.md has the byte layout and the key
// schedule with test vectors.
//
// A Cipher has the key of one room. Each outgoing track gets a Sender of it; all incoming
// frames go through Decrypt. The bytes that a packetizer or a media server must read
// stay clear in front, see clearBytes.
package framecrypt

import (
	"errors"
	"io"
	"sync"
	"time"

	"nertc/internal/sm4"
)

// Mode is how frames are encrypted, by its name in the documented API.
type Mode string

// The modes.
const (
	// None does not encrypt.
	None Mode = "none"
	// ECB is SM4 in electronic codebook mode: equal blocks show as equal, and nothing is authenticated.
	ECB Mode = "sm4-128-ecb"
	// GCM is SFrame (RFC 9605) with SM4-GCM.
	GCM Mode = "sm4-128-gcm"
)

// Valid says whether it is one of the modes that encrypt.
func (m Mode) Valid() bool { return m == ECB || m == GCM }

// Why a frame is refused. A refused frame must be dropped: never sent, never decoded.
var (
	// ErrUnencrypted: the frame has not the form of an encrypted one.
	ErrUnencrypted = errors.New("framecrypt: not an encrypted frame")
	// ErrKey: encrypted for another key, or changed on the way.
	ErrKey = errors.New("framecrypt: wrong key or damaged frame")
	// ErrReplay: this frame came before, or is too old to tell.
	ErrReplay = errors.New("framecrypt: replayed frame")
	// ErrFormat: what is to be encrypted is no frame of its codec.
	ErrFormat = errors.New("framecrypt: not a frame of its codec")
	// ErrTooLarge: more than MaxFrame bytes.
	ErrTooLarge = errors.New("framecrypt: frame too large")
	// ErrKeyLength: a base key that has not KeyLength bytes, or a mode that does not encrypt.
	ErrKeyLength = errors.New("framecrypt: unusable key or mode")
	// ErrRotation: a mode without sender keys cannot change its key.
	ErrRotation = errors.New("framecrypt: only sm4-128-gcm can change its key")
	// ErrClosed: the cipher has forgotten its keys.
	ErrClosed = errors.New("framecrypt: closed")
)

const (
	// MaxFrame is the longest frame, in bytes. A key frame of 4K at its largest is a tenth of it.
	MaxFrame = 16 << 20
	// MaxGrowth is by how much a frame can get longer, beside the emulation prevention of
	// H.264, which adds half of the length at most.
	MaxGrowth = 64

	// SwitchAfter is when a sender begins to use the key of a Rotate. Members who rotate
	// within this time of each other lose nothing: each has the new key before the first frame with it.
	SwitchAfter = 5 * time.Second
	// ForgetAfter is for how long the key before a Rotate is still good for decrypting.
	ForgetAfter = 10 * time.Second
)

// Options are what a Cipher is made of.
type Options struct {
	// Mode is ECB or GCM.
	Mode Mode
	// Key is FrameKey of the room.
	Key []byte
	// Random gives sender ids. It must be cryptographically strong.
	Random io.Reader
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Cipher encrypts and decrypts the frames of one room. It may be used from several
// goroutines, which then take turns.
type Cipher struct {
	mode   Mode
	random io.Reader
	now    func() time.Time

	mu      sync.Mutex
	closed  bool
	block   ecbKey   // of ECB
	epochs  []*epoch // of GCM: the newest last, two at most
	peers   peers
	senders map[*Sender]struct{} // of GCM: those that have keys
	scratch []byte               // for emulation prevention
	aad     []byte               // associated data
}

// epoch is the time of one base key.
type epoch struct {
	base  []byte
	since time.Time // senders use it from SwitchAfter later; zero for the first
}

// New makes a cipher. ErrKeyLength, ErrSelfTest.
func New(o Options) (*Cipher, error) {
	if !o.Mode.Valid() || len(o.Key) != KeyLength || o.Random == nil {
		return nil, ErrKeyLength
	}
	if err := selfTest(); err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	c := &Cipher{mode: o.Mode, random: o.Random, now: o.Now}
	if o.Mode == ECB {
		c.block.init(o.Key[:sm4.KeySize])
		return c, nil
	}
	c.epochs, c.senders = []*epoch{{base: append([]byte(nil), o.Key...)}}, map[*Sender]struct{}{}
	return c, nil
}

// Mode is the cipher's.
func (c *Cipher) Mode() Mode { return c.mode }

// Close overwrites all keys: nothing is encrypted or decrypted any more.
func (c *Cipher) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.block = ecbKey{}
	for len(c.epochs) > 0 {
		c.drop()
	}
}

// Rotate begins the change to another key: from now on both are good for decrypting,
// after SwitchAfter senders use the new one, after ForgetAfter the old one is gone. A
// key that is the present one already changes nothing. A key that was used before must not come
// again: what was recorded under it could be replayed. ErrRotation, ErrKeyLength, ErrClosed.
func (c *Cipher) Rotate(key []byte) error {
	if c.mode != GCM {
		return ErrRotation
	}
	if len(key) != KeyLength {
		return ErrKeyLength
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return ErrClosed
	}
	now := c.now()
	c.expire(now)
	if equal(c.epochs[len(c.epochs)-1].base, key) {
		return nil
	}
	// A second change within the time of the first ends the oldest key at once.
	if len(c.epochs) == 2 {
		c.drop()
	}
	c.epochs = append(c.epochs, &epoch{base: append([]byte(nil), key...), since: now})
	return nil
}

// Expire is what each frame does too: where none comes, it has the key before the last change forgotten once ForgetAfter is over.
func (c *Cipher) Expire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.expire(c.now())
}

// expire forgets the key before the last change once its time is over.
func (c *Cipher) expire(now time.Time) {
	if len(c.epochs) == 2 && now.Sub(c.epochs[1].since) >= ForgetAfter {
		c.drop()
	}
}

// drop forgets the oldest key, and what was derived from it.
func (c *Cipher) drop() {
	e := c.epochs[0]
	clear(e.base)
	c.epochs = c.epochs[1:]
	c.peers.forget(e)
	for s := range c.senders {
		if s.epoch == e {
			s.forget()
		}
	}
}

// sending is the epoch whose key senders use.
func (c *Cipher) sending(now time.Time) *epoch {
	newest := c.epochs[len(c.epochs)-1]
	if len(c.epochs) == 2 && now.Sub(newest.since) < SwitchAfter {
		return c.epochs[0]
	}
	return newest
}

// Sender encrypts the frames of one outgoing track. One sender may be used from one
// goroutine at a time.
type Sender struct {
	c     *Cipher
	epoch *epoch
	keys  *senderKeys // nil before the first frame
	next  uint64      // the counter of the next frame under keys
}

// NewSender makes a sender. Each has a key of its own, so that no counter is ever used twice.
func (c *Cipher) NewSender() *Sender { return &Sender{c: c} }

// Close overwrites the sender's key. One that is used all the same takes another.
func (s *Sender) Close() {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.forget()
}

// forget is Close with the lock held.
func (s *Sender) forget() {
	if s.keys != nil {
		s.keys.forget()
		s.keys = nil
	}
	delete(s.c.senders, s)
}

// Encrypt appends the encrypted frame to dst, which must not overlap the frame. After an
// error nothing may be sent in the frame's place: ErrFormat, ErrTooLarge, ErrClosed.
func (s *Sender) Encrypt(dst, frame []byte, codec Codec) ([]byte, error) {
	if len(frame) > MaxFrame {
		return nil, ErrTooLarge
	}
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	if s.c.closed {
		return nil, ErrClosed
	}
	n, kind, err := clearBytes(codec, frame)
	if err != nil {
		return nil, err
	}
	dst = append(dst, frame[:n]...)
	start := len(dst)
	if s.c.mode == ECB {
		dst = s.c.block.seal(dst, frame[n:])
		dst = append(dst, trailerOf(kind, ecbMark))
	} else if dst, err = s.seal(dst, frame, n, kind); err != nil {
		return nil, err
	}
	if kind == layoutNAL {
		dst = s.c.escape(dst, start)
	}
	return dst, nil
}

// Decrypt appends the decrypted frame to dst, which must not overlap the frame.
// ErrUnencrypted, ErrKey, ErrReplay, ErrTooLarge, ErrClosed.
func (c *Cipher) Decrypt(dst, frame []byte) ([]byte, error) {
	if len(frame) > 2*MaxFrame {
		return nil, ErrTooLarge
	}
	if len(frame) == 0 {
		return nil, ErrUnencrypted
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, ErrClosed
	}
	kind, mark := readTrailer(frame[len(frame)-1])
	n, err := kind.clear(frame)
	if err != nil {
		return nil, err
	}
	prefix, sealed := frame[:n], frame[n:]
	if kind == layoutNAL {
		sealed = c.unescape(prefix, sealed)
	}
	if len(sealed) < 1 {
		return nil, ErrUnencrypted
	}
	sealed = sealed[:len(sealed)-1]
	if c.mode == GCM {
		return c.open(dst, prefix, sealed, kind, mark)
	}
	if mark != ecbMark {
		return nil, ErrUnencrypted
	}
	return c.block.open(append(dst, prefix...), sealed)
}
