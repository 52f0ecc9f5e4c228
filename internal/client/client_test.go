package client_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"nertc/internal/client"
	"nertc/internal/errcode"
	"nertc/internal/protocol"
)

func TestJoinAnnouncesWhoIsThere(t *testing.T) {
	w := newWorld(t)
	w.join(bob, protocol.Member{UID: "1"}, protocol.Member{UID: "3"})
	w.expect("PeerOnline{2}", "StreamAdded{2 audio}", "StreamAdded{2 video}", "MuteChanged{2 video true}", "PeerOnline{3}")
	if i := w.c.ChannelInfo(); i.CID != 7 || i.UID != "1" || i.Channel != "room" {
		t.Fatalf("%+v", i)
	}
}

func TestWhatIsPushedBehindTheAnswerComesAfterIt(t *testing.T) {
	w := newWorld(t)
	result := w.startJoin()
	m := w.request(protocol.TypeJoin, nil)
	w.pipe.Say(protocol.TypeJoined, m.ID, protocol.Joined{UID: "1", Members: []protocol.Member{bob}})
	w.pipe.Say(protocol.TypeMemberLeft, 0, protocol.MemberLeft{UID: "2"})
	if err := <-result; err != nil {
		t.Fatal(err)
	}
	w.expect("DISCONNECTED→CONNECTING", "CONNECTING→CONNECTED", "Joined{}", "PeerOnline{2}",
		"StreamAdded{2 audio}", "StreamAdded{2 video}", "MuteChanged{2 video true}",
		"StreamRemoved{2 audio}", "StreamRemoved{2 video}", "PeerLeave{2}")
}

func TestJoinRefused(t *testing.T) {
	w := newWorld(t)
	result := w.startJoin()
	m := w.request(protocol.TypeJoin, nil)
	w.pipe.Say(protocol.TypeError, m.ID, protocol.Error{Code: 414, Reason: "check checksum error"})
	if err := <-result; code(err) != 414 {
		t.Fatal(err)
	}
	w.expect("DISCONNECTED→CONNECTING", "CONNECTING→DISCONNECTED")
	<-w.pipe.Closed()
}

func TestJoinArguments(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		o    client.JoinOptions
		want errcode.Code
	}{
		{client.JoinOptions{}, errcode.InvalidChannelName},
		{client.JoinOptions{Channel: strings.Repeat("x", 65)}, errcode.InvalidChannelName},
		{client.JoinOptions{Channel: "r", UID: strings.Repeat("ü", 65)}, errcode.InvalidUID},
	} {
		if err := w.c.Join(w.ctx, c.o); code(err) != c.want {
			t.Errorf("%+v: %v", c.o, err)
		}
	}
	if len(w.events) != 0 || w.c.State() != client.Disconnected {
		t.Fatal("a bad argument changed something")
	}
}

func TestSecondJoinLeavesTheFirstAlone(t *testing.T) {
	w := newWorld(t)
	result := w.startJoin()
	m := w.request(protocol.TypeJoin, nil)
	if err := <-w.startJoin(); code(err) != errcode.RepeatedJoin {
		t.Fatal(err)
	}
	w.pipe.Say(protocol.TypeJoined, m.ID, protocol.Joined{UID: "1"})
	if err := <-result; err != nil {
		t.Fatal(err)
	}
	if err := <-w.startJoin(); code(err) != errcode.RepeatedJoin {
		t.Fatal(err)
	}
	if w.c.State() != client.Connected {
		t.Fatal(w.c.State())
	}
}

