package client_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"nertc/internal/client"
	"nertc/internal/errcode"
	"nertc/internal/protocol"
)

const host, audience = protocol.RoleHost, protocol.RoleAudience

// grant answers the change of role that comes next.
func (w *world) grant(want protocol.Role) {
	w.t.Helper()
	var r protocol.RoleChange
	m := w.request(protocol.TypeRole, &r)
	if r.Role != want {
		w.t.Fatalf("asked for the role %q, want %q", r.Role, want)
	}
	w.pipe.Say(protocol.TypeOK, m.ID, nil)
}

// become changes the role in the room; the gateway grants it.
func (w *world) become(role protocol.Role) <-chan error {
	w.t.Helper()
	result := w.c.SetRole(role)
	w.grant(role)
	w.expect("RoleChanged{" + string(role) + "}")
	return result
}

// answerOffer answers the offer that comes next and gives what it announces, by cid.
func (w *world) answerOffer() map[string]protocol.NewTrack {
	w.t.Helper()
	var o protocol.Offer
	m := w.request(protocol.TypeOffer, &o)
	announced, published := map[string]protocol.NewTrack{}, map[string]string{}
	for _, t := range o.Tracks {
		announced[t.CID], published[t.CID] = t, "T-"+t.CID
	}
	w.pipe.Say(protocol.TypeAnswer, m.ID, protocol.Answer{SDP: "answer", Published: published})
	return announced
}

// answerOffers answers offers until all these tracks have been announced.
func (w *world) answerOffers(cids ...string) map[string]protocol.NewTrack {
	w.t.Helper()
	all := map[string]protocol.NewTrack{}
	for len(all) < len(cids) {
		for cid, t := range w.answerOffer() {
			if !slices.Contains(cids, cid) {
				w.t.Fatalf("%s was published", cid)
			}
			all[cid] = t
		}
	}
	return all
}

// answerWhile answers offers until a call is done.
func (w *world) answerWhile(result <-chan error) {
	w.t.Helper()
	ctx, done := context.WithCancel(w.ctx)
	defer done()
	outcome := make(chan error, 1)
	go func() {
		outcome <- <-result
		done()
	}()
	for {
		m, err := w.pipe.Next(ctx)
		if err != nil {
			must(w.t, <-outcome)
			return
		}
		if m.Type == protocol.TypeOffer {
			w.pipe.Say(protocol.TypeAnswer, m.ID, protocol.Answer{SDP: "answer"})
		}
	}
}

// quiet checks that nothing is sent: a request that is made now is the next that comes.
func (w *world) quiet() {
	w.t.Helper()
	result := make(chan error, 1)
	go func() { result <- w.c.Leave(w.ctx) }()
	m := w.request(protocol.TypeLeave, nil)
	w.pipe.Say(protocol.TypeOK, m.ID, nil)
	must(w.t, <-result)
	w.expect("CONNECTED→DISCONNECTING", "DISCONNECTING→DISCONNECTED")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// joinWith joins and gives what the gateway is told.
func (w *world) joinWith() protocol.Join {
	w.t.Helper()
	result := w.startJoin()
	var j protocol.Join
	m := w.request(protocol.TypeJoin, &j)
	w.pipe.Say(protocol.TypeJoined, m.ID, protocol.Joined{UID: "1"})
	must(w.t, <-result)
	w.expect("DISCONNECTED→CONNECTING", "CONNECTING→CONNECTED", "Joined{}")
	return j
}

func TestProfile(t *testing.T) {
	for _, c := range []struct {
		name string
		set  []protocol.Profile
		code errcode.Code
		want protocol.Profile
	}{
		{"not set", nil, 0, ""},
		{"rtc", []protocol.Profile{"rtc"}, 0, "rtc"},
		{"live", []protocol.Profile{"live"}, 0, "live"},
		{"the last counts", []protocol.Profile{"live", "rtc"}, 0, "rtc"},
		{"none of the two", []protocol.Profile{"live", "party"}, errcode.InvalidProfile, "live"},
		{"empty", []protocol.Profile{""}, errcode.InvalidProfile, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			var err error
			for _, p := range c.set {
				err = w.c.SetProfile(p)
			}
			if code(err) != c.code {
				t.Fatal(err)
			}
			if j := w.joinWith(); j.Profile != c.want {
				t.Fatalf("joined with the profile %q", j.Profile)
			}
			if err := w.c.SetProfile(protocol.ProfileLive); code(err) != errcode.InvalidOperation {
				t.Fatal("in the room: ", err)
			}
		})
	}
}

