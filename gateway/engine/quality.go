package engine

import (
	"github.com/livekit/protocol/livekit"

	"nertc/internal/protocol"
)

// qualities makes events of what the engine says of the connections of the member and of the others whom it
// receives. It says so when one in the room has changed, and looks every five seconds.
func (s *Session) qualities(u *livekit.ConnectionQualityUpdate) []Event {
	var out []Event
	for _, info := range u.GetUpdates() {
		level := qualityLevel(info.GetQuality())
		if sid := info.GetParticipantSid(); sid != "" && sid == s.sid {
			out = append(out, OwnQuality{level})
		} else if uid, ok := s.roster.visible(sid); ok {
			out = append(out, MemberQuality{protocol.MemberQuality{UID: uid, Level: level}})
		}
	}
	return out
}

// qualityLevel is the engine's judgement on the documented scale from 0 to 6, docs/quality.md.
func qualityLevel(q livekit.ConnectionQuality) int {
	switch q {
	case livekit.ConnectionQuality_EXCELLENT:
		return 1
	case livekit.ConnectionQuality_GOOD:
		return 2
	case livekit.ConnectionQuality_POOR:
		return 4
	case livekit.ConnectionQuality_LOST:
		return 6
	}
	return 0
}

// visible finds the other of a sid, if the client has been told of it.
func (r *roster) visible(sid string) (uid string, ok bool) {
	for uid, m := range r.members {
		if m.sid == sid && !m.unseen {
			return uid, true
		}
	}
	return "", false
}
