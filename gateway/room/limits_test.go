package room

import (
	"context"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"nhooyr.io/websocket"

	"nertc/gateway/engine"
	"nertc/gateway/limit"
	"nertc/internal/protocol"
)

// guarded is a stage with limits, and what it has refused by each.
func guarded(t *testing.T, o Options) (*stage, func(string) float64) {
	t.Helper()
	reg := prometheus.NewRegistry()
	o.Registry = reg
	return newStage(t, o), func(limit string) float64 {
		t.Helper()
		return gather(t, reg, "nertc_refused_total "+limit)
	}
}

// knock opens a connection with X-Forwarded-For; a refused one gives its answer.
func knock(t *testing.T, g *stage, forwarded string) (*websocket.Conn, *http.Response) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), testTime)
	defer cancel()
	conn, r, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(g.URL, "http")+protocol.Path, &websocket.DialOptions{
		HTTPHeader: http.Header{"X-Forwarded-For": {forwarded}},
	})
	if err == nil {
		t.Cleanup(func() { _ = conn.CloseNow() })
		return conn, nil
	}
	if r == nil {
		t.Fatal(err)
	}
	return nil, r
}

func TestConnectionsOfAnAddress(t *testing.T) {
	loopback := limit.Proxies{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for name, tc := range map[string]struct {
		values  limit.Values
		proxies limit.Proxies
		from    []string // each is let in but for the last
		label   string
	}{
		"at once":               {limit.Values{Connections: 2}, nil, []string{"1.1.1.1", "2.2.2.2", "3.3.3.3"}, limitConnections},
		"at once by a proxy":    {limit.Values{Connections: 2}, loopback, []string{"1.1.1.1", "1.1.1.1", "2.2.2.2", "1.1.1.1"}, limitConnections},
		"a second":              {limit.Values{ConnectionRate: 1, ConnectionBurst: 3}, nil, []string{"1.1.1.1", "1.1.1.1", "1.1.1.1", "2.2.2.2"}, limitConnectionRate},
		"a second by a proxy":   {limit.Values{ConnectionRate: 1, ConnectionBurst: 1}, loopback, []string{"1.1.1.1", "2.2.2.2", "9.9.9.9, 1.1.1.1"}, limitConnectionRate},
		"a second of a network": {limit.Values{ConnectionRate: 1, ConnectionBurst: 1}, loopback, []string{"2001:db8::1", "2001:db8:1::1", "2001:db8::2"}, limitConnectionRate},
	} {
		t.Run(name, func(t *testing.T) {
			g, refused := guarded(t, Options{Limits: tc.values, Proxies: tc.proxies})
			last := len(tc.from) - 1
			for i, from := range tc.from[:last] {
				if _, r := knock(t, g, from); r != nil {
					t.Fatalf("connection %d is answered with %d", i, r.StatusCode)
				}
			}
			_, r := knock(t, g, tc.from[last])
			for n := 0; r == nil && tc.values.ConnectionRate > 0 && n < 10; n++ { // a second has gone by on a busy machine
				_, r = knock(t, g, tc.from[last])
			}
			if r == nil {
				t.Fatal("let in")
			}
			if s, err := strconv.Atoi(r.Header.Get("Retry-After")); r.StatusCode != http.StatusTooManyRequests || err != nil || s < 1 {
				t.Errorf("%d, Retry-After %q", r.StatusCode, r.Header.Get("Retry-After"))
			}
			if n := refused(tc.label); n != 1 {
				t.Errorf("%s: %v refused", tc.label, n)
			}
		})
	}
}

// Who leaves makes room.
func TestConnectionEnds(t *testing.T) {
	g, refused := guarded(t, Options{Limits: limit.Values{Connections: 1}})
	for range 3 {
		c := dial(t, g.Server)
		c.refused(protocol.TypeJoin, protocol.Join{})
		c.end()
		wait(t, func() bool { return g.h.guard.open.Enter(netip.MustParseAddr("127.0.0.1")) })
		g.h.guard.leave(netip.MustParseAddr("127.0.0.1"))
	}
	if n := refused(limitConnections); n != 0 {
		t.Errorf("%v refused", n)
	}
}

// wait is for a state that nothing announces.
func wait(t *testing.T, is func() bool) {
	t.Helper()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	end := time.After(testTime)
	for !is() {
		select {
		case <-look.C:
		case <-end:
			t.Fatal("does not come")
		}
	}
}

func TestJoinsOfAnApp(t *testing.T) {
	for name, tc := range map[string]struct {
		values limit.Values
		joins  []protocol.Join // each succeeds but for the last but one
		code   int
		reason string
		label  string
	}{
		"joins": {limit.Values{JoinRate: 1, JoinBurst: 2},
			[]protocol.Join{of("a", "x", "1"), of("a", "y", "2"), of("a", "x", "3"), of("b", "x", "4")},
			429, "too many joins", limitJoinRate},
		"members": {limit.Values{Members: 2},
			[]protocol.Join{of("a", "x", "1"), of("a", "x", "2"), of("a", "x", "3"), of("a", "x", "2")}, // in the place of itself
			4033, "room is full", limitMembers},
		"members without a uid": {limit.Values{Members: 1},
			[]protocol.Join{of("a", "x", ""), of("a", "x", ""), of("b", "x", "")},
			4033, "room is full", limitMembers},
		"rooms": {limit.Values{Rooms: 2},
			[]protocol.Join{of("a:b", "x", "1"), of("a:b", "y", "2"), of("a:b", "z", "3"), of("a", "z", "4")},
			4034, "app has too many rooms", limitRooms},
	} {
		t.Run(name, func(t *testing.T) {
			g, refused := guarded(t, Options{Limits: tc.values})
			var clients []*rawClient // first: the joins are to come within a second
			for range tc.joins {
				clients = append(clients, dial(t, g.Server))
			}
			for i, j := range tc.joins {
				c := clients[i]
				id := c.say(protocol.TypeJoin, j)
				if i != len(tc.joins)-2 {
					(<-g.joins).letIn()
					if m := c.reply(id); m.Type != protocol.TypeJoined {
						t.Fatalf("join %d is answered with %s %s", i, m.Type, m.Data)
					}
					continue
				}
				m := c.reply(id)
				if e := as[protocol.Error](t, m); m.Type != protocol.TypeError || e.Code != tc.code || e.Reason != tc.reason {
					t.Fatalf("join %d is answered with %s %+v", i, m.Type, e)
				}
				c.end()
			}
			if n := refused(tc.label); n != 1 {
				t.Errorf("%s: %v refused", tc.label, n)
			}
		})
	}
}

func of(appkey, channel, uid string) protocol.Join {
	j := joinAs(channel, uid)
	j.AppKey = appkey
	return j
}

// A room that has ended is none of its app's any more.
func TestRoomsEnd(t *testing.T) {
	r := newRegistry()
	r.maxRooms = 1
	for i := range 3 {
		name := "app:" + strconv.Itoa(i)
		if _, err := r.enter(name, "1", true, encryption{}); err != nil {
			t.Fatalf("room %d: %v", i, err)
		}
		if _, err := r.enter("app:more", "1", true, encryption{}); err != errRooms {
			t.Fatalf("another room beside %d: %v", i, err)
		}
		r.exit(name, "1")
	}
	if len(r.apps)+len(r.rooms) != 0 {
		t.Errorf("left: %v, %v", r.apps, r.rooms)
	}
}

func TestMessagesOfAConnection(t *testing.T) {
	g, refused := guarded(t, Options{Limits: limit.Values{MessageRate: 20, MessageBurst: 5, MessageSize: 32 << 10}})
	c, _ := g.member(t, "1")
	begun := time.Now()
	var last uint64
	for range 15 {
		last = c.say(protocol.TypePing, nil)
	}
	c.reply(last)
	if took := time.Since(begun); took < 400*time.Millisecond { // ten of them 50 ms apart, at least
		t.Errorf("15 messages are taken in %v", took)
	}
	if refused(limitMessageRate) < 1 {
		t.Error("no message was made to wait")
	}
	if err := c.raw(websocket.MessageText, make([]byte, 32<<10+1)); err != nil {
		t.Fatal(err)
	}
	if code := c.end(); code != websocket.StatusMessageTooBig {
		t.Errorf("a large message closes with %d", code)
	}
	wait(t, func() bool { return refused(limitMessageSize) == 1 })
}

func TestQueueOfASlowClient(t *testing.T) {
	g, refused := guarded(t, Options{Limits: limit.Values{Queue: 4}, ResumeWindow: -1})
	_, s := g.member(t, "1") // which reads no more
	uid := strings.Repeat("u", 64<<10)
	for {
		select {
		case s.events <- engine.MemberJoined{Member: protocol.Member{UID: uid}}:
			continue
		case <-s.closed:
		case <-time.After(testTime):
			t.Fatal("slow client is kept")
		}
		break
	}
	if n := refused(limitQueue); n != 1 {
		t.Errorf("%v refused", n)
	}
}
