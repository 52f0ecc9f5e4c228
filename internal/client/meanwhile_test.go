package client_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"nertc/internal/client"
	"nertc/internal/errcode"
	"nertc/internal/media"
	"nertc/internal/media/mediatest"
	"nertc/internal/protocol"
)

// What ends or changes while the connection is away does so at once, and is not published again as it was.
func TestChangesDuringARejoinAreNotUndoneByIt(t *testing.T) {
	w := newWorld(t)
	w.join()
	published := w.publish(protocol.MediaVideo, protocol.MediaScreen)
	w.answerOffers("cid-video", "cid-screen")
	must(t, <-published)
	w.cut()
	w.expect("CONNECTED→CONNECTING again")

	must(t, w.c.Unpublish(w.ctx, protocol.MediaScreen)) // the sharing was stopped
	must(t, w.c.Replace(w.ctx, client.LocalTrack{       // and another camera chosen
		MediaType: protocol.MediaVideo, Track: mediatest.Local("other"), Width: 640, Height: 360,
		Send: media.SendOptions{MaxBitrate: 700_000},
	}))
	must(t, w.c.SetMuted(w.ctx, protocol.MediaVideo, true))
	if !w.c.Publishes(protocol.MediaVideo) || w.c.Publishes(protocol.MediaScreen) {
		t.Fatal("what is published is not what was left")
	}

	w.connect()
	w.letIn()
	w.expect("CONNECTING→CONNECTED again")
	announced := w.answerOffers("other")
	if n := announced["other"]; len(announced) != 1 || n.Width != 640 || n.Bitrate != 700_000 || !n.Muted {
		t.Fatalf("published again: %+v", announced)
	}
	w.quiet()
}

// The room refuses whole offers, whatever of them it is that the key does not permit.
func TestWhatIsPermittedIsPublishedBesideWhatIsNot(t *testing.T) {
	w := newWorld(t)
	w.join()
	published := w.publish(protocol.MediaAudio, protocol.MediaVideo, protocol.MediaScreen)
	ctx, cancel := context.WithCancel(w.ctx) // which track is in which offer, and so how many come, is left to chance
	var result error
	go func() {
		result = <-published
		cancel()
	}()
	for {
		m, err := w.pipe.Next(ctx)
		if err != nil {
			break
		}
		if m.Type != protocol.TypeOffer {
			continue
		}
		var o protocol.Offer
		decodeInto(t, m, &o)
		ids, refused := map[string]string{}, false
		for _, track := range o.Tracks {
			ids[track.CID] = "T-" + track.CID
			refused = refused || track.MediaType == protocol.MediaAudio
		}
		if refused {
			w.peer().Refused()
			w.pipe.Say(protocol.TypeError, m.ID, protocol.Error{Code: 10355, Reason: protocol.ReasonNoPublishAudio})
			continue
		}
		w.pipe.Say(protocol.TypeAnswer, m.ID, protocol.Answer{SDP: "answer", Published: ids})
	}
	<-ctx.Done()
	if code(result) != errcode.PublishRefused || errcode.Of(result).Reason != protocol.ReasonNoPublishAudio {
		t.Fatal(result)
	}
	w.expect("Failed{no-publish-audio-permission}")
	for mediaType, want := range map[protocol.MediaType]bool{protocol.MediaAudio: false, protocol.MediaVideo: true, protocol.MediaScreen: true} {
		if w.c.Publishes(mediaType) != want {
			t.Errorf("%s: published is not %v", mediaType, want)
		}
	}
}

// Who mutes while signalling is away stays muted, however long that takes: media may flow all the time.
func TestAMuteOutlastsAnInterruption(t *testing.T) {
	w := newWorld(t)
	w.resumable()
	published := w.publish(protocol.MediaAudio)
	w.answerOffers("cid-audio")
	must(t, <-published)
	w.cut()
	w.expect("CONNECTED→CONNECTING again")
	ctx, cancel := context.WithTimeout(w.ctx, 20*time.Millisecond) // in a page this is callTimeout
	defer cancel()
	must(t, w.c.SetMuted(ctx, protocol.MediaAudio, true))

	w.connect()
	m := w.request(protocol.TypeResume, nil)
	w.pipe.Say(protocol.TypeResumed, m.ID, protocol.Resumed{})
	w.expect("CONNECTING→CONNECTED again")
	var told protocol.Mute
	for m.Type != protocol.TypeMute { // media looks for a path, too
		var err error
		if m, err = w.pipe.Next(w.ctx); err != nil {
			t.Fatal(err)
		}
		if m.Type == protocol.TypeOffer {
			w.pipe.Say(protocol.TypeAnswer, m.ID, protocol.Answer{SDP: "answer"})
		}
	}
	decodeInto(t, m, &told)
	if told.Track != "T-cid-audio" || !told.Muted {
		t.Fatalf("%+v", told)
	}
	w.pipe.Say(protocol.TypeOK, m.ID, nil)
	w.answerWhile(w.become(audience))
	changed := w.become(host)
	if again := w.answerOffers("cid-audio-1"); !again["cid-audio-1"].Muted {
		t.Fatalf("published again: %+v", again)
	}
	must(t, <-changed)
}

// A publication whose caller has given up does not come about later with a track that is no longer there.
func TestAPublicationThatWasGivenUpIsNone(t *testing.T) {
	w := newWorld(t)
	w.resumable()
	w.cut()
	w.expect("CONNECTED→CONNECTING again")
	ctx, cancel := context.WithTimeout(w.ctx, time.Second) // in a page this is callTimeout; enough to be asked for
	defer cancel()
	camera := func(name string) []client.LocalTrack {
		return []client.LocalTrack{{MediaType: protocol.MediaVideo, Track: mediatest.Local(name)}}
	}
	if err := w.c.Publish(ctx, camera("first")); code(err) != errcode.Network {
		t.Fatal(err)
	}
	if w.c.Publishes(protocol.MediaVideo) {
		t.Fatal("it is published")
	}
	again := make(chan error, 1)
	go func() { again <- w.c.Publish(w.ctx, camera("second")) }()

	w.connect()
	m := w.request(protocol.TypeResume, nil)
	w.pipe.Say(protocol.TypeResumed, m.ID, protocol.Resumed{})
	w.expect("CONNECTING→CONNECTED again")
	w.answerOffers("first", "second")
	must(t, <-again)
	if log := w.peer().Log(); !slices.Contains(log, "stop first") {
		t.Fatal(log)
	}
}
