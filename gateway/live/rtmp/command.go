package rtmp

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"slices"
	"time"

	"nertc/gateway/live/amf"
)

// command is a message of AMF0 values: name, number of the transaction, its object, arguments.
type command []amf.Value

func (c command) body() []byte { return amf.Append(nil, c...) }

func (c command) name() string { return text(c.at(0)) }

func (c command) at(i int) amf.Value {
	if i < len(c) {
		return c[i]
	}
	return nil
}

// status is the object with level, code and description, wherever it stands.
func (c command) status() amf.Object {
	for _, v := range slices.Backward(c) {
		if o, ok := v.(amf.Object); ok {
			return o
		}
	}
	return nil
}

func text(v amf.Value) string {
	s, _ := v.(string)
	return s
}

// Numbers of transactions, by which answers are told apart.
const (
	connecting    = 1.0
	releasing     = 2.0
	announcing    = 3.0
	creating      = 4.0
	publishing    = 5.0
	ending        = 6.0
	deleting      = 7.0
	streamControl = 0 // the message stream of commands about the connection
)

// ask goes through the commands of section 7.2 until the server says that the stream may come.
func (c *Conn) ask(ctx context.Context) error {
	s := c.options.Stream
	key := s.Key
	control := binary.BigEndian.AppendUint32(nil, outChunk)
	if err := c.write(controlStream, setChunkSize, 0, 0, control); err != nil {
		return err
	}
	err := c.command(streamControl, command{"connect", connecting, amf.Object{
		{Name: "app", Value: s.App}, {Name: "type", Value: "nonprivate"}, {Name: "flashVer", Value: "FMLE/3.0 (compatible; nertc-gateway)"}, {Name: "tcUrl", Value: s.TCURL()},
	}})
	if err != nil {
		return err
	}
	if _, err := c.answer(ctx, connecting); err != nil {
		return err
	}
	if err := c.write(controlStream, windowAckSize, 0, 0, binary.BigEndian.AppendUint32(nil, firstWindow)); err != nil {
		return err
	}
	// The first two are no part of the specification; encoders send them, and some servers wait for them.
	for _, m := range []command{{"releaseStream", releasing, nil, key}, {"FCPublish", announcing, nil, key}, {"createStream", creating, nil}} {
		if err := c.command(streamControl, m); err != nil {
			return err
		}
	}
	created, err := c.answer(ctx, creating)
	if err != nil {
		return err
	}
	id, ok := created.at(3).(float64)
	if !ok || id < 1 || id > 1<<24 {
		return errProtocol
	}
	if err := c.command(uint32(id), command{"publish", publishing, nil, key, "live"}); err != nil {
		return err
	}
	for {
		m, err := c.wait(ctx)
		if err != nil {
			return err
		}
		switch m.name() {
		case "onStatus":
			if status := m.status(); status.Text("level") == "error" {
				return c.refusal(m)
			} else if status.Text("code") == "NetStream.Publish.Start" {
				return c.accepted(uint32(id))
			}
		case "_error":
			if m.at(1) == publishing {
				return c.refusal(m)
			}
		}
	}
}

// answer waits for the result of a transaction.
func (c *Conn) answer(ctx context.Context, number float64) (command, error) {
	for {
		m, err := c.wait(ctx)
		if err != nil {
			return nil, err
		}
		switch m.name() {
		case "_result":
			if m.at(1) == number {
				return m, nil
			}
		case "_error":
			if m.at(1) == number {
				return nil, c.refusal(m)
			}
		case "onStatus":
			if m.status().Text("level") == "error" {
				return nil, c.refusal(m)
			}
		}
	}
}

func (c *Conn) wait(ctx context.Context) (command, error) {
	select {
	case m := <-c.commands:
		return m, nil
	case <-c.done:
		// What was said before the connection ended says why it did.
		select {
		case m := <-c.commands:
			return m, nil
		default:
		}
		if c.err == ErrClosed {
			return nil, fmt.Errorf("%w: it closed the connection when asked to take it", ErrRefused)
		}
		return nil, c.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (c *Conn) refusal(m command) error {
	if why := said(m.status(), c.options.Stream); why != "" {
		return fmt.Errorf("%w: %s", ErrRefused, why)
	}
	return ErrRefused
}

func (c *Conn) command(id uint32, m command) error {
	return c.write(commandStream, commandAMF0, id, 0, m.body())
}

// end says that the stream is over.
func (c *Conn) end() {
	c.writing.Lock()
	defer c.writing.Unlock()
	if c.id == 0 {
		return
	}
	out := appendMessage(nil, commandStream, commandAMF0, 0, 0, command{"FCUnpublish", ending, nil, c.options.Stream.Key}.body())
	out = appendMessage(out, commandStream, commandAMF0, 0, 0, command{"deleteStream", deleting, nil, float64(c.id)}.body())
	c.net.SetWriteDeadline(time.Now().Add(500 * time.Millisecond))
	c.net.Write(out)
}

// read takes what the server sends until the connection ends.
func (c *Conn) read() {
	for {
		m, err := c.in.next()
		if err == nil {
			err = c.handle(m)
		}
		if err != nil {
			c.fail(err)
			return
		}
	}
}

func (c *Conn) handle(m message) error {
	switch m.kind {
	case acknowledge:
		if len(m.body) >= 4 {
			c.flow.acknowledge(binary.BigEndian.Uint32(m.body), time.Now())
		}
	case windowAckSize:
		if len(m.body) >= 4 {
			c.theirs = binary.BigEndian.Uint32(m.body)
		}
	case userControl:
		const pingRequest, pingResponse = 6, 7
		if len(m.body) >= 6 && binary.BigEndian.Uint16(m.body) == pingRequest {
			if err := c.write(controlStream, userControl, 0, 0, append([]byte{0, pingResponse}, m.body[2:6]...)); err != nil {
				return err
			}
		}
	case commandAMF0, commandAMF3:
		body := m.body
		if m.kind == commandAMF3 && len(body) > 0 { // AMF0 behind one byte
			body = body[1:]
		}
		// What follows something unknown is not needed.
		values, _ := amf.Read(body)
		if err := c.hear(values); err != nil {
			return err
		}
	}
	if had := c.received - c.toldHad; c.theirs > 0 && had >= uint64(c.theirs) {
		c.toldHad = c.received
		return c.write(controlStream, acknowledge, 0, 0, binary.BigEndian.AppendUint32(nil, uint32(c.received)))
	}
	return nil
}

// accepted ends the waiting for commands: what has come behind the server's word is heard first.
func (c *Conn) accepted(id uint32) error {
	c.writing.Lock()
	c.id = id
	c.writing.Unlock()
	for {
		select {
		case m := <-c.commands:
			if err := c.hear(m); err != nil {
				return err
			}
		default:
			return nil
		}
	}
}

// hear passes a command on to who waits for one, and once the stream is accepted looks for its end.
func (c *Conn) hear(m command) error {
	if c.passedOn(m) {
		return nil
	}
	switch m.name() {
	case "onStatus":
		status := m.status()
		if status.Text("level") == "error" || status.Text("code") == "NetStream.Unpublish.Success" || status.Text("code") == "NetConnection.Connect.Closed" {
			return c.refusal(m)
		}
	case "close":
		return net.ErrClosed
	}
	return nil
}

func (c *Conn) passedOn(m command) bool {
	c.writing.Lock()
	defer c.writing.Unlock()
	if c.id != 0 {
		return false
	}
	select {
	case c.commands <- m:
	default: // nobody waits for that many
	}
	return true
}
