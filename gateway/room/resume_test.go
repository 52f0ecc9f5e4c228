package room

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"nhooyr.io/websocket"

	"nertc/gateway/engine"
	"nertc/internal/protocol"
)

// resumable is a stage whose members stay without their connections as long as a test may take.
func resumable(t *testing.T, o Options) (*stage, *diary) {
	t.Helper()
	d := newDiary()
	o.Log = slog.New(d)
	if o.ResumeWindow == 0 {
		o.ResumeWindow = 2 * testTime
	}
	if o.AbandonWindow == 0 {
		o.AbandonWindow = o.ResumeWindow
	}
	return newStage(t, o), d
}

// breakOff cuts a client's connection and waits until the gateway has noticed.
func breakOff(t *testing.T, c *rawClient, d *diary) {
	t.Helper()
	_ = c.conn.CloseNow()
	d.await(t, "parked")
}

// again resumes a client's session on another connection.
func (g *stage) again(t *testing.T, c *rawClient) (*rawClient, protocol.Resumed) {
	t.Helper()
	n := dial(t, g.Server)
	n.id, n.secret, n.joined, n.received = c.id, c.secret, true, c.received
	r := ask[protocol.Resumed](n, protocol.TypeResume, protocol.Resume{
		Version: protocol.Version, Token: c.secret, Received: c.received,
	}, protocol.TypeResumed)
	return n, r
}

// notResumed expects that a resume is refused as that of a session nobody knows.
func (g *stage) notResumed(t *testing.T, token string, received uint64) {
	t.Helper()
	c := dial(t, g.Server)
	e := ask[protocol.Error](c, protocol.TypeResume, protocol.Resume{Version: protocol.Version, Token: token, Received: received}, protocol.TypeError)
	if e.Code != 404 || e.Reason != "session unknown" {
		t.Errorf("refused with %+v", e)
	}
	if code := c.end(); code != websocket.StatusNormalClosure {
		t.Errorf("closed with %d", code)
	}
}

func came(uid string) engine.Event {
	return engine.MemberJoined{Member: protocol.Member{UID: uid}}
}

// sees expects members to join in this order, and nothing else to come.
func (c *rawClient) sees(uids ...string) {
	c.t.Helper()
	for _, uid := range uids {
		m, err := c.read()
		if err != nil || m.Type != protocol.TypeMemberJoined {
			c.t.Fatalf("%s %s %v comes instead of member %s", m.Type, m.Data, err, uid)
		}
		if got := as[protocol.Member](c.t, m).UID; got != uid {
			c.t.Fatalf("member %s comes instead of %s", got, uid)
		}
	}
}

func stays(t *testing.T, s *scripted) {
	t.Helper()
	select {
	case <-s.closed:
		t.Error("member was taken out of the engine")
	default:
	}
}

func TestResumeLosesAndRepeatsNothing(t *testing.T) {
	g, d := resumable(t, Options{})
	c, s := g.member(t, "1")
	s.events <- came("a")
	c.sees("a")
	first := c.say(protocol.TypeOffer, protocol.Offer{SDP: minimalOffer})
	second := c.say(protocol.TypeOffer, protocol.Offer{SDP: minimalOffer})
	one, two := next[offerCall](t, s), next[offerCall](t, s)
	breakOff(t, c, d)
	s.events <- engine.Answer{ID: one.id, Answer: protocol.Answer{SDP: "one"}} // while nobody is there
	s.events <- came("b")

	n, r := g.again(t, c)
	if r.Received != 2 {
		t.Errorf("%d messages are said to have arrived", r.Received)
	}
	for _, want := range []uint64{first, 0} {
		if m, err := n.read(); err != nil || m.ID != want || want == first && as[protocol.Answer](t, m).SDP != "one" {
			t.Errorf("%s %d %s %v is repeated, want %d", m.Type, m.ID, m.Data, err, want)
		}
	}
	s.events <- came("c")
	n.sees("c")
	s.events <- engine.Answer{ID: two.id, Answer: protocol.Answer{SDP: "two"}} // and the other after it
	if a := as[protocol.Answer](t, n.reply(second)); a.SDP != "two" {
		t.Errorf("second answer is %+v", a)
	}
	ask[struct{}](n, protocol.TypeMute, protocol.Mute{Track: "T", Muted: true}, protocol.TypeOK)
	next[protocol.Mute](t, s)
	stays(t, s)

	// And once more: what came on the second connection is not said again.
	breakOff(t, n, d)
	s.events <- came("d")
	last, r := g.again(t, n)
	if r.Received != 3 {
		t.Errorf("%d messages are said to have arrived", r.Received)
	}
	last.sees("d")
	ask[struct{}](last, protocol.TypeLeave, nil, protocol.TypeOK)
	awaitClosed(t, s)
	if r := pushed[protocol.Closed](last, protocol.TypeClosed).Reason; r != protocol.CloseLeft {
		t.Errorf("closed with %s", r)
	}
	if code := last.end(); code != websocket.StatusNormalClosure {
		t.Errorf("closed with %d", code)
	}
	g.notResumed(t, c.secret, last.received)
}

