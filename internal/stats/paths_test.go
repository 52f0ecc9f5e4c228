package stats_test

import (
	"testing"
	"time"

	"nertc/internal/media"
	"nertc/internal/quality"
	"nertc/internal/stats"
)

// TestJitterIsThatOfSound has a narrow way, on which the packets of a picture leave slowly one after the other.
func TestJitterIsThatOfSound(t *testing.T) {
	const ms = time.Millisecond
	for name, tc := range map[string]struct {
		sound, silent bool
		want          time.Duration
	}{
		"sound and picture":                    {true, false, 5 * ms},
		"a picture alone":                      {false, false, 80 * ms},
		"a picture, and sound that has paused": {true, true, 80 * ms},
	} {
		report := func(n float64) media.Report {
			packets := 50 * n
			if tc.silent {
				packets = 50
			}
			r := at(n,
				media.Stat{ID: "OV", Type: media.StatOutbound, Kind: media.Video, MID: "1", RemoteID: "RV", PacketsSent: 90 * n},
				media.Stat{ID: "RV", Type: media.StatRemoteInbound, Jitter: 0.08},
				media.Stat{ID: "IV", Type: media.StatInbound, Kind: media.Video, MID: "3", PacketsReceived: 95 * n, Jitter: 0.08},
			)
			if tc.sound {
				r.Stats = append(r.Stats,
					media.Stat{ID: "OA", Type: media.StatOutbound, Kind: media.Audio, MID: "0", RemoteID: "RA", PacketsSent: packets},
					media.Stat{ID: "RA", Type: media.StatRemoteInbound, Jitter: 0.005},
					media.Stat{ID: "IA", Type: media.StatInbound, Kind: media.Audio, MID: "2", PacketsReceived: packets, Jitter: 0.005})
			}
			return r
		}
		c := stats.New(start)
		c.Update(report(1), call)
		c.Update(report(2), call)
		if up, down := c.Paths(); up.Jitter != tc.want || down.Jitter != tc.want {
			t.Errorf("%s: up %v and down %v, want %v", name, up.Jitter, down.Jitter, tc.want)
		}
	}
}

// TestLimitIsThatOfTheEstimate has an estimate that grows after the path has held it, which is no limit any more.
func TestLimitIsThatOfTheEstimate(t *testing.T) {
	c := stats.New(start)
	for n, estimate := range []float64{900_000, 400_000, 450_000, 480_000, 520_000, 590_000, 590_000, 590_000, 590_000} {
		r := second(float64(n))
		for i := range r.Stats {
			if r.Stats[i].Type == media.StatCandidatePair {
				r.Stats[i].AvailableOutgoingBitrate = estimate
			}
		}
		c.Update(r, call)
		up, _ := c.Paths()
		want := int(estimate)
		if n >= 5 && n <= 7 { // by then three times in a row, and beyond 400_000 / 0.7225; and as long as it has not stood for three
			want = 0
		}
		if up.Available != want {
			t.Errorf("reading %d of %.0f has the limit %d, want %d", n, estimate, up.Available, want)
		}
	}
	if up, _ := c.Paths(); quality.Of(up) == quality.Excellent {
		t.Error("one that stands at half of what is wanted is no limit")
	}
}