func TestProfileStaysWhileJoiningAndAfterwards(t *testing.T) {
	w := newWorld(t)
	must(t, w.c.SetProfile(protocol.ProfileLive))
	result := w.startJoin()
	m := w.request(protocol.TypeJoin, nil)
	if err := w.c.SetProfile(protocol.ProfileRTC); code(err) != errcode.InvalidOperation {
		t.Fatal(err)
	}
	w.pipe.Say(protocol.TypeError, m.ID, protocol.Error{Code: 414, Reason: "check checksum error"})
	if err := <-result; code(err) != 414 {
		t.Fatal(err)
	}
	w.expect("DISCONNECTED→CONNECTING", "CONNECTING→DISCONNECTED")
	w.connect()
	if j := w.joinWith(); j.Profile != protocol.ProfileLive {
		t.Fatalf("joined again with the profile %q", j.Profile)
	}
	must(t, w.c.Destroy(w.ctx))
	if err := w.c.SetProfile(protocol.ProfileRTC); code(err) != errcode.InvalidOperation {
		t.Fatal("destroyed: ", err)
	}
}

func TestRoleBeforeJoin(t *testing.T) {
	for _, c := range []struct {
		name   string
		set    []protocol.Role
		events []string
		code   errcode.Code
		want   protocol.Role
	}{
		{"not set", nil, nil, 0, host},
		{"host, as it is", []protocol.Role{host}, nil, 0, host},
		{"audience", []protocol.Role{audience}, []string{"RoleChanged{audience}"}, 0, audience},
		{"audience twice", []protocol.Role{audience, audience}, []string{"RoleChanged{audience}"}, 0, audience},
		{"there and back", []protocol.Role{audience, host}, []string{"RoleChanged{audience}", "RoleChanged{host}"}, 0, host},
		{"none of the two", []protocol.Role{audience, "king"}, []string{"RoleChanged{audience}"}, errcode.InvalidRole, audience},
		{"empty", []protocol.Role{""}, nil, errcode.InvalidRole, host},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, profile := range []protocol.Profile{protocol.ProfileRTC, protocol.ProfileLive} {
				w := newWorld(t)
				must(t, w.c.SetProfile(profile))
				var last <-chan error
				for _, r := range c.set { // without waiting, as a page may
					last = w.c.SetRole(r)
				}
				if last != nil {
					if err := <-last; code(err) != c.code {
						t.Fatal(err)
					}
				}
				w.expect(c.events...)
				if j := w.joinWith(); j.Role != c.want {
					t.Fatalf("joined as %q", j.Role)
				}
			}
		})
	}
}

func TestHostToAudienceAndBack(t *testing.T) {
	w := newWorld(t)
	w.join()
	published := w.publish(protocol.MediaAudio, protocol.MediaVideo, protocol.MediaScreen)
	w.answerOffers("cid-audio", "cid-video", "cid-screen")
	must(t, <-published)

	// To audience: all that is sent stops.
	changed := w.become(audience)
	w.answerWhile(changed)
	if stopped(w) != 3 {
		t.Fatal(w.peer().Log())
	}
	if err := <-w.publish(protocol.MediaAudioSlave); code(err) != errcode.PublishAsAudience {
		t.Fatal("as audience: ", err)
	}

	// Meanwhile the picture is muted, which nobody is told, and the screen is given up.
	must(t, w.c.SetMuted(w.ctx, protocol.MediaVideo, true))
	must(t, w.c.Unpublish(w.ctx, protocol.MediaScreen))

	// Back: exactly the rest, as it is now.
	changed = w.become(host)
	announced := w.answerOffers("cid-audio-1", "cid-video-1")
	must(t, <-changed)
	if announced["cid-audio-1"].Muted || !announced["cid-video-1"].Muted {
		t.Fatalf("published again: %+v", announced)
	}
	w.quiet()
}

// stopped counts the senders that were stopped, among all offers so far.
func stopped(w *world) int {
	n := 0
	for _, step := range w.peer().Log() {
		if len(step) > 5 && step[:5] == "stop " {
			n++
		}
	}
	return n
}

