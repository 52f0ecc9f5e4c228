package engine

import (
	"slices"

	"github.com/livekit/protocol/livekit"

	"nertc/internal/protocol"
)

// roster is who else is in the room with which tracks. It turns the engine's
// updates, each of which has a participant's whole state, into single changes.
type roster struct {
	self    string // own identity: updates about oneself are no news
	members map[string]*member
	gone    []string // the last sids that left, against updates that come late
}

type member struct {
	sid     string
	version uint32
	unseen  bool // an audience: nobody is told of it
	custom  string
	tracks  []protocol.Track
}

// customKey is the attribute that has what a member gave at its join for the others.
const customKey = "nertc.custom"

// The attribute by which a member says that it is here or goes, see Session.announce.
const (
	presenceKey  = "nertc.presence"
	presenceHere = "here"
	presenceGone = "gone"
)

// maxGone bounds roster.gone. The engine sends in order, so a few would do.
const maxGone = 64

func newRoster(self string) *roster {
	return &roster{self: self, members: map[string]*member{}}
}

// start takes the participants of the join response.
func (r *roster) start(ps []*livekit.ParticipantInfo) []protocol.Member {
	var out []protocol.Member
	for _, e := range r.apply(ps) {
		if j, ok := e.(MemberJoined); ok {
			out = append(out, j.Member)
		}
	}
	return out
}

// apply takes an update and gives what has changed by it, in the order in which a client is to hear it.
func (r *roster) apply(ps []*livekit.ParticipantInfo) []Event {
	var out []Event
	for _, p := range ps {
		out = append(out, r.one(p)...)
	}
	return out
}

func (r *roster) one(p *livekit.ParticipantInfo) []Event {
	uid, sid := p.GetIdentity(), p.GetSid()
	if uid == "" || uid == r.self || slices.Contains(r.gone, sid) {
		return nil
	}
	m := r.members[uid]
	if p.GetState() == livekit.ParticipantInfo_DISCONNECTED || p.GetAttributes()[presenceKey] == presenceGone {
		r.bury(sid)
		if m == nil || m.sid != sid {
			return nil // an earlier life of this uid, already replaced
		}
		delete(r.members, uid)
		return left(uid, *m)
	}
	now := member{sid: sid, version: p.GetVersion(), unseen: unseen(p), custom: p.GetAttributes()[customKey]}
	if !now.unseen {
		now.tracks = tracksOf(p)
	}
	switch {
	case m == nil:
		m = &member{unseen: true} // for the others it was not there
		r.members[uid] = m
	case m.sid != sid:
		// The same uid joined anew. For the others the user never left; only the tracks are new.
		r.bury(m.sid)
	case p.GetVersion() < m.version:
		return nil // came late
	}
	before := *m
	*m = now
	switch {
	case before.unseen && now.unseen:
		return nil
	case before.unseen:
		return []Event{MemberJoined{protocol.Member{UID: uid, Tracks: slices.Clone(now.tracks), CustomData: now.custom}}}
	case now.unseen:
		return left(uid, before)
	}
	var out []Event
	if now.custom != before.custom && now.custom != "" { // with other data, joined anew
		out = append(out, MemberJoined{protocol.Member{UID: uid, CustomData: now.custom}})
	}
	return append(out, difference(uid, before.tracks, now.tracks)...)
}

// left tells that a member is not there any more, unless nobody was told that it was.
func left(uid string, m member) []Event {
	if m.unseen {
		return nil
	}
	return append(removed(uid, m.tracks), MemberLeft{protocol.MemberLeft{UID: uid}})
}

func (r *roster) bury(sid string) {
	if len(r.gone) == maxGone {
		r.gone = slices.Delete(r.gone, 0, 1)
	}
	r.gone = append(r.gone, sid)
}

// difference tells what goes first, then what changes, then what comes: a track that
// replaces another of its media type is added after that one's removal.
func difference(uid string, before, after []protocol.Track) []Event {
	var gone []protocol.Track
	for _, t := range before {
		if find(after, t.ID) < 0 {
			gone = append(gone, t)
		}
	}
	out := removed(uid, gone)
	var added []Event
	for _, t := range after {
		switch i := find(before, t.ID); {
		case i < 0:
			added = append(added, TrackAdded{protocol.TrackEvent{UID: uid, Track: t}})
		case before[i] != t:
			out = append(out, TrackUpdated{protocol.TrackEvent{UID: uid, Track: t}})
		}
	}
	return append(out, added...)
}

func removed(uid string, ts []protocol.Track) []Event {
	var out []Event
	for _, t := range ts {
		out = append(out, TrackRemoved{protocol.TrackEvent{UID: uid, Track: t}})
	}
	return out
}

func find(ts []protocol.Track, id string) int {
	return slices.IndexFunc(ts, func(t protocol.Track) bool { return t.ID == id })
}

// tracksOf are a participant's tracks in the order of protocol.MediaTypes.
func tracksOf(p *livekit.ParticipantInfo) []protocol.Track {
	var out []protocol.Track
	for _, ti := range p.GetTracks() {
		if t, ok := trackOf(ti); ok && find(out, t.ID) < 0 {
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(a, b protocol.Track) int {
		return slices.Index(protocol.MediaTypes[:], a.MediaType) - slices.Index(protocol.MediaTypes[:], b.MediaType)
	})
	return out
}
