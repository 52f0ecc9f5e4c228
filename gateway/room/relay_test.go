package room

import (
	"reflect"
	"testing"
	"time"

	"nertc/gateway/engine"
	"nertc/internal/protocol"
)

var (
	oneRelay = []protocol.ICEServer{{URLs: []string{"turn:h"}, Username: "u", Credential: "one"}}
	renewed  = []protocol.ICEServer{{URLs: []string{"turn:h"}, Username: "u", Credential: "two"}}
)

func relayJoin(uid string) protocol.Join {
	j := joinAs("room", uid)
	j.Relay = true
	return j
}

func TestJoinThatWantsARelay(t *testing.T) {
	g := newStage(t, Options{})
	for name, named := range map[string][]protocol.ICEServer{"none": nil, "STUN alone": {{URLs: []string{"stun:h", "http://turn:"}}}} {
		c := dial(t, g.Server)
		id := c.say(protocol.TypeJoin, relayJoin("1"))
		s := <-g.joins
		s.events <- engine.Joined{RoomID: "RM_1", ICEServers: named}
		s.events <- engine.Answer{ID: 1, Answer: protocol.Answer{SDP: "a"}}
		if e := as[protocol.Error](t, c.reply(id)); e.Code != protocol.CodeNoRelay {
			t.Errorf("%s: %+v", name, e)
		}
		awaitClosed(t, s)
		c.end()
	}
	c := dial(t, g.Server)
	id := c.say(protocol.TypeJoin, relayJoin("1"))
	s := <-g.joins
	s.events <- engine.Joined{RoomID: "RM_1", ICEServers: oneRelay}
	s.events <- engine.Answer{ID: 1, Answer: protocol.Answer{SDP: "a"}}
	if m := c.reply(id); m.Type != protocol.TypeJoined || !reflect.DeepEqual(as[protocol.Joined](t, m).ICEServers, oneRelay) {
		t.Errorf("answered with %s %s", m.Type, m.Data)
	}
}

// An engine that is known to have no relay is not even asked: nobody hears of who cannot come.
func TestJoinThatWantsARelayOfNone(t *testing.T) {
	g := newStage(t, Options{})
	g.h.mayRelay = func() bool { return false }
	c := dial(t, g.Server)
	if code := c.refused(protocol.TypeJoin, relayJoin("1")); code != protocol.CodeNoRelay {
		t.Errorf("refused with %d", code)
	}
	c.end()
	if len(g.joins) != 0 {
		t.Error("the engine was asked")
	}
}

func TestCredentialsOfTheRelayAreRenewed(t *testing.T) {
	g := newStage(t, Options{})
	c := dial(t, g.Server)
	id := c.say(protocol.TypeJoin, joinAs("room", "1"))
	s := <-g.joins
	s.servers = renewed
	s.events <- engine.Joined{RoomID: "RM_1", ICEServers: oneRelay}
	s.events <- engine.Answer{ID: 1, Answer: protocol.Answer{SDP: "a"}}
	c.reply(id)

	age := func(d time.Duration) {
		g.h.mu.Lock()
		defer g.h.mu.Unlock()
		for s := range g.h.sessions {
			s.relay.last.Store(time.Now().Add(-d).UnixNano())
		}
	}
	ping := func() { ask[protocol.Ping](c, protocol.TypePing, protocol.Ping{}, protocol.TypePong) }
	age(serverRenewal - time.Minute)
	ping()
	age(serverRenewal)
	ping()
	if got := pushed[protocol.ICEServers](c, protocol.TypeICEServers); !reflect.DeepEqual(got.ICEServers, renewed) {
		t.Errorf("got %+v", got)
	}
	ping()
	ping()
	for _, m := range c.seen {
		if m.Type == protocol.TypeICEServers {
			t.Error("renewed more than once")
		}
	}
}

func TestWithoutARelayNothingIsRenewed(t *testing.T) {
	g := newStage(t, Options{})
	c, s := g.member(t, "1")
	s.servers = renewed
	for range 2 {
		ask[protocol.Ping](c, protocol.TypePing, protocol.Ping{}, protocol.TypePong)
	}
	for _, m := range c.seen {
		if m.Type == protocol.TypeICEServers {
			t.Error("servers come")
		}
	}
}
