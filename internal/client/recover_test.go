package client_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"nertc/internal/client"
	"nertc/internal/errcode"
	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/internal/signal"
	"nertc/internal/signal/signaltest"
)

// connect gives the client's next dial a connection, which becomes the world's.
func (w *world) connect() {
	p := signaltest.New()
	w.pipe = p
	w.t.Cleanup(func() { _ = p.Close(1000, "") })
	w.dials <- p
}

// letIn answers the join that comes next on the present connection.
func (w *world) letIn(members ...protocol.Member) {
	w.t.Helper()
	var j protocol.Join
	m := w.request(protocol.TypeJoin, &j)
	if j.UID != "1" {
		w.t.Fatalf("joined again as %q", j.UID)
	}
	w.pipe.Say(protocol.TypeJoined, m.ID, protocol.Joined{CID: 8, UID: "1", Members: members, PingInterval: 60_000})
}

// cut ends the session without a word; the gateway in these tests does not resume.
func (w *world) cut() { _ = w.pipe.Close(1000, "") }

func TestSignallingIsResumed(t *testing.T) {
	w := newWorld(t)
	result := w.startJoin()
	m := w.request(protocol.TypeJoin, nil)
	w.pipe.Say(protocol.TypeJoined, m.ID, protocol.Joined{UID: "1", Resume: "secret", Members: []protocol.Member{bob}})
	if err := <-result; err != nil {
		t.Fatal(err)
	}
	w.expect("DISCONNECTED→CONNECTING", "CONNECTING→CONNECTED", "Joined{}",
		"PeerOnline{2}", "StreamAdded{2 audio}", "StreamAdded{2 video}", "MuteChanged{2 video true}")
	w.cut()
	w.expect("CONNECTED→CONNECTING again")
	w.connect()
	m = w.request(protocol.TypeResume, nil)
	w.pipe.Say(protocol.TypeResumed, m.ID, protocol.Resumed{})
	w.expect("CONNECTING→CONNECTED again")
	w.pipe.Say(protocol.TypeMemberLeft, 0, protocol.MemberLeft{UID: "2"})
	w.expect("StreamRemoved{2 audio}", "StreamRemoved{2 video}", "PeerLeave{2}")
	if len(w.peers) != 1 {
		t.Fatal("media was touched")
	}
}