func TestTheRoleThatIs(t *testing.T) {
	w := newWorld(t)
	must(t, <-w.c.SetRole(audience))
	w.expect("RoleChanged{audience}")
	w.join()
	must(t, <-w.c.SetRole(audience)) // no event, and nobody is asked
	if err := <-w.publish(protocol.MediaVideo); code(err) != errcode.PublishAsAudience {
		t.Fatal(err)
	}
	w.quiet()
	if len(w.events) != 0 {
		t.Fatal(<-w.events)
	}
	w.connect() // the next room is joined in the same role
	if j := w.joinWith(); j.Role != audience {
		t.Fatalf("joined as %q", j.Role)
	}
}

func TestRoleRefused(t *testing.T) {
	for _, c := range []struct{ from, to protocol.Role }{{host, audience}, {audience, host}} {
		t.Run(string(c.to), func(t *testing.T) {
			w := newWorld(t)
			must(t, <-w.c.SetRole(c.from))
			if c.from == audience {
				w.expect("RoleChanged{audience}")
			}
			w.join()
			result := w.c.SetRole(c.to)
			m := w.request(protocol.TypeRole, nil)
			w.pipe.Say(protocol.TypeError, m.ID, protocol.Error{Code: 403, Reason: "not you"})
			if err := <-result; code(err) != errcode.Unauthorized {
				t.Fatal(err)
			}
			// All is as before.
			want := errcode.PublishAsAudience
			if c.from == host {
				want = 0
			}
			published := w.publish(protocol.MediaVideo)
			if c.from == host {
				w.answerOffers("cid-video")
			}
			if err := <-published; code(err) != want {
				t.Fatal(err)
			}
			w.quiet()
			if len(w.events) != 0 {
				t.Fatal(<-w.events)
			}
		})
	}
}

func TestRolesChangeInTheOrderOfTheCalls(t *testing.T) {
	w := newWorld(t)
	w.join()
	var results []<-chan error
	for _, r := range []protocol.Role{audience, host, host, audience} {
		results = append(results, w.c.SetRole(r))
	}
	w.grant(audience)
	if err := <-w.publish(protocol.MediaVideo); code(err) != errcode.PublishAsAudience {
		t.Fatal(err)
	}
	w.grant(host)
	w.grant(audience)
	for _, r := range results {
		must(t, <-r)
	}
	w.expect("RoleChanged{audience}", "RoleChanged{host}", "RoleChanged{audience}")
}

// What is on its way to be published when the role changes is not sent by the audience, and is published by the host.
func TestAudienceWhilePublishing(t *testing.T) {
	w := newWorld(t)
	w.join()
	published := w.publish(protocol.MediaVideo)
	var o protocol.Offer
	offer := w.request(protocol.TypeOffer, &o)
	changed := w.c.SetRole(audience)
	w.grant(audience)
	w.expect("RoleChanged{audience}")
	w.pipe.Say(protocol.TypeAnswer, offer.ID, protocol.Answer{SDP: "answer", Published: map[string]string{"cid-video": "T"}})
	must(t, <-published)
	w.answerWhile(changed)
	if stopped(w) != 1 {
		t.Fatal(w.peer().Log())
	}
	changed = w.become(host)
	w.answerOffers("cid-video-1")
	must(t, <-changed)
}

func TestRoleWhileJoining(t *testing.T) {
	w := newWorld(t)
	result := w.startJoin()
	var j protocol.Join
	m := w.request(protocol.TypeJoin, &j)
	if j.Role != host {
		t.Fatalf("joins as %q", j.Role)
	}
	changed := w.c.SetRole(audience)
	w.pipe.Say(protocol.TypeJoined, m.ID, protocol.Joined{UID: "1"})
	must(t, <-result)
	w.grant(audience)
	must(t, <-changed)
	w.expect("DISCONNECTED→CONNECTING", "CONNECTING→CONNECTED", "Joined{}", "RoleChanged{audience}")
}

func TestRoleWhileAJoinIsRefused(t *testing.T) {
	w := newWorld(t)
	result := w.startJoin()
	m := w.request(protocol.TypeJoin, nil)
	changed := w.c.SetRole(audience)
	w.pipe.Say(protocol.TypeError, m.ID, protocol.Error{Code: 414, Reason: "check checksum error"})
	if err := <-result; code(err) != 414 {
		t.Fatal(err)
	}
	must(t, <-changed)
	w.expect("DISCONNECTED→CONNECTING", "CONNECTING→DISCONNECTED", "RoleChanged{audience}")
}

