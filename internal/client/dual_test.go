package client_test

import (
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
