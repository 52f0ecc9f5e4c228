package engine

import (
	"slices"
	"testing"

	"github.com/livekit/protocol/livekit"

	"nertc/internal/protocol"
)

func TestQualities(t *testing.T) {
	s := &Session{identity: "1", sid: "PA_1", roster: newRoster("1")}
	s.roster.start([]*livekit.ParticipantInfo{
		{Identity: "2", Sid: "PA_2", Permission: &livekit.ParticipantPermission{CanPublish: true}},
		{Identity: "3", Sid: "PA_3", Permission: &livekit.ParticipantPermission{CanPublish: true}},
		{Identity: "4", Sid: "PA_4", Permission: &livekit.ParticipantPermission{}, Attributes: map[string]string{}},
	})
	s.roster.members["4"].unseen = true // an audience
	update := func(sid string, q livekit.ConnectionQuality) *livekit.ConnectionQualityInfo {
		return &livekit.ConnectionQualityInfo{ParticipantSid: sid, Quality: q}
	}
	for _, c := range []struct {
		sid     string
		quality livekit.ConnectionQuality
		uid     string // empty: nothing is told
		level   int
	}{
		{"PA_2", livekit.ConnectionQuality_EXCELLENT, "2", 1},
		{"PA_3", livekit.ConnectionQuality_GOOD, "3", 2},
		{"PA_2", livekit.ConnectionQuality_POOR, "2", 4},
		{"PA_2", livekit.ConnectionQuality_LOST, "2", 6},
		{"PA_2", livekit.ConnectionQuality(99), "2", 0},
		{"PA_4", livekit.ConnectionQuality_GOOD, "", 0},
		{"PA_5", livekit.ConnectionQuality_GOOD, "", 0},
		{"", livekit.ConnectionQuality_GOOD, "", 0},
	} {
		var want []Event
		if c.uid != "" {
			want = []Event{MemberQuality{protocol.MemberQuality{UID: c.uid, Level: c.level}}}
		}
		got := s.translate(&livekit.SignalResponse{Message: &livekit.SignalResponse_ConnectionQuality{
			ConnectionQuality: &livekit.ConnectionQualityUpdate{Updates: []*livekit.ConnectionQualityInfo{update(c.sid, c.quality)}},
		}})
		if !slices.Equal(got, want) {
			t.Errorf("%s %v: got %v, want %v", c.sid, c.quality, got, want)
		}
	}
	if got := s.qualities(&livekit.ConnectionQualityUpdate{Updates: []*livekit.ConnectionQualityInfo{
		update("PA_1", livekit.ConnectionQuality_POOR), update("PA_3", livekit.ConnectionQuality_GOOD),
	}}); !slices.Equal(got, []Event{OwnQuality{4}, MemberQuality{protocol.MemberQuality{UID: "3", Level: 2}}}) {
		t.Errorf("of itself and another: %v", got)
	}
	s.sid = "" // before the join
	if got := s.qualities(&livekit.ConnectionQualityUpdate{Updates: []*livekit.ConnectionQualityInfo{update("", livekit.ConnectionQuality_GOOD)}}); len(got) != 0 {
		t.Errorf("of nobody: %v", got)
	}
}
