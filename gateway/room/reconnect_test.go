package room

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"nertc/gateway/engine"
	"nertc/gateway/engine/enginetest"
	"nertc/internal/protocol"
)

const ufragged = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=ice-ufrag:"

func offerWith(ufrag string) protocol.Offer {
	_, media, _ := strings.Cut(minimalOffer, "t=0 0\r\n")
	return protocol.Offer{SDP: ufragged + ufrag + "\r\n" + media}
}

func TestMetricsOfICERestarts(t *testing.T) {
	reg := prometheus.NewRegistry()
	g := newStage(t, Options{Registry: reg, ResumeWindow: -1})
	c := dial(t, g.Server)
	j := joinAs("room", "1")
	j.Offer = offerWith("one")
	id := c.say(protocol.TypeJoin, j)
	s := <-g.joins
	s.letIn()
	c.reply(id)
	count := func(result string, want float64) {
		t.Helper()
		if got := gather(t, reg, "nertc_reconnects_total ice-restart "+result); got != want {
			t.Errorf("%s: %v, want %v", result, got, want)
		}
	}
	negotiate := func(ufrag string) {
		t.Helper()
		id := c.say(protocol.TypeOffer, offerWith(ufrag))
		call := next[offerCall](t, s)
		s.events <- engine.Answer{ID: call.id, Answer: protocol.Answer{SDP: "answer"}}
		c.reply(id)
	}
	negotiate("one")
	count("ok", 0) // another offer, but no restart
	negotiate("two")
	negotiate("two")
	count("ok", 1)
	negotiate("three")
	count("ok", 2)
	bad := offerWith("four")
	bad.Tracks = []protocol.NewTrack{{CID: "c", MediaType: "smell"}}
	c.refused(protocol.TypeOffer, bad)
	count("refused", 1)
	c.say(protocol.TypeOffer, offerWith("five"))
	next[offerCall](t, s)
	count("failed", 0)
	_ = c.conn.CloseNow() // before the answer
	awaitClosed(t, s)
	count("failed", 1)
	count("ok", 2)
}

// One who wants a relay and nothing else hears of it with the answer to the join, and looks for a first path then.
func TestTheFirstPathThroughARelayIsNoReconnect(t *testing.T) {
	reg := prometheus.NewRegistry()
	g := newStage(t, Options{Registry: reg})
	g.h.mayRelay = func() bool { return true }
	for _, first := range []protocol.Type{protocol.TypeJoin, protocol.TypeProbe} {
		c := dial(t, g.Server)
		j := joinAs("room", "1")
		j.Offer, j.Relay = offerWith("one"), true
		id := c.say(first, j)
		s := <-g.joins
		s.events <- engine.Joined{RoomID: "RM_1", ICEServers: []protocol.ICEServer{{URLs: []string{"turn:h"}, Username: "u", Credential: "c"}}}
		s.events <- engine.Answer{ID: 1, Answer: protocol.Answer{SDP: "answer"}}
		if m := c.reply(id); m.Type != protocol.TypeJoined {
			t.Fatalf("%s is answered with %s", first, m.Type)
		}
		for _, ufrag := range []string{"two", "three"} {
			id := c.say(protocol.TypeOffer, offerWith(ufrag))
			call := next[offerCall](t, s)
			s.events <- engine.Answer{ID: call.id, Answer: protocol.Answer{SDP: "answer"}}
			c.reply(id)
		}
	}
	if got := gather(t, reg, "nertc_reconnects_total ice-restart ok"); got != 1 { // the second of the join; a probe has no call to get back into
		t.Errorf("%v are counted", got)
	}
}

