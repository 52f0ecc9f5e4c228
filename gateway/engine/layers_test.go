package engine

import (
	"reflect"
	"testing"

	"github.com/livekit/protocol/livekit"

	"nertc/internal/protocol"
)

func TestWatched(t *testing.T) {
	up := func(low, medium, high bool) []*livekit.SubscribedQuality {
		return []*livekit.SubscribedQuality{
			{Quality: livekit.VideoQuality_LOW, Enabled: low},
			{Quality: livekit.VideoQuality_MEDIUM, Enabled: medium},
			{Quality: livekit.VideoQuality_HIGH, Enabled: high},
		}
	}
	for name, c := range map[string]struct {
		update    *livekit.SubscribedQualityUpdate
		low, high bool
	}{
		"nobody":   {&livekit.SubscribedQualityUpdate{SubscribedQualities: up(false, false, false)}, false, false},
		"the low":  {&livekit.SubscribedQualityUpdate{SubscribedQualities: up(true, false, false)}, true, false},
		"both":     {&livekit.SubscribedQualityUpdate{SubscribedQualities: up(true, true, true)}, true, true},
		"a medium": {&livekit.SubscribedQualityUpdate{SubscribedQualities: up(true, true, false)}, true, true},
		"two codecs": {&livekit.SubscribedQualityUpdate{SubscribedCodecs: []*livekit.SubscribedCodec{
			{Codec: "vp8", Qualities: up(false, false, false)}, {Codec: "h264", Qualities: up(true, false, false)},
		}}, true, false},
	} {
		c.update.TrackSid = "T"
		want := []Event{Watched{protocol.Watched{Track: "T", Low: c.low, High: c.high}}}
		if got := watched(c.update, ""); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := watched(&livekit.SubscribedQualityUpdate{}, ""); got != nil {
		t.Errorf("of no track: %+v", got)
	}
}

func TestPaused(t *testing.T) {
	got := paused(&livekit.StreamStateUpdate{StreamStates: []*livekit.StreamStateInfo{
		{TrackSid: "a", State: livekit.StreamState_PAUSED}, {TrackSid: "b"},
	}})
	want := []Event{Paused{protocol.Paused{Track: "a", Paused: true}}, Paused{protocol.Paused{Track: "b"}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}

func TestLayersAreAnnounced(t *testing.T) {
	one, _ := addTrack(protocol.NewTrack{CID: "c", MediaType: protocol.MediaVideo, Width: 640, Height: 480, Bitrate: 7}, false)
	if l := one.GetLayers(); len(l) != 1 || l[0].GetQuality() != livekit.VideoQuality_HIGH || l[0].GetWidth() != 640 || l[0].GetBitrate() != 7 {
		t.Errorf("one: %v", l)
	}
	two, _ := addTrack(protocol.NewTrack{CID: "c", MediaType: protocol.MediaScreen, Width: 640, Height: 480, Layers: []protocol.Layer{
		{Width: 240, Height: 180, Bitrate: 1}, {Width: 640, Height: 480, Bitrate: 2},
	}}, false)
	l := two.GetLayers()
	if len(l) != 2 || l[0].GetQuality() != livekit.VideoQuality_LOW || l[0].GetWidth() != 240 || l[0].GetRid() != "q" ||
		l[1].GetQuality() != livekit.VideoQuality_HIGH || l[1].GetHeight() != 480 || l[1].GetBitrate() != 2 || l[1].GetRid() != "h" || l[1].GetSpatialLayer() != 1 {
		t.Errorf("two: %v", l)
	}
}
