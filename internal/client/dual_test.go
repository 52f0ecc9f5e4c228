package client_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"nertc/internal/client"
	"nertc/internal/media"
	"nertc/internal/media/mediatest"
	"nertc/internal/protocol"
)

func camera(width, height int) client.LocalTrack {
	return client.LocalTrack{
		MediaType: protocol.MediaVideo, Track: mediatest.TwoSizes{Local: "cid-video"}, Width: width, Height: height,
		Send: media.SendOptions{MaxBitrate: 900_000},
	}
}

// send publishes a track and gives its announcement.
func (w *world) send(t client.LocalTrack) protocol.NewTrack {
	w.t.Helper()
	result := make(chan error, 1)
	go func() { result <- w.c.Publish(w.ctx, []client.LocalTrack{t}) }()
	announced := w.answerOffers(t.Track.ID())
	must(w.t, <-result)
	return announced[t.Track.ID()]
}

// does waits until the peer connection has been asked for something as the last of its kind.
func (w *world) does(step string) {
	w.t.Helper()
	var log []string
	for w.ctx.Err() == nil {
		log = w.peer().Log()
		if n := len(log); n > 0 && log[n-1] == step {
			return
		}
		time.Sleep(time.Millisecond) // nothing tells of a step of the peer connection
	}
	w.t.Fatalf("%q is not the last of %q", step, log)
}

func member(uid string) protocol.Member { return protocol.Member{UID: uid} }

func TestTwoSizesWhenMoreThanTwoAreThere(t *testing.T) {
	w := newWorld(t)
	w.join()
	sent := w.send(camera(640, 480))
	want := []protocol.Layer{{Width: 240, Height: 180, Bitrate: 100_000}, {Width: 640, Height: 480, Bitrate: 900_000}}
	if !reflect.DeepEqual(sent.Layers, want) {
		t.Fatalf("announced %+v", sent.Layers)
	}
	if log := w.peer().Log(); !slices.Contains(log, "send cid-video low false high true") {
		t.Fatal(log)
	}
	w.pipe.Say(protocol.TypeMemberJoined, 0, member("2"))
	w.expect("PeerOnline{2}")
	w.pipe.Say(protocol.TypeMemberJoined, 0, member("3"))
	w.expect("PeerOnline{3}", "TrackLow{video false}")
	w.does("limit cid-video 900000 low true high true")

	// What nobody watches is not sent.
	watched := protocol.Watched{Track: "T-cid-video", Low: true}
	w.pipe.Say(protocol.TypeWatched, 0, watched)
	w.does("limit cid-video 900000 low true high false")
	w.pipe.Say(protocol.TypeWatched, 0, protocol.Watched{Track: "T-cid-video"})
	w.does("limit cid-video 900000 low false high false")
	w.pipe.Say(protocol.TypeWatched, 0, protocol.Watched{Track: "somebody's"})
	w.pipe.Say(protocol.TypeWatched, 0, watched)
	w.does("limit cid-video 900000 low true high false")

	// Without the low layer those who want it get the high one.
	w.pipe.Say(protocol.TypeMemberLeft, 0, protocol.MemberLeft{UID: "3"})
	w.expect("PeerLeave{3}")
	w.does("limit cid-video 900000 low false high true")

	// A new limit, and another size, leave the layers as they are.
	must(t, w.c.Limit(w.ctx, protocol.MediaVideo, media.SendOptions{MaxBitrate: 500_000}))
	w.does("limit cid-video 500000 low false high true")
	w.pipe.Say(protocol.TypeMemberJoined, 0, member("4"))
	w.expect("PeerOnline{4}", "TrackLow{video false}")
	w.does("limit cid-video 500000 low true high false")

	// So does a rejoin.
	w.cut()
	w.expect("CONNECTED→CONNECTING again")
	w.connect()
	w.letIn(member("2"), member("4"))
	w.expect("CONNECTING→CONNECTED again")
	if again := w.answerOffers("cid-video")["cid-video"]; len(again.Layers) != 2 || again.Layers[1].Bitrate != 500_000 {
		t.Fatalf("announced %+v", again.Layers)
	}
	w.does("limit cid-video 500000 low true high true")
	w.quiet()
}

// Who publishes again and again in a long stay hears late of many a picture that has gone.
func TestLatePicturesDoNotKeepOutTheWordOnThePresentOne(t *testing.T) {
	w := newWorld(t)
	w.join()
	for i := range 40 {
		w.pipe.Say(protocol.TypeWatched, 0, protocol.Watched{Track: fmt.Sprintf("T-gone-%d", i)})
	}
	w.send(camera(640, 480))
	w.pipe.Say(protocol.TypeWatched, 0, protocol.Watched{Track: "T-cid-video"})
	w.does("limit cid-video 900000 low false high false")
	for i := range 40 {
		w.pipe.Say(protocol.TypeWatched, 0, protocol.Watched{Track: fmt.Sprintf("T-gone-%d", i)})
	}
	w.pipe.Say(protocol.TypeWatched, 0, protocol.Watched{Track: "T-cid-video", High: true})
	w.does("limit cid-video 900000 low false high true")
}

