package room

import (
	"fmt"
	"strings"
	"testing"

	"nertc/gateway/engine"
	"nertc/internal/protocol"
)

// claiming is a client that has joined with a claim to the priority.
func (g *stage) claiming(t *testing.T, uid string, high, preempt bool, role protocol.Role) *rawClient {
	t.Helper()
	c, _, admit := g.asking(t, uid, high, preempt, role)
	admit()
	return c
}

// asking is claiming up to the engine, which takes the member in when admit is called; that waits for the answer.
func (g *stage) asking(t *testing.T, uid string, high, preempt bool, role protocol.Role) (c *rawClient, s *scripted, admit func()) {
	t.Helper()
	c = dial(t, g.Server)
	j := joinAs("room", uid)
	j.HighPriority, j.Preempt, j.Role = high, preempt, role
	id := c.say(protocol.TypeJoin, j)
	s = <-g.joins
	return c, s, func() {
		t.Helper()
		s.letIn()
		if m := c.reply(id); m.Type != protocol.TypeJoined {
			t.Fatalf("join is answered with %s %s", m.Type, m.Data)
		}
	}
}

// prior waits for the next word on who has the priority.
func prior(t *testing.T, want string, clients ...*rawClient) {
	t.Helper()
	for _, c := range clients {
		if got := pushed[protocol.Priority](c, protocol.TypePriority); got.UID != want {
			t.Fatalf("%q has the priority, want %q", got.UID, want)
		}
	}
}

func TestTheFirstKeepsThePriority(t *testing.T) {
	g := newStage(t, Options{})
	one := g.claiming(t, "1", false, false, "")
	two := g.claiming(t, "2", true, false, "")
	prior(t, "2", one, two)
	three := g.claiming(t, "3", true, false, "")
	prior(t, "2", three)
	// Who leaves gives it to the next who has asked, and then to nobody.
	ask[struct{}](two, protocol.TypeLeave, nil, protocol.TypeOK)
	prior(t, "3", one, three)
	ask[struct{}](three, protocol.TypeLeave, nil, protocol.TypeOK)
	prior(t, "", one)
}

func TestWhoPreemptsHasItAndTheOtherLosesItForGood(t *testing.T) {
	g := newStage(t, Options{})
	one := g.claiming(t, "1", true, false, "")
	prior(t, "1", one)
	two := g.claiming(t, "2", true, true, "")
	prior(t, "2", one, two)
	ask[struct{}](two, protocol.TypeLeave, nil, protocol.TypeOK)
	prior(t, "", one)
	// Another role and back does not bring it back either.
	ask[struct{}](one, protocol.TypeRole, protocol.RoleChange{Role: protocol.RoleAudience}, protocol.TypeOK)
	ask[struct{}](one, protocol.TypeRole, protocol.RoleChange{Role: protocol.RoleHost}, protocol.TypeOK)
	three := g.claiming(t, "3", true, false, "")
	prior(t, "3", one, three)
}

func TestAnAudienceHasNoPriority(t *testing.T) {
	g := newStage(t, Options{})
	one := g.claiming(t, "1", true, true, protocol.RoleAudience)
	two := g.claiming(t, "2", true, false, "")
	prior(t, "2", one, two)
	ask[struct{}](one, protocol.TypeRole, protocol.RoleChange{Role: protocol.RoleHost}, protocol.TypeOK)
	prior(t, "1", one, two)
	ask[struct{}](one, protocol.TypeRole, protocol.RoleChange{Role: protocol.RoleAudience}, protocol.TypeOK)
	prior(t, "", one, two) // it was taken from 2 for good
}

func TestTheSameUserKeepsThePriorityThroughARejoin(t *testing.T) {
	g := newStage(t, Options{})
	one := g.claiming(t, "1", true, false, "")
	prior(t, "1", one)
	again := g.claiming(t, "1", true, false, "")
	prior(t, "1", again)
	ask[struct{}](one, protocol.TypeLeave, nil, protocol.TypeOK)
	two := g.claiming(t, "2", true, false, "")
	prior(t, "1", two)
}

// A role that is asked for right behind the answer to the join, while there is still much to be told of the room, counts.
func TestARoleBehindTheAnswerIsNotUndoneByTheJoin(t *testing.T) {
	much := strings.Repeat("x", 1<<14) // that it takes a while to tell
	for range 3 {
		g := newStage(t, Options{})
		one, s, admit := g.asking(t, "1", true, false, "")
		for i := range 200 {
			s.events <- engine.MemberJoined{Member: protocol.Member{UID: fmt.Sprint("other ", i), CustomData: much}}
		}
		admit()
		ask[struct{}](one, protocol.TypeRole, protocol.RoleChange{Role: protocol.RoleAudience}, protocol.TypeOK)
		two := g.claiming(t, "2", true, false, "")
		prior(t, "2", two)
	}
}

// So does one that is asked for before the answer, while the engine still takes the member in.
func TestARoleBeforeTheAnswerIsNotUndoneByTheJoin(t *testing.T) {
	g := newStage(t, Options{})
	one, _, admit := g.asking(t, "1", true, false, "")
	ask[struct{}](one, protocol.TypeRole, protocol.RoleChange{Role: protocol.RoleAudience}, protocol.TypeOK)
	admit()
	two := g.claiming(t, "2", true, false, "")
	prior(t, "2", two)
}
