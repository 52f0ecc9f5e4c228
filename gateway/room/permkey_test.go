package room

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"nertc/gateway/app"
	"nertc/gateway/engine"
	"nertc/gateway/token"
	"nertc/internal/protocol"
)

// aged makes all passes of a stage as old as it says.
func (g *stage) aged(d time.Duration) {
	g.h.mu.Lock()
	defer g.h.mu.Unlock()
	for s := range g.h.sessions {
		s.rights.mu.Lock()
		s.rights.passed = time.Now().Add(-d)
		s.rights.mu.Unlock()
	}
}

func TestPassComesWithJoinedAndIsRenewed(t *testing.T) {
	g := newStage(t, Options{Apps: grants{"": {Privilege: token.JoinRoom | token.CreateRoom}}})
	c := dial(t, g.Server)
	id := c.say(protocol.TypeJoin, joinAs("room", ""))
	(<-g.joins).letIn()
	joined := as[protocol.Joined](t, c.reply(id))
	want := "pass/app/room/" + joined.UID + "/create-room,join"
	if joined.UID == "" || joined.Pass != want {
		t.Fatalf("pass %q of %q", joined.Pass, joined.UID)
	}
	g.aged(app.PassRenewal - time.Minute)
	ask[protocol.Ping](c, protocol.TypePing, protocol.Ping{}, protocol.TypePong)
	g.aged(app.PassRenewal)
	ask[protocol.Ping](c, protocol.TypePing, protocol.Ping{}, protocol.TypePong)
	ask[protocol.Ping](c, protocol.TypePing, protocol.Ping{}, protocol.TypePong)
	if p := pushed[protocol.Pass](c, protocol.TypePass); p.Pass != want {
		t.Errorf("renewed: %q", p.Pass)
	}
	ask[struct{}](c, protocol.TypeLeave, nil, protocol.TypeOK)
	c.end()
	for _, m := range c.seen {
		if m.Type == protocol.TypePass {
			t.Error("more than one was sent")
		}
	}
}

func TestNoPassWithoutApps(t *testing.T) {
	g := newStage(t, Options{})
	c := dial(t, g.Server)
	id := c.say(protocol.TypeJoin, joinAs("room", "7"))
	(<-g.joins).letIn()
	if m := c.reply(id); strings.Contains(string(m.Data), "pass") {
		t.Errorf("joined %s", m.Data)
	}
}