func TestMetricsOfRejoins(t *testing.T) {
	reg := prometheus.NewRegistry()
	g := newStage(t, Options{Registry: reg})
	g.member(t, "1")
	back := joinAs("room", "2")
	back.Rejoin = true
	joins := func(j protocol.Join) {
		t.Helper()
		c := dial(t, g.Server)
		id := c.say(protocol.TypeJoin, j)
		(<-g.joins).letIn()
		if m := c.reply(id); m.Type != protocol.TypeJoined {
			t.Fatalf("%s %s", m.Type, m.Data)
		}
	}
	joins(back)
	reloaded := joinAs("room", "3")
	reloaded.Place = "of a page before"
	joins(reloaded)
	g.fail = engine.ErrNotReady
	dial(t, g.Server).refused(protocol.TypeJoin, back)
	dial(t, g.Server).refused(protocol.TypeJoin, joinAs("room", "4"))
	back.Channel = ""
	dial(t, g.Server).refused(protocol.TypeJoin, back)
	for result, want := range map[string]float64{"ok": 2, "unavailable": 1, "refused": 1, "failed": 0} {
		if got := gather(t, reg, "nertc_reconnects_total rejoin "+result); got != want {
			t.Errorf("%s: %v, want %v", result, got, want)
		}
	}
	if got := gather(t, reg, "nertc_joins_total unavailable"); got != 2 {
		t.Errorf("%v joins without an engine, want 2", got)
	}
}

func TestMetricsOfBytes(t *testing.T) {
	reg := prometheus.NewRegistry()
	g := newStage(t, Options{Registry: reg})
	c, _ := g.member(t, "1")
	in, out := gather(t, reg, "nertc_websocket_bytes_total in"), gather(t, reg, "nertc_websocket_bytes_total out")
	if in < 100 || out < 50 {
		t.Errorf("a join has %v bytes in and %v out", in, out)
	}
	ask[protocol.Error](c, "dance", strings.Repeat("x", 5000), protocol.TypeError)
	if grown := gather(t, reg, "nertc_websocket_bytes_total in") - in; grown < 5000 || grown > 5100 {
		t.Errorf("5 kB count as %v", grown)
	}
}

// Each line that belongs to a session says which, in which room and whose, once; also
// where the join is refused, but for what the gateway cannot know.
func TestLinesNameTheirSession(t *testing.T) {
	log := &enginetest.Text{}
	g := newStage(t, Options{ResumeWindow: -1, Log: slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	c, s := g.member(t, "7")
	ask[struct{}](c, protocol.TypeLeave, nil, protocol.TypeOK)
	awaitClosed(t, s)
	refused := joinAs("room", "8")
	refused.Relay = true
	g.h.mayRelay = func() bool { return false }
	dial(t, g.Server).refused(protocol.TypeJoin, refused)
	g.fail = engine.ErrNotReady
	dial(t, g.Server).refused(protocol.TypeJoin, joinAs("room", ""))
	dial(t, g.Server).refused(protocol.TypeJoin, joinAs("", "9"))
	eventually(t, func() bool { return strings.Contains(log.String(), `"msg":"joined"`) }) // written behind the answer
	seen := map[string]int{}
	for line := range strings.Lines(log.String()) {
		var l struct {
			Msg, Room, UID string
			Session        uint64
			Code           int
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		switch {
		case l.Session == 0:
			t.Errorf("no session in %s", line)
		case strings.Count(line, `"room":`) > 1, strings.Count(line, `"uid":`) > 1, strings.Count(line, `"session":`) > 1:
			t.Errorf("says something twice: %s", line)
		case l.Session == 4 && l.Room == "", strings.HasPrefix(l.Msg, "socket ended"): // of no room that there could be
		case l.Room != engine.RoomName("app", "room"):
			t.Errorf("room %q in %s", l.Room, line)
		case l.UID == "" && l.Session != 3, l.Session == 1 && l.UID != "7", l.Session == 2 && l.UID != "8":
			t.Errorf("uid %q in %s", l.UID, line)
		}
		seen[l.Msg]++
	}
	if seen["joined"] != 1 || seen["left"] != 1 || seen["join refused"] != 3 || seen["join failed"] != 1 {
		t.Errorf("lines %v\n%s", seen, log)
	}
}