func TestRejoinPutsThingsBack(t *testing.T) {
	w := newWorld(t, func(o *client.Options) { o.Return = 2 * time.Second }) // for all else to be back before, on a slow machine too
	w.join(bob, protocol.Member{UID: "3", Tracks: []protocol.Track{{ID: "s", MediaType: protocol.MediaScreen}}})
	w.expect("PeerOnline{2}", "StreamAdded{2 audio}", "StreamAdded{2 video}", "MuteChanged{2 video true}",
		"PeerOnline{3}", "StreamAdded{3 screen}")

	// Publish a picture, mute it, and receive bob's sound.
	published := w.publish(protocol.MediaVideo)
	m := w.request(protocol.TypeOffer, nil)
	w.pipe.Say(protocol.TypeAnswer, m.ID, protocol.Answer{Published: map[string]string{"cid-video": "TR1"}})
	if err := <-published; err != nil {
		t.Fatal(err)
	}
	muted := make(chan error, 1)
	go func() { muted <- w.c.SetMuted(w.ctx, protocol.MediaVideo, true) }()
	m = w.request(protocol.TypeMute, nil)
	w.pipe.Say(protocol.TypeOK, m.ID, nil)
	if err := <-muted; err != nil {
		t.Fatal(err)
	}
	subscribed := make(chan error, 1)
	go func() { subscribed <- w.c.Subscribe(w.ctx, "2", protocol.MediaAudio) }()
	m = w.request(protocol.TypeSubscribe, nil)
	w.pipe.Say(protocol.TypeOK, m.ID, nil)
	w.pipe.Say(protocol.TypeSections, 0, protocol.Sections{})
	m = w.request(protocol.TypeOffer, nil)
	w.pipe.Say(protocol.TypeAnswer, m.ID, protocol.Answer{Mids: map[string]string{"4": "a"}})
	w.expect("subscribed 2 audio on 4")
	if err := <-subscribed; err != nil {
		t.Fatal(err)
	}

	w.cut()
	w.expect("CONNECTED→CONNECTING again")
	w.dials <- nil // the server is not back yet
	w.connect()
	// Bob is there again on other tracks and with the picture on; 3 is not back yet, 4 is new.
	w.letIn(
		protocol.Member{UID: "2", Tracks: []protocol.Track{{ID: "a2", MediaType: protocol.MediaAudio}, {ID: "v2", MediaType: protocol.MediaVideo}}},
		protocol.Member{UID: "4"},
	)
	w.expect("CONNECTING→CONNECTED again", "MuteChanged{2 video false}", "PeerOnline{4}")

	// What was published and received is again. The two come in any order.
	var offered protocol.Offer
	var wanted protocol.Subscribe
	for range 2 {
		m, err := w.pipe.Next(w.ctx)
		if err != nil {
			t.Fatal(err)
		}
		switch m.Type {
		case protocol.TypeOffer:
			decodeInto(t, m, &offered)
			w.pipe.Say(protocol.TypeAnswer, m.ID, protocol.Answer{
				Published: map[string]string{"cid-video": "TR2"}, Mids: map[string]string{"0": "a2"},
			})
		case protocol.TypeSubscribe:
			decodeInto(t, m, &wanted)
			w.pipe.Say(protocol.TypeOK, m.ID, nil)
		default:
			t.Fatalf("client sent %s", m.Type)
		}
	}
	if len(offered.Tracks) != 1 || offered.Tracks[0].CID != "cid-video" || !offered.Tracks[0].Muted {
		t.Fatalf("published again: %+v", offered.Tracks)
	}
	if !wanted.Subscribe || !slices.Equal(wanted.Tracks, []string{"a2"}) {
		t.Fatalf("received again: %+v", wanted)
	}
	w.pipe.Say(protocol.TypeSections, 0, protocol.Sections{})
	m = w.request(protocol.TypeOffer, nil)
	w.pipe.Say(protocol.TypeAnswer, m.ID, protocol.Answer{Mids: map[string]string{"0": "a2"}})
	w.expect("replaced 2 audio on 0")
	// 3 does not come back in time.
	w.expect("StreamRemoved{3 screen}", "PeerLeave{3}")
}

func TestRejoinRefused(t *testing.T) {
	w := newWorld(t)
	w.join()
	w.cut()
	w.connect()
	m := w.request(protocol.TypeJoin, nil)
	w.pipe.Say(protocol.TypeError, m.ID, protocol.Error{Code: 414, Reason: "check checksum error"})
	w.expect("CONNECTED→CONNECTING again", "CONNECTING→DISCONNECTED", "Failed{RELOGIN_ERROR}")
}

func TestRejoinWaitsForAnEngineThatIsAway(t *testing.T) {
	w := newWorld(t)
	w.join()
	w.pipe.Say(protocol.TypeClosed, 0, protocol.Closed{Reason: protocol.CloseEngineLost})
	for _, e := range []protocol.Error{
		{Code: 503, Reason: "media engine is not available"}, {Code: 504, Reason: "media engine did not answer"},
		{Code: 429, Reason: "too many joins"}, // of all who come back at once
	} {
		w.connect()
		m := w.request(protocol.TypeJoin, nil)
		w.pipe.Say(protocol.TypeError, m.ID, e)
	}
	w.connect()
	w.letIn()
	w.expect("CONNECTED→CONNECTING again", "CONNECTING→CONNECTED again")
}

