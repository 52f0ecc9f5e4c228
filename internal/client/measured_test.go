package client_test

import (
	"slices"
	"testing"
	"time"

	"nertc/internal/client"
	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/internal/quality"
)

// Of a picture that nobody sees nothing is received: no time of it is one in which it plays.
func TestPictureThatNobodySees(t *testing.T) {
	w, m, _, _ := measured(t, func(n float64) []media.Stat {
		return []media.Stat{pair(0.02), {ID: "V", Type: media.StatInbound, Kind: media.Video, MID: "2", FramesDecoded: 25 * n}}
	})
	w.join(protocol.Member{UID: "2", Tracks: []protocol.Track{{ID: "v", MediaType: protocol.MediaVideo}}})
	w.expect("PeerOnline{2}", "StreamAdded{2 video}")
	w.receive("2", map[string]string{"2": "v"})
	w.expect("subscribed 2 video on 2")
	played := func() float64 { return w.c.RemoteVideoStats(protocol.MediaVideo)["2"].TotalPlayDuration }
	// after waits until some more readings were taken.
	after := func(readings time.Duration) {
		for until := m.now().Add(readings * time.Second); m.now().Before(until) && w.ctx.Err() == nil; {
			time.Sleep(time.Millisecond)
		}
	}
	for played() < 3 && w.ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	w.c.Seen("2", protocol.MediaVideo, protocol.QualityOff)
	after(3)
	halted := played()
	after(5)
	if now := played(); now != halted || now < 3 {
		t.Errorf("played %v s, and unseen %v s", halted, now)
	}
	w.c.Seen("2", protocol.MediaVideo, "")
	for played() < halted+2 {
		if w.ctx.Err() != nil {
			t.Fatal("seen again it does not play")
		}
		time.Sleep(time.Millisecond)
	}
}

// What is subscribed to anew begins anew, also where that takes no longer than from one reading to the next.
func TestPlayDurationOfAnotherSubscription(t *testing.T) {
	w, m, _, _ := measured(t, func(n float64) []media.Stat {
		return []media.Stat{pair(0.02), {ID: "V", Type: media.StatInbound, Kind: media.Video, MID: "2", FramesDecoded: 25 * n}}
	})
	w.join(protocol.Member{UID: "2", Tracks: []protocol.Track{{ID: "v", MediaType: protocol.MediaVideo}}})
	w.expect("PeerOnline{2}", "StreamAdded{2 video}")
	played := func() float64 { return w.c.RemoteVideoStats(protocol.MediaVideo)["2"].TotalPlayDuration }
	const long = 300
	for _, track := range []string{"v", "w", "w"} {
		w.receive("2", map[string]string{"2": track})
		w.expect("subscribed 2 video on 2")
		for two := m.now().Add(2 * time.Second); m.now().Before(two) && w.ctx.Err() == nil; { // what is asked for is the last reading
			time.Sleep(time.Millisecond)
		}
		if now := played(); now >= long {
			t.Errorf("%s has played for %v s at once", track, now)
		}
		for played() < long && w.ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		if track == "v" { // published anew
			w.pipe.Say(protocol.TypeTrackAdded, 0, protocol.TrackEvent{UID: "2", Track: protocol.Track{ID: "w", MediaType: protocol.MediaVideo}})
			w.expect("StreamRemoved{2 video}", "StreamAdded{2 video}")
			continue
		}
		done := make(chan error, 1)
		go func() { done <- w.c.Subscribe(w.ctx, "2") }()
		w.pipe.Say(protocol.TypeOK, w.request(protocol.TypeSubscribe, nil).ID, nil)
		must(t, <-done)
	}
}

// The list has an order: oneself, then the others by their uids.
func TestOrderOfQualities(t *testing.T) {
	w, _, qualities, _ := measured(t, func(float64) []media.Stat { return []media.Stat{pair(0.02)} })
	others := []string{"2", "3", "4", "5", "6", "7", "8", "9"}
	var members []protocol.Member
	for _, uid := range others {
		members = append(members, protocol.Member{UID: uid})
	}
	w.join(members...)
	for range 3 {
		var got []string
		for _, u := range (<-qualities).Users {
			got = append(got, u.UID)
		}
		if want := append([]string{"1"}, others...); !slices.Equal(got, want) {
			t.Errorf("got %v", got)
		}
	}
}

// In the room again, but not its media yet: what does not come then is no fault of anybody's.
func TestNoExceptionsBeforeMediaIsThereAgain(t *testing.T) {
	received := func(decoded float64) func(n float64) []media.Stat {
		return func(n float64) []media.Stat {
			return []media.Stat{pair(0.02), {ID: "V", Type: media.StatInbound, Kind: media.Video, MID: "2", PacketsReceived: 100 * n, FramesDecoded: decoded * n}}
		}
	}
	w, m, qualities, exceptions := measured(t, received(25))
	ann := func(track string) protocol.Member {
		return protocol.Member{UID: "2", Tracks: []protocol.Track{{ID: track, MediaType: protocol.MediaVideo}}}
	}
	w.join(ann("v"))
	w.expect("PeerOnline{2}", "StreamAdded{2 video}")
	w.receive("2", map[string]string{"2": "v"})
	w.expect("subscribed 2 video on 2")
	w.cut()
	w.expect("CONNECTED→CONNECTING again")
	m.set(received(0))
	w.rejoinsSeeing(ann("v2"))
	for until := m.now().Add(10 * time.Second); m.now().Before(until) && w.ctx.Err() == nil; {
		time.Sleep(time.Millisecond)
	}
	if n := len(exceptions); n > 0 {
		t.Errorf("%d exceptions", n)
	}
	m.Observer.State(media.StateConnected)
	judged(t, w, qualities, client.UserQuality{UID: "1", Uplink: quality.Excellent, Downlink: quality.Excellent})
	select {
	case e := <-exceptions:
		if want := (client.Exception{UID: "2", Kind: quality.VideoDecodeFailed}); e != want {
			t.Errorf("got %+v, want %+v", e, want)
		}
	case <-w.ctx.Done():
		t.Error("nothing is told behind it either")
	}
}
