package stats_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/internal/protocol/wire"
	"nertc/internal/quality"
	"nertc/internal/stats"
)

var start = time.Unix(1_700_000_000, 0)

// at is a report of so many seconds after the join.
func at(second float64, s ...media.Stat) media.Report {
	return media.Report{Time: start.Add(time.Duration(second * float64(time.Second))), Stats: s}
}

var (
	opus = media.Stat{ID: "opus", Type: media.StatCodec, MimeType: "audio/opus", ClockRate: 48000}
	vp8  = media.Stat{ID: "vp8", Type: media.StatCodec, MimeType: "video/VP8", ClockRate: 90000}
	call = stats.Call{
		Sent: []stats.Sent{
			{MediaType: protocol.MediaAudio, MID: "0", MaxBitrate: 32_000}, {MediaType: protocol.MediaVideo, MID: "1", MaxBitrate: 1_000_000},
		},
		Received: []stats.Received{
			{UID: "2", MediaType: protocol.MediaAudio, MID: "2"}, {UID: "2", MediaType: protocol.MediaVideo, MID: "3"},
		},
		Users: 2,
	}
)

// second is all of a call after n seconds of an even course.
func second(n float64) media.Report {
	return at(n,
		opus, vp8,
		media.Stat{ID: "T", Type: media.StatTransport, BytesSent: 100_000 * n, BytesReceived: 50_000 * n, SelectedCandidatePairID: "P"},
		media.Stat{ID: "P", Type: media.StatCandidatePair, CurrentRoundTripTime: 0.04, AvailableOutgoingBitrate: 2_000_000, LocalCandidateID: "L"},
		media.Stat{ID: "L", Type: media.StatLocalCandidate, NetworkType: "wifi"},
		media.Stat{ID: "SA", Type: media.StatSource, Kind: media.Audio, AudioLevel: 0.5},
		media.Stat{ID: "OA", Type: media.StatOutbound, Kind: media.Audio, MID: "0", CodecID: "opus", MediaSourceID: "SA", RemoteID: "RA", PacketsSent: 50 * n, BytesSent: 3000 * n, HeaderBytesSent: 1000 * n},
		media.Stat{ID: "RA", Type: media.StatRemoteInbound, RoundTripTime: 0.05, FractionLost: 0.02, Jitter: 0.004, Timestamp: n},
		media.Stat{ID: "SV", Type: media.StatSource, Kind: media.Video, Width: 1280, Height: 720, FramesPerSecond: 30},
		media.Stat{ID: "OVq", Type: media.StatOutbound, Kind: media.Video, MID: "1", RID: "q", CodecID: "vp8", MediaSourceID: "SV", PacketsSent: 10 * n, BytesSent: 12_500 * n, FrameWidth: 240, FrameHeight: 135, FramesPerSecond: 15, FramesEncoded: 15 * n, FramesSent: 15 * n, TotalEncodeTime: 0.015 * n, TargetBitrate: 100_000, Active: true},
		media.Stat{ID: "OVf", Type: media.StatOutbound, Kind: media.Video, MID: "1", RID: "f", CodecID: "vp8", MediaSourceID: "SV", PacketsSent: 90 * n, BytesSent: 87_500 * n, FrameWidth: 1280, FrameHeight: 720, FramesPerSecond: 29, FramesEncoded: 29 * n, FramesSent: 29 * n, TotalEncodeTime: 0.161 * n, TargetBitrate: 900_000, Active: true},
		media.Stat{ID: "IA", Type: media.StatInbound, Kind: media.Audio, MID: "2", CodecID: "opus", PacketsReceived: 50 * n, BytesReceived: 4000 * n, Jitter: 0.012, JitterBufferDelay: 0.06 * 48000 * n, JitterBufferEmittedCount: 48000 * n, TotalSamplesReceived: 48000 * n, ConcealedSamples: 4800 * n, TotalSamplesDuration: n, TotalAudioEnergy: 0.25 * n},
		media.Stat{ID: "IV", Type: media.StatInbound, Kind: media.Video, MID: "3", CodecID: "vp8", PacketsReceived: 95 * n, PacketsLost: 5 * n, BytesReceived: 62_000 * n, HeaderBytesReceived: 500 * n, FrameWidth: 640, FrameHeight: 360, FramesReceived: 27 * n, FramesDecoded: 25 * n, FramesDropped: 3 * n, TotalProcessingDelay: 25 * 0.1 * n, TotalFreezesDuration: 0.2 * n},
	)
}

