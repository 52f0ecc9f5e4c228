// Package connectivity tries whether media gets through to a server, and by which ways: over UDP, over TCP, through a relay.
// Each way is tried by a peer connection of its own that sees nothing of the others, on a connection of signalling of its
// own, so that no call and no room is disturbed.
package connectivity

import (
	"context"
	"errors"
	"strings"
	"time"

	"nertc/internal/errcode"
	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/internal/signal"
)

const (
	// answerTime is how long a way may take from the server's answer on.
	answerTime = 5 * time.Second
	// offerTime is how long the server has to name a first candidate of a way.
	offerTime = time.Second
	// wholeTime bounds a way with all that comes before: signalling, and a loaded machine.
	wholeTime = 9 * time.Second
)

// Why a way does not work, where that is known.
const (
	NotOffered = "not offered by the server"
	NoAnswer   = "no answer within 5 s"
	noSocket   = "not tried: no signalling"
)

// Options say what to try.
type Options struct {
	// Server is the signalling address.
	Server string
	Dial   signal.Dialer
	// NewPeer makes peer connections.
	NewPeer media.Factory
	// Join is what a join would have, without its offer: a probe is authorized like one.
	Join protocol.Join
}

// Result is what became of one way.
type Result struct {
	OK bool
	// Reason says why not, in English; empty where it is OK.
	Reason string
	// Took is how long it took, to the connection or to giving up.
	Took time.Duration
}

// Report is what became of all ways.
type Report struct{ Signalling, UDP, TCP, Relay Result }

// way is one of the three.
type way int

const (
	overUDP way = iota
	overTCP
	byRelay
)

// Check tries everything and returns when all of it is known, at most some ten seconds later. It never fails: that is a result too.
func Check(ctx context.Context, o Options) Report {
	var r Report
	ctx, cancel := context.WithTimeout(ctx, 2*wholeTime)
	defer cancel()
	began := time.Now()
	if err := o.greet(ctx); err != nil {
		r.Signalling = Result{Reason: reason(err), Took: time.Since(began)}
		for _, w := range []*Result{&r.UDP, &r.TCP, &r.Relay} {
			w.Reason = noSocket
		}
		return r
	}
	r.Signalling = Result{OK: true, Took: time.Since(began)}
	done := make(chan struct{})
	ways := map[way]*Result{overUDP: &r.UDP, overTCP: &r.TCP, byRelay: &r.Relay}
	for w, result := range ways {
		go func() {
			defer func() { done <- struct{}{} }()
			began := time.Now()
			within, cancel := context.WithTimeout(ctx, wholeTime)
			defer cancel()
			why := o.try(within, w)
			*result = Result{OK: why == "", Reason: why, Took: time.Since(began)}
		}()
	}
	for range ways {
		<-done
	}
	return r
}

// reason is what a failure says, with the server's number where it refused.
func reason(err error) string {
	e := errcode.Of(err)
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer in time"
	}
	return e.Error()
}

// greet sees whether the server answers.
func (o Options) greet(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	conn, err := o.Dial(ctx, o.Server)
	if err != nil {
		return errcode.Wrap(errcode.Network, err, "connect to the server")
	}
	socket := signal.NewSocket(conn, signal.Handler{Pushed: func(protocol.Message) {}})
	defer socket.Close()
	return socket.Call(ctx, protocol.TypePing, protocol.Ping{Time: time.Now().UnixMilli()}, nil)
}

// attempt is one way being tried.
type attempt struct {
	Options
	way        way
	pc         media.PeerConnection
	socket     *signal.Socket
	states     chan media.ConnectionState
	candidates chan string
	lost       chan error
	offered    bool // the server has named a candidate of the way
}

// try gives why a way does not work, empty if it does.
func (o Options) try(ctx context.Context, w way) string {
	a := &attempt{Options: o, way: w, states: make(chan media.ConnectionState, 16), candidates: make(chan string, 64), lost: make(chan error, 1)}
	pc, err := o.NewPeer(media.Observer{
		Candidate: func(string) {}, // the server needs none: it answers where it is asked from
		State: func(s media.ConnectionState) {
			select {
			case a.states <- s:
			default: // nobody looks any more
			}
		},
	})
	if err != nil {
		return "not possible in this browser: " + reason(err)
	}
	a.pc = pc
	defer func() { _ = pc.Close() }()
	conn, err := o.Dial(ctx, o.Server)
	if err != nil {
		return "not tried: " + reason(errcode.Wrap(errcode.Network, err, "connect to the server"))
	}
	a.socket = signal.NewSocket(conn, signal.Handler{Pushed: a.pushed, Lost: func(err error) { a.lost <- err }})
	defer a.socket.Close()
	joined, err := a.probe(ctx)
	var refused *errcode.Error
	switch {
	case errors.As(err, &refused) && refused.ExtraCode == protocol.CodeNoRelay:
		return NotOffered
	case err != nil:
		return "not tried: " + reason(err)
	}
	defer a.socket.Request(protocol.TypeLeave, nil, func(protocol.Message, error) {})
	if err := a.connect(ctx, joined); err != nil {
		return reason(err)
	}
	return a.wait(ctx)
}

