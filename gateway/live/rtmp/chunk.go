package rtmp

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The types of messages that a publisher sends or understands (RTMP 1.0, sections 5.4, 6.2 and 7.1).
const (
	setChunkSize  = 1
	abort         = 2
	acknowledge   = 3
	userControl   = 4
	windowAckSize = 5
	peerBandwidth = 6
	commandAMF3   = 17
	dataAMF0      = 18
	commandAMF0   = 20
)

// Chunk streams. Which is used for what is convention; servers take any.
const (
	controlStream = 2
	commandStream = 3
	audioStream   = 4
	videoStream   = 6
)

const (
	// outChunk is far above what most messages need: few chunks, little work. It is announced before it is used.
	outChunk = 60000
	// maxMessage bounds what a server may have us keep: it has nothing to send a publisher but short answers.
	maxMessage = 64 << 10
	// maxStreams are the chunk streams that a server may use at once.
	maxStreams = 16
)

var errProtocol = errors.New("the server does not speak RTMP")

// message is one message of the server's.
type message struct {
	kind byte
	body []byte
}

// appendMessage appends a message cut into chunks. Each begins with the full header: the shorter forms save some bytes and
// cost state.
func appendMessage(to []byte, stream, kind byte, id, at uint32, body []byte) []byte {
	const extended = 0xffffff
	header := min(at, extended)
	n := len(body)
	to = append(to, stream, byte(header>>16), byte(header>>8), byte(header), byte(n>>16), byte(n>>8), byte(n), kind)
	to = binary.LittleEndian.AppendUint32(to, id) // the one number of RTMP with its low byte first
	if header == extended {
		to = binary.BigEndian.AppendUint32(to, at)
	}
	for first := true; first || len(body) > 0; first = false {
		if !first {
			to = append(to, 3<<6|stream)
			if header == extended {
				to = binary.BigEndian.AppendUint32(to, at)
			}
		}
		part := min(len(body), outChunk)
		to = append(to, body[:part]...)
		body = body[part:]
	}
	return to
}

// reader puts chunks together to messages.
type reader struct {
	r       *bufio.Reader
	chunk   int // the size of the server's chunks
	streams map[uint32]*partial
}

// partial is a message of which some chunks have come, and the header that the next may refer to.
type partial struct {
	known    bool
	extended bool
	kind     byte
	size     int
	body     []byte
}

func newReader(r io.Reader) *reader {
	return &reader{r: bufio.NewReader(r), chunk: 128, streams: map[uint32]*partial{}}
}

// next returns the next whole message. Sizes of chunks and aborted messages are dealt with here.
func (r *reader) next() (message, error) {
	for {
		p, err := r.header()
		if err != nil {
			return message{}, err
		}
		n := min(p.size-len(p.body), r.chunk)
		at := len(p.body)
		p.body = append(p.body, make([]byte, n)...)
		if _, err := io.ReadFull(r.r, p.body[at:]); err != nil {
			return message{}, err
		}
		if len(p.body) < p.size {
			continue
		}
		m := message{kind: p.kind, body: p.body}
		p.body = nil
		switch m.kind {
		case setChunkSize:
			if len(m.body) < 4 {
				return message{}, errProtocol
			}
			size := binary.BigEndian.Uint32(m.body)
			if size == 0 || size > 1<<31-1 {
				return message{}, fmt.Errorf("%w: chunks of %d bytes", errProtocol, size)
			}
			r.chunk = int(min(size, maxMessage)) // no message is longer
		case abort:
			if len(m.body) < 4 {
				return message{}, errProtocol
			}
			if p := r.streams[binary.BigEndian.Uint32(m.body)]; p != nil {
				p.body = nil
			}
		default:
			return m, nil
		}
	}
}

// header reads the headers of one chunk.
func (r *reader) header() (*partial, error) {
	first, err := r.r.ReadByte()
	if err != nil {
		return nil, err
	}
	id := uint32(first & 63)
	if id < 2 {
		var more [2]byte
		if _, err := io.ReadFull(r.r, more[:id+1]); err != nil {
			return nil, err
		}
		id = 64 + uint32(more[0]) + uint32(more[1])<<8
	}
	p := r.streams[id]
	if p == nil {
		if len(r.streams) == maxStreams {
			return nil, fmt.Errorf("%w: too many chunk streams", errProtocol)
		}
		p = &partial{}
		r.streams[id] = p
	}
	format := first >> 6
	if format == 3 && !p.known || format != 3 && len(p.body) > 0 || format > 0 && !p.known {
		return nil, fmt.Errorf("%w: a chunk out of order", errProtocol)
	}
	var h [11]byte
	if _, err := io.ReadFull(r.r, h[:[4]int{11, 7, 3, 0}[format]]); err != nil {
		return nil, err
	}
	if format < 3 {
		p.extended = h[0] == 0xff && h[1] == 0xff && h[2] == 0xff
	}
	if format < 2 {
		p.size, p.kind = int(h[3])<<16|int(h[4])<<8|int(h[5]), h[6]
		if p.size > maxMessage {
			return nil, fmt.Errorf("%w: a message of %d bytes", errProtocol, p.size)
		}
	}
	p.known = true
	if p.extended {
		if _, err := r.r.Discard(4); err != nil {
			return nil, err
		}
	}
	return p, nil
}
