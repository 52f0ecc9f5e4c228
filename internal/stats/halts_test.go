package stats_test

import (
	"testing"
	"time"

	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/internal/stats"
)

// TestFreezeOfAPictureNobodyWants: what is not sent because nobody receives it, or not yet, does not freeze.
func TestFreezeOfAPictureNobodyWants(t *testing.T) {
	c := stats.New(start)
	frames := 0.0
	for n, step := range []struct {
		active       bool
		sent, freeze float64
	}{
		{true, 0, 0}, {true, 0, 0}, // the connection is on its way
		{true, 20, 0}, {false, 5, 0}, {false, 0, 0}, {false, 0, 0}, {true, 0, 0}, {true, 0, 1}, {true, 20, 1},
	} {
		frames += step.sent
		r := second(float64(n + 1))
		for i := range r.Stats {
			if s := &r.Stats[i]; s.Type == media.StatOutbound && s.Kind == media.Video {
				s.Active, s.FramesSent = step.active, frames
			}
		}
		c.Update(r, call)
		if v := c.LocalVideoStats()[0]; v.TotalFreezeTime != step.freeze || v.TotalDuration != float64(n) {
			t.Errorf("step %d: %+v", n, v)
		}
	}
}

// TestLayerType has the low layer sent alone, by a browser that has never encoded the other, and none.
func TestLayerType(t *testing.T) {
	for _, tc := range []struct {
		name         string
		low, high    float64 // frames a second
		width, layer int64
	}{{"low alone", 15, 0, 240, stats.LayerLow}, {"both", 15, 15, 1280, stats.LayerHigh}, {"none", 0, 0, 0, stats.LayerHigh}} {
		c := stats.New(start)
		for n := range 3 {
			r := second(float64(n + 1))
			for i := range r.Stats {
				switch s := &r.Stats[i]; s.RID {
				case "q":
					s.FramesSent = tc.low * float64(n)
				case "f":
					if s.FramesSent = tc.high * float64(n); tc.high == 0 {
						s.FrameWidth, s.FrameHeight = 0, 0
					}
				}
			}
			c.Update(r, call)
		}
		if v := c.LocalVideoStats()[0]; int64(v.LayerType) != tc.layer || v.SendResolutionWidth != tc.width {
			t.Errorf("%s: %+v", tc.name, v)
		}
	}
}

// TestHaltIsNoFreeze: a browser takes a halt of some seconds for a freeze, and tells it with the first frame behind it.
func TestHaltIsNoFreeze(t *testing.T) {
	for _, halt := range []stats.Received{
		{UID: "2", MediaType: protocol.MediaVideo, MID: "3", Muted: true}, {UID: "2", MediaType: protocol.MediaVideo, MID: "3", Off: true},
	} {
		c := stats.New(start)
		frames := 0.0
		for n, step := range []struct {
			halted                           bool
			frames, freezes, played, freezed float64
		}{
			{false, 25, 0, 0, 0}, {false, 25, 0, 1, 0}, {true, 0, 0, 1, 0}, {true, 0, 0, 1, 0}, {true, 0, 0, 1, 0},
			{false, 0, 0, 2, 0}, {false, 25, 4, 3, 1}, {false, 25, 4, 4, 1}, {false, 0, 4, 5, 1}, {false, 0, 4, 6, 1}, {false, 25, 6.5, 7, 3.5},
		} {
			frames += step.frames
			is := halt
			if !step.halted {
				is.Muted, is.Off = false, false
			}
			c.Update(at(float64(n+1), media.Stat{ID: "I", Type: media.StatInbound, Kind: media.Video, MID: "3", FramesDecoded: frames, TotalFreezesDuration: step.freezes}),
				stats.Call{Received: []stats.Received{is}})
			if v := c.RemoteVideoStats(protocol.MediaVideo)["2"]; v.TotalPlayDuration != step.played || v.TotalFreezeTime != step.freezed {
				t.Errorf("%+v, step %d: %+v", halt, n, v)
			}
		}
	}
}

// TestAnotherSubscription begins anew between two readings, on the section that the last one had.
func TestAnotherSubscription(t *testing.T) {
	c := stats.New(start)
	call := stats.Call{Received: []stats.Received{
		{UID: "2", MediaType: protocol.MediaAudio, MID: "2", Subscription: 1}, {UID: "2", MediaType: protocol.MediaVideo, MID: "3", Subscription: 2},
	}}
	for n := range 7 {
		f := float64(n)
		if n == 4 {
			call.Received[0].Subscription, call.Received[1].Subscription = 3, 4
		}
		c.Update(at(f,
			media.Stat{ID: "A", Type: media.StatInbound, Kind: media.Audio, MID: "2", TotalSamplesDuration: f},
			media.Stat{ID: "V", Type: media.StatInbound, Kind: media.Video, MID: "3", FramesDecoded: 25 * f},
		), call)
	}
	if a, v := c.RemoteAudioStats(protocol.MediaAudio)["2"], c.RemoteVideoStats(protocol.MediaVideo)["2"]; a.TotalPlayDuration != 3 || v.TotalPlayDuration != 3 {
		t.Errorf("played %v s and %v s", a.TotalPlayDuration, v.TotalPlayDuration)
	}
}

// TestFramesShown has frames that were dropped before the decoder, and behind it.
func TestFramesShown(t *testing.T) {
	for _, tc := range []struct{ received, decoded, dropped, want float64 }{
		{30, 30, 0, 30}, {30, 25, 5, 25}, {30, 30, 5, 25}, {30, 27, 5, 25}, {0, 30, 0, 30}, {0, 0, 3, 0},
	} {
		c := stats.New(start)
		for n := range 3 {
			f := float64(n)
			c.Update(at(f, media.Stat{
				ID: "I", Type: media.StatInbound, Kind: media.Video, MID: "3", FramesReceived: tc.received * f, FramesDecoded: tc.decoded * f, FramesDropped: tc.dropped * f,
			}), call)
		}
		if v := c.RemoteVideoStats(protocol.MediaVideo)["2"]; v.RenderFrameRate != tc.want {
			t.Errorf("%+v: %v", tc, v.RenderFrameRate)
		}
	}
}

// TestBandwidthOfAnotherConnection: what the one before it has carried says nothing of it.
func TestBandwidthOfAnotherConnection(t *testing.T) {
	c := stats.New(start)
	reading := func(n, sent, estimate float64) int64 {
		c.Update(at(n,
			media.Stat{ID: "T", Type: media.StatTransport, BytesSent: sent, SelectedCandidatePairID: "P"},
			media.Stat{ID: "P", Type: media.StatCandidatePair, AvailableOutgoingBitrate: estimate},
		), stats.Call{})
		return c.TransportStats().OutgoingAvailableBandwidth
	}
	reading(0, 0, 1_000_000)
	if got := reading(1, 250_000, 1_000_000); got != 2000 {
		t.Errorf("got %d", got)
	}
	c.Pause(start.Add(2*time.Second), stats.Call{})
	c.Renew()
	if got := reading(3, 0, 300_000); got != 300 {
		t.Errorf("of the other connection: %d", got)
	}
}
