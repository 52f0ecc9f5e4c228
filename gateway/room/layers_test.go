package room

import (
	"reflect"
	"testing"

	"nertc/gateway/engine"
	"nertc/internal/protocol"
)

func TestQualityReachesTheEngine(t *testing.T) {
	g := newStage(t, Options{})
	stranger := dial(t, g.Server)
	if got := stranger.refused(protocol.TypeQuality, protocol.Wish{Tracks: []string{"v"}, Quality: protocol.QualityLow}); got != 10009 {
		t.Errorf("before the join: %d", got)
	}
	c, s := g.member(t, "1")
	s.events <- engine.MemberJoined{Member: protocol.Member{UID: "2", Tracks: []protocol.Track{{ID: "v", MediaType: protocol.MediaVideo}}}}
	pushed[protocol.Member](c, protocol.TypeMemberJoined)
	for _, bad := range []any{
		7, protocol.Wish{Tracks: []string{"v"}}, protocol.Wish{Tracks: []string{"v"}, Quality: "best"},
		protocol.Wish{Quality: protocol.QualityLow}, protocol.Wish{Tracks: []string{""}, Quality: protocol.QualityLow},
		protocol.Wish{Tracks: make([]string, 513), Quality: protocol.QualityLow},
	} {
		if got := c.refused(protocol.TypeQuality, bad); got != 10000 {
			t.Errorf("%v: %d", bad, got)
		}
	}
	// What is not there is passed over.
	ask[struct{}](c, protocol.TypeQuality, protocol.Wish{Tracks: []string{"x"}, Quality: protocol.QualityOff}, protocol.TypeOK)
	ask[struct{}](c, protocol.TypeQuality, protocol.Wish{Tracks: []string{"x", "v"}, Quality: protocol.QualityLow}, protocol.TypeOK)
	want := protocol.Wish{Tracks: []string{"v"}, Quality: protocol.QualityLow}
	if got := next[protocol.Wish](t, s); !reflect.DeepEqual(got, want) {
		t.Errorf("the engine is asked %+v", got)
	}
	s.events <- engine.Watched{Watched: protocol.Watched{Track: "own", Low: true}}
	if got := pushed[protocol.Watched](c, protocol.TypeWatched); got != (protocol.Watched{Track: "own", Low: true}) {
		t.Errorf("watched is %+v", got)
	}
	s.events <- engine.Paused{Paused: protocol.Paused{Track: "v", Paused: true}}
	if got := pushed[protocol.Paused](c, protocol.TypePaused); got != (protocol.Paused{Track: "v", Paused: true}) {
		t.Errorf("paused is %+v", got)
	}
}

func TestLayersOfAnOffer(t *testing.T) {
	g := newStage(t, Options{})
	c, s := g.member(t, "1")
	low, high := protocol.Layer{Width: 240, Height: 180, Bitrate: 1}, protocol.Layer{Width: 640, Height: 480}
	offer := func(m protocol.MediaType, layers ...protocol.Layer) protocol.Offer {
		return protocol.Offer{SDP: minimalOffer, Tracks: []protocol.NewTrack{{CID: "c", MediaType: m, Layers: layers}}}
	}
	for _, bad := range []protocol.Offer{
		offer(protocol.MediaVideo, low), offer(protocol.MediaVideo, low, high, high), offer(protocol.MediaAudio, low, high),
		offer(protocol.MediaVideo, protocol.Layer{Width: 240}, high), offer(protocol.MediaVideo, low, protocol.Layer{Width: 20000, Height: 1}),
		offer(protocol.MediaVideo, low, protocol.Layer{Width: 1, Height: 1, Bitrate: -1}),
	} {
		if got := c.refused(protocol.TypeOffer, bad); got != 10000 {
			t.Errorf("%+v: %d", bad.Tracks, got)
		}
	}
	c.say(protocol.TypeOffer, offer(protocol.MediaScreen, low, high))
	if got := next[offerCall](t, s); !reflect.DeepEqual(got.Tracks[0].Layers, []protocol.Layer{low, high}) {
		t.Errorf("the engine is offered %+v", got.Tracks)
	}
}

func TestResizeReachesTheEngine(t *testing.T) {
	g := newStage(t, Options{})
	if got := dial(t, g.Server).refused(protocol.TypeResize, protocol.Resize{Track: "v", Width: 640, Height: 480}); got != 10009 {
		t.Errorf("before the join: %d", got)
	}
	c, s := g.member(t, "1")
	for _, bad := range []any{
		7, protocol.Resize{Width: 1, Height: 1}, protocol.Resize{Track: "v", Width: 640}, protocol.Resize{Track: "v", Width: -1, Height: 480},
		protocol.Resize{Track: "v", Width: 640, Height: 16385},
	} {
		if got := c.refused(protocol.TypeResize, bad); got != 10000 {
			t.Errorf("%v: %d", bad, got)
		}
	}
	want := protocol.Resize{Track: "v", Width: 1280, Height: 720}
	ask[struct{}](c, protocol.TypeResize, want, protocol.TypeOK)
	if got := next[protocol.Resize](t, s); got != want {
		t.Errorf("the engine is asked %+v", got)
	}
}