func TestWhatHasNotArrivedIsRepeated(t *testing.T) {
	g, d := resumable(t, Options{})
	c, s := g.member(t, "1")
	for _, uid := range []string{"a", "b", "c"} {
		s.events <- came(uid)
	}
	c.sees("a", "b", "c")
	c.received = 1 // the rest was lost on its way
	breakOff(t, c, d)
	n, _ := g.again(t, c)
	n.sees("b", "c")
	p := ask[protocol.Ping](n, protocol.TypePing, protocol.Ping{Time: 1, Received: 2}, protocol.TypePong)
	if p.Time != 1 || p.Received != 0 {
		t.Errorf("pong is %+v", p)
	}
	n.refused("dance", nil) // counts like any other
	if p := ask[protocol.Ping](n, protocol.TypePing, protocol.Ping{Received: 99}, protocol.TypePong); p.Received != 1 {
		t.Errorf("pong is %+v", p)
	}
	breakOff(t, n, d)
	g.notResumed(t, c.secret, 1) // acknowledged, so it is not kept
	g.notResumed(t, c.secret, 5) // never sent
	n.received = 2
	last, _ := g.again(t, n)
	last.sees("c")
	if m, err := last.read(); err != nil || m.Type != protocol.TypeError {
		t.Errorf("then comes %s %v", m.Type, err)
	}
	stays(t, s)
}

func TestResumeTakesOverAHalfOpenConnection(t *testing.T) {
	g, d := resumable(t, Options{})
	c, s := g.member(t, "1")
	s.events <- came("a")
	c.sees("a")
	n, _ := g.again(t, c)
	d.await(t, "resumed")
	if code := c.end(); code != -1 {
		t.Errorf("closed with %d", code)
	}
	s.events <- came("b")
	n.sees("b")
	ask[struct{}](n, protocol.TypeMute, protocol.Mute{Track: "T"}, protocol.TypeOK)
	stays(t, s)
	if rooms, members := g.h.rooms.count(); rooms != 1 || members != 1 {
		t.Errorf("%d rooms with %d members", rooms, members)
	}
}

func TestResumesThatAreRefused(t *testing.T) {
	g, d := resumable(t, Options{})
	c, s := g.member(t, "1")
	for _, token := range []string{"", "x", c.secret + "x", c.secret[1:], strings.Repeat("x", 100_000)} {
		g.notResumed(t, token, 0)
	}
	for name, r := range map[string]any{
		"version": protocol.Resume{Version: 2, Token: c.secret}, "form": "resume", "count": map[string]int{"version": 1, "received": -1},
	} {
		n := dial(t, g.Server)
		if code := n.refused(protocol.TypeResume, r); code != 10000 && code != 10001 {
			t.Errorf("%s: refused with %d", name, code)
		}
		if code := n.end(); code != websocket.StatusNormalClosure {
			t.Errorf("%s: closed with %d", name, code)
		}
	}
	elsewhere := dialFrom(t, g.Server, g.URL) // a page, where the member was none
	if code := elsewhere.refused(protocol.TypeResume, protocol.Resume{Version: protocol.Version, Token: c.secret}); code != 404 {
		t.Errorf("from another origin: refused with %d", code)
	}
	mine := protocol.Resume{Version: protocol.Version, Token: c.secret}
	if code := c.refused(protocol.TypeResume, mine); code != 10008 {
		t.Errorf("of a session by itself: %d", code)
	}
	other, _ := g.member(t, "2")
	if code := other.refused(protocol.TypeResume, mine); code != 10008 {
		t.Errorf("by another member: %d", code)
	}
	ask[protocol.Ping](c, protocol.TypePing, nil, protocol.TypePong)
	stays(t, s)
	n, _ := g.again(t, c)
	ask[protocol.Ping](n, protocol.TypePing, nil, protocol.TypePong)
	if text := d.String(); strings.Contains(text, c.secret) || strings.Contains(text, c.secret[1:]) || !strings.Contains(text, "resume refused") {
		t.Error("the log has a secret, or nothing of what was refused")
	}
}

func TestMetricsOfResumes(t *testing.T) {
	reg := prometheus.NewRegistry()
	g, d := resumable(t, Options{Registry: reg})
	c, s := g.member(t, "1")
	check := func(want map[string]float64) {
		t.Helper()
		for name, v := range want {
			if got := gather(t, reg, name); got != v {
				t.Errorf("%s is %v, want %v", name, got, v)
			}
		}
	}
	check(map[string]float64{"nertc_parked_sessions": 0, "nertc_reconnects_total resume ok": 0, "nertc_members": 1})
	breakOff(t, c, d)
	check(map[string]float64{"nertc_parked_sessions": 1, "nertc_members": 1})
	g.notResumed(t, "x", 0)
	g.notResumed(t, c.secret, 1)
	n, _ := g.again(t, c)
	d.await(t, "resumed")
	check(map[string]float64{
		"nertc_parked_sessions": 0, "nertc_reconnects_total resume ok": 1, "nertc_reconnects_total resume unknown": 1, "nertc_reconnects_total resume disagreed": 1,
		"nertc_members": 1, "nertc_messages_total resume": 3,
	})
	breakOff(t, n, d)
	s.events <- engine.Closed{Closed: protocol.Closed{Reason: protocol.CloseRemoved}}
	awaitClosed(t, s)
	d.await(t, "left")
	check(map[string]float64{"nertc_parked_sessions": 0, "nertc_members": 0, "nertc_joins_total ok": 1})
}
