package client_test

import (
	"testing"

	"nertc/internal/client"
	"nertc/internal/errcode"
	"nertc/internal/protocol"
)

// joinAs joins with options and gives what was asked of the gateway.
func (w *world) joinAs(o client.JoinOptions, answer protocol.Joined) protocol.Join {
	w.t.Helper()
	o.Server, o.Channel = "ws://x", "room"
	result := make(chan error, 1)
	go func() { result <- w.c.Join(w.ctx, o) }()
	var j protocol.Join
	m := w.request(protocol.TypeJoin, &j)
	answer.UID, answer.PingInterval = "1", 60_000
	w.pipe.Say(protocol.TypeJoined, m.ID, answer)
	if err := <-result; err != nil {
		w.t.Fatal(err)
	}
	w.expect("DISCONNECTED→CONNECTING", "CONNECTING→CONNECTED", "Joined{}")
	return j
}

// comeBack cuts the session, and gives what the client asks for to come back.
func (w *world) comeBack(answer protocol.Joined) protocol.Join {
	w.t.Helper()
	w.cut()
	w.connect()
	var j protocol.Join
	m := w.request(protocol.TypeJoin, &j)
	answer.UID, answer.PingInterval = "1", 60_000
	w.pipe.Say(protocol.TypeJoined, m.ID, answer)
	w.expect("CONNECTED→CONNECTING again", "CONNECTING→CONNECTED again")
	return j
}

func TestRejoinShowsTheLatestPass(t *testing.T) {
	w := newWorld(t)
	j := w.joinAs(client.JoinOptions{Token: "token", Permkey: "key", CustomData: "data"}, protocol.Joined{Pass: "first"})
	if j.UID != "" || j.Token != "token" || j.Permkey != "key" || j.CustomData != "data" || j.Pass != "" {
		t.Fatalf("joined with %+v", j)
	}
	j = w.comeBack(protocol.Joined{Pass: "second"})
	if j.UID != "1" || j.Token != "token" || j.Permkey != "key" || j.CustomData != "data" || j.Pass != "first" {
		t.Fatalf("came back with %+v", j)
	}
	w.pipe.Say(protocol.TypePass, 0, protocol.Pass{Pass: "third"})
	w.pipe.Say(protocol.TypeMemberJoined, 0, protocol.Member{UID: "2"})
	w.expect("PeerOnline{2}") // and what came before has been taken
	if j = w.comeBack(protocol.Joined{}); j.Pass != "third" {
		t.Fatalf("came back with %q", j.Pass)
	}
	if j = w.comeBack(protocol.Joined{Pass: "fourth"}); j.Pass != "" {
		t.Fatalf("came back with %q", j.Pass)
	}
	if err := leave(w); err != nil {
		t.Fatal(err)
	}
	// Another stay has nothing of it.
	w.connect()
	w.expect("CONNECTED→DISCONNECTING", "DISCONNECTING→DISCONNECTED")
	if j = w.joinAs(client.JoinOptions{}, protocol.Joined{}); j.Pass != "" || j.UID != "" {
		t.Fatalf("joined with %+v", j)
	}
}

func leave(w *world) error {
	result := make(chan error, 1)
	go func() { result <- w.c.Leave(w.ctx) }()
	m := w.request(protocol.TypeLeave, nil)
	w.pipe.Say(protocol.TypeOK, m.ID, nil)
	return <-result
}

func TestPermkeyRunsOut(t *testing.T) {
	w := newWorld(t)
	w.join()
	w.pipe.Say(protocol.TypePermkeyWillExpire, 0, protocol.PermkeyWillExpire{Seconds: 30})
	w.expect("PermkeyWillExpire{}")
	w.pipe.Say(protocol.TypeClosed, 0, protocol.Closed{Reason: protocol.ClosePermkeyTimeout})
	w.expect("CONNECTED→DISCONNECTED", "PermkeyTimeout{}")
	if err := w.c.Publish(w.ctx, nil); code(err) != errcode.NotJoined { // no rejoin is under way
		t.Fatal(err)
	}
}

func TestPermkeyForbids(t *testing.T) {
	for _, tc := range []struct {
		reason string
		code   errcode.Code
	}{
		{protocol.ReasonNoPublishAudio, errcode.PublishRefused}, {protocol.ReasonNoPublishVideo, errcode.PublishRefused},
		{protocol.ReasonNoSubscribeAudio, errcode.SubscribeRefused}, {protocol.ReasonNoSubscribeVideo, errcode.SubscribeRefused},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			w := newWorld(t)
			w.join(bob)
			w.expect("PeerOnline{2}", "StreamAdded{2 audio}", "StreamAdded{2 video}", "MuteChanged{2 video true}")
			result, asked := make(<-chan error), protocol.TypeOffer
			if tc.code == errcode.PublishRefused {
				kind := protocol.MediaVideo
				if tc.reason == protocol.ReasonNoPublishAudio {
					kind = protocol.MediaAudio
				}
				result = w.publish(kind)
			} else {
				r := make(chan error, 1)
				go func() { r <- w.c.Subscribe(w.ctx, "2", protocol.MediaAudio) }()
				result, asked = r, protocol.TypeSubscribe
			}
			m := w.request(asked, nil)
			w.pipe.Say(protocol.TypeError, m.ID, protocol.Error{Code: int(tc.code), Reason: tc.reason})
			if err := <-result; code(err) != tc.code {
				t.Fatal(err)
			}
			w.expect("Failed{" + tc.reason + "}")
			if w.c.State() != client.Connected {
				t.Fatal(w.c.State())
			}
		})
	}
}

