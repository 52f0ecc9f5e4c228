package room

import (
	"context"
	"testing"

	"github.com/pion/webrtc/v4"

	"nertc/gateway/engine"
	"nertc/internal/errcode"
	"nertc/internal/protocol"
)

func TestJoinWithProfileAndRole(t *testing.T) {
	picture := []protocol.NewTrack{{CID: "c", MediaType: protocol.MediaVideo}}
	for _, c := range []struct {
		name    string
		profile protocol.Profile
		role    protocol.Role
		tracks  []protocol.NewTrack
		code    errcode.Code // 0: it is let in
		as      protocol.Role
	}{
		{"neither", "", "", nil, 0, protocol.RoleHost},
		{"host", protocol.ProfileLive, protocol.RoleHost, nil, 0, protocol.RoleHost},
		{"audience", protocol.ProfileLive, protocol.RoleAudience, nil, 0, protocol.RoleAudience},
		{"audience of a call", protocol.ProfileRTC, protocol.RoleAudience, nil, 0, protocol.RoleAudience},
		{"audience that publishes", protocol.ProfileLive, protocol.RoleAudience, picture, errcode.PublishAsAudience, ""},
		{"no profile of ours", "party", "", nil, errcode.InvalidProfile, ""},
		{"no role of ours", "", "king", nil, errcode.InvalidRole, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newStage(t, Options{})
			client := dial(t, g.Server)
			j := joinAs("room", "5")
			j.Profile, j.Role, j.Offer.Tracks = c.profile, c.role, c.tracks
			if len(c.tracks) > 0 {
				j.Offer.SDP = sendingOffer
			}
			id := client.say(protocol.TypeJoin, j)
			if c.code != 0 {
				m := client.reply(id)
				if m.Type != protocol.TypeError || as[protocol.Error](t, m).Code != int(c.code) {
					t.Fatalf("answered with %s %s", m.Type, m.Data)
				}
				if len(g.joins) != 0 {
					t.Error("the engine was asked")
				}
				return
			}
			s := <-g.joins
			if s.options.Role != c.as {
				t.Errorf("joins the engine as %q", s.options.Role)
			}
			s.letIn()
			if m := client.reply(id); m.Type != protocol.TypeJoined {
				t.Errorf("answered with %s %s", m.Type, m.Data)
			}
		})
	}
}

// sendingOffer sends a picture whose track has the id c.
const sendingOffer = minimalOffer + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=sendonly\r\na=msid:- c\r\na=rtpmap:96 VP8/90000\r\n"

func TestRoleInTheRoom(t *testing.T) {
	g := newStage(t, Options{})
	c, s := g.member(t, "5")
	change := func(r protocol.Role) protocol.RoleChange { return protocol.RoleChange{Role: r} }
	publish := protocol.Offer{SDP: sendingOffer, Tracks: []protocol.NewTrack{{CID: "c", MediaType: protocol.MediaVideo}}}

	for _, bad := range []any{nil, change("king"), map[string]any{"role": ""}} {
		if code := c.refused(protocol.TypeRole, bad); code != int(errcode.InvalidRole) {
			t.Errorf("%v is refused with %d", bad, code)
		}
	}
	if code := c.refused(protocol.TypeRole, map[string]any{"role": 7}); code != int(errcode.InvalidArgument) {
		t.Errorf("a number is refused with %d", code)
	}
	// What is so already is not asked of the engine.
	ask[struct{}](c, protocol.TypeRole, change(protocol.RoleHost), protocol.TypeOK)

	ask[struct{}](c, protocol.TypeRole, change(protocol.RoleAudience), protocol.TypeOK)
	if r := next[protocol.RoleChange](t, s); r.Role != protocol.RoleAudience {
		t.Errorf("engine is asked for %q", r.Role)
	}
	if code := c.refused(protocol.TypeOffer, publish); code != int(errcode.PublishAsAudience) {
		t.Errorf("an audience that publishes is refused with %d", code)
	}
	// The offer that ends what was published passes, and so do those in between.
	c.say(protocol.TypeOffer, protocol.Offer{SDP: sendingOffer})
	if o := next[offerCall](t, s); len(o.Tracks) != 0 {
		t.Errorf("engine is offered %+v", o.Tracks)
	}

	s.roleError = engine.ErrNotReady
	if code := c.refused(protocol.TypeRole, change(protocol.RoleHost)); code != 503 {
		t.Errorf("refused with %d", code)
	}
	next[protocol.RoleChange](t, s)
	if code := c.refused(protocol.TypeOffer, publish); code != int(errcode.PublishAsAudience) {
		t.Errorf("an audience whose change has failed is refused with %d", code)
	}

	s.roleError = nil
	ask[struct{}](c, protocol.TypeRole, change(protocol.RoleHost), protocol.TypeOK)
	next[protocol.RoleChange](t, s)
	c.say(protocol.TypeOffer, publish)
	if o := next[offerCall](t, s); len(o.Tracks) != 1 {
		t.Errorf("engine is offered %+v", o.Tracks)
	}
}

