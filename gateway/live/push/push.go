// Package push keeps a stream flowing to an RTMP server for as long as it lives: it connects, tells when the server has
// really taken data and each time something fails, and tries again.
package push

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"nertc/gateway/live/address"
	"nertc/gateway/live/avc"
	"nertc/gateway/live/backlog"
	"nertc/gateway/live/flv"
	"nertc/gateway/live/rtmp"
	"nertc/gateway/live/sei"
)

const (
	// attemptTimeout is how long a server has from being dialled to accepting the stream. With the time after which a
	// connection counts as stalled it keeps the promise to tell of any failure within 6 s.
	attemptTimeout = 5 * time.Second
	// proof is how much of the stream a server must have taken before it counts as pushing.
	proof = 1500 * time.Millisecond
	// unproved is when a server that never acknowledges anything is believed to take what goes out.
	unproved = 3 * time.Second
	// look is how often it is asked whether a server has taken enough.
	look = 200 * time.Millisecond
	// silence is how long there may be nothing to send: an encoder that has crashed is there again in a fraction of it.
	silence = 10 * time.Second
	// complainEvery is how often a slow server is mentioned.
	complainEvery = time.Minute
)

// ErrNothing means that there is nothing to push: the server is well, and the gateway is not.
var ErrNothing = errors.New("the gateway has nothing to push: it cannot encode, is overloaded, or gets no picture to pass on")

// Options are what a Pusher needs.
type Options struct {
	// URL is rtmp:// or rtmps://.
	URL string
	// Dial connects, and refuses addresses that must not be reached: address.Policy's Dial.
	Dial func(ctx context.Context, network, hostPort string) (net.Conn, error)
	// TLS is for rtmps; nil verifies the server with the machine's roots.
	TLS *tls.Config
	// Meta describes the stream to players.
	Meta flv.Meta
	// ExtraInfo goes into every key frame, see package sei. Empty: nothing does.
	ExtraInfo string
	// Tell hears of each change, in order and from one goroutine. It must not call Close.
	Tell func(State)
	// LeastWait and MostWait are those between attempts; 0 is 1 s and 30 s. Each failure doubles the wait, and only
	// data that was taken takes it back to the least.
	LeastWait, MostWait time.Duration
	// Silence is how long there may be nothing to send before that is told, with ErrNothing; 0 is 10 s.
	Silence time.Duration
	// Log hears of servers that are too slow; nil logs nothing.
	Log *slog.Logger
}

// State is what happened to a push.
type State struct {
	// Pushing: the server has taken 1.5 s of the stream. Otherwise an attempt or a connection has failed, and the next
	// attempt follows by itself.
	Pushing bool
	// Err is why it failed: ErrNothing, or one of packages rtmp and address. Its text holds no secret.
	Err error
	// URL is where to, as it was given: with the stream key.
	URL string
}

// Stats are counts since Start.
type Stats struct {
	Sent     uint64 // bytes to servers
	Dropped  uint64 // pictures and sounds that were left out because a server was slow
	Attempts uint64
	Failures uint64
}

// Pusher pushes one stream. Its methods may be called from several goroutines.
type Pusher struct {
	options Options
	queue   *backlog.Backlog
	life    context.Context
	cancel  context.CancelFunc
	ended   chan struct{}

	mu     sync.Mutex
	target target
	moved  context.CancelFunc // ends what runs for the target
	extra  string
	stats  Stats
	conn   *rtmp.Conn // that is pushed to; nil between attempts
}

// target is where the stream goes now.
type target struct {
	url    string
	stream address.Stream
	ctx    context.Context // ends when it is somewhere else
}

// Start begins to push. The error wraps address.ErrSyntax: the URL is no address of a stream. Anything else that goes
// wrong is told as a State.
func Start(o Options) (*Pusher, error) {
	stream, err := address.ParseStream(o.URL)
	if err != nil {
		return nil, err
	}
	if o.LeastWait <= 0 {
		o.LeastWait = time.Second
	}
	if o.MostWait <= 0 {
		o.MostWait = 30 * time.Second
	}
	if o.Tell == nil {
		o.Tell = func(State) {}
	}
	if o.Silence <= 0 {
		o.Silence = silence
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(context.Background())
	p := &Pusher{options: o, queue: backlog.New(o.Meta), life: ctx, cancel: cancel, ended: make(chan struct{}), extra: o.ExtraInfo}
	p.aim(o.URL, stream)
	go p.run()
	return p, nil
}

// Send takes the next packet. It never waits: what a server is too slow for is left out up to the next key frame. The
// packet's data must not be changed afterwards.
func (p *Pusher) Send(packet flv.Packet) { p.queue.Put(packet) }

// Describe changes the description of the stream, from the next packet on.
func (p *Pusher) Describe(m flv.Meta) { p.queue.Describe(m) }

// Inform changes the text in key frames.
func (p *Pusher) Inform(extraInfo string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.extra = extraInfo
}

// Move sends the stream somewhere else from now on. The server that had it is told that it is over. The address that it
// goes to already changes nothing. The error wraps address.ErrSyntax, and then nothing has changed either.
func (p *Pusher) Move(url string) error {
	stream, err := address.ParseStream(url)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.target.url == url {
		return nil
	}
	p.moved()
	p.aim(url, stream)
	return nil
}

func (p *Pusher) aim(url string, stream address.Stream) {
	p.target = target{url: url, stream: stream}
	p.target.ctx, p.moved = context.WithCancel(p.life)
}

// Close ends the push. It returns when the connection is gone, after a second at most, and nothing is told afterwards.
func (p *Pusher) Close() {
	p.cancel()
	<-p.ended
}

// Stats returns the counts so far.
func (p *Pusher) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.stats
	s.Dropped = p.queue.Dropped()
	if p.conn != nil {
		s.Sent += p.conn.Sent()
	}
	return s
}