func TestLeaveGivesUpAJoin(t *testing.T) {
	w := newWorld(t)
	result := w.startJoin()
	w.request(protocol.TypeJoin, nil)
	if err := w.c.Leave(w.ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-result; code(err) != errcode.InvalidOperation {
		t.Fatal(err)
	}
	w.expect("DISCONNECTED→CONNECTING", "CONNECTING→DISCONNECTED")
	// The gateway may let us in a moment later: it is told at once that nobody comes.
	w.request(protocol.TypeLeave, nil)
	<-w.pipe.Closed()
}

func TestNothingBeginsOnceRetired(t *testing.T) {
	w := newWorld(t)
	w.c.Retire()
	if err := <-w.startJoin(); code(err) != errcode.InvalidOperation {
		t.Fatal(err)
	}
	if len(w.events) != 0 || w.c.State() != client.Disconnected {
		t.Fatal("a join of what is to be destroyed changed something")
	}
	if err := w.c.Leave(w.ctx); err != nil {
		t.Fatal(err)
	}
}

func TestLeave(t *testing.T) {
	w := newWorld(t)
	w.join(bob)
	w.expect("PeerOnline{2}", "StreamAdded{2 audio}", "StreamAdded{2 video}", "MuteChanged{2 video true}")
	done := make(chan error, 2)
	for range 2 { // a second leave waits for the first
		go func() { done <- w.c.Leave(w.ctx) }()
	}
	m := w.request(protocol.TypeLeave, nil)
	w.pipe.Say(protocol.TypeMemberLeft, 0, protocol.MemberLeft{UID: "2"}) // nobody is told any more
	w.pipe.Say(protocol.TypeOK, m.ID, nil)
	for range 2 {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	w.expect("CONNECTED→DISCONNECTING", "DISCONNECTING→DISCONNECTED")
	if err := w.c.Leave(w.ctx); err != nil {
		t.Fatal(err)
	}
	if len(w.events) != 0 {
		t.Fatal(<-w.events)
	}
	if w.c.UID() != "" {
		t.Fatal("uid was kept")
	}
}

func TestHowASessionEnds(t *testing.T) {
	for reason, want := range map[protocol.CloseReason]string{
		protocol.CloseDuplicate:  "UIDDuplicate{}",
		protocol.CloseRemoved:    "Banned{1}",
		protocol.CloseRoomClosed: "ChannelClosed{}",
	} {
		t.Run(string(reason), func(t *testing.T) {
			w := newWorld(t)
			w.join()
			w.pipe.Say(protocol.TypeClosed, 0, protocol.Closed{Reason: reason})
			w.expect("CONNECTED→DISCONNECTED", want)
			if err := w.c.Publish(w.ctx, nil); code(err) != errcode.NotJoined {
				t.Fatal(err)
			}
		})
	}
}

func TestSubscribe(t *testing.T) {
	w := newWorld(t)
	w.join(bob)
	w.expect("PeerOnline{2}", "StreamAdded{2 audio}", "StreamAdded{2 video}", "MuteChanged{2 video true}")
	result := make(chan error, 1)
	go func() { result <- w.c.Subscribe(w.ctx, "2", protocol.MediaTypes[:]...) }()
	var s protocol.Subscribe
	m := w.request(protocol.TypeSubscribe, &s)
	slices.Sort(s.Tracks)
	if !s.Subscribe || !slices.Equal(s.Tracks, []string{"a", "v"}) {
		t.Fatalf("%+v", s)
	}
	w.pipe.Say(protocol.TypeOK, m.ID, nil)
	w.pipe.Say(protocol.TypeSections, 0, protocol.Sections{Video: 1})
	o := w.request(protocol.TypeOffer, nil)
	w.pipe.Say(protocol.TypeAnswer, o.ID, protocol.Answer{SDP: "answer-2", Mids: map[string]string{"4": "a"}})
	w.expect("subscribed 2 audio on 4")
	w.pipe.Say(protocol.TypeSections, 0, protocol.Sections{})
	o = w.request(protocol.TypeOffer, nil)
	w.pipe.Say(protocol.TypeAnswer, o.ID, protocol.Answer{SDP: "answer-3", Mids: map[string]string{"4": "a", "5": "v"}})
	w.expect("subscribed 2 video on 5")
	if err := <-result; err != nil {
		t.Fatal(err)
	}
	if err := w.c.Subscribe(w.ctx, "2", protocol.MediaAudio, protocol.MediaVideo); err != nil {
		t.Fatal("a second time: ", err) // nothing is asked of the gateway
	}

	go func() { result <- w.c.Subscribe(w.ctx, "2", protocol.MediaAudio) }()
	m = w.request(protocol.TypeSubscribe, &s)
	if s.Subscribe || !slices.Equal(s.Tracks, []string{"v"}) {
		t.Fatalf("%+v", s)
	}
	w.pipe.Say(protocol.TypeOK, m.ID, nil)
	if err := <-result; err != nil {
		t.Fatal(err)
	}
	if err := w.c.Subscribe(w.ctx, "9", protocol.MediaAudio); code(err) != errcode.NoSuchUser {
		t.Fatal(err)
	}
	if err := w.c.Subscribe(w.ctx, "2", "smell"); code(err) != errcode.UnknownMediaType {
		t.Fatal(err)
	}
}

func TestSubscribeEndsWithTheTrack(t *testing.T) {
	w := newWorld(t)
	w.join(bob)
	result := make(chan error, 1)
	go func() { result <- w.c.Subscribe(w.ctx, "2", protocol.MediaAudio) }()
	m := w.request(protocol.TypeSubscribe, nil)
	w.pipe.Say(protocol.TypeOK, m.ID, nil)
	w.pipe.Say(protocol.TypeTrackRemoved, 0, protocol.TrackEvent{UID: "2", Track: protocol.Track{ID: "a"}})
	if err := <-result; err != nil {
		t.Fatal(err)
	}
}

// Who asks for a track that another call has asked for already hears at once that it is refused.
func TestARefusalReachesAllThatWaitForTheTrack(t *testing.T) {
	w := newWorld(t)
	w.join(bob)
	w.expect("PeerOnline{2}", "StreamAdded{2 audio}", "StreamAdded{2 video}", "MuteChanged{2 video true}")
	results := make(chan error, 2)
	subscribe := func(types ...protocol.MediaType) protocol.Message {
		go func() { results <- w.c.Subscribe(w.ctx, "2", types...) }()
		return w.request(protocol.TypeSubscribe, nil)
	}
	sound := subscribe(protocol.MediaAudio)
	picture := subscribe(protocol.MediaAudio, protocol.MediaVideo)
	w.pipe.Say(protocol.TypeOK, picture.ID, nil)
	w.pipe.Say(protocol.TypeError, sound.ID, protocol.Error{Code: int(errcode.SubscribeRefused), Reason: protocol.ReasonNoSubscribeAudio})
	for range 2 {
		if err := <-results; code(err) != errcode.SubscribeRefused {
			t.Fatal(err)
		}
	}
}

func TestPublishAndUnpublish(t *testing.T) {
	w := newWorld(t)
	if err := <-w.publish(protocol.MediaVideo); code(err) != errcode.NotJoined {
		t.Fatal(err)
	}
	w.join()
	result := w.publish(protocol.MediaVideo)
	var o protocol.Offer
	m := w.request(protocol.TypeOffer, &o)
	if len(o.Tracks) != 1 || o.Tracks[0].CID != "cid-video" {
		t.Fatalf("%+v", o)
	}
	// Muted while the publication is on the way: told once it is there.
	if err := w.c.SetMuted(w.ctx, protocol.MediaVideo, true); err != nil {
		t.Fatal(err)
	}
	w.pipe.Say(protocol.TypeAnswer, m.ID, protocol.Answer{SDP: "answer-2", Published: map[string]string{"cid-video": "TR1"}})
	var mute protocol.Mute
	m = w.request(protocol.TypeMute, &mute)
	if mute.Track != "TR1" || !mute.Muted {
		t.Fatalf("%+v", mute)
	}
	w.pipe.Say(protocol.TypeOK, m.ID, nil)
	if err := <-result; err != nil {
		t.Fatal(err)
	}
	if err := <-w.publish(protocol.MediaVideo); err != nil {
		t.Fatal("a second time: ", err)
	}
	unpublished := make(chan error, 1)
	go func() { unpublished <- w.c.Unpublish(w.ctx, protocol.MediaVideo, protocol.MediaAudio) }()
	m = w.request(protocol.TypeOffer, nil)
	w.pipe.Say(protocol.TypeAnswer, m.ID, protocol.Answer{SDP: "answer-3"})
	if err := <-unpublished; err != nil {
		t.Fatal(err)
	}
	log := w.peer().Log()
	if !slices.Contains(log, "send cid-video") || !slices.Contains(log, "stop cid-video") {
		t.Fatal(log)
	}
}

func TestPublishRefused(t *testing.T) {
	w := newWorld(t)
	w.join()
	result := w.publish(protocol.MediaVideo)
	m := w.request(protocol.TypeOffer, nil)
	w.pipe.Say(protocol.TypeAnswer, m.ID, protocol.Answer{SDP: "answer-2"})
	if err := <-result; code(err) != errcode.PublishRefused {
		t.Fatal(err)
	}
}

// TestOffersDoNotOverlap asks for much at once: the peer complains of a second offer before an answer.
func TestOffersDoNotOverlap(t *testing.T) {
	w := newWorld(t)
	w.join()
	result := w.publish(protocol.MediaVideo, protocol.MediaAudio)
	for range 5 {
		w.pipe.Say(protocol.TypeSections, 0, protocol.Sections{Audio: 1})
		w.pipe.Say(protocol.TypeCandidate, 0, protocol.Candidate{Candidate: "c"})
	}
	published := map[string]string{}
	for n := 2; len(published) < 2; n++ {
		var o protocol.Offer
		m := w.request(protocol.TypeOffer, &o)
		for _, tr := range o.Tracks {
			published[tr.CID] = "T-" + tr.CID
		}
		w.pipe.Say(protocol.TypeAnswer, m.ID, protocol.Answer{SDP: fmt.Sprint("answer-", n), Published: published})
	}
	select {
	case err := <-result:
		if err != nil {
			t.Fatal(err)
		}
	case <-w.ctx.Done():
		t.Fatal("publish never ended")
	}
}

func TestHostileServer(t *testing.T) {
	w := newWorld(t)
	w.join(bob)
	for _, b := range []string{
		`{"type":"sections","data":{"audio":-5,"video":1e18}}`,
		`{"type":"sections","data":{"audio":100000,"video":-1}}`,
		`{"type":"member-joined","data":{"uid":""}}`,
		`{"type":"member-joined","data":null}`,
		`{"type":"track-added","data":{"uid":"nobody","track":{"id":"x","mediaType":"audio"}}}`,
		`{"type":"track-added","data":{"uid":"2","track":{"id":"x","mediaType":"smell"}}}`,
		`{"type":"track-removed","data":{"uid":"2","track":{"id":"never"}}}`,
		`{"type":"member-left","data":{"uid":"never"}}`,
		`{"type":"joined","data":{}}`,
		`{"type":"answer","id":12345,"data":{"sdp":"x"}}`,
		`{"type":"later","data":[1,2,3]}`,
	} {
		w.pipe.SayRaw([]byte(b))
	}
	w.pipe.Say(protocol.TypeMemberJoined, 0, protocol.Member{UID: "4"})
	w.expect("PeerOnline{2}", "StreamAdded{2 audio}", "StreamAdded{2 video}", "MuteChanged{2 video true}", "PeerOnline{4}")
}

func TestDestroyed(t *testing.T) {
	w := newWorld(t)
	if err := w.c.Destroy(w.ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-w.startJoin(); code(err) != errcode.InvalidOperation {
		t.Fatal(err)
	}
	if err := w.c.Subscribe(w.ctx, "1"); code(err) != errcode.InvalidOperation {
		t.Fatal(err)
	}
}
