package stats_test

import (
	"testing"

	"nertc/internal/media"
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
