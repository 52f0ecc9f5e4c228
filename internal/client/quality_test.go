package client_test

import (
	"context"
	"errors"
	"testing"

	"nertc/internal/errcode"
	"nertc/internal/protocol"
)

var errUnwilling = errors.New("the browser does not want it")

var ann = protocol.Member{UID: "2", Tracks: []protocol.Track{
	{ID: "v", MediaType: protocol.MediaVideo}, {ID: "s", MediaType: protocol.MediaScreen},
}}

// wishes answers the client's next wish and checks it.
func (w *world) wishes(track string, q protocol.Quality) {
	w.t.Helper()
	var wish protocol.Wish
	m := w.request(protocol.TypeQuality, &wish)
	if len(wish.Tracks) != 1 || wish.Tracks[0] != track || wish.Quality != q {
		w.t.Fatalf("wishes %+v, want %s of %s", wish, q, track)
	}
	w.pipe.Say(protocol.TypeOK, m.ID, nil)
}

func (w *world) choose(q protocol.Quality, types ...protocol.MediaType) <-chan error {
	result := make(chan error, 1)
	go func() { result <- w.c.Choose(w.ctx, "2", q, types...) }()
	return result
}

// takes answers a subscription of ann's camera.
func (w *world) takes(result <-chan error) {
	w.t.Helper()
	m := w.request(protocol.TypeSubscribe, nil)
	w.pipe.Say(protocol.TypeOK, m.ID, nil)
	w.pipe.Say(protocol.TypeSections, 0, protocol.Sections{})
	m = w.request(protocol.TypeOffer, nil)
	w.pipe.Say(protocol.TypeAnswer, m.ID, protocol.Answer{Mids: map[string]string{"4": "v"}})
	must(w.t, <-result)
}

func (w *world) subscribe(ctx context.Context, types ...protocol.MediaType) <-chan error {
	result := make(chan error, 1)
	go func() { result <- w.c.Subscribe(ctx, "2", types...) }()
	return result
}

func TestChoiceOfALayer(t *testing.T) {
	w := newWorld(t)
	if err := <-w.choose(protocol.QualityLow, protocol.MediaVideo); code(err) != errcode.NotJoined {
		t.Fatal(err)
	}
	w.join(ann)
	w.expect("PeerOnline{2}", "StreamAdded{2 video}", "StreamAdded{2 screen}")
	if err := w.c.Choose(w.ctx, "9", protocol.QualityLow, protocol.MediaVideo); code(err) != errcode.NoSuchUser {
		t.Fatal(err)
	}
	// Before the subscription nothing is asked, with it the quality comes first.
	must(t, <-w.choose(protocol.QualityLow, protocol.MediaVideo))
	result := w.subscribe(w.ctx, protocol.MediaVideo)
	w.wishes("v", protocol.QualityLow)
	w.takes(result)
	w.expect("subscribed 2 video on 4")
	chosen := w.choose(protocol.QualityHigh, protocol.MediaVideo, protocol.MediaScreen)
	w.wishes("v", protocol.QualityHigh)
	must(t, <-chosen)
	must(t, <-w.choose(protocol.QualityHigh, protocol.MediaVideo)) // it is so already
	w.c.Seen("2", protocol.MediaVideo, protocol.QualityOff)        // the page has chosen
	chosen = w.choose(protocol.QualityLow, protocol.MediaVideo)
	w.wishes("v", protocol.QualityLow)
	must(t, <-chosen)

	// After a rejoin the same is asked for, and of a publication that comes new too.
	w.cut()
	w.expect("CONNECTED→CONNECTING again")
	w.connect()
	w.letIn(protocol.Member{UID: "2", Tracks: []protocol.Track{{ID: "v2", MediaType: protocol.MediaVideo}}})
	w.expect("CONNECTING→CONNECTED again")
	w.wishes("v2", protocol.QualityLow)
	w.request(protocol.TypeSubscribe, nil)
}

func TestWhatCanBeSeenIsReceived(t *testing.T) {
	w := newWorld(t)
	w.join(ann)
	w.expect("PeerOnline{2}", "StreamAdded{2 video}", "StreamAdded{2 screen}")
	w.c.Seen("2", protocol.MediaVideo, protocol.QualityLow)
	w.c.Seen("9", protocol.MediaVideo, protocol.QualityLow)
	result := w.subscribe(w.ctx, protocol.MediaVideo)
	w.wishes("v", protocol.QualityLow)
	w.takes(result)
	w.expect("subscribed 2 video on 4")
	w.c.Seen("2", protocol.MediaVideo, protocol.QualityLow) // no news
	w.c.Seen("2", protocol.MediaScreen, protocol.QualityOff)
	w.c.Seen("2", protocol.MediaVideo, protocol.QualityOff)
	w.wishes("v", protocol.QualityOff)
	w.c.Seen("2", protocol.MediaVideo, protocol.QualityHigh)
	w.wishes("v", protocol.QualityHigh)
	w.quiet()
}
