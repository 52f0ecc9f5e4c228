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

// TestBandwidthIsThatOfTheEstimate has an estimate that grows after the path has held it, which is no limit any more.
func TestBandwidthIsThatOfTheEstimate(t *testing.T) {
	c := stats.New(start)
	for n, estimate := range []float64{900_000, 400_000, 450_000, 480_000, 520_000, 590_000, 590_000} {
		r := second(float64(n))
		for i := range r.Stats {
			if r.Stats[i].Type == media.StatCandidatePair {
				r.Stats[i].AvailableOutgoingBitrate = estimate
			}
		}
		c.Update(r, call)
		up, _ := c.Paths()
		want := int(estimate)
		if n == 5 { // by then three times in a row, and beyond 400_000 / 0.7225
			want = 0
		}
		if up.Available != want {
			t.Errorf("reading %d of %.0f has the limit %d, want %d", n, estimate, up.Available, want)
		}
		if b := c.TransportStats().OutgoingAvailableBandwidth; float64(b) != estimate/1000 {
			t.Errorf("getTransportStats tells %v, not the estimate", b)
		}
	}
	if up, _ := c.Paths(); quality.Of(up) == quality.Excellent {
		t.Error("one that stands at half of what is wanted is no limit")
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