func TestRoleBeforeJoin(t *testing.T) {
	g := newStage(t, Options{})
	c := dial(t, g.Server)
	if code := c.refused(protocol.TypeRole, protocol.RoleChange{Role: protocol.RoleAudience}); code != int(errcode.NotJoined) {
		t.Errorf("refused with %d", code)
	}
}

// enterAs joins a room of the real engine with a role.
func (p *peer) enterAs(channel, uid string, r protocol.Role) {
	p.t.Helper()
	p.role = r
	p.enter(channel, uid)
}

// With the real engine: who hears of whom, and that the engine itself takes nothing of an audience.
func TestAudience(t *testing.T) {
	srv, e := start(t)
	host, audience := newPeer(t, dial(t, srv)), newPeer(t, dial(t, srv))
	host.enter("live", "1")
	sound, _ := host.publish(protocol.MediaAudio)
	audience.enterAs("live", "2", protocol.RoleAudience)
	if len(audience.members) != 1 || audience.members[0].UID != "1" {
		t.Fatalf("an audience sees %+v", audience.members)
	}
	if len(audience.members[0].Tracks) == 0 {
		pushed[protocol.TrackEvent](audience.rawClient, protocol.TypeTrackAdded)
	}
	audience.subscribe(sound) // the whole way of an audience: it receives
	audience.hears(1, 10)

	// Somebody else comes and sees the host alone; that nothing is told of the audience shows by the order.
	late := newPeer(t, dial(t, srv))
	late.enter("live", "3")
	if len(late.members) != 1 || late.members[0].UID != "1" {
		t.Errorf("who comes later sees %+v", late.members)
	}
	if m := pushed[protocol.Member](host.rawClient, protocol.TypeMemberJoined); m.UID != "3" {
		t.Errorf("the host is told of %q", m.UID)
	}

	// To host: seen, and may publish.
	ask[struct{}](audience.rawClient, protocol.TypeRole, protocol.RoleChange{Role: protocol.RoleHost}, protocol.TypeOK)
	for _, p := range []*peer{host, late} {
		if m := pushed[protocol.Member](p.rawClient, protocol.TypeMemberJoined); m.UID != "2" {
			t.Errorf("%q comes, want the new host", m.UID)
		}
	}
	if m := pushed[protocol.Member](audience.rawClient, protocol.TypeMemberJoined); m.UID != "3" {
		t.Errorf("the audience was told of %q", m.UID)
	}
	picture, sender := audience.publish(protocol.MediaVideo)
	if e := pushed[protocol.TrackEvent](host.rawClient, protocol.TypeTrackAdded); e.UID != "2" || e.Track.ID != picture {
		t.Errorf("track added: %+v", e)
	}
	host.subscribe(picture)
	host.hears(1, 10)

	// To audience again: all of it goes, without a word of the client on its tracks.
	ask[struct{}](audience.rawClient, protocol.TypeRole, protocol.RoleChange{Role: protocol.RoleAudience}, protocol.TypeOK)
	if e := pushed[protocol.TrackEvent](host.rawClient, protocol.TypeTrackRemoved); e.UID != "2" || e.Track.ID != picture {
		t.Errorf("track removed: %+v", e)
	}
	if m := pushed[protocol.MemberLeft](host.rawClient, protocol.TypeMemberLeft); m.UID != "2" {
		t.Errorf("%q goes", m.UID)
	}
	if err := audience.pc.RemoveTrack(sender); err != nil {
		t.Fatal(err)
	}
	audience.negotiate()

	// Who comes now is not told of it either, though the engine has it among the seen.
	last := newPeer(t, dial(t, srv))
	last.enter("live", "4")
	if len(last.members) != 2 {
		t.Errorf("who comes last sees %+v", last.members)
	}
	// And back once more.
	ask[struct{}](audience.rawClient, protocol.TypeRole, protocol.RoleChange{Role: protocol.RoleHost}, protocol.TypeOK)
	for _, p := range []*peer{late, last} {
		m := pushed[protocol.Member](p.rawClient, protocol.TypeMemberJoined)
		if p == late && m.UID == "4" {
			m = pushed[protocol.Member](p.rawClient, protocol.TypeMemberJoined)
		}
		if m.UID != "2" {
			t.Errorf("%q comes, want the new host", m.UID)
		}
	}
	if ps, err := e.Participants(context.Background(), "app:live"); err != nil || len(ps) != 4 {
		t.Errorf("engine knows %+v, %v", ps, err)
	}
}