func TestEveryFigure(t *testing.T) {
	c := stats.New(start)
	for n := range 11 {
		c.Update(second(float64(n)), call)
	}
	check := func(name string, got, want wire.Object) {
		t.Helper()
		if g, w := string(wire.Append(nil, got)), string(wire.Append(nil, want)); g != w {
			t.Errorf("%s:\n got %s\nwant %s", name, g, w)
		}
	}
	s, tr := c.SessionStats(), c.TransportStats()
	check("session", &s, &stats.Session{Duration: 10, RecvBytes: 500_000, SendBytes: 1_000_000, RecvBitrate: 400, SendBitrate: 800, UserCount: 2})
	check("transport", &tr, &stats.Transport{TxRtt: 40, RxRtt: 40, NetworkType: "wifi", OutgoingAvailableBandwidth: 2000})
	la, lv := c.LocalAudioStats(), c.LocalVideoStats()
	if len(la) != 1 || len(lv) != 1 {
		t.Fatalf("got %v and %v", la, lv)
	}
	check("local audio", &la[0], &stats.LocalAudio{CodecType: "opus", RecordingLevel: 50, SamplingRate: 48000, SendBitrate: 32, SendLevel: 50, RTT: 50})
	check("local video", &lv[0], &stats.LocalVideo{
		LayerType: stats.LayerHigh, CodecName: "VP8", CaptureFrameRate: 30, CaptureResolutionWidth: 1280, CaptureResolutionHeight: 720,
		EncodeDelay: 4, SendBitrate: 800, SendFrameRate: 29, SendResolutionWidth: 1280, SendResolutionHeight: 720, TargetSendBitrate: 1000, TotalDuration: 10,
	})
	ra, rv := c.RemoteAudioStats(protocol.MediaAudio)["2"], c.RemoteVideoStats(protocol.MediaVideo)["2"]
	check("remote audio", &ra, &stats.RemoteAudio{
		Delays: stats.Delays{TransportDelay: 20, End2EndDelay: 80}, CodecType: "opus", RecvBitrate: 32, RecvLevel: 50, TotalFreezeTime: 1, TotalPlayDuration: 10,
	})
	check("remote video", &rv, &stats.RemoteVideo{
		Delays: stats.Delays{TransportDelay: 20, End2EndDelay: 120}, CodecName: "VP8", PacketLossRate: 5, RecvBitrate: 500,
		RecvResolutionWidth: 640, RecvResolutionHeight: 360, RenderFrameRate: 24, RenderResolutionWidth: 640, RenderResolutionHeight: 360,
		TotalFreezeTime: 2, TotalPlayDuration: 10,
	})
	if n := len(c.RemoteVideoStats(protocol.MediaScreen)) + len(c.RemoteAudioStats(protocol.MediaAudioSlave)) + len(c.LocalVideoStats(protocol.MediaScreen)); n != 0 {
		t.Errorf("%d figures of what is not there", n)
	}
	up, down := c.Paths()
	if want := (quality.Path{Measured: true, Loss: 0.02, RTT: 40 * time.Millisecond, Jitter: 4 * time.Millisecond, Available: 2_000_000, Wanted: 1_032_000}); up != want {
		t.Errorf("up: got %+v, want %+v", up, want)
	}
	if math.Abs(down.Loss-5.0/150) > 1e-9 || down.RTT != 40*time.Millisecond || down.Jitter != 12*time.Millisecond || !down.Measured || down.Down {
		t.Errorf("down: got %+v", down)
	}
}

func TestFirstReport(t *testing.T) {
	c := stats.New(start)
	if s := c.SessionStats(); s != (stats.Session{}) {
		t.Errorf("before any report: %+v", s)
	}
	c.Update(second(5), call)
	if s := c.SessionStats(); s.RecvBitrate != 0 || s.SendBytes != 500_000 || s.Duration != 5 {
		t.Errorf("got %+v", s)
	}
	if v := c.LocalVideoStats()[0]; v.SendBitrate != 0 || v.SendResolutionWidth != 1280 {
		t.Errorf("got %+v", v)
	}
}