func TestRejoinGivesUp(t *testing.T) {
	for name, cause := range map[string]struct {
		end  func(*world)
		want string
	}{
		"socket": {(*world).cut, "Failed{SOCKET_ERROR}"},
		"engine": {func(w *world) {
			w.pipe.Say(protocol.TypeClosed, 0, protocol.Closed{Reason: protocol.CloseEngineLost})
		}, "Failed{MEDIA_TRANSPORT_DISCONNECT}"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(o *client.Options) { o.Policy.GiveUp = 20 * time.Millisecond })
			w.join()
			for range cap(w.dials) - len(w.dials) {
				w.dials <- nil
			}
			cause.end(w)
			w.expect("CONNECTED→CONNECTING again", "CONNECTING→DISCONNECTED", cause.want)
			if err := w.c.Publish(w.ctx, nil); code(err) != errcode.NotJoined {
				t.Fatal(err)
			}
		})
	}
}

// resumable joins with a session that the gateway would take up again.
func (w *world) resumable() {
	w.t.Helper()
	result := w.startJoin()
	m := w.request(protocol.TypeJoin, nil)
	w.pipe.Say(protocol.TypeJoined, m.ID, protocol.Joined{UID: "1", Resume: "secret", PingInterval: 60_000})
	if err := <-result; err != nil {
		w.t.Fatal(err)
	}
	w.expect("DISCONNECTED→CONNECTING", "CONNECTING→CONNECTED", "Joined{}")
}

// What the session tried by itself counts: the rejoin after it does not begin the time anew.
func TestResumingAndRejoiningGiveUpTogether(t *testing.T) {
	synctest.Test(t, resumingAndRejoiningGiveUpTogether)
}

func resumingAndRejoiningGiveUpTogether(t *testing.T) {
	const giveUp = 3 * time.Second
	w := newWorld(t, func(o *client.Options) {
		o.Policy = signal.Policy{First: 200 * time.Millisecond, Max: 200 * time.Millisecond, Factor: 1, GiveUp: giveUp}
	})
	w.resumable()
	for range cap(w.dials) - len(w.dials) {
		w.dials <- nil
	}
	w.cut()
	w.expect("CONNECTED→CONNECTING again")
	began := time.Now()
	w.expect("CONNECTING→DISCONNECTED", "Failed{SOCKET_ERROR}")
	if took := time.Since(began); took < giveUp/2 || took > giveUp*19/10 {
		t.Errorf("gave up after %v", took)
	}
}

// After a sleep the time is up before anything was tried.
func TestOneRejoinIsTriedAfterASleep(t *testing.T) {
	w := newWorld(t, func(o *client.Options) { o.Policy.GiveUp = time.Nanosecond })
	w.resumable()
	w.cut()
	w.expect("CONNECTED→CONNECTING again")
	w.connect()
	w.letIn()
	w.expect("CONNECTING→CONNECTED again")
}

func TestLeaveCallsARejoinOff(t *testing.T) {
	w := newWorld(t)
	w.join()
	w.cut()
	w.expect("CONNECTED→CONNECTING again")
	if err := w.c.Leave(w.ctx); err != nil {
		t.Fatal(err)
	}
	w.expect("CONNECTING→DISCONNECTED")
	w.connect()
	result := w.startJoin() // and the client can be used again
	m := w.request(protocol.TypeJoin, nil)
	w.pipe.Say(protocol.TypeJoined, m.ID, protocol.Joined{UID: "1"})
	if err := <-result; err != nil {
		t.Fatal(err)
	}
	w.expect("DISCONNECTED→CONNECTING", "CONNECTING→CONNECTED", "Joined{}")
}

func TestCallsWaitForARejoin(t *testing.T) {
	w := newWorld(t)
	w.join()
	w.cut()
	w.expect("CONNECTED→CONNECTING again")
	result := w.publish(protocol.MediaVideo)
	w.connect()
	w.letIn()
	m := w.request(protocol.TypeOffer, nil)
	w.pipe.Say(protocol.TypeAnswer, m.ID, protocol.Answer{Published: map[string]string{"cid-video": "TR1"}})
	if err := <-result; err != nil {
		t.Fatal(err)
	}
}