// A gateway that takes a hostile audience's tracks for good is one line of defence; the engine is another.
func TestEngineRefusesAnAudience(t *testing.T) {
	srv, e := start(t)
	host := newPeer(t, dial(t, srv))
	host.enter("live", "1")
	hostile := newPeer(t, dial(t, srv))
	track, err := webrtc.NewTrackLocalStaticSample(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus}, "cid", "stream")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hostile.pc.AddTrack(track); err != nil {
		t.Fatal(err)
	}
	s, err := e.Join(t.Context(), engine.JoinOptions{
		Room: "app:live", Identity: "2", Role: protocol.RoleAudience,
		Offer: protocol.Offer{SDP: hostile.offer(), Tracks: []protocol.NewTrack{{CID: "cid", MediaType: protocol.MediaAudio}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for {
		a, ok := (<-s.Events()).(engine.Answer)
		if !ok {
			continue
		}
		if len(a.Published) != 0 {
			t.Errorf("an audience publishes %v", a.Published)
		}
		break
	}
	// It is granted, and then works: so the refusal was of the role.
	if err := s.SetRole(t.Context(), protocol.RoleHost); err != nil {
		t.Fatal(err)
	}
	if m := pushed[protocol.Member](host.rawClient, protocol.TypeMemberJoined); m.UID != "2" || len(m.Tracks) != 0 {
		t.Errorf("comes as %+v", m)
	}
}

// A host whose uid joins again as an audience has gone for the others.
func TestHostIsReplacedByAudience(t *testing.T) {
	srv, _ := start(t)
	witness, host := newPeer(t, dial(t, srv)), newPeer(t, dial(t, srv))
	witness.enter("live", "1")
	host.enter("live", "2")
	picture, _ := host.publish(protocol.MediaVideo)
	if e := pushed[protocol.TrackEvent](witness.rawClient, protocol.TypeTrackAdded); e.Track.ID != picture {
		t.Fatalf("track added: %+v", e)
	}
	twin := newPeer(t, dial(t, srv))
	twin.enterAs("live", "2", protocol.RoleAudience)
	if r := pushed[protocol.Closed](host.rawClient, protocol.TypeClosed).Reason; r != protocol.CloseDuplicate {
		t.Errorf("closed with %s", r)
	}
	if e := pushed[protocol.TrackEvent](witness.rawClient, protocol.TypeTrackRemoved); e.Track.ID != picture {
		t.Errorf("track removed: %+v", e)
	}
	if m := pushed[protocol.MemberLeft](witness.rawClient, protocol.TypeMemberLeft); m.UID != "2" {
		t.Errorf("%q goes", m.UID)
	}
	ask[struct{}](twin.rawClient, protocol.TypeRole, protocol.RoleChange{Role: protocol.RoleHost}, protocol.TypeOK)
	pushed[protocol.Member](witness.rawClient, protocol.TypeMemberJoined) // the first joined
	if m := pushed[protocol.Member](witness.rawClient, protocol.TypeMemberJoined); m.UID != "2" {
		t.Errorf("%q comes", m.UID)
	}
}