func TestUpdatePermkey(t *testing.T) {
	w := newWorld(t)
	if err := w.c.UpdatePermkey(w.ctx, "new"); code(err) != errcode.NotJoined {
		t.Fatal(err)
	}
	w.join()
	if err := w.c.UpdatePermkey(w.ctx, ""); code(err) != errcode.InvalidArgument {
		t.Fatal(err)
	}
	update := func(key string, answer protocol.Type, data any) error {
		result := make(chan error, 1)
		go func() { result <- w.c.UpdatePermkey(w.ctx, key) }()
		var p protocol.PermkeyChange
		m := w.request(protocol.TypePermkey, &p)
		if p.Permkey != key {
			t.Fatalf("asked for %q", p.Permkey)
		}
		w.pipe.Say(answer, m.ID, data)
		return <-result
	}
	if err := update("new", protocol.TypePermitted, protocol.Permitted{Audio: true, Video: true}); err != nil {
		t.Fatal(err)
	}
	if err := update("bad", protocol.TypeError, protocol.Error{Code: 414, Reason: "check checksum error"}); code(err) != errcode.BadToken {
		t.Fatal(err)
	}
	if j := w.comeBack(protocol.Joined{}); j.Permkey != "new" {
		t.Fatalf("came back with %q", j.Permkey)
	}
}

func TestUpdatePermkeyEndsWhatItDoesNotPermit(t *testing.T) {
	w := newWorld(t)
	w.join()
	publish := func(m protocol.MediaType, id string) {
		t.Helper()
		result := w.publish(m)
		var offer protocol.Offer
		o := w.request(protocol.TypeOffer, &offer)
		w.pipe.Say(protocol.TypeAnswer, o.ID, protocol.Answer{Published: map[string]string{offer.Tracks[0].CID: id}})
		if err := <-result; err != nil {
			t.Fatal(err)
		}
	}
	publish(protocol.MediaVideo, "v1")
	publish(protocol.MediaAudio, "a1")
	result := make(chan error, 1)
	go func() { result <- w.c.UpdatePermkey(w.ctx, "silent") }()
	m := w.request(protocol.TypePermkey, nil)
	w.pipe.Say(protocol.TypePermitted, m.ID, protocol.Permitted{Video: true})
	m = w.request(protocol.TypeOffer, nil) // without the sound
	w.pipe.Say(protocol.TypeAnswer, m.ID, protocol.Answer{})
	if err := <-result; err != nil {
		t.Fatal(err)
	}
	publish(protocol.MediaAudio, "a2") // once more, should it be permitted again
}

func TestCustomData(t *testing.T) {
	w := newWorld(t)
	if err := w.c.Join(w.ctx, client.JoinOptions{Server: "ws://x", Channel: "room", CustomData: string(make([]byte, 1025))}); code(err) != errcode.InvalidArgument {
		t.Fatal(err)
	}
	ann := protocol.Member{UID: "2", CustomData: "ann", Tracks: []protocol.Track{{ID: "a", MediaType: protocol.MediaAudio}}}
	w.join(ann)
	w.expect("PeerOnline{2}", "CustomData{2 ann}", "StreamAdded{2 audio}")
	w.pipe.Say(protocol.TypeMemberJoined, 0, protocol.Member{UID: "3", CustomData: "ben"})
	w.expect("PeerOnline{3}", "CustomData{3 ben}")
	// Joined anew with other data, while the former stay was there.
	w.pipe.Say(protocol.TypeMemberJoined, 0, protocol.Member{UID: "3", CustomData: "benjamin"})
	w.expect("CustomData{3 benjamin}")
	// After a rejoin only what is new is told.
	w.comeBack(protocol.Joined{Members: []protocol.Member{ann, {UID: "3", CustomData: "b"}}})
	w.expect("CustomData{3 b}")
	w.pipe.Say(protocol.TypeMemberLeft, 0, protocol.MemberLeft{UID: "3"})
	w.pipe.Say(protocol.TypeMemberJoined, 0, protocol.Member{UID: "3", CustomData: "b"})
	w.expect("PeerLeave{3}", "PeerOnline{3}", "CustomData{3 b}")
}