// A pass is the gateway's word that it has let somebody in, and does not stand against the operator's.
func TestPassDoesNotHelpWhoIsBanned(t *testing.T) {
	g := newStage(t, Options{Apps: passing{}})
	if err := g.h.moderation.ban(user{engine.RoomName("app", "room"), "7"}, time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	j := joinAs("room", "7")
	j.Pass = "good"
	if code := dial(t, g.Server).refused(protocol.TypeJoin, j); code != 4031 {
		t.Errorf("answered with %d", code)
	}
}

// passing lets in who has a pass.
type passing struct{ grants }

func (passing) Authorize(r app.Request) (app.Grant, error) {
	if r.Pass != "good" {
		return app.Grant{}, &app.Refusal{Code: 403, Reason: app.ReasonNoToken}
	}
	return app.Grant{Privilege: token.Everything}, nil
}

func TestAnotherPermkey(t *testing.T) {
	receiver := app.Grant{Privilege: token.JoinRoom | token.CreateRoom | token.ReceiveAudio | token.ReceiveVideo}
	g := newStage(t, Options{Apps: grants{
		"limited": receiver,
		"full":    {Privilege: token.Everything},
		"deaf":    {Privilege: token.Everything &^ token.ReceiveAudio, Expires: time.Now().Add(time.Hour)},
		"short":   {Privilege: token.JoinRoom, Expires: time.Now().Add(4 * time.Second)}, // all before its end is to be done by then
	}})
	c, s := g.limitedMember(t, engine.Joined{Members: []protocol.Member{{UID: "1", Tracks: []protocol.Track{
		{ID: "TR_a", MediaType: protocol.MediaAudio}, {ID: "TR_v", MediaType: protocol.MediaVideo},
	}}}})
	offer := protocol.Offer{SDP: sections("audio sendonly msid:s~c"), Tracks: track(protocol.MediaAudio)}
	if code := c.refused(protocol.TypeOffer, offer); code != 10355 {
		t.Fatalf("offer: %d", code)
	}

	// A bad one changes nothing.
	e := ask[protocol.Error](c, protocol.TypePermkey, protocol.PermkeyChange{Permkey: "other"}, protocol.TypeError)
	if want := (protocol.Error{Code: 414, Reason: "check checksum error"}); e != want {
		t.Errorf("refused with %+v", e)
	}
	if code := c.refused(protocol.TypeOffer, offer); code != 10355 {
		t.Fatalf("offer: %d", code)
	}

	change := func(key string, want protocol.Permitted) {
		t.Helper()
		if got := ask[protocol.Permitted](c, protocol.TypePermkey, protocol.PermkeyChange{Permkey: key}, protocol.TypePermitted); got != want {
			t.Errorf("%s permits %+v", key, got)
		}
	}
	change("full", protocol.Permitted{Audio: true, Video: true})
	if n := next[noPublishCall](t, s); len(n) != 0 {
		t.Errorf("engine is to refuse %v", n)
	}
	if p := pushed[protocol.Pass](c, protocol.TypePass).Pass; !strings.Contains(p, "send-audio") {
		t.Errorf("pass %q", p)
	}
	c.say(protocol.TypeOffer, offer)
	next[offerCall](t, s)

	// What may no longer be received is not.
	change("deaf", protocol.Permitted{Audio: true, Video: true})
	next[noPublishCall](t, s)
	if got := next[protocol.Subscribe](t, s); got.Subscribe || !reflect.DeepEqual(got.Tracks, []string{"TR_a"}) {
		t.Errorf("engine is asked %+v", got)
	}
	if code := c.refused(protocol.TypeSubscribe, protocol.Subscribe{Tracks: []string{"TR_a"}, Subscribe: true}); code != 10360 {
		t.Errorf("subscribe: %d", code)
	}

	// The engine does not answer: nothing has changed.
	s.roleError = engine.ErrNotReady
	if code := c.refused(protocol.TypePermkey, protocol.PermkeyChange{Permkey: "short"}); code != 503 {
		t.Errorf("refused with %d", code)
	}
	next[noPublishCall](t, s)
	c.say(protocol.TypeOffer, offer)
	next[offerCall](t, s)

	// Its time counts from now on.
	s.roleError = nil
	change("short", protocol.Permitted{})
	if n := next[noPublishCall](t, s); len(n) != len(protocol.MediaTypes) {
		t.Errorf("engine is to refuse %v", n)
	}
	if got := next[protocol.Subscribe](t, s); got.Subscribe || len(got.Tracks) != 2 {
		t.Errorf("engine is asked %+v", got)
	}
	// What is published may stand in an offer until the client has taken it out, but nothing is new.
	c.say(protocol.TypeOffer, protocol.Offer{SDP: offer.SDP})
	next[offerCall](t, s)
	if code := c.refused(protocol.TypeOffer, offer); code != 10355 {
		t.Errorf("offer: %d", code)
	}
	if r := pushed[protocol.Closed](c, protocol.TypeClosed).Reason; r != protocol.ClosePermkeyTimeout {
		t.Errorf("closed with %s", r)
	}
}

func TestCustomDataReachesTheEngine(t *testing.T) {
	g := newStage(t, Options{})
	j := joinAs("room", "7")
	j.CustomData = strings.Repeat("x", 1025)
	if code := dial(t, g.Server).refused(protocol.TypeJoin, j); code != 10000 {
		t.Errorf("refused with %d", code)
	}
	j.CustomData = j.CustomData[1:]
	c := dial(t, g.Server)
	id := c.say(protocol.TypeJoin, j)
	s := <-g.joins
	s.letIn()
	c.reply(id)
	if s.options.CustomData != j.CustomData {
		t.Error("it did not get there")
	}
}
