// Package rtmp publishes a stream to an RTMP server: the client's half of Adobe's RTMP 1.0 that a publisher needs.
//
// It sees what ffmpeg's output does not: why a server refuses, and that one no longer takes data. The server may be
// anybody's, so everything that it sends is bounded.
package rtmp

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"nertc/gateway/live/address"
	"nertc/gateway/live/flv"
)

const (
	writeTimeout = 4 * time.Second
	// sendBuffer keeps the kernel from hiding seconds of the stream that a slow server does not take.
	sendBuffer = 128 << 10
)

// Options say where to publish.
type Options struct {
	Stream address.Stream
	// Dial connects by TCP, and decides whether it may; address.Policy's does. nil is a plain net.Dialer.
	Dial func(ctx context.Context, network, hostPort string) (net.Conn, error)
	// TLS is for rtmps; nil verifies the server with the machine's roots.
	TLS *tls.Config
}

// Conn is a connection to a server that has accepted the stream. Its methods may be called from several goroutines.
type Conn struct {
	options Options
	net     net.Conn
	tcp     net.Conn // below TLS, or the same
	in      *reader
	flow    *flow
	id      uint32 // of the message stream that is published to

	writing sync.Mutex
	out     []byte

	commands chan command
	done     chan struct{}
	ending   sync.Once
	failing  sync.Once
	err      error // once done is closed

	received uint64 // by the reading goroutine only
	toldHad  uint64
	theirs   uint32 // after how many bytes the server wants an acknowledgement
}

// Publish connects and asks to publish, within the time that ctx has. The error is of this package or of address.
func Publish(ctx context.Context, o Options) (*Conn, error) {
	dial := o.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	tcp, err := dial(ctx, "tcp", o.Stream.Address())
	if err != nil {
		return nil, plain(err)
	}
	if t, ok := tcp.(*net.TCPConn); ok {
		t.SetWriteBuffer(sendBuffer)
	}
	// An end of ctx ends whatever waits for the server.
	stop := context.AfterFunc(ctx, func() { tcp.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	c, err := begin(ctx, tcp, o)
	if err != nil {
		tcp.Close()
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, plain(err)
	}
	if !stop() { // too late: the deadline is set
		c.fail(ctx.Err())
		return nil, plain(ctx.Err())
	}
	tcp.SetDeadline(time.Time{})
	go c.watch()
	return c, nil
}

func begin(ctx context.Context, tcp net.Conn, o Options) (*Conn, error) {
	link := tcp
	if o.Stream.Secure {
		config := &tls.Config{}
		if o.TLS != nil {
			config = o.TLS.Clone()
		}
		config.MinVersion = max(config.MinVersion, tls.VersionTLS12)
		config.ServerName = o.Stream.Host
		secure := tls.Client(tcp, config)
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, err
		}
		link = secure
	}
	c := &Conn{options: o, net: link, tcp: tcp, flow: newFlow(time.Now()), commands: make(chan command, 8), done: make(chan struct{})}
	counted := &counter{r: link, n: &c.received, since: time.Now(), now: time.Now}
	c.in = newReader(counted)
	if err := c.handshake(); err != nil {
		return nil, err
	}
	go c.read()
	if err := c.ask(ctx); err != nil {
		c.fail(err)
		return nil, err
	}
	return c, nil
}

// handshake is the plain one of section 5.2: a version and 1536 bytes, echoed by the other end.
func (c *Conn) handshake() error {
	const size = 1536
	mine := make([]byte, 1+size)
	mine[0] = 3
	rand.Read(mine[9:])
	if _, err := c.net.Write(mine); err != nil {
		return err
	}
	theirs := make([]byte, 1+size)
	if _, err := io.ReadFull(c.in.r, theirs); err != nil {
		return err
	}
	if theirs[0] != 3 {
		return errProtocol
	}
	if _, err := c.net.Write(theirs[1:]); err != nil {
		return err
	}
	_, err := io.ReadFull(c.in.r, mine[1:])
	return err
}

// Send sends a packet with its time from the beginning of the stream.
func (c *Conn) Send(p flv.Packet, at time.Duration) error {
	stream := byte(videoStream)
	if p.Kind == flv.Audio {
		stream = audioStream
	}
	return c.write(stream, p.Type(), c.id, uint32(at/time.Millisecond), p.AppendBody(nil))
}

// Describe sends the description of the stream.
func (c *Conn) Describe(m flv.Meta) error {
	return c.write(audioStream, dataAMF0, c.id, 0, m.AppendBody(command{"@setDataFrame"}.body()))
}

func (c *Conn) write(stream, kind byte, id, at uint32, body []byte) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	select {
	case <-c.done:
		return c.err
	default:
	}
	c.out = appendMessage(c.out[:0], stream, kind, id, at, body)
	if c.id != 0 { // before, the deadline is that of Publish
		c.net.SetWriteDeadline(time.Now().Add(writeTimeout))
	}
	n := len(c.out)
	if window := c.flow.add(n, time.Now()); window != 0 {
		c.out = appendMessage(c.out, controlStream, windowAckSize, 0, 0, binary.BigEndian.AppendUint32(nil, window))
	}
	if _, err := c.net.Write(c.out); err != nil {
		if timeout, ok := err.(net.Error); ok && timeout.Timeout() && c.id != 0 {
			err = ErrStalled
		}
		c.fail(err)
		return c.err
	}
	return nil
}

