package room

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"nhooyr.io/websocket"

	"nertc/gateway/engine"
	"nertc/internal/protocol"
)

// diary is a log that tests wait for, and search for what must not be in it.
type diary struct {
	lines chan string
	mu    sync.Mutex
	text  strings.Builder
}

func newDiary() *diary { return &diary{lines: make(chan string, 4096)} }

func (d *diary) Enabled(context.Context, slog.Level) bool { return true }
func (d *diary) WithAttrs(a []slog.Attr) slog.Handler {
	d.write(fmt.Sprint(a))
	return d
}
func (d *diary) WithGroup(string) slog.Handler { return d }
func (d *diary) Handle(_ context.Context, r slog.Record) error {
	text := r.Message
	r.Attrs(func(a slog.Attr) bool { text += " " + a.String(); return true })
	d.write(text)
	d.lines <- r.Message
	return nil
}

func (d *diary) write(s string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.text.WriteString(s + "\n")
}

func (d *diary) String() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.text.String()
}

func (d *diary) await(t *testing.T, message string) {
	t.Helper()
	for timeout := time.After(testTime); ; {
		select {
		case m := <-d.lines:
			if m == message {
				return
			}
		case <-timeout:
			t.Fatalf("%q was never logged", message)
		}
	}
}

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

func TestMembersWhoDoNotComeBackLeave(t *testing.T) {
	const short, long = 50 * time.Millisecond, 2 * testTime
	for name, c := range map[string]struct {
		o   Options
		end func(*rawClient)
	}{
		"broken":    {Options{ResumeWindow: short}, func(c *rawClient) { _ = c.conn.CloseNow() }},
		"closed":    {Options{ResumeWindow: long, AbandonWindow: short}, func(c *rawClient) { _ = c.conn.Close(websocket.StatusNormalClosure, "") }},
		"resuming":  {Options{ResumeWindow: short, AbandonWindow: -1}, func(c *rawClient) { _ = c.conn.Close(protocol.ClosingToResume, "") }},
		"page gone": {Options{ResumeWindow: long, AbandonWindow: short}, func(c *rawClient) { _ = c.conn.Close(websocket.StatusGoingAway, "") }},
		"silent":    {Options{ResumeWindow: short, PingInterval: short}, func(*rawClient) {}},
		"never":     {Options{ResumeWindow: -1}, func(c *rawClient) { _ = c.conn.CloseNow() }},
		"at once":   {Options{ResumeWindow: long, AbandonWindow: -1}, func(c *rawClient) { _ = c.conn.Close(websocket.StatusNormalClosure, "") }},
	} {
		t.Run(name, func(t *testing.T) {
			g, d := resumable(t, c.o)
			client, s := g.member(t, "1")
			c.end(client)
			awaitClosed(t, s)
			d.await(t, "left")
			g.vacated(t)
			g.notResumed(t, client.secret, 0)
		})
	}
}

func TestClosedByMistakeAndBack(t *testing.T) {
	g, d := resumable(t, Options{})
	c, s := g.member(t, "1")
	_ = c.conn.Close(websocket.StatusNormalClosure, "")
	d.await(t, "parked")
	s.events <- came("a")
	n, _ := g.again(t, c)
	n.sees("a")
}

