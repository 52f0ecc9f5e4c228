package room

import (
	"bufio"
	"encoding/binary"
	"net"
	"net/http"
)

// upgrade has a WebSocket write nothing behind its first close frame. The WebSocket package answers
// every close frame that arrives with one, also where it has sent its own already; browsers take
// the second for an error and say so in the page's console.
// https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1
type upgrade struct{ http.ResponseWriter }

// Hijack is called by the WebSocket package once the answer is written.
func (u upgrade) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(u.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	c := &closing{Conn: conn}
	return c, bufio.NewReadWriter(rw.Reader, bufio.NewWriter(c)), nil
}

// closing is a connection that a server's frames are written to. It is not for several writers.
// https://www.rfc-editor.org/rfc/rfc6455#section-5.2
type closing struct {
	net.Conn
	header []byte // of the frame that begins
	left   uint64 // bytes that are to come of the frame's payload
	last   bool   // it is a close frame
	done   bool
}

const (
	opcodeClose = 0x8
	opcodeMask  = 0x0f
	lengthMask  = 0x7f
	length16    = 126 // the length follows in 16 bits
	length64    = 127 // in 64
)

// Write drops what comes after a close frame.
func (c *closing) Write(b []byte) (int, error) {
	if n := c.pass(b); n > 0 {
		if written, err := c.Conn.Write(b[:n]); err != nil {
			return written, err
		}
	}
	return len(b), nil
}

// pass gives how much of it comes before the end of the close frame.
func (c *closing) pass(b []byte) (n int) {
	for n < len(b) && !c.done {
		if c.left > 0 {
			step := min(c.left, uint64(len(b)-n))
			n += int(step)
			c.left -= step
		} else {
			c.header = append(c.header, b[n])
			n++
			if !c.begins() {
				continue
			}
		}
		c.done = c.last && c.left == 0
	}
	return n
}

// begins says whether the header is whole, and then takes it.
func (c *closing) begins() bool {
	if len(c.header) < 2 {
		return false
	}
	length := c.header[1] & lengthMask
	switch extended := c.header[2:]; {
	case length < length16:
		c.left = uint64(length)
	case length == length16 && len(extended) == 2:
		c.left = uint64(binary.BigEndian.Uint16(extended))
	case length == length64 && len(extended) == 8:
		c.left = binary.BigEndian.Uint64(extended)
	default:
		return false
	}
	c.last = c.header[0]&opcodeMask == opcodeClose
	c.header = c.header[:0]
	return true
}
