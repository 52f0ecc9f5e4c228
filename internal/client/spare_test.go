package client_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"nertc/internal/client"
	"nertc/internal/media"
	"nertc/internal/media/mediatest"
	"nertc/internal/protocol"
)

// twoCodecs is a peer connection that sends pictures in two codecs.
type twoCodecs struct{ *mediatest.Peer }

func (twoCodecs) PictureCodecs() []string { return []string{"VP8", "H264"} }

// newChoice is a world whose client has published a picture that can be had in two codecs.
func newChoice(t *testing.T) *world {
	var w *world
	w = newWorld(t, func(o *client.Options) {
		o.NewPeer = func(observer media.Observer) (media.PeerConnection, error) {
			_, err := w.newPeer(observer)
			return twoCodecs{w.peer()}, err
		}
	})
	w.join()
	published := w.publish(protocol.MediaVideo)
	announced := w.answerOffers("cid-video")["cid-video"]
	must(t, <-published)
	if !slices.Equal(announced.Codecs, []string{"VP8", "H264"}) || announced.Of != "" {
		t.Fatalf("announced %+v", announced)
	}
	return w
}

func (w *world) watched(spare, first bool) {
	w.pipe.Say(protocol.TypeWatched, 0, protocol.Watched{Track: "T-cid-video", Low: first, High: first, Spare: spare})
}

// steps waits until these steps, and others, have been made in this order since the last time.
func (w *world) steps(seen *int, steps ...string) {
	w.t.Helper()
	for {
		log := w.peer().Log()
		at := *seen
		found := 0
		for ; at < len(log) && found < len(steps); at++ {
			if log[at] == steps[found] {
				found++
			}
		}
		if found == len(steps) {
			*seen = at
			return
		}
		select {
		case <-w.ctx.Done():
			w.t.Fatalf("%q never came, but %q", steps[found], log[*seen:])
		case <-time.After(time.Millisecond):
		}
	}
}

func TestSpareCodecIsSentWhileSomebodyNeedsIt(t *testing.T) {
	w := newChoice(t)
	seen := 0
	w.steps(&seen, "send cid-video")

	w.watched(true, true)
	spare := w.answerOffers("spare-cid-video")["spare-cid-video"]
	if spare.Of != "T-cid-video" || !slices.Equal(spare.Codecs, []string{"H264"}) || spare.MediaType != protocol.MediaVideo {
		t.Fatalf("announced %+v", spare)
	}
	w.steps(&seen, "send cid-video in H264", "offer", "limit spare-cid-video 0")
	w.watched(true, false) // nobody is left who decodes the first
	w.steps(&seen, "limit cid-video 0 off", "limit spare-cid-video 0")
	w.watched(true, true)
	w.steps(&seen, "limit cid-video 0")

	// Without an offer it stops and begins again.
	w.watched(false, true)
	w.steps(&seen, "limit spare-cid-video 0 off")
	w.watched(true, true)
	w.steps(&seen, "limit spare-cid-video 0")

	// What is done to the publication is done to both.
	must(t, w.c.Replace(w.ctx, client.LocalTrack{MediaType: protocol.MediaVideo, Track: mediatest.Local("other"), Send: media.SendOptions{MaxBitrate: 700}}))
	w.steps(&seen, "replace cid-video other", "replace spare-cid-video other", "limit cid-video 700", "limit spare-cid-video 700")
	done := make(chan error, 1)
	go func() { done <- w.c.Unpublish(w.ctx, protocol.MediaVideo) }()
	w.answerOffer()
	must(t, <-done)
	w.steps(&seen, "stop cid-video", "stop spare-cid-video", "offer")
	w.quiet()
}

func TestSpareCodecOnItsWay(t *testing.T) {
	for _, c := range []struct {
		name     string
		then     func(w *world)
		want     []string
		finished bool // the publication is over
	}{
		{"no longer needed", func(w *world) { w.watched(false, true) }, []string{"limit spare-cid-video 0 off"}, false},
		{"another track", func(w *world) {
			must(w.t, w.c.Replace(w.ctx, client.LocalTrack{MediaType: protocol.MediaVideo, Track: mediatest.Local("other")}))
		}, []string{"replace spare-cid-video other"}, false},
		{"unpublished", func(w *world) {
			go func() { _ = w.c.Unpublish(w.ctx, protocol.MediaVideo) }()
			n := 0
			w.steps(&n, "stop cid-video")
		}, []string{"stop spare-cid-video"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newChoice(t)
			w.watched(true, true)
			var o protocol.Offer
			m := w.request(protocol.TypeOffer, &o)
			c.then(w)
			w.pipe.Say(protocol.TypeAnswer, m.ID, protocol.Answer{SDP: "answer", Published: map[string]string{o.Tracks[0].CID: "T-cid-video"}})
			seen := 0
			w.steps(&seen, c.want...)
			if c.finished { // with an offer that says so
				w.answerOffer()
				w.steps(&seen, "answer answer")
			}
		})
	}
}

func TestSpareCodecThatIsRefused(t *testing.T) {
	w := newChoice(t)
	w.watched(true, true)
	m := w.request(protocol.TypeOffer, nil)
	w.pipe.Say(protocol.TypeAnswer, m.ID, protocol.Answer{SDP: "answer"}) // not published
	seen := 0
	w.steps(&seen, "send cid-video in H264", "stop spare-cid-video")
	w.watched(false, true)
	w.watched(true, true)
	w.quiet() // it is not asked for again and again
}

func TestSpareCodecThatTheBrowserRefuses(t *testing.T) {
	w := newChoice(t)
	w.peer().Fail("send", errors.New("no encoder is left"))
	w.watched(true, true)
	w.watched(false, true)
	w.watched(true, true)
	w.quiet()
}
