// Package mediatest has a peer connection in memory, for tests of what stands above one.
package mediatest

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"nertc/internal/media"
)

// Peer records what is asked of it, and complains of a caller that breaks the
// rules of media.PeerConnection: two steps at once, an offer before the last answer.
type Peer struct {
	Observer media.Observer

	busy atomic.Int32

	mu       sync.Mutex
	log      []string
	offers   int
	answered bool
	closed   bool
	problems []string
	failures map[string]error
}

// Fail has a step, send or, of senders, replace or limit, fail from now on.
func (p *Peer) Fail(step string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failures == nil {
		p.failures = map[string]error{}
	}
	p.failures[step] = err
}

// Factory gives always this peer.
func (p *Peer) Factory(o media.Observer) (media.PeerConnection, error) {
	p.Observer, p.answered = o, true
	return p, nil
}

// Log is what was asked, in order.
func (p *Peer) Log() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.log...)
}

// Problems are the rules that were broken.
func (p *Peer) Problems() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.problems...)
}

// Closed says whether Close was called.
func (p *Peer) Closed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}

func (p *Peer) step(format string, args ...any) func() {
	overlap := p.busy.Add(1) != 1
	p.mu.Lock()
	p.log = append(p.log, fmt.Sprintf(format, args...))
	if overlap {
		p.problems = append(p.problems, "two steps at once at "+p.log[len(p.log)-1])
	}
	p.mu.Unlock()
	return func() { p.busy.Add(-1) }
}

// Offer answers offer-1, offer-2, ….
func (p *Peer) Offer(context.Context) (string, error) {
	defer p.step("offer")()
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.answered {
		p.problems = append(p.problems, "an offer before the answer to the last")
	}
	p.answered = false
	p.offers++
	return fmt.Sprintf("offer-%d", p.offers), nil
}

// Refused says that the last offer will get no answer, so that another may be made.
func (p *Peer) Refused() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answered = true
}

// Answer takes any text but "bad".
func (p *Peer) Answer(_ context.Context, sdp string) error {
	defer p.step("answer %s", sdp)()
	p.mu.Lock()
	p.answered = true
	p.mu.Unlock()
	if sdp == "bad" {
		return fmt.Errorf("invalid SDP")
	}
	return nil
}

// AddCandidate records the candidate.
func (p *Peer) AddCandidate(_ context.Context, c string) error {
	defer p.step("candidate %s", c)()
	return nil
}

// AddReceivers records the numbers.
func (p *Peer) AddReceivers(_ context.Context, audio, video int) error {
	defer p.step("receivers %d %d", audio, video)()
	return nil
}

// Send records the track, and its layers if it has two.
func (p *Peer) Send(_ context.Context, t media.Track, o media.SendOptions) (media.Sender, error) {
	codec := ""
	if o.Codec != "" {
		codec = " in " + o.Codec
	}
	defer p.step("send %s%s%s", t.ID(), layers(o), codec)()
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.failures["send"]; err != nil {
		return nil, err
	}
	return sender{p, cmp.Or(o.CID, t.ID())}, nil
}

// Receiver has a track for every section.
func (p *Peer) Receiver(mid string) (media.RemoteTrack, bool) { return Remote(mid), true }

// RestartICE is recorded.
func (p *Peer) RestartICE() error {
	defer p.step("restart")()
	return nil
}

// SetICEServers records what they are.
func (p *Peer) SetICEServers(servers []media.ICEServer, relayOnly bool) error {
	text := "servers"
	for _, s := range servers {
		text += fmt.Sprint(" ", s.URLs, s.Username, s.Credential)
	}
	if relayOnly {
		text += " only"
	}
	defer p.step("%s", text)()
	return nil
}

// Close is told to Closed.
func (p *Peer) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	return nil
}

type sender struct {
	p  *Peer
	id string
}

// MID is the id of what was sent first on the section.
func (s sender) MID() string { return s.id }

func (s sender) Replace(_ context.Context, t media.Track) error {
	defer s.p.step("replace %s %s", s.id, t.ID())()
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	return s.p.failures["replace"]
}

func (s sender) Limit(_ context.Context, o media.SendOptions) error {
	defer s.p.step("limit %s %d%s", s.id, o.MaxBitrate, layers(o))()
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	return s.p.failures["limit"]
}

// layers says which of two layers are sent, or that the only one is not.
func layers(o media.SendOptions) string {
	switch {
	case o.LowScale == 0 && o.Off:
		return " off"
	case o.LowScale == 0:
		return ""
	}
	return fmt.Sprintf(" low %v high %v", !o.LowOff, !o.Off)
}

func (s sender) Stop(context.Context) error {
	defer s.p.step("stop %s", s.id)()
	return nil
}

// Local is a local track; its text is its id.
type Local string

// ID is the text.
func (l Local) ID() string { return string(l) }

// Kind is video.
func (l Local) Kind() media.Kind { return media.Video }

// TwoSizes is a local track that can be sent in two sizes.
type TwoSizes struct{ Local }

// Layered is true.
func (TwoSizes) Layered() bool { return true }

// Remote is a track on the section that it names.
type Remote string

// ID is the section.
func (r Remote) ID() string { return string(r) }

// Kind is video.
func (r Remote) Kind() media.Kind { return media.Video }

// MID is the section.
func (r Remote) MID() string { return string(r) }
