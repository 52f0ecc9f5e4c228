package room

import (
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"nertc/gateway/app"
	"nertc/gateway/engine"
	"nertc/internal/errcode"
	"nertc/internal/protocol"
)

func TestProbeIsInNoRoom(t *testing.T) {
	registry := prometheus.NewRegistry()
	g := newStage(t, Options{Registry: registry, LogTicket: func(string, string, string, string) (string, int) { return "ticket", 1 }})
	member, m := g.member(t, "1")
	c := dial(t, g.Server)
	id := c.say(protocol.TypeProbe, joinAs("room", "1"))
	s := <-g.joins
	if o := s.options; !strings.HasPrefix(o.Room, "probe-") || strings.Contains(o.Room, ":") || o.Identity == "1" || len(o.NoPublish) != len(protocol.MediaTypes) || o.Offer.SDP != minimalOffer {
		t.Errorf("the engine is asked for %+v", o)
	}
	s.events <- engine.Joined{RoomID: "RM_2", ICEServers: []protocol.ICEServer{{URLs: []string{"turn:h"}}}}
	s.events <- engine.Candidate{Candidate: "one"}
	s.events <- engine.Answer{ID: 1, Answer: protocol.Answer{SDP: "answer"}}
	j := as[protocol.Joined](t, c.reply(id))
	if j.Answer.SDP != "answer" || len(j.Candidates) != 1 || len(j.ICEServers) != 1 || j.Resume != "" || j.Pass != "" || j.LogTicket != "" || j.CID != 0 {
		t.Errorf("it is answered with %+v", j)
	}
	if rooms, members := g.h.rooms.count(); rooms != 1 || members != 1 {
		t.Errorf("%d rooms and %d members", rooms, members)
	}
	if n := gather(t, registry, "nertc_probes_total "+joinOK); n != 1 {
		t.Errorf("%v probes are counted", n)
	}
	if n := gather(t, registry, "nertc_joins_total "+joinOK); n != 1 {
		t.Errorf("%v joins are counted", n)
	}

	// It may look for other paths, and nothing else.
	c.say(protocol.TypeOffer, protocol.Offer{SDP: minimalOffer})
	if o := next[offerCall](t, s); o.id != 2 {
		t.Errorf("the second offer is %d", o.id)
	}
	for kind, data := range map[protocol.Type]any{
		protocol.TypeSubscribe: protocol.Subscribe{Tracks: []string{"T"}, Subscribe: true},
		protocol.TypeRole:      protocol.RoleChange{Role: protocol.RoleHost},
		protocol.TypeMute:      protocol.Mute{Track: "T"},
		protocol.TypeJoin:      joinAs("room", "2"),
		protocol.TypeProbe:     joinAs("room", "2"),
	} {
		if e := as[protocol.Error](t, c.reply(c.say(kind, data))); e.Code != int(errcode.InvalidOperation) {
			t.Errorf("%s is answered with %+v", kind, e)
		}
	}
	publishing := protocol.Offer{SDP: minimalOffer, Tracks: []protocol.NewTrack{{CID: "c", MediaType: protocol.MediaAudio}}}
	if m := c.reply(c.say(protocol.TypeOffer, publishing)); m.Type != protocol.TypeError {
		t.Errorf("a publication is answered with %s", m.Type)
	}
	c.say(protocol.TypeLeave, nil)
	awaitClosed(t, s)
	select {
	case <-m.closed:
		t.Error("the member has gone with it")
	default:
	}
	if m := member.reply(member.say(protocol.TypePing, protocol.Ping{})); m.Type != protocol.TypePong {
		t.Errorf("the member's ping is answered with %s", m.Type)
	}
}

func TestProbeIsAuthorizedLikeAJoin(t *testing.T) {
	registry := prometheus.NewRegistry()
	g := newStage(t, Options{Registry: registry, Apps: app.New([]app.App{{AppKey: "app", AppSecret: "s", SecureMode: true}})})
	g.h.mayRelay = func() bool { return false }
	refused := func(name string, change func(*protocol.Join), code int) {
		t.Helper()
		j := joinAs("room", "1")
		change(&j)
		c := dial(t, g.Server)
		if e := as[protocol.Error](t, c.reply(c.say(protocol.TypeProbe, j))); e.Code != code {
			t.Errorf("%s: %+v, want %d", name, e, code)
		}
	}
	refused("no token", func(*protocol.Join) {}, 403)
	refused("a bad token", func(j *protocol.Join) { j.Token = "x" }, 414)
	refused("no channel", func(j *protocol.Join) { j.Channel = "" }, int(errcode.InvalidChannelName))
	refused("something to publish", func(j *protocol.Join) {
		j.Offer.Tracks = []protocol.NewTrack{{CID: "c", MediaType: protocol.MediaAudio}}
	}, int(errcode.InvalidArgument))
	g.h.o.Apps = nil
	refused("a relay where there is none", func(j *protocol.Join) { j.Relay = true }, protocol.CodeNoRelay)
	g.fail = engine.ErrNotReady
	refused("no engine", func(*protocol.Join) {}, http.StatusServiceUnavailable)
	if n := gather(t, registry, "nertc_probes_total "+joinRefused); n != 5 {
		t.Errorf("%v refusals are counted", n)
	}
	if len(g.joins) > 0 {
		t.Error("the engine was asked")
	}
}
