package room

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"testing"
	"time"

	"nertc/internal/protocol"
)

// masked is a frame as a client sends it, with a mask that changes nothing.
func masked(opcode byte, payload string) []byte {
	return append([]byte{0x80 | opcode, 0x80 | byte(len(payload)), 0, 0, 0, 0}, payload...)
}

// TestOneCloseFrame has the gateway close and the client answer, as a browser does. A second close frame
// of the gateway would be an error in the page's console.
func TestOneCloseFrame(t *testing.T) {
	g := newStage(t, Options{})
	conn, err := net.Dial("tcp", g.Server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(testTime))
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n", protocol.Path)
	in := bufio.NewReader(conn)
	answer, err := http.ReadResponse(in, nil)
	if err != nil || answer.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("got %v, %v", answer, err)
	}
	_, _ = conn.Write(masked(1, `{"type":"join","id":1,"data":{"version":0}}`)) // is refused
	var opcodes []byte
	for {
		header := make([]byte, 2)
		if _, err := io.ReadFull(in, header); err != nil {
			break
		}
		length := int64(header[1])
		if length == length16 {
			long := make([]byte, 2)
			_, _ = io.ReadFull(in, long)
			length = int64(binary.BigEndian.Uint16(long))
		}
		payload, err := io.ReadAll(io.LimitReader(in, length))
		if err != nil {
			t.Fatal(err)
		}
		opcode := header[0] & opcodeMask
		opcodes = append(opcodes, opcode)
		if opcode == opcodeClose && len(opcodes) < 4 {
			_, _ = conn.Write(masked(opcodeClose, string(payload)))
		}
	}
	if !slices.Equal(opcodes, []byte{1, opcodeClose}) {
		t.Errorf("the gateway sent frames %v, want the refusal and one close frame", opcodes)
	}
}

type sink struct {
	net.Conn
	got []byte
}

func (s *sink) Write(b []byte) (int, error) {
	s.got = append(s.got, b...)
	return len(b), nil
}

// TestNothingBehindTheCloseFrame writes frames of all sizes in pieces of all sizes.
func TestNothingBehindTheCloseFrame(t *testing.T) {
	frame := func(opcode byte, size int) []byte {
		b := []byte{0x80 | opcode}
		switch {
		case size < length16:
			b = append(b, byte(size))
		case size < 1<<16:
			b = binary.BigEndian.AppendUint16(append(b, length16), uint16(size))
		default:
			b = binary.BigEndian.AppendUint64(append(b, length64), uint64(size))
		}
		return append(b, bytes.Repeat([]byte{0x88}, size)...)
	}
	for range 200 {
		var want []byte
		for range rand.IntN(5) {
			want = append(want, frame([]byte{1, 9, 10}[rand.IntN(3)], []int{0, 1, 125, 126, 127, 300, 65535, 65536, 70_000}[rand.IntN(9)])...)
		}
		want = append(want, frame(opcodeClose, []int{0, 2, 20}[rand.IntN(3)])...)
		all := slices.Concat(want, frame(opcodeClose, 2), frame(1, 5))
		s := &sink{}
		c := &closing{Conn: s}
		for rest := all; len(rest) > 0; {
			n := min(len(rest), 1+rand.IntN([]int{3, 5000}[rand.IntN(2)]))
			if written, err := c.Write(rest[:n]); written != n || err != nil {
				t.Fatalf("wrote %d of %d, %v", written, n, err)
			}
			rest = rest[n:]
		}
		if !bytes.Equal(s.got, want) {
			t.Fatalf("%d bytes passed, want %d", len(s.got), len(want))
		}
	}
}
