package stats_test

import (
	"slices"
	"testing"

	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/internal/stats"
)

// TestDeadPath tells the own way that is cut from another's, from silence, and from a reading that comes late.
func TestDeadPath(t *testing.T) {
	type step struct{ at, sent, came, responses, heard float64 } // what was counted meanwhile, but the time
	for name, c := range map[string]struct {
		subscribed bool
		steps      []step
		want       []bool
	}{
		"a cut while sending, until it is mended": {false,
			[]step{{1, 50, 80, 1, 0}, {2, 50, 80, 0, 0}, {3, 50, 0, 0, 0}, {4, 50, 0, 0, 0}, {5, 50, 0, 0, 0}, {6, 0, 0, 0, 0}, {7, 0, 0, 0, 0}, {8, 0, 80, 0, 0}},
			[]bool{false, false, false, false, true, true, true, false}},
		"a cut while receiving": {true,
			[]step{{1, 0, 9000, 1, 50}, {2, 0, 9000, 0, 50}, {3, 0, 0, 0, 0}, {4, 0, 0, 0, 0}, {5, 0, 0, 0, 0}},
			[]bool{false, false, false, false, true}},
		"the other's way is cut": {true,
			[]step{{1, 0, 9000, 1, 50}, {2, 0, 90, 0, 0}, {3, 0, 0, 0, 0}, {4, 0, 0, 1, 0}, {5, 0, 0, 0, 0}, {6, 0, 0, 0, 0}, {7, 0, 0, 1, 0}},
			[]bool{false, false, false, false, false, false, false}},
		"nothing is sent or received": {false,
			[]step{{1, 0, 0, 1, 0}, {2, 0, 0, 0, 0}, {3, 0, 0, 0, 0}, {4, 0, 0, 0, 0}, {5, 0, 0, 0, 0}},
			[]bool{false, false, false, false, false}},
		"a sleep": {true,
			[]step{{1, 50, 9000, 1, 50}, {2, 50, 9000, 0, 50}, {602, 0, 0, 0, 0}, {603, 50, 9000, 0, 50}},
			[]bool{false, false, false, false}},
	} {
		t.Run(name, func(t *testing.T) {
			of := stats.New(start)
			call := stats.Call{Sent: []stats.Sent{{MediaType: protocol.MediaAudio, MID: "0"}}}
			if c.subscribed {
				call.Received = []stats.Received{{UID: "2", MediaType: protocol.MediaAudio, MID: "2"}}
			}
			var got []bool
			var all step
			for _, s := range c.steps {
				all = step{s.at, all.sent + s.sent, all.came + s.came, all.responses + s.responses, all.heard + s.heard}
				of.Update(at(s.at,
					media.Stat{ID: "T", Type: media.StatTransport, BytesReceived: all.came, SelectedCandidatePairID: "P"},
					media.Stat{ID: "P", Type: media.StatCandidatePair, BytesReceived: all.came, ResponsesReceived: all.responses},
					media.Stat{ID: "O", Type: media.StatOutbound, Kind: media.Audio, MID: "0", PacketsSent: all.sent},
					media.Stat{ID: "I", Type: media.StatInbound, Kind: media.Audio, MID: "2", PacketsReceived: all.heard},
				), call)
				up, down := of.Paths()
				if up.Down != down.Down {
					t.Errorf("at %v s: %+v, %+v", s.at, up, down)
				}
				got = append(got, down.Down)
			}
			if up, down := of.Paths(); !up.Measured || !down.Measured {
				t.Errorf("checks that were answered say something: %+v, %+v", up, down)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}