// TestCountersNeverFall replaces the connection by a new one, whose counters begin anew.
func TestCountersNeverFall(t *testing.T) {
	c := stats.New(start)
	var bytes []int64
	for n := range 4 {
		c.Update(second(float64(n)), call)
		bytes = append(bytes, c.SessionStats().SendBytes)
	}
	gone := at(4)
	c.Update(gone, call)
	bytes = append(bytes, c.SessionStats().SendBytes)
	for n := range 3 {
		r := second(float64(n) / 2)
		r.Time = start.Add(time.Duration(5+n) * time.Second)
		c.Update(r, call)
		bytes = append(bytes, c.SessionStats().SendBytes)
	}
	if want := []int64{0, 100_000, 200_000, 300_000, 300_000, 300_000, 350_000, 400_000}; !slices.Equal(bytes, want) {
		t.Errorf("got %v, want %v", bytes, want)
	}
	if d := c.SessionStats().Duration; d != 7 {
		t.Errorf("duration %d", d)
	}
	if v := c.RemoteVideoStats(protocol.MediaVideo)["2"]; v.TotalPlayDuration != 5 {
		t.Errorf("played %v s", v.TotalPlayDuration) // 3 before the break, and 2 after it
	}
}

// TestAnotherConnection has one in place of the last that has carried more already, after a while without any.
func TestAnotherConnection(t *testing.T) {
	c := stats.New(start)
	for n := range 4 {
		c.Update(second(float64(n)), call)
	}
	away := stats.Call{Users: 2}
	for _, s := range call.Sent {
		away.Sent = append(away.Sent, stats.Sent{MediaType: s.MediaType, Muted: s.Muted, MaxBitrate: s.MaxBitrate})
	}
	for _, r := range call.Received {
		away.Received = append(away.Received, stats.Received{UID: r.UID, MediaType: r.MediaType, Muted: r.Muted})
	}
	for n := range 3 {
		c.Pause(start.Add(time.Duration(4+n)*time.Second), away)
		s, a, v := c.SessionStats(), c.LocalAudioStats()[0], c.RemoteVideoStats(protocol.MediaVideo)["2"]
		if s.SendBitrate != 0 || s.RecvBitrate != 0 || s.SendBytes != 300_000 || s.Duration != int64(4+n) || c.TransportStats().TxRtt != 0 {
			t.Errorf("nothing passes: %+v, %+v", s, c.TransportStats())
		}
		if a.SendBitrate != 0 || v.RecvBitrate != 0 || v.RenderFrameRate != 0 || v.TotalPlayDuration != 3 || v.TotalFreezeTime != 0.6 || c.LocalVideoStats()[0].TotalDuration != 3 {
			t.Errorf("nothing passes: %+v, %+v, %+v", a, v, c.LocalVideoStats()[0])
		}
	}
	c.Renew()
	for n, want := range []struct {
		bytes, bitrate int64
		played         float64
	}{{1_100_000, 0, 3}, {1_200_000, 800, 4}} {
		r := second(float64(8 + n))
		r.Time = start.Add(time.Duration(20+n) * time.Second)
		c.Update(r, call)
		s, v := c.SessionStats(), c.RemoteVideoStats(protocol.MediaVideo)["2"]
		if s.SendBytes != want.bytes || s.SendBitrate != want.bitrate || v.TotalPlayDuration != want.played || c.LocalVideoStats()[0].TotalDuration != want.played {
			t.Errorf("reading %d of the other connection: %+v, %+v, %+v", n, s, v, c.LocalVideoStats()[0])
		}
	}
	// A reading that failed, of the same connection: nothing counts twice.
	c.Pause(start.Add(22*time.Second), call)
	r := second(11)
	r.Time = start.Add(23 * time.Second)
	c.Update(r, call)
	if s := c.SessionStats(); s.SendBytes != 1_400_000 || s.SendBitrate != 800 {
		t.Errorf("after a reading that failed: %+v", s)
	}
}

func TestMutedAndAbsent(t *testing.T) {
	muted := stats.Call{
		Sent: []stats.Sent{{MediaType: protocol.MediaAudio, MID: "0", Muted: true}, {MediaType: protocol.MediaScreen, MID: "8"}},
		Received: []stats.Received{
			{UID: "2", MediaType: protocol.MediaAudio, MID: "2", Muted: true}, {UID: "3", MediaType: protocol.MediaVideo, MID: "9"},
		},
	}
	c := stats.New(start)
	for n := range 3 {
		c.Update(second(float64(n)), muted)
	}
	if a := c.LocalAudioStats()[0]; !a.MuteState || a.SendLevel != 0 || a.RecordingLevel != 50 {
		t.Errorf("got %+v", a)
	}
	if a := c.RemoteAudioStats(protocol.MediaAudio)["2"]; !a.MuteState || a.RecvLevel != 0 || a.TotalPlayDuration != 0 {
		t.Errorf("got %+v", a)
	}
	if v := c.LocalVideoStats(); len(v) != 1 || v[0].SendBitrate != 0 || v[0].CodecName != "" {
		t.Errorf("of a screen of which nothing is sent yet: %+v", v)
	}
	if v, ok := c.RemoteVideoStats(protocol.MediaVideo)["3"]; !ok || v.RecvBitrate != 0 || v.TotalPlayDuration != 0 {
		t.Errorf("of a picture that has not come yet: %+v, %v", v, ok)
	}
}