// TestWhichRoundTripsShowAQueue has an estimate that grows slowly: nothing holds it where no round trip becomes longer, of those that are news.
func TestWhichRoundTripsShowAQueue(t *testing.T) {
	for name, tc := range map[string]struct {
		stun, sound, picture float64 // round trips in s
		responses, reports   float64 // measurements a second
		limit                int
	}{
		"nothing is longer":             {0.01, 0.01, 0.01, 1, 1, 0},
		"the picture's is":              {0.01, 0.01, 0.06, 1, 1, 330_000},
		"STUN's is":                     {0.06, 0.01, 0.01, 1, 1, 330_000},
		"the sound's, which is old":     {0.01, 0.06, 0.01, 1, 1, 0},
		"STUN's, but an old one":        {0.06, 0.01, 0.01, 0, 1, 0},
		"the picture's, but an old one": {0.01, 0.01, 0.06, 1, 0, 0},
	} {
		c := stats.New(start)
		for n, estimate := range []float64{900_000, 300_000, 300_000, 300_000, 310_000, 320_000, 330_000} {
			stun, sound, picture := tc.stun, tc.sound, tc.picture
			if n == 0 {
				stun, sound, picture = 0.01, 0.01, 0.01
			}
			c.Update(at(float64(n),
				media.Stat{ID: "T", Type: media.StatTransport, SelectedCandidatePairID: "P"},
				media.Stat{ID: "P", Type: media.StatCandidatePair, CurrentRoundTripTime: stun, ResponsesReceived: 1 + tc.responses*float64(n), AvailableOutgoingBitrate: estimate},
				media.Stat{ID: "OA", Type: media.StatOutbound, Kind: media.Audio, MID: "0", RemoteID: "RA", PacketsSent: 50 * float64(n)},
				media.Stat{ID: "RA", Type: media.StatRemoteInbound, RoundTripTime: sound, RoundTripTimeMeasurements: float64(n)},
				media.Stat{ID: "OV", Type: media.StatOutbound, Kind: media.Video, MID: "1", RemoteID: "RV", PacketsSent: 90 * float64(n)},
				media.Stat{ID: "RV", Type: media.StatRemoteInbound, RoundTripTime: picture, RoundTripTimeMeasurements: tc.reports * float64(n)},
			), call)
		}
		if up, _ := c.Paths(); up.Available != tc.limit {
			t.Errorf("%s: the limit is %d, want %d", name, up.Available, tc.limit)
		}
	}
}

// TestPictureThatGetsNoBitsIsWanted has an encoder that sends no picture for some seconds.
func TestPictureThatGetsNoBitsIsWanted(t *testing.T) {
	c := stats.New(start)
	for n, want := range []int{0, 1_032_000, 1_032_000, 1_032_000, 1_032_000, 1_032_000, 32_000, 1_032_000} {
		r := second(float64(n))
		for i := range r.Stats {
			if s := &r.Stats[i]; n > 1 && n < 7 && s.Type == media.StatOutbound && s.Kind == media.Video {
				s.PacketsSent = map[string]float64{"q": 10, "f": 90}[s.RID]
			}
		}
		c.Update(r, call)
		if up, _ := c.Paths(); up.Wanted != want {
			t.Errorf("reading %d: %d are wanted, want %d", n, up.Wanted, want)
		}
	}
}

// TestAvailableIsWhatArrived has a way that is full: the browser's estimate stays below what the way carries.
func TestAvailableIsWhatArrived(t *testing.T) {
	c := stats.New(start)
	const estimate = 300_000
	sent, packets := 0.0, 0.0
	// What was sent in each second in kbit/s, the share of it that was lost, and what is told then.
	for n, step := range []struct{ rate, lost, want float64 }{
		{0, 0, 300}, {500, 0, 500}, {400, 0, 500}, {1000, 0.5, 500}, {200, 0, 500}, {200, 0, 500}, {200, 0, 500}, {200, 0, 500},
		{200, 0, 500}, {200, 0, 500}, {200, 0, 500}, {200, 0, 300},
	} {
		sent, packets = sent+step.rate*1000/8, packets+step.rate/10
		c.Update(media.Report{Time: start.Add(time.Duration(n) * time.Second), Stats: []media.Stat{
			{ID: "T", Type: media.StatTransport, SelectedCandidatePairID: "P", BytesSent: sent},
			{ID: "P", Type: media.StatCandidatePair, AvailableOutgoingBitrate: estimate, BytesSent: sent},
			{ID: "O", Type: media.StatOutbound, Kind: media.Video, RemoteID: "R", PacketsSent: packets},
			{ID: "R", Type: media.StatRemoteInbound, Kind: media.Video, FractionLost: step.lost},
		}}, stats.Call{})
		if got := c.TransportStats().OutgoingAvailableBandwidth; float64(got) != step.want {
			t.Errorf("second %d: %d kbit/s are available, want %v", n, got, step.want)
		}
	}
}

// TestNoEstimateIsNoBandwidth has a browser without one.
func TestNoEstimateIsNoBandwidth(t *testing.T) {
	c := stats.New(start)
	for n := range 3 {
		c.Update(media.Report{Time: start.Add(time.Duration(n) * time.Second), Stats: []media.Stat{
			{ID: "P", Type: media.StatCandidatePair, Nominated: true, BytesSent: float64(n) * 50_000},
		}}, stats.Call{})
		if got := c.TransportStats().OutgoingAvailableBandwidth; got != 0 {
			t.Errorf("reading %d: %d kbit/s without an estimate", n, got)
		}
	}
}