// rejoin ends the session without a word and gives what the client joins again with.
func (w *world) rejoin(end func()) protocol.Join {
	w.t.Helper()
	end()
	w.expect("CONNECTED→CONNECTING again")
	w.connect()
	var j protocol.Join
	m := w.request(protocol.TypeJoin, &j)
	w.pipe.Say(protocol.TypeJoined, m.ID, protocol.Joined{CID: 8, UID: "1", PingInterval: 60_000})
	w.expect("CONNECTING→CONNECTED again")
	return j
}

func TestRejoinKeepsRoleAndProfile(t *testing.T) {
	w := newWorld(t)
	must(t, w.c.SetProfile(protocol.ProfileLive))
	w.join()
	published := w.publish(protocol.MediaVideo)
	w.answerOffers("cid-video")
	must(t, <-published)
	changed := w.become(audience)
	w.answerWhile(changed)

	if j := w.rejoin(w.cut); j.Role != audience || j.Profile != protocol.ProfileLive {
		t.Fatalf("joined again as %q with %q", j.Role, j.Profile)
	}
	// Nothing was published again; that comes with the role.
	changed = w.become(host)
	w.answerOffers("cid-video")
	must(t, <-changed)
	if j := w.rejoin(w.cut); j.Role != host {
		t.Fatalf("joined again as %q", j.Role)
	}
	w.answerOffers("cid-video")
}

// A change whose session ends before it is granted is asked for again in the next one.
func TestRoleThroughARejoin(t *testing.T) {
	w := newWorld(t)
	w.join()
	changed := w.c.SetRole(audience)
	w.request(protocol.TypeRole, nil)
	if j := w.rejoin(w.cut); j.Role != host {
		t.Fatalf("joined again as %q", j.Role)
	}
	w.grant(audience)
	must(t, <-changed)
	w.expect("RoleChanged{audience}")
}

func TestRoleAndLeave(t *testing.T) {
	w := newWorld(t)
	w.join()
	changed := w.c.SetRole(audience)
	w.request(protocol.TypeRole, nil)
	left := make(chan error, 1)
	go func() { left <- w.c.Leave(w.ctx) }()
	m := w.request(protocol.TypeLeave, nil)
	w.pipe.Say(protocol.TypeOK, m.ID, nil)
	must(t, <-left)
	must(t, <-changed)
	w.expect("CONNECTED→DISCONNECTING", "DISCONNECTING→DISCONNECTED", "RoleChanged{audience}")
}

func TestRoleAndDestroy(t *testing.T) {
	w := newWorld(t)
	w.join()
	changed := w.c.SetRole(audience)
	w.request(protocol.TypeRole, nil)
	destroyed := make(chan error, 1)
	go func() { destroyed <- w.c.Destroy(w.ctx) }()
	m := w.request(protocol.TypeLeave, nil)
	w.pipe.Say(protocol.TypeOK, m.ID, nil)
	must(t, <-destroyed)
	if err := <-changed; code(err) != errcode.InvalidOperation {
		t.Fatal(err)
	}
	if err := <-w.c.SetRole(host); code(err) != errcode.InvalidOperation {
		t.Fatal(err)
	}
}

// Signalling that is interrupted and resumed does not disturb a change.
func TestRoleThroughAResumption(t *testing.T) {
	w := newWorld(t, func(o *client.Options) { o.Policy.GiveUp = time.Minute })
	result := w.startJoin()
	m := w.request(protocol.TypeJoin, nil)
	w.pipe.Say(protocol.TypeJoined, m.ID, protocol.Joined{UID: "1", Resume: "secret"})
	must(t, <-result)
	changed := w.c.SetRole(audience)
	w.request(protocol.TypeRole, nil)
	w.cut()
	w.connect()
	m = w.request(protocol.TypeResume, nil)
	w.pipe.Say(protocol.TypeResumed, m.ID, protocol.Resumed{})
	w.grant(audience) // it is repeated
	must(t, <-changed)
	w.expect("DISCONNECTED→CONNECTING", "CONNECTING→CONNECTED", "Joined{}",
		"CONNECTED→CONNECTING again", "CONNECTING→CONNECTED again", "RoleChanged{audience}")
}