func TestMediaRestartsICE(t *testing.T) {
	w := newWorld(t)
	w.join()
	w.peer().Observer.State(media.StateConnected)
	w.peer().Observer.State(media.StateFailed)
	w.expect("CONNECTED→CONNECTING again")
	m := w.request(protocol.TypeOffer, nil)
	if !slices.Contains(w.peer().Log(), "restart") {
		t.Fatal(w.peer().Log())
	}
	w.pipe.Say(protocol.TypeAnswer, m.ID, protocol.Answer{SDP: "answer-2"})
	w.peer().Observer.State(media.StateConnected)
	w.expect("CONNECTING→CONNECTED again")
}

// loseMedia has media lost for good: each further failure is answered with a restart, the last with a new session.
func (w *world) loseMedia() {
	w.peer().Observer.State(media.StateConnected)
	for range 4 {
		w.peer().Observer.State(media.StateFailed)
	}
}

// Another session by itself is not the end of it: that is when media flows.
func TestMediaThatDoesNotComeBackMeansARejoin(t *testing.T) {
	w := newWorld(t)
	w.join()
	w.loseMedia()
	w.expect("CONNECTED→CONNECTING again")
	w.connect()
	w.letIn(bob)
	w.expect("PeerOnline{2}", "StreamAdded{2 audio}", "StreamAdded{2 video}", "MuteChanged{2 video true}")
	if s := w.c.State(); s != client.Connecting {
		t.Errorf("is %s without media", s)
	}
	w.peer().Observer.State(media.StateConnecting)
	w.peer().Observer.State(media.StateConnected)
	w.expect("CONNECTING→CONNECTED again")
}

// Signalling that breaks and is resumed meanwhile changes nothing about that.
func TestResumedWithoutMedia(t *testing.T) {
	w := newWorld(t)
	w.join()
	w.loseMedia()
	w.expect("CONNECTED→CONNECTING again")
	w.connect()
	m := w.request(protocol.TypeJoin, nil)
	w.pipe.Say(protocol.TypeJoined, m.ID, protocol.Joined{UID: "1", Resume: "secret"})
	w.pipe.Say(protocol.TypeMemberJoined, 0, protocol.Member{UID: "3"})
	w.expect("PeerOnline{3}")
	w.cut()
	w.connect()
	m = w.request(protocol.TypeResume, nil)
	w.pipe.Say(protocol.TypeResumed, m.ID, protocol.Resumed{})
	w.pipe.Say(protocol.TypeMemberJoined, 0, protocol.Member{UID: "4"})
	w.expect("PeerOnline{4}")
	if s := w.c.State(); s != client.Connecting {
		t.Errorf("is %s without media", s)
	}
	w.peer().Observer.State(media.StateConnected)
	w.expect("CONNECTING→CONNECTED again")
}

func TestMediaThatNeverComesBackIsGivenUp(t *testing.T) {
	synctest.Test(t, mediaThatNeverComesBackIsGivenUp)
}

func mediaThatNeverComesBackIsGivenUp(t *testing.T) {
	w := newWorld(t, func(o *client.Options) { o.Policy.GiveUp = 300 * time.Millisecond })
	w.join()
	w.loseMedia()
	w.expect("CONNECTED→CONNECTING again")
	w.connect()
	w.letIn()
	w.expect("CONNECTING→DISCONNECTED", "Failed{MEDIA_TRANSPORT_DISCONNECT}")
	m := w.request(protocol.TypeLeave, nil) // it says that it goes
	w.pipe.Say(protocol.TypeOK, m.ID, nil)
	<-w.pipe.Closed()
	w.connect()
	result := w.startJoin() // and the client can be used again
	m = w.request(protocol.TypeJoin, nil)
	w.pipe.Say(protocol.TypeJoined, m.ID, protocol.Joined{UID: "1"})
	if err := <-result; err != nil {
		t.Fatal(err)
	}
	w.expect("DISCONNECTED→CONNECTING", "CONNECTING→CONNECTED", "Joined{}")
	time.Sleep(400 * time.Millisecond) // nothing of before ends it
	if s := w.c.State(); s != client.Connected {
		t.Errorf("is %s", s)
	}
}

func decodeInto(t *testing.T, m protocol.Message, into protocol.Object) {
	t.Helper()
	if err := signal.DecodeData(m, into); err != nil {
		t.Fatal(err)
	}
}
