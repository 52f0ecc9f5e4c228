package client_test

import (
	"errors"
	"slices"
	"testing"

	"nertc/internal/client"
	"nertc/internal/errcode"
	"nertc/internal/media"
	"nertc/internal/media/mediatest"
	"nertc/internal/protocol"
)

func TestReplaceKeepsThePublication(t *testing.T) {
	w := newWorld(t)
	other := client.LocalTrack{
		MediaType: protocol.MediaVideo, Track: mediatest.Local("other"), Width: 640, Height: 360,
		Send: media.SendOptions{MaxBitrate: 700_000},
	}
	must(t, w.c.Replace(w.ctx, other)) // nothing is published: nothing is done
	w.join()
	must(t, w.c.Replace(w.ctx, other))
	published := w.publish(protocol.MediaVideo)
	w.answerOffers("cid-video")
	must(t, <-published)
	must(t, w.c.Replace(w.ctx, other))
	var r protocol.Resize
	m := w.request(protocol.TypeResize, &r)
	if r != (protocol.Resize{Track: "T-cid-video", Width: 640, Height: 360}) {
		t.Fatalf("%+v", r)
	}
	w.pipe.Say(protocol.TypeOK, m.ID, nil)
	if n := offers(w); n != 2 { // the first one and that of the publication
		t.Fatalf("%d offers", n)
	}
	log := w.peer().Log()
	if !slices.Contains(log, "replace cid-video other") || !slices.Contains(log, "limit cid-video 700000") {
		t.Fatal(log)
	}

	// An audience sends nothing; as host again it is the other track that is published, with its limits.
	w.answerWhile(w.become(audience))
	must(t, w.c.Limit(w.ctx, protocol.MediaVideo, media.SendOptions{MaxBitrate: 300_000}))
	changed := w.become(host)
	announced := w.answerOffers("other")
	must(t, <-changed)
	if n := announced["other"]; n.Width != 640 || n.Height != 360 || n.Bitrate != 300_000 {
		t.Fatalf("published again: %+v", n)
	}
	w.quiet()
}

// offers counts those that were made.
func offers(w *world) (n int) {
	for _, step := range w.peer().Log() {
		if step == "offer" {
			n++
		}
	}
	return n
}

func TestReplaceThatFailsLeavesTheFormerTrack(t *testing.T) {
	w := newWorld(t)
	w.join()
	published := w.publish(protocol.MediaVideo)
	w.answerOffers("cid-video")
	must(t, <-published)
	w.peer().Fail("replace", errors.New("the browser does not want it"))
	err := w.c.Replace(w.ctx, client.LocalTrack{MediaType: protocol.MediaVideo, Track: mediatest.Local("other")})
	if code(err) != errcode.InvalidOperation {
		t.Fatal(err)
	}
	w.answerWhile(w.become(audience))
	changed := w.become(host)
	w.answerOffers("cid-video-1")
	must(t, <-changed)
}
