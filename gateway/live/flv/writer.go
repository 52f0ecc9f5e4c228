package flv

import (
	"encoding/binary"
	"fmt"
	"io"
	"time"
)

// Writer puts packets into a stream.
type Writer struct {
	w     io.Writer
	begun bool
	buf   []byte
}

// NewWriter writes to w, one Write for each packet.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// Write writes the packet, and before the first the file header.
func (w *Writer) Write(p Packet) error {
	w.open(p.Type(), p.DTS)
	w.buf = p.AppendBody(w.buf)
	return w.close()
}

// WriteMeta writes the description of the stream, which belongs before the first packet.
func (w *Writer) WriteMeta(m Meta) error {
	w.open(TypeScript, 0)
	w.buf = m.AppendBody(w.buf)
	return w.close()
}

// open begins a tag in the buffer, behind the file header where it is the first.
func (w *Writer) open(kind byte, at time.Duration) {
	w.buf = w.buf[:0]
	if !w.begun {
		const hasAudio, hasVideo = 4, 1
		w.buf = append(w.buf, 'F', 'L', 'V', 1, hasAudio|hasVideo, 0, 0, 0, 9, 0, 0, 0, 0)
	}
	ms := uint32(at / time.Millisecond)
	w.buf = append(w.buf, kind, 0, 0, 0, byte(ms>>16), byte(ms>>8), byte(ms), byte(ms>>24), 0, 0, 0)
}

// close puts the sizes in and writes the tag.
func (w *Writer) close() error {
	start := 0
	if !w.begun {
		start = 13
	}
	n := len(w.buf) - start - tagHeader
	if n > MaxPacket {
		return fmt.Errorf("%w: a packet of %d bytes", ErrFormat, n)
	}
	w.buf[start+1], w.buf[start+2], w.buf[start+3] = byte(n>>16), byte(n>>8), byte(n)
	w.buf = binary.BigEndian.AppendUint32(w.buf, uint32(n+tagHeader))
	if _, err := w.w.Write(w.buf); err != nil {
		return err
	}
	w.begun = true
	return nil
}