func TestSmallCamerasAndScreensAreSentOnceUnlessThePageSays(t *testing.T) {
	w := newWorld(t)
	must(t, w.c.SetDual(w.ctx, true, protocol.MediaScreen)) // before the join
	w.join(member("2"), member("3"))
	w.expect("PeerOnline{2}", "PeerOnline{3}")
	w.send(camera(320, 240))
	if log := w.peer().Log(); !slices.Contains(log, "send cid-video low false high true") {
		t.Fatal(log)
	}
	screen := client.LocalTrack{MediaType: protocol.MediaScreen, Track: mediatest.TwoSizes{Local: "cid-screen"}, Width: 1920, Height: 1080}
	sent := w.send(screen)
	if want := (protocol.Layer{Width: 240, Height: 135, Bitrate: 200_000}); len(sent.Layers) != 2 || sent.Layers[0] != want {
		t.Fatalf("announced %+v", sent.Layers)
	}
	w.expect("TrackLow{screen false}")
	w.does("limit cid-screen 0 low true high true")
	must(t, w.c.SetDual(w.ctx, true, protocol.MediaVideo, protocol.MediaScreen))
	w.expect("TrackLow{video false}")
	w.does("limit cid-video 900000 low true high true")
	must(t, w.c.SetDual(w.ctx, false, protocol.MediaVideo, protocol.MediaScreen))
	w.pipe.Say(protocol.TypeMemberJoined, 0, member("4"))
	w.expect("PeerOnline{4}")
	if log := w.peer().Log(); !slices.Contains(log, "limit cid-video 900000 low false high true") || !slices.Contains(log, "limit cid-screen 0 low false high true") {
		t.Fatal(log)
	}
	w.quiet()
}

func TestATrackOfOneSize(t *testing.T) {
	w := newWorld(t)
	w.join(member("2"), member("3"))
	w.expect("PeerOnline{2}", "PeerOnline{3}")
	one := camera(1280, 720)
	one.Track = mediatest.Local("cid-video")
	if sent := w.send(one); sent.Layers != nil {
		t.Fatalf("announced %+v", sent.Layers)
	}
	must(t, w.c.SetDual(w.ctx, true, protocol.MediaVideo))
	w.pipe.Say(protocol.TypeWatched, 0, protocol.Watched{Track: "T-cid-video"})
	w.does("limit cid-video 900000 off")
	w.quiet()
}

func TestATrackThatCannotBeSentInTwoSizes(t *testing.T) {
	w := newWorld(t)
	w.join()
	w.send(camera(640, 480))
	w.peer().Fail("limit", errUnwilling)
	if err := w.c.SetDual(w.ctx, true, protocol.MediaVideo); code(err) != 10001 {
		t.Fatal(err)
	}
	w.expect("TrackLow{video true}")
}

// A camera that gives another size is still sent with a low layer of the documented one, the room knows its size, and what
// is sent by itself in two sizes begins to be.
func TestAPictureOfAnotherSize(t *testing.T) {
	w := newWorld(t)
	w.join(member("2"), member("3"))
	w.expect("PeerOnline{2}", "PeerOnline{3}")
	w.send(camera(320, 240))
	other := camera(960, 720)
	other.Track = mediatest.TwoSizes{Local: "another"}
	must(t, w.c.Reshape(w.ctx, other)) // that is not what is published
	must(t, w.c.Reshape(w.ctx, camera(320, 240)))
	must(t, w.c.Reshape(w.ctx, camera(960, 720)))
	var r protocol.Resize
	m := w.request(protocol.TypeResize, &r)
	w.pipe.Say(protocol.TypeOK, m.ID, nil)
	if r != (protocol.Resize{Track: "T-cid-video", Width: 960, Height: 720}) {
		t.Fatal(r)
	}
	w.expect("TrackLow{video false}")
	w.does("limit cid-video 900000 low true high true")
	// Another camera in its place is another size too.
	done := make(chan error, 1)
	go func() { done <- w.c.Replace(w.ctx, other) }()
	must(t, <-done)
	small := camera(320, 240)
	small.Track = mediatest.TwoSizes{Local: "small"}
	go func() { done <- w.c.Replace(w.ctx, small) }()
	m = w.request(protocol.TypeResize, &r)
	w.pipe.Say(protocol.TypeError, m.ID, protocol.Error{Code: 10000}) // who does not know of it lives with that
	if must(t, <-done); r.Width != 320 {
		t.Fatal(r)
	}
	w.does("limit cid-video 900000 low false high true")
}

// The choice of a layer ends, and what is seen counts again.
func TestTheChoiceOfALayerEnds(t *testing.T) {
	w := newWorld(t)
	w.join(protocol.Member{UID: "2", Tracks: []protocol.Track{{ID: "v", MediaType: protocol.MediaVideo}}})
	w.expect("PeerOnline{2}", "StreamAdded{2 video}")
	w.receive("2", map[string]string{"4": "v"})
	choose := func(q protocol.Quality) {
		done := make(chan error, 1)
		go func() { done <- w.c.Choose(w.ctx, "2", q, protocol.MediaVideo) }()
		w.wishes("v", map[protocol.Quality]protocol.Quality{protocol.QualityHigh: protocol.QualityHigh, "": protocol.QualityLow}[q])
		must(t, <-done)
	}
	w.c.Seen("2", protocol.MediaVideo, protocol.QualityLow)
	w.wishes("v", protocol.QualityLow)
	choose(protocol.QualityHigh)
	choose("")
	w.c.Seen("2", protocol.MediaVideo, protocol.QualityOff)
	w.wishes("v", protocol.QualityOff)
}