// pushed takes what the server says unasked. It must not wait.
func (a *attempt) pushed(m protocol.Message) {
	var c protocol.Candidate
	if m.Type != protocol.TypeCandidate || signal.DecodeData(m, &c) != nil {
		return
	}
	select {
	case a.candidates <- c.Candidate:
	default: // a server has a handful
	}
}

// probe makes the first offer and has it answered.
func (a *attempt) probe(ctx context.Context) (j protocol.Joined, err error) {
	if a.way == byRelay { // there is no relay yet to find candidates with, and others are not to be found
		if err := a.pc.SetICEServers(nil, true); err != nil {
			return j, err
		}
	}
	sdp, err := a.pc.Offer(ctx)
	if err != nil {
		return j, err
	}
	join := a.Join
	join.Version, join.Offer, join.Relay = protocol.Version, protocol.Offer{SDP: sdp}, a.way == byRelay
	return j, a.socket.Call(ctx, protocol.TypeProbe, join, &j)
}

// connect sets the answer, of which only what belongs to the way is left.
func (a *attempt) connect(ctx context.Context, j protocol.Joined) error {
	if err := a.answer(ctx, j.Answer.SDP); err != nil {
		return err
	}
	for _, c := range j.Candidates {
		a.candidate(ctx, c)
	}
	if a.way != byRelay {
		return nil
	}
	servers := make([]media.ICEServer, len(j.ICEServers))
	for i, s := range j.ICEServers {
		servers[i] = media.ICEServer(s)
	}
	if err := a.pc.SetICEServers(servers, true); err != nil {
		return err
	}
	if err := a.pc.RestartICE(); err != nil {
		return err
	}
	sdp, err := a.pc.Offer(ctx)
	if err != nil {
		return err
	}
	var answer protocol.Answer
	if err := a.socket.Call(ctx, protocol.TypeOffer, protocol.Offer{SDP: sdp}, &answer); err != nil {
		return err
	}
	for len(a.states) > 0 { // those of the time without a relay: Firefox has failed meanwhile
		<-a.states
	}
	return a.answer(ctx, answer.SDP)
}

func (a *attempt) answer(ctx context.Context, sdp string) error {
	var b strings.Builder
	for line := range strings.Lines(sdp) {
		if c, ok := strings.CutPrefix(line, "a="); ok && strings.HasPrefix(c, prefix) {
			if !a.way.takes(c) {
				continue
			}
			a.offered = true
		}
		b.WriteString(line)
	}
	return a.pc.Answer(ctx, b.String())
}

func (a *attempt) candidate(ctx context.Context, c string) {
	if a.way.takes(c) && a.pc.AddCandidate(ctx, c) == nil {
		a.offered = true
	}
}

const prefix = "candidate:"

// takes says whether a candidate belongs to the way, as it stands in an SDP or in the JSON of an RTCIceCandidateInit. A relay
// reaches the server over UDP. https://www.rfc-editor.org/rfc/rfc8839#section-5.1
func (w way) takes(candidate string) bool {
	_, rest, found := strings.Cut(candidate, prefix)
	part := strings.Fields(rest)
	want := "udp"
	if w == overTCP {
		want = "tcp"
	}
	return found && len(part) > 2 && strings.EqualFold(part[2], want)
}

// wait waits until media could flow, which takes ICE and DTLS, or it is clear that it cannot.
func (a *attempt) wait(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	offers := time.NewTimer(offerTime)
	defer offers.Stop()
	for {
		select {
		case s := <-a.states:
			switch s {
			case media.StateConnected:
				return ""
			case media.StateFailed, media.StateClosed:
				if !a.offered {
					return NotOffered
				}
				return "the connection failed"
			}
		case c := <-a.candidates:
			a.candidate(ctx, c)
		case err := <-a.lost:
			return "signalling was lost: " + reason(err)
		case <-offers.C:
			if !a.offered {
				return NotOffered
			}
		case <-ctx.Done():
			return NoAnswer
		}
	}
}
