package engine

import (
	"maps"
	"time"

	"github.com/livekit/protocol/livekit"

	"nertc/internal/protocol"
)

// translate makes events of one message of the engine.
func (s *Session) translate(m *livekit.SignalResponse) []Event {
	switch m := m.GetMessage().(type) {
	case *livekit.SignalResponse_Join:
		return []Event{s.joined(m.Join)}
	case *livekit.SignalResponse_Answer:
		return []Event{s.answer(m.Answer)}
	case *livekit.SignalResponse_Trickle:
		if c := m.Trickle.GetCandidateInit(); c != "" {
			return []Event{Candidate{c}}
		}
	case *livekit.SignalResponse_Update:
		return append(s.own(m.Update.GetParticipants()), s.roster.apply(m.Update.GetParticipants())...)
	case *livekit.SignalResponse_TrackPublished:
		s.published[m.TrackPublished.GetCid()] = m.TrackPublished.GetTrack().GetSid()
		s.noteSpare(m.TrackPublished.GetTrack())
		if t, ok := trackOf(m.TrackPublished.GetTrack()); ok {
			return []Event{OwnTracks{[]protocol.Track{t}}}
		}
	case *livekit.SignalResponse_MediaSectionsRequirement:
		s.wanted.clear()
		// 0 and 0 is not nothing: it means "offer again".
		return []Event{Sections{protocol.Sections{
			Audio: int(m.MediaSectionsRequirement.GetNumAudios()),
			Video: int(m.MediaSectionsRequirement.GetNumVideos()),
		}}}
	case *livekit.SignalResponse_SubscriptionPermissionUpdate:
		if s.wanted.allowed(m.SubscriptionPermissionUpdate) {
			return []Event{Sections{}}
		}
	case *livekit.SignalResponse_SubscribedQualityUpdate:
		return watched(m.SubscribedQualityUpdate, s.spareCodec(m.SubscribedQualityUpdate.GetTrackSid()))
	case *livekit.SignalResponse_StreamStateUpdate:
		return paused(m.StreamStateUpdate)
	case *livekit.SignalResponse_ConnectionQuality:
		return s.qualities(m.ConnectionQuality)
	case *livekit.SignalResponse_RequestResponse:
		if r := m.RequestResponse.GetReason(); r != livekit.RequestResponse_OK {
			s.log.Warn("media engine refused a request", "reason", r.String())
		}
	case *livekit.SignalResponse_SubscriptionResponse:
		s.log.Debug("media engine could not subscribe", "track", m.SubscriptionResponse.GetTrackSid(),
			"reason", m.SubscriptionResponse.GetErr().String())
	}
	return nil
}

// own finds what an update says of the member itself, which is no news to its client.
func (s *Session) own(ps []*livekit.ParticipantInfo) []Event {
	for _, p := range ps {
		if p.GetIdentity() != s.identity || p.GetState() == livekit.ParticipantInfo_DISCONNECTED {
			continue
		}
		if ts := tracksOf(p); len(ts) > 0 {
			return []Event{OwnTracks{ts}}
		}
	}
	return nil
}

func (s *Session) joined(j *livekit.JoinResponse) Event {
	s.log.Debug("stage", "name", "engine socket", "took", s.socket)
	s.log.Debug("stage", "name", "engine join", "took", time.Since(s.started))
	interval, timeout := defaultPing, defaultTimeout
	if n := j.GetPingInterval(); n > 0 {
		interval = time.Duration(n) * time.Second
	}
	if n := j.GetPingTimeout(); n > 0 {
		timeout = time.Duration(n) * time.Second
	}
	go s.ping(interval, timeout)
	s.sid = j.GetParticipant().GetSid()
	e := Joined{RoomID: j.GetRoom().GetSid(), Members: s.roster.start(j.GetOtherParticipants())}
	if e.RoomID == "" {
		e.RoomID = j.GetRoom().GetName()
	}
	e.ICEServers = s.engine.iceServers(j.GetIceServers())
	s.mu.Lock()
	s.servers = e.ICEServers
	s.mu.Unlock()
	return e
}

func (s *Session) answer(a *livekit.SessionDescription) Event {
	if !s.answered {
		s.answered = true
		s.log.Debug("stage", "name", "engine answer", "took", time.Since(s.started))
	}
	e := Answer{ID: a.GetId(), Answer: protocol.Answer{SDP: a.GetSdp(), Mids: a.GetMidToTrackId()}}
	s.mu.Lock()
	defer s.mu.Unlock()
	for cid, sid := range s.published {
		owner, ok := s.owners[cid]
		if ok && owner > e.ID {
			continue // announced for a later offer
		}
		delete(s.published, cid)
		if ok {
			if e.Published == nil {
				e.Published = map[string]string{}
			}
			e.Published[cid] = sid
		}
	}
	// What the engine has not published by now it has refused.
	maps.DeleteFunc(s.owners, func(_ string, owner uint32) bool { return owner <= e.ID })
	return e
}