// watch ends a connection of which the server takes nothing more, also in the middle of a write.
func (c *Conn) watch() {
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case now := <-ticker.C:
			if c.flow.stalled(now) {
				c.fail(ErrStalled)
			}
		case <-c.done:
			return
		}
	}
}

// Err returns why the connection is of no use any more, nil while it is.
func (c *Conn) Err() error {
	select {
	case <-c.done:
		return c.err
	default:
		return nil
	}
}

// Done is closed when the connection has failed or was closed.
func (c *Conn) Done() <-chan struct{} { return c.done }

// Sent is the number of bytes that were sent.
func (c *Conn) Sent() uint64 {
	_, sent, _, _ := c.flow.taken()
	return sent
}

// Took tells whether the server has taken what was sent up to that number of bytes, as far as acknowledgements are fine
// enough to say. known is false for a server that has never acknowledged anything.
func (c *Conn) Took(sent uint64) (took, known bool) {
	acked, _, window, known := c.flow.taken()
	return known && acked+uint64(window) >= sent, known
}

// Close ends the stream in good order where the server still listens. It takes half a second at most.
func (c *Conn) Close() {
	// A write that waits for the server now holds up the last words.
	cut := time.AfterFunc(500*time.Millisecond, func() { c.fail(net.ErrClosed) })
	defer cut.Stop()
	c.ending.Do(c.end)
	c.fail(net.ErrClosed)
}

func (c *Conn) fail(err error) {
	c.failing.Do(func() {
		c.err = plain(err)
		close(c.done)
		c.tcp.Close() // the close of TLS would wait for a server that takes nothing
	})
}

// counter counts what was read, and ends a server's saying too much.
type counter struct {
	r     io.Reader
	n     *uint64
	since time.Time
	now   func() time.Time
}

// A server acknowledges, answers pings and asks some: mostEach bytes a second are many times that, and mostAtFirst those of
// the beginning.
const (
	mostAtFirst = 4 << 20
	mostEach    = 16 << 10
)

func (c *counter) Read(b []byte) (int, error) {
	if may := mostAtFirst + mostEach*c.now().Sub(c.since).Seconds(); float64(*c.n) > may {
		return 0, fmt.Errorf("%w: it sends too much", errProtocol)
	}
	n, err := c.r.Read(b)
	*c.n += uint64(n)
	return n, err
}
