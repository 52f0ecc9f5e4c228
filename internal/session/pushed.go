package session

import (
	"nertc/internal/errcode"
	"nertc/internal/protocol"
)

// pushed takes what the gateway says by itself. A message of an unknown type, or
// with data that does not fit, is passed over: a later gateway may say more than we know.
func (s *Session) pushed(m protocol.Message) {
	s.o.Log.Debug("told by the server", "type", string(m.Type))
	switch m.Type {
	case protocol.TypeCandidate:
		if c, ok := decode[protocol.Candidate](m); ok {
			s.negotiator.candidate(c.Candidate)
		}
	case protocol.TypeSections:
		if v, ok := decode[protocol.Sections](m); ok {
			s.negotiator.sections(protocol.Sections{Audio: bounded(v.Audio), Video: bounded(v.Video)})
		}
	case protocol.TypeMemberJoined:
		if v, ok := decode[protocol.Member](m); ok {
			s.loop.Post(func() { s.memberJoined(v) })
		}
	case protocol.TypeMemberLeft:
		if v, ok := decode[protocol.MemberLeft](m); ok {
			s.loop.Post(func() { s.memberLeft(v.UID) })
		}
	case protocol.TypeTrackAdded, protocol.TypeTrackUpdated:
		if v, ok := decode[protocol.TrackEvent](m); ok {
			s.loop.Post(func() { s.trackChanged(v.UID, v.Track) })
		}
	case protocol.TypeTrackRemoved:
		if v, ok := decode[protocol.TrackEvent](m); ok {
			s.loop.Post(func() { s.trackRemoved(v.UID, v.Track.ID) })
		}
	case protocol.TypeWatched:
		if v, ok := decode[protocol.Watched](m); ok {
			s.loop.Post(func() { s.layersWatched(v) })
		}
	case protocol.TypePaused:
		if v, ok := decode[protocol.Paused](m); ok {
			s.loop.Post(func() { s.trackPaused(v) })
		}
	case protocol.TypeMemberQuality:
		if v, ok := decode[protocol.MemberQuality](m); ok {
			s.loop.Post(func() { s.memberQuality(v) })
		}
	case protocol.TypePriority:
		if v, ok := decode[protocol.Priority](m); ok {
			s.loop.Post(func() { s.o.Observer.Priority(v.UID) })
		}
	case protocol.TypeTaskState:
		if v, ok := decode[protocol.TaskState](m); ok {
			s.loop.Post(func() { s.o.Observer.TaskChanged(v) })
		}
	case protocol.TypeTasks:
		if v, ok := decode[protocol.TaskStates](m); ok {
			s.loop.Post(func() { s.o.Observer.AllTasks(v.Tasks) })
		}
	case protocol.TypeBanned:
		if v, ok := decode[protocol.Banned](m); ok {
			s.loop.Post(func() { s.o.Observer.Banned(v) })
		}
	case protocol.TypePass:
		if v, ok := decode[protocol.Pass](m); ok {
			s.loop.Post(func() { s.o.Observer.Passed(v.Pass) })
		}
	case protocol.TypeICEServers:
		if v, ok := decode[protocol.ICEServers](m); ok {
			s.loop.Post(func() { s.renewServers(v.ICEServers) })
		}
	case protocol.TypePermkeyWillExpire:
		s.loop.Post(s.o.Observer.PermkeyWillExpire)
	case protocol.TypeClosed:
		if v, ok := decode[protocol.Closed](m); ok {
			s.loop.Post(func() { s.closing = v.Reason })
			s.fail(v.Reason, errcode.New(errcode.Network, "the server ended the session: %s", v.Reason))
		}
	}
}

// bounded keeps a count from the network within what one peer connection can bear.
func bounded(n int) int { return max(0, min(n, 64)) }

func decode[T any, O interface {
	*T
	protocol.Object
}](m protocol.Message) (v T, ok bool) {
	ok = m.Read(O(&v)) == nil
	return v, ok
}
