package room

import (
	"testing"

	"nertc/gateway/engine"
	"nertc/internal/protocol"
)

// TestLevelsOfEverybody has the level of a member reach those who receive nothing from it.
func TestLevelsOfEverybody(t *testing.T) {
	g := newStage(t, Options{})
	one, ofOne := g.member(t, "1")
	two, ofTwo := g.member(t, "2")
	hears := func(c *rawClient, uid string, level int) {
		t.Helper()
		want := protocol.MemberQuality{UID: uid, Level: level}
		if got := pushed[protocol.MemberQuality](c, protocol.TypeMemberQuality); got != want {
			t.Fatalf("told %+v, want %+v", got, want)
		}
	}
	// seen waits until the gateway has taken what the engine has said to 1 so far.
	seen := func() {
		t.Helper()
		ofOne.events <- engine.MemberQuality{MemberQuality: protocol.MemberQuality{UID: "seen", Level: 1}}
		hears(one, "seen", 1)
	}
	ofOne.events <- engine.OwnQuality{Level: 2}
	hears(two, "1", 2)
	ofOne.events <- engine.OwnQuality{Level: 2} // no news
	ofOne.events <- engine.OwnQuality{Level: 4}
	hears(two, "1", 4)
	three, _ := g.member(t, "3") // who comes later
	hears(three, "1", 4)
	ofTwo.events <- engine.MemberJoined{Member: protocol.Member{UID: "1"}} // whose client has not known before whose level it was
	pushed[protocol.Member](two, protocol.TypeMemberJoined)
	hears(two, "1", 4)

	// Nobody hears of an audience.
	ask[struct{}](one, protocol.TypeRole, protocol.RoleChange{Role: protocol.RoleAudience}, protocol.TypeOK)
	ofOne.events <- engine.OwnQuality{Level: 1}
	ofOne.events <- engine.OwnQuality{Level: 6}
	seen()
	four, _ := g.member(t, "4")
	ofTwo.events <- engine.OwnQuality{Level: 1}
	for _, c := range []*rawClient{one, three, four} {
		hears(c, "2", 1)
	}
	ask[struct{}](one, protocol.TypeRole, protocol.RoleChange{Role: protocol.RoleHost}, protocol.TypeOK)
	for _, c := range []*rawClient{two, three, four} {
		hears(c, "1", 6)
	}

	ask[struct{}](one, protocol.TypeLeave, nil, protocol.TypeOK)
	awaitClosed(t, ofOne)
	five, _ := g.member(t, "5")
	hears(five, "2", 1)
	elsewhere := dial(t, g.Server)
	id := elsewhere.say(protocol.TypeJoin, joinAs("another room", "6"))
	other := <-g.joins
	other.letIn()
	elsewhere.reply(id)
	other.events <- engine.OwnQuality{Level: 3}
	ofTwo.events <- engine.OwnQuality{Level: 2}
	hears(five, "2", 2)
}