// run makes attempts until Close.
func (p *Pusher) run() {
	defer close(p.ended)
	wait := p.options.LeastWait
	for p.life.Err() == nil {
		p.mu.Lock()
		t := p.target
		p.stats.Attempts++
		p.mu.Unlock()
		err := p.attempt(t, func() { wait = p.options.LeastWait })
		if p.life.Err() != nil {
			return
		}
		if t.ctx.Err() != nil {
			wait = p.options.LeastWait // somewhere else, at once
			continue
		}
		p.mu.Lock()
		p.stats.Failures++
		p.mu.Unlock()
		p.options.Tell(State{Err: err, URL: t.url})
		// Up to a quarter more, so that many pushes to one server do not all come back at the same moment.
		timer := time.NewTimer(min(wait+rand.N(wait/4+1), p.options.MostWait))
		wait = min(2*wait, p.options.MostWait)
		select {
		case <-timer.C:
		case <-t.ctx.Done():
			timer.Stop()
			wait = p.options.LeastWait
		}
	}
}

// attempt pushes until it fails or is no longer wanted, and says when data was really taken.
func (p *Pusher) attempt(t target, proved func()) error {
	ctx, cancel := context.WithTimeout(t.ctx, attemptTimeout)
	defer cancel()
	conn, err := rtmp.Publish(ctx, rtmp.Options{Stream: t.stream, Dial: p.options.Dial, TLS: p.options.TLS})
	if err != nil {
		return err
	}
	p.queue.Begin()
	defer p.queue.End()
	s := sender{p: p, conn: conn, dropped: p.queue.Dropped()}
	p.mu.Lock()
	p.conn = conn
	p.mu.Unlock()
	// Also in the middle of a write that waits for the server.
	stop := context.AfterFunc(t.ctx, conn.Close)
	defer func() {
		stop()
		conn.Close()
		p.mu.Lock()
		p.stats.Sent += conn.Sent()
		p.conn = nil
		p.mu.Unlock()
	}()
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	took := time.Now()
	for told := false; ; {
		i, more := p.queue.Take()
		if more {
			took = time.Now()
			err = s.send(i)
		} else if err = conn.Err(); err == nil && time.Since(took) > p.options.Silence {
			err = ErrNothing
		}
		s.complain()
		if err != nil {
			if !told && err == rtmp.ErrClosed {
				// nginx accepts a stream before it looks whether the stream may come.
				return fmt.Errorf("%w: it closed the connection without taking any of it", rtmp.ErrRefused)
			}
			return err
		}
		if !told && s.proved() {
			told = true
			proved()
			p.options.Tell(State{Pushing: true, URL: t.url})
		}
		if more && t.ctx.Err() == nil {
			continue
		}
		select {
		case <-p.queue.Wake():
		case <-ticker.C:
		case <-conn.Done():
		case <-t.ctx.Done():
			return t.ctx.Err()
		}
	}
}

// sender is what is known of one connection's stream.
type sender struct {
	p     *Pusher
	conn  *rtmp.Conn
	units int           // bytes of the lengths before NAL units
	base  time.Duration // the stream's time at the first packet
	begun time.Time
	at    time.Duration // of the newest packet that was sent
	due   uint64        // bytes by when the stream had gone on for as long as proof; 0 before

	dropped uint64    // packets that were left out when that was last mentioned
	said    time.Time // when it was
}

// complain mentions what is left out for a server that is too slow.
func (s *sender) complain() {
	if time.Since(s.said) < complainEvery {
		return
	}
	dropped := s.p.queue.Dropped()
	if dropped > s.dropped {
		s.said = time.Now()
		s.p.options.Log.Warn("the server of a live task is slower than the stream: some of it is left out", "packets", dropped-s.dropped)
	}
	s.dropped = dropped
}

func (s *sender) send(i backlog.Item) error {
	if i.Meta != nil {
		return s.conn.Describe(*i.Meta)
	}
	packet := i.Packet
	switch {
	case packet.Config:
		if packet.Kind == flv.Video {
			s.units = 4
			if config, err := avc.ParseConfig(packet.Data); err == nil {
				s.units = config.LengthSize
			}
		}
		return s.conn.Send(packet, s.at)
	case s.begun.IsZero():
		s.begun, s.base = time.Now(), packet.DTS
	case packet.DTS < s.base:
		return nil // sound from before the first picture
	}
	if packet.Key {
		s.p.mu.Lock()
		extra := s.p.extra
		s.p.mu.Unlock()
		packet.Data = sei.Insert(packet.Data, s.units, extra)
	}
	s.at = max(s.at, packet.DTS-s.base)
	return s.conn.Send(packet, packet.DTS-s.base)
}

// proved tells whether the server has had enough of the stream to believe it.
func (s *sender) proved() bool {
	if s.begun.IsZero() {
		return false
	}
	age := time.Since(s.begun)
	if age < proof {
		return false
	}
	if s.due == 0 {
		s.due = s.conn.Sent()
	}
	took, known := s.conn.Took(s.due)
	return took || !known && age >= unproved
}
