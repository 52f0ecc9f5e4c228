package client_test

import (
	"testing"

	"nertc/internal/client"
	"nertc/internal/errcode"
	"nertc/internal/protocol"
)

// told is an AudioVideoBanned with its pointers followed: "on", "off" or "" for no change.
type told struct {
	uid, audio, video string
	duration          int
}

func follow(b *bool) string {
	switch {
	case b == nil:
		return ""
	case *b:
		return "on"
	}
	return "off"
}

func TestMutedByTheOperator(t *testing.T) {
	events := make(chan told, 16)
	w := newWorld(t, func(o *client.Options) {
		next := o.Handle
		o.Handle = func(e client.Event) {
			if b, ok := e.(client.AudioVideoBanned); ok {
				events <- told{b.UID, follow(b.Audio), follow(b.Video), b.Duration}
				return
			}
			next(e)
		}
	})
	w.join()
	published := w.publish(protocol.MediaAudio)
	m := w.request(protocol.TypeOffer, nil)
	w.pipe.Say(protocol.TypeAnswer, m.ID, protocol.Answer{SDP: "answer-2", Published: map[string]string{"cid-audio": "TR1"}})
	if err := <-published; err != nil {
		t.Fatal(err)
	}
	yes, no := true, false
	for _, tc := range []struct {
		said protocol.Banned
		want told
	}{
		{protocol.Banned{Audio: &yes, Duration: 60}, told{"1", "on", "", 60}},
		{protocol.Banned{Video: &yes}, told{"1", "", "on", 0}},
		{protocol.Banned{Audio: &no, Video: &no}, told{"1", "off", "off", 0}},
	} {
		w.pipe.Say(protocol.TypeBanned, 0, tc.said)
		select {
		case got := <-events:
			if got != tc.want {
				t.Errorf("told %+v, want %+v", got, tc.want)
			}
		case <-w.ctx.Done():
			t.Fatal("never told")
		}
	}

	// An unmute that is refused changes nothing, so it can be asked again.
	set := func(muted bool, answer protocol.Type, data any) error {
		t.Helper()
		result := make(chan error, 1)
		go func() { result <- w.c.SetMuted(w.ctx, protocol.MediaAudio, muted) }()
		var asked protocol.Mute
		m := w.request(protocol.TypeMute, &asked)
		if asked.Track != "TR1" || asked.Muted != muted {
			t.Fatalf("asks %+v", asked)
		}
		w.pipe.Say(answer, m.ID, data)
		return <-result
	}
	if err := set(true, protocol.TypeOK, nil); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		err := set(false, protocol.TypeError, protocol.Error{Code: 4032, Reason: "muted by the operator"})
		if e := errcode.Of(err); e.Code != errcode.RefusedByServer || e.ExtraCode != 4032 {
			t.Fatal(err)
		}
	}
	if err := w.c.SetMuted(w.ctx, protocol.MediaAudio, true); err != nil { // nobody is asked: it is muted
		t.Fatal(err)
	}
	if err := set(false, protocol.TypeOK, nil); err != nil {
		t.Fatal(err)
	}
}
