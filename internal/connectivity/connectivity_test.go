package connectivity_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"nertc/internal/connectivity"
	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/internal/signal"
	"nertc/internal/signal/signaltest"
)

const (
	udp = "candidate:1 1 udp 2130706431 192.0.2.7 7882 typ host"
	tcp = "candidate:2 1 TCP 1671430143 192.0.2.7 7881 typ host tcptype passive"
)

// json is a candidate as it is told beside an SDP.
func json(candidate string) string {
	return `{"candidate":"` + candidate + `","sdpMid":"0","sdpMLineIndex":0}`
}

// world is a server in a test's hand, and peer connections that connect as soon as they have a candidate to connect to.
type world struct {
	t       *testing.T
	ctx     context.Context
	refuse  *protocol.Error
	joined  protocol.Joined
	joins   []protocol.Join
	left    int
	mu      sync.Mutex
	peers   []*peer
	connect bool
	hasty   bool // peer connections fail as soon as they have an answer and no way to go, as Firefox's do
}

// peer notes what it is given; other steps than these a way does not need.
type peer struct {
	media.PeerConnection
	w        *world
	observer media.Observer
	had      []string // candidates
	only     bool     // by relay
	relay    bool
	closed   bool
}

func (w *world) newPeer(o media.Observer) (media.PeerConnection, error) {
	p := &peer{w: w, observer: o}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.peers = append(w.peers, p)
	return p, nil
}

func (p *peer) Answer(_ context.Context, sdp string) error {
	for line := range strings.Lines(sdp) {
		if candidate, ok := strings.CutPrefix(strings.TrimSpace(line), "a="); ok && strings.HasPrefix(candidate, "candidate:") {
			p.got(candidate)
		}
	}
	if p.w.hasty && p.only && !p.relay {
		p.observer.State(media.StateFailed)
	}
	return nil
}

func (p *peer) Offer(context.Context) (string, error) { return "offer", nil }

func (p *peer) AddCandidate(_ context.Context, candidate string) error {
	p.got(candidate)
	return nil
}

func (p *peer) SetICEServers(servers []media.ICEServer, relayOnly bool) error {
	p.only = relayOnly
	p.relay = relayOnly && len(servers) > 0
	return nil
}

func (p *peer) RestartICE() error { return nil }

func (p *peer) Close() error {
	p.closed = true
	return nil
}

func (p *peer) got(candidate string) {
	p.had = append(p.had, candidate)
	if p.w.connect && (p.relay || !p.only || !p.w.hasty) {
		p.observer.State(media.StateConnected)
	}
}

func (w *world) dial(context.Context, string) (signal.Conn, error) {
	pipe := signaltest.New()
	go func() {
		for {
			m, err := pipe.Next(w.ctx)
			if err != nil {
				return
			}
			w.answer(pipe, m)
		}
	}()
	return pipe, nil
}

func (w *world) answer(pipe *signaltest.Pipe, m protocol.Message) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch m.Type {
	case protocol.TypePing:
		pipe.Say(protocol.TypePong, m.ID, protocol.Ping{})
	case protocol.TypeProbe:
		var j protocol.Join
		if err := m.Read(&j); err != nil {
			w.t.Error(err)
		}
		w.joins = append(w.joins, j)
		switch {
		case w.refuse != nil:
			pipe.Say(protocol.TypeError, m.ID, *w.refuse)
		case j.Relay && !protocol.HasRelay(w.joined.ICEServers):
			pipe.Say(protocol.TypeError, m.ID, protocol.Error{Code: protocol.CodeNoRelay, Reason: "there is no relay"})
		default:
			pipe.Say(protocol.TypeJoined, m.ID, w.joined)
		}
	case protocol.TypeOffer:
		pipe.Say(protocol.TypeAnswer, m.ID, protocol.Answer{SDP: w.joined.Answer.SDP})
	case protocol.TypeLeave:
		w.left++
		pipe.Say(protocol.TypeOK, m.ID, nil)
	}
}

func check(t *testing.T, w *world) connectivity.Report {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w.t, w.ctx = t, ctx
	r := connectivity.Check(ctx, connectivity.Options{
		Server: "ws://x", Dial: w.dial, NewPeer: w.newPeer, Join: protocol.Join{AppKey: "app", Channel: "room", Token: "token"},
	})
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.peers {
		if !p.closed {
			t.Error("a peer connection is left open")
		}
	}
	return r
}

func expect(t *testing.T, name string, got connectivity.Result, reason string) {
	t.Helper()
	if got.OK != (reason == "") || !strings.Contains(got.Reason, reason) {
		t.Errorf("%s: %+v, want %q", name, got, reason)
	}
}

func TestEachWaySeesItsOwnCandidatesAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{connect: true, joined: protocol.Joined{
			UID: "probe", Answer: protocol.Answer{SDP: "v=0\r\na=" + udp + "\r\na=" + tcp + "\r\n"},
			Candidates: []string{json(udp), json(tcp), "no candidate", `{"candidate":"candidate:"}`},
			ICEServers: []protocol.ICEServer{{URLs: []string{"turn:192.0.2.7"}, Username: "u", Credential: "c"}},
		}}
		r := check(t, w)
		expect(t, "signalling", r.Signalling, "")
		expect(t, "UDP", r.UDP, "")
		expect(t, "TCP", r.TCP, "")
		expect(t, "the relay", r.Relay, "")
		relays := 0
		for _, p := range w.peers {
			text := strings.ToLower(strings.Join(p.had, "\n"))
			if strings.Contains(text, " udp ") == strings.Contains(text, " tcp ") {
				t.Errorf("one way has %q", p.had)
			}
			if p.relay {
				relays++
			}
		}
		if len(w.peers) != 3 || relays != 1 || w.left != 3 {
			t.Errorf("%d ways, %d by relay, %d have left", len(w.peers), relays, w.left)
		}
		if i := slices.IndexFunc(w.joins, func(j protocol.Join) bool {
			return j.Token != "token" || j.Offer.SDP != "offer" || j.Version != protocol.Version
		}); i >= 0 {
			t.Errorf("it asks with %+v", w.joins[i])
		}
	})
}

// Before it has heard of the relay, a browser that may use nothing else has no way to go; Firefox says at once that this has failed.
func TestTheRelayIsTriedBehindAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{connect: true, hasty: true, joined: protocol.Joined{
			UID: "probe", Answer: protocol.Answer{SDP: "v=0\r\na=" + udp + "\r\n"},
			ICEServers: []protocol.ICEServer{{URLs: []string{"turn:192.0.2.7"}, Username: "u", Credential: "c"}},
		}}
		r := check(t, w)
		expect(t, "UDP", r.UDP, "")
		expect(t, "the relay", r.Relay, "")
	})
}

func TestWhatDoesNotWorkSaysWhy(t *testing.T) {
	for name, tc := range map[string]struct {
		world           *world
		udp, tcp, relay string
	}{
		"nothing is offered": {&world{joined: protocol.Joined{UID: "probe", Answer: protocol.Answer{SDP: "v=0\r\n"}}},
			connectivity.NotOffered, connectivity.NotOffered, connectivity.NotOffered},
		"nothing answers": {&world{joined: protocol.Joined{UID: "probe", Answer: protocol.Answer{SDP: "v=0\r\na=" + udp + "\r\n"}}},
			connectivity.NoAnswer, connectivity.NotOffered, connectivity.NotOffered},
		"the server refuses": {&world{refuse: &protocol.Error{Code: 403, Reason: "unsafe mode is closed"}},
			"not tried: code: 403, reason: unsafe mode", "not tried: code: 403", "not tried: code: 403"},
		"the server does not know it": {&world{refuse: &protocol.Error{Code: 10001, Reason: "message type is not known"}},
			"not tried: code: 10001", "not tried", "not tried"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := check(t, tc.world)
				expect(t, "signalling", r.Signalling, "")
				expect(t, "UDP", r.UDP, tc.udp)
				expect(t, "TCP", r.TCP, tc.tcp)
				expect(t, "the relay", r.Relay, tc.relay)
			})
		})
	}
}

func TestWithoutAServer(t *testing.T) {
	for name, dial := range map[string]signal.Dialer{
		"refused": func(context.Context, string) (signal.Conn, error) { return nil, errors.New("refused") },
		"silent":  func(context.Context, string) (signal.Conn, error) { return signaltest.New(), nil },
		"hanging": func(ctx context.Context, _ string) (signal.Conn, error) { <-ctx.Done(); return nil, ctx.Err() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := connectivity.Check(t.Context(), connectivity.Options{Dial: dial, NewPeer: func(media.Observer) (media.PeerConnection, error) {
					t.Error("media is tried")
					return nil, errors.New("no")
				}})
				if r.Signalling.OK || r.Signalling.Reason == "" {
					t.Errorf("signalling: %+v", r.Signalling)
				}
				for _, w := range []connectivity.Result{r.UDP, r.TCP, r.Relay} {
					expect(t, "media", w, "not tried: no signalling")
				}
			})
		})
	}
}
