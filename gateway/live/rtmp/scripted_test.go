package rtmp

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"testing"
	"time"

	"nertc/gateway/live/address"
	"nertc/gateway/live/amf"
)

// scripted is a server that says what a test wants said.
type scripted struct {
	t    *testing.T
	net  net.Conn
	in   *reader
	seen chan message
}

// listen accepts one connection and plays the script on it, after the handshake.
func listen(t *testing.T, secure *tls.Config, script func(*scripted)) address.Stream {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	scheme := "rtmp://"
	if secure != nil {
		l, scheme = tls.NewListener(l, secure), "rtmps://"
	}
	ended := make(chan struct{})
	t.Cleanup(func() {
		l.Close()
		<-ended
	})
	go func() {
		defer close(ended)
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(30 * time.Second))
		s := &scripted{t: t, net: c, in: newReader(c)}
		theirs := make([]byte, 1537)
		if _, err := io.ReadFull(s.in.r, theirs); err != nil {
			return
		}
		mine := make([]byte, 1537, 1537+1536)
		mine[0] = 3
		c.Write(append(mine, theirs[1:]...))
		io.ReadFull(s.in.r, theirs[1:])
		s.net.Write(appendMessage(nil, controlStream, setChunkSize, 0, 0, binary.BigEndian.AppendUint32(nil, outChunk)))
		script(s)
	}()
	stream, err := address.ParseStream(scheme + l.Addr().String() + "/app/key-s3cr3t?sign=abc%2Fdef")
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

func (s *scripted) say(kind byte, body []byte) {
	s.net.Write(appendMessage(nil, commandStream, kind, 0, 0, body))
}

func (s *scripted) status(level, code, description string) {
	s.say(commandAMF0, command{"onStatus", 0.0, nil, amf.Object{{Name: "level", Value: level}, {Name: "code", Value: code}, {Name: "description", Value: description}}}.body())
}

// until reads up to the command of that name.
func (s *scripted) until(name string) command {
	for {
		m, err := s.in.next()
		if err != nil {
			return nil
		}
		if m.kind == commandAMF0 {
			if values, _ := amf.Read(m.body); command(values).name() == name {
				return values
			}
		}
	}
}

// kind reads up to a message of that kind.
func (s *scripted) kind(kind byte) []byte {
	for {
		m, err := s.in.next()
		if err != nil {
			return nil
		}
		if m.kind == kind {
			return m.body
		}
	}
}

// accept lets the stream come.
func (s *scripted) accept() {
	s.connected()
	s.until("publish")
	s.status("status", "NetStream.Publish.Start", "come")
}

func (s *scripted) connected() {
	s.until("connect")
	s.say(commandAMF0, command{"_result", connecting, nil, amf.Object{{Name: "code", Value: "NetConnection.Connect.Success"}}}.body())
	s.until("createStream")
	s.say(commandAMF0, command{"_error", releasing, nil, nil}.body()) // of no consequence
	s.say(commandAMF0, command{"_result", creating, nil, 1.0}.body())
}

func publish(t *testing.T, o Options, within time.Duration) (*Conn, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	c, err := Publish(ctx, o)
	if err == nil {
		t.Cleanup(c.Close)
	}
	return c, err
}

func acks(value uint32) []byte { return binary.BigEndian.AppendUint32(nil, value) }
