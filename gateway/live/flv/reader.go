package flv

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// MaxPacket is the longest body that is read: a key frame of 1920×1920 in hardly compressed H.264 stays below it.
const MaxPacket = 8 << 20

const tagHeader = 11

var (
	// ErrFormat is wrapped by what Next answers to bytes that are no FLV.
	ErrFormat = errors.New("flv: not a valid stream")
	// ErrCodec is wrapped by what Next answers to a picture other than H.264 or a sound other than AAC.
	ErrCodec = errors.New("flv: neither H.264 nor AAC")
)

// Reader cuts a stream into packets.
type Reader struct {
	r      *bufio.Reader
	begun  bool
	clocks [2]clock
}

// NewReader reads r from its file header on. It reads ahead.
func NewReader(r io.Reader) *Reader {
	return &Reader{r: bufio.NewReaderSize(r, 64<<10)}
}

// Next returns the next packet; io.EOF where the stream ends behind a whole one, io.ErrUnexpectedEOF within one. The
// stream's description and other things that are no packets are passed over.
func (r *Reader) Next() (Packet, error) {
	if !r.begun {
		if err := r.begin(); err != nil {
			return Packet{}, err
		}
		r.begun = true
	}
	for {
		kind, at, body, err := r.tag()
		if err != nil {
			return Packet{}, err
		}
		var p Packet
		ok := false
		switch kind {
		case TypeAudio:
			p, ok, err = sound(body)
		case TypeVideo:
			p, ok, err = picture(body)
		}
		if err != nil {
			return Packet{}, err
		}
		if !ok {
			continue
		}
		p.DTS = r.clocks[p.Kind-Video].time(at)
		p.PTS += p.DTS
		return p, nil
	}
}

// begin reads the file header and the zero that stands for the size of the tag before the first.
func (r *Reader) begin() error {
	var h [9]byte
	if _, err := io.ReadFull(r.r, h[:]); err != nil {
		return err
	}
	if string(h[:3]) != "FLV" || h[3] != 1 {
		return fmt.Errorf("%w: no file header", ErrFormat)
	}
	offset := binary.BigEndian.Uint32(h[5:])
	if offset < 9 || offset > 1<<10 {
		return fmt.Errorf("%w: a header of %d bytes", ErrFormat, offset)
	}
	return short(io.CopyN(io.Discard, r.r, int64(offset-9)+4))
}

// tag reads one tag and the size behind it.
func (r *Reader) tag() (kind byte, at uint32, body []byte, err error) {
	var h [tagHeader]byte
	if _, err = io.ReadFull(r.r, h[:]); err != nil {
		return 0, 0, nil, err
	}
	// The bit beyond the type says that the body is encrypted, the two above it are reserved.
	if h[0]&^byte(31) != 0 {
		return 0, 0, nil, fmt.Errorf("%w: a tag of type %#x", ErrFormat, h[0])
	}
	n := int(h[1])<<16 | int(h[2])<<8 | int(h[3])
	if n > MaxPacket {
		return 0, 0, nil, fmt.Errorf("%w: a tag of %d bytes", ErrFormat, n)
	}
	at = uint32(h[7])<<24 | uint32(h[4])<<16 | uint32(h[5])<<8 | uint32(h[6])
	if body, err = take(r.r, n); err != nil {
		return 0, 0, nil, err
	}
	var size [4]byte
	if _, err = io.ReadFull(r.r, size[:]); err != nil {
		return 0, 0, nil, whole(err)
	}
	if got := binary.BigEndian.Uint32(size[:]); got != uint32(n+tagHeader) {
		return 0, 0, nil, fmt.Errorf("%w: a tag of %d bytes is followed by the size %d", ErrFormat, n+tagHeader, got)
	}
	return h[0], at, body, nil
}

// take reads n bytes. Memory is taken as bytes come, not for what a header promises.
func take(r io.Reader, n int) ([]byte, error) {
	const step = 256 << 10
	if n <= step {
		b := make([]byte, n)
		_, err := io.ReadFull(r, b)
		return b, whole(err)
	}
	var b bytes.Buffer
	b.Grow(step)
	err := short(io.CopyN(&b, r, int64(n)))
	return b.Bytes(), err
}

func short(_ int64, err error) error { return whole(err) }

// whole turns an end within a tag into io.ErrUnexpectedEOF.
func whole(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func sound(body []byte) (Packet, bool, error) {
	if len(body) == 0 {
		return Packet{}, false, nil
	}
	if codec := body[0] >> 4; codec != codecAAC {
		return Packet{}, false, fmt.Errorf("%w: sound of codec %d", ErrCodec, codec)
	}
	if len(body) < 2 {
		return Packet{}, false, fmt.Errorf("%w: a sound of %d bytes", ErrFormat, len(body))
	}
	if body[1] > frame || len(body) == 2 {
		return Packet{}, false, nil
	}
	return Packet{Kind: Audio, Config: body[1] == sequenceHeader, Data: body[2:]}, true, nil
}

func picture(body []byte) (Packet, bool, error) {
	if len(body) == 0 {
		return Packet{}, false, nil
	}
	// With the highest bit set four letters name the codec (Enhanced RTMP); ffmpeg writes H.264 without.
	if body[0]&0x80 != 0 || body[0]&15 != codecAVC {
		return Packet{}, false, fmt.Errorf("%w: a picture that begins with %#x", ErrCodec, body[0])
	}
	if len(body) < 5 {
		return Packet{}, false, fmt.Errorf("%w: a picture of %d bytes", ErrFormat, len(body))
	}
	// 2 is the end of a sequence, and frame type 5 a command to a player: no frames.
	if body[1] > frame || body[0]>>4 == 5 || len(body) == 5 {
		return Packet{}, false, nil
	}
	p := Packet{Kind: Video, Config: body[1] == sequenceHeader, Data: body[5:]}
	if !p.Config {
		p.Key = body[0]>>4 == 1
		shift := int32(uint32(body[2])<<24|uint32(body[3])<<16|uint32(body[4])<<8) >> 8
		p.PTS = time.Duration(shift) * time.Millisecond
	}
	return p, true, nil
}

// clock makes times that go on of milliseconds that begin again after 2^32 (49.7 days).
type clock struct {
	last  uint32
	turns int64
	known bool
}

func (c *clock) time(at uint32) time.Duration {
	if c.known {
		switch {
		case at < c.last && c.last-at > 1<<31:
			c.turns++
		case at > c.last && at-c.last > 1<<31 && c.turns > 0:
			c.turns-- // a little late, from before the turn
		}
	}
	c.known, c.last = true, at
	return time.Duration(c.turns<<32+int64(at)) * time.Millisecond
}