func TestLayersAndFreezes(t *testing.T) {
	c := stats.New(start)
	c.Update(second(1), call)
	low := second(2)
	for i, s := range low.Stats {
		if s.ID == "OVf" { // stands still
			low.Stats[i] = second(1).Stats[i]
		}
	}
	c.Update(low, call)
	if v := c.LocalVideoStats()[0]; v.LayerType != stats.LayerLow || v.SendResolutionWidth != 240 || v.SendBitrate != 100 || v.TargetSendBitrate != 100 || v.TotalFreezeTime != 0 {
		t.Errorf("got %+v", v)
	}
	still := low
	still.Time = still.Time.Add(time.Second)
	c.Update(still, call)
	if v := c.LocalVideoStats()[0]; v.TotalFreezeTime != 1 || v.TotalDuration != 2 {
		t.Errorf("got %+v", v)
	}
}

// TestLoss has packets that come late and take their loss back.
func TestLoss(t *testing.T) {
	for _, tc := range []struct{ lost, got, want float64 }{
		{0, 100, 0}, {5, 95, 5}, {-3, 103, 0}, {10, 0, 100}, {0, 0, 0}, {1, 2, 33.3},
	} {
		c := stats.New(start)
		in := media.Stat{ID: "I", Type: media.StatInbound, Kind: media.Video, MID: "3", PacketsReceived: 1000, PacketsLost: 50}
		c.Update(at(1, in), call)
		in.PacketsReceived += tc.got
		in.PacketsLost += tc.lost
		c.Update(at(2, in), call)
		if v := c.RemoteVideoStats(protocol.MediaVideo)["2"]; v.PacketLossRate != tc.want {
			t.Errorf("%v lost, %v received: %v %%, want %v", tc.lost, tc.got, v.PacketLossRate, tc.want)
		}
	}
}

func TestPathDown(t *testing.T) {
	c := stats.New(start)
	c.Update(second(1), call)
	stalled := second(1)
	for range 3 {
		if up, down := c.Paths(); up.Down || down.Down {
			t.Errorf("too early: %+v, %+v", up, down)
		}
		stalled.Time = stalled.Time.Add(time.Second)
		c.Update(stalled, call)
	}
	if up, down := c.Paths(); !up.Down || !down.Down {
		t.Errorf("nothing comes, of an unmuted microphone neither: %+v, %+v", up, down)
	}
	alone := stats.Call{Users: 1}
	c = stats.New(start)
	c.Update(at(0), alone)
	c.Update(at(1), alone)
	if up, down := c.Paths(); quality.Of(up) != quality.Unknown || quality.Of(down) != quality.Unknown {
		t.Errorf("nothing is sent nor received: %+v, %+v", up, down)
	}
}

// TestOddReports has numbers that no browser should give.
func TestOddReports(t *testing.T) {
	c := stats.New(start)
	for n, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), -1, 1e300} {
		r := second(float64(n))
		for i := range r.Stats {
			s := &r.Stats[i]
			s.BytesReceived, s.PacketsReceived, s.PacketsLost, s.TotalAudioEnergy, s.CurrentRoundTripTime = f, f, f, f, f
			s.FramesDecoded, s.JitterBufferDelay, s.AudioLevel, s.FramesPerSecond, s.AvailableOutgoingBitrate = f, f, f, f, f
		}
		c.Update(r, call)
		text := ""
		se, tr, a, v := c.SessionStats(), c.TransportStats(), c.RemoteAudioStats(protocol.MediaAudio)["2"], c.RemoteVideoStats(protocol.MediaVideo)["2"]
		for _, o := range []wire.Object{&se, &tr, &a, &v} {
			text += fmt.Sprint(o)
		}
		if bad := slices.ContainsFunc([]float64{tr.TxRtt, a.RecvLevel, a.End2EndDelay, v.PacketLossRate, v.RenderFrameRate, v.End2EndDelay}, func(f float64) bool {
			return math.IsNaN(f) || math.IsInf(f, 0)
		}); bad {
			t.Errorf("with %v: %s", f, text)
		}
	}
}