func TestSilentClientMayResume(t *testing.T) {
	g, d := resumable(t, Options{PingInterval: 100 * time.Millisecond})
	c, s := g.member(t, "1")
	d.await(t, "parked")
	if code := c.end(); code != -1 {
		t.Errorf("closed with %d", code)
	}
	s.events <- came("a")
	n, _ := g.again(t, c)
	n.sees("a")
	d.await(t, "parked") // silence on the second connection counts like on the first
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

// Many connections want one session at once: each sees what happens from the beginning
// and in order, for as long as it has it, and the session survives.
func TestResumeStorm(t *testing.T) {
	g, _ := resumable(t, Options{})
	c, s := g.member(t, "1")
	const clients, events = 40, 500
	ctx, cancel := context.WithTimeout(t.Context(), testTime)
	defer cancel()
	one := func() error {
		conn, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(g.URL, "http")+protocol.Path, nil)
		if err != nil {
			return err
		}
		defer conn.CloseNow()
		b, err := protocol.Encode(protocol.TypeResume, 1, protocol.Resume{Version: protocol.Version, Token: c.secret})
		if err != nil {
			return err
		}
		if err := conn.Write(ctx, websocket.MessageText, b); err != nil {
			return err
		}
		for n := 0; ; n++ {
			_, b, err := conn.Read(ctx)
			if err != nil || n > events/2 {
				return ctx.Err() // another has taken over, or it has had enough
			}
			m, err := protocol.Decode(b)
			if err != nil {
				return err
			}
			if want := fmt.Sprintf(`"%d"`, n); n == 0 && m.Type != protocol.TypeResumed || n > 0 && !strings.Contains(string(m.Data), want) {
				return fmt.Errorf("message %d is %s %s", n, m.Type, m.Data)
			}
		}
	}
	results := make(chan error, clients)
	for range clients {
		go func() { results <- one() }()
	}
	var uids []string
	for i := range events {
		uids = append(uids, fmt.Sprint(i+1))
		s.events <- came(uids[i])
	}
	for range clients {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	n, _ := g.again(t, c)
	n.sees(uids...)
	stays(t, s)
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

func TestMoreThanIsKept(t *testing.T) {
	for name, c := range map[string]struct {
		uid   string
		count int
	}{
		"messages": {"x", protocol.MaxUnacknowledged + 1},
		"bytes":    {strings.Repeat("x", maxKept/16), 16},
	} {
		t.Run(name, func(t *testing.T) {
			g, d := resumable(t, Options{})
			client, s := g.member(t, "1")
			breakOff(t, client, d)
			for range c.count {
				s.events <- came(c.uid)
			}
			awaitClosed(t, s)
			g.notResumed(t, client.secret, 0)
		})
	}
}

// A client that acknowledges nothing is served all the same.
func TestNothingIsAcknowledged(t *testing.T) {
	g, d := resumable(t, Options{})
	c, s := g.member(t, "1")
	for i := range 2 * protocol.MaxUnacknowledged {
		uid := fmt.Sprint(i)
		s.events <- came(uid)
		c.sees(uid)
	}
	breakOff(t, c, d)
	g.notResumed(t, c.secret, protocol.MaxUnacknowledged-1)
	c.received -= protocol.MaxUnacknowledged / 2
	n, _ := g.again(t, c)
	n.sees(fmt.Sprint(3 * protocol.MaxUnacknowledged / 2))
}

// Who is told to go must hear of it, or would join again.
func TestEndedWhileParked(t *testing.T) {
	for _, reason := range []protocol.CloseReason{protocol.CloseDuplicate, protocol.CloseRemoved, protocol.CloseRoomClosed, protocol.CloseEngineLost} {
		t.Run(string(reason), func(t *testing.T) {
			g, d := resumable(t, Options{})
			c, s := g.member(t, "1")
			breakOff(t, c, d)
			s.events <- came("a")
			if reason == protocol.CloseDuplicate {
				again, _ := g.member(t, "1")
				defer ask[protocol.Ping](again, protocol.TypePing, nil, protocol.TypePong) // it is not disturbed
			}
			s.events <- engine.Closed{Closed: protocol.Closed{Reason: reason}}
			awaitClosed(t, s)
			n, _ := g.again(t, c)
			n.sees("a")
			if got := pushed[protocol.Closed](n, protocol.TypeClosed).Reason; got != reason {
				t.Errorf("closed with %s", got)
			}
			if code := n.end(); code != websocket.StatusNormalClosure {
				t.Errorf("closed with %d", code)
			}
		})
	}
}

// The socket broke before its closed arrived.
func TestEndedUnheard(t *testing.T) {
	g, _ := resumable(t, Options{})
	c, s := g.member(t, "1")
	s.events <- engine.Closed{Closed: protocol.Closed{Reason: protocol.CloseRemoved}}
	awaitClosed(t, s)
	_ = c.conn.CloseNow()
	n, _ := g.again(t, c)
	if got := pushed[protocol.Closed](n, protocol.TypeClosed).Reason; got != protocol.CloseRemoved {
		t.Errorf("closed with %s", got)
	}
}

func TestShutdownWhileParked(t *testing.T) {
	g, d := resumable(t, Options{})
	c, s := g.member(t, "1")
	here, other := g.member(t, "2")
	breakOff(t, c, d)
	go func() { _, _, _ = here.conn.Read(context.Background()) }() // takes its part in the closing
	ctx, cancel := context.WithTimeout(context.Background(), testTime)
	defer cancel()
	if err := g.h.Close(ctx); err != nil {
		t.Error(err)
	}
	awaitClosed(t, s)
	awaitClosed(t, other)
	if _, res, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(g.URL, "http"), nil); err == nil || res == nil || res.StatusCode != 503 {
		t.Errorf("afterwards: %v", err)
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

// A connection that has not taken a frame takes none after it: its client would miss one in between.
func TestLineThatHasOverflowed(t *testing.T) {
	l := newLine(nil, 5, nil)
	for range 5 {
		if !l.post([]byte("x")) {
			t.Fatal("full too early")
		}
	}
	if l.post([]byte("y")) {
		t.Fatal("never full")
	}
	for frame, _ := l.take(); frame != nil; frame, _ = l.take() {
		if string(frame) != "x" {
			t.Fatal("more is written than was taken")
		}
	}
	if l.post([]byte("z")) {
		t.Fatal("takes a frame behind one that is missing")
	}
}

// Whatever order breaks, events and resumes come in, each message comes once and in order.
func TestManyBreaks(t *testing.T) {
	g, _ := resumable(t, Options{})
	c, s := g.member(t, "1")
	const events = 200
	go func() {
		for i := range events {
			s.events <- came(fmt.Sprint(i))
		}
	}()
	sent := uint64(0)
	mute := func(n uint64) {
		b, err := protocol.Encode(protocol.TypeMute, n+2, protocol.Mute{Track: fmt.Sprint(n)})
		if err != nil {
			t.Fatal(err)
		}
		_ = c.raw(websocket.MessageText, b) // it may be broken by now
	}
	for i := 0; i < events; {
		for wanted := i + 1 + i%7; i < min(wanted, events); {
			m, err := c.read()
			if err != nil {
				break // so many at once were too many for one connection
			}
			if m.Type == protocol.TypeOK {
				continue
			}
			if got := as[protocol.Member](t, m).UID; got != fmt.Sprint(i) {
				t.Fatalf("%s comes instead of %d", got, i)
			}
			i++
		}
		mute(sent)
		sent++
		if i%2 == 0 {
			_ = c.conn.CloseNow()
		}
		n, r := g.again(t, c)
		c = n
		for missing := r.Received; missing < sent; missing++ {
			mute(missing)
		}
	}
	ask[protocol.Ping](c, protocol.TypePing, nil, protocol.TypePong)
	for i := range sent {
		if m := next[protocol.Mute](t, s); m.Track != fmt.Sprint(i) {
			t.Fatalf("mute %s comes as number %d", m.Track, i)
		}
	}
	if len(s.calls) > 0 {
		t.Errorf("%d calls too many", len(s.calls))
	}
}
