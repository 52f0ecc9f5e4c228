package stats_test

import (
	"testing"

	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/internal/stats"
)

// TestATransportThatCountsNothing: Firefox counts the bytes on the candidate pair alone.
func TestATransportThatCountsNothing(t *testing.T) {
	c := stats.New(start)
	for n := range 11 {
		f := float64(n)
		c.Update(at(f,
			media.Stat{ID: "T", Type: media.StatTransport, SelectedCandidatePairID: "P"},
			media.Stat{ID: "P", Type: media.StatCandidatePair, Nominated: true, BytesSent: 100_000 * f, BytesReceived: 50_000 * f},
			media.Stat{ID: "Q", Type: media.StatCandidatePair, BytesSent: 7, BytesReceived: 7},
		), stats.Call{Users: 2})
	}
	if s := c.SessionStats(); s.RecvBytes != 500_000 || s.SendBytes != 1_000_000 || s.RecvBitrate != 400 || s.SendBitrate != 800 {
		t.Errorf("%+v", s)
	}
}

// TestASourceThatNoLayerNames: in Firefox a layer does not say which source it is of; that of its track is found.
func TestASourceThatNoLayerNames(t *testing.T) {
	c := stats.New(start)
	r := at(1,
		media.Stat{ID: "S1", Type: media.StatSource, Kind: media.Video, TrackIdentifier: "{screen}", Width: 1920, Height: 1080, FramesPerSecond: 5},
		media.Stat{ID: "S2", Type: media.StatSource, Kind: media.Video, TrackIdentifier: "{camera}", Width: 640, Height: 480, FramesPerSecond: 30},
		media.Stat{ID: "O", Type: media.StatOutbound, Kind: media.Video, MID: "1"},
		media.Stat{ID: "P", Type: media.StatOutbound, Kind: media.Video, MID: "2"},
	)
	c.Update(r, stats.Call{Sent: []stats.Sent{
		{MediaType: protocol.MediaVideo, MID: "1", Track: "{camera}"}, {MediaType: protocol.MediaScreen, MID: "2"},
	}})
	v := c.LocalVideoStats()
	if v[0].CaptureResolutionWidth != 640 || v[0].CaptureResolutionHeight != 480 || v[0].CaptureFrameRate != 30 || v[1].CaptureResolutionWidth != 0 {
		t.Errorf("%+v", v)
	}
}
