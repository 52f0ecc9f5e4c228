package engine

import "nertc/internal/protocol"

// Event is what the engine tells a Session, one of the types below.
type Event interface{ isEvent() }

// Joined comes first: the member is in the room.
type Joined struct {
	// RoomID is the engine's id of this life of the room.
	RoomID string
	// Members are the others who were there before.
	Members []protocol.Member
	// ICEServers for the client; of an embedded engine its relay alone.
	ICEServers []protocol.ICEServer
}

// Answer answers the offer of the same ID.
type Answer struct {
	ID uint32
	protocol.Answer
}

// Candidate is an ICE candidate of the engine, the JSON of RTCIceCandidateInit.
type Candidate struct{ Candidate string }

// Sections asks for an offer with so many more receive-only sections; with 0 and 0
// for another offer as it is.
type Sections struct{ protocol.Sections }

// MemberJoined says that somebody came, with the tracks published so far.
type MemberJoined struct{ protocol.Member }

// MemberLeft says that somebody went; the tracks have gone before.
type MemberLeft struct{ protocol.MemberLeft }

// TrackAdded says that a member has published a track.
type TrackAdded struct{ protocol.TrackEvent }

// TrackUpdated says that a member's track was muted or unmuted or has another size.
type TrackUpdated struct{ protocol.TrackEvent }

// TrackRemoved says that a member's track is no more.
type TrackRemoved struct{ protocol.TrackEvent }

// OwnTracks says how the engine knows tracks of the member itself: new ones, whose
// media may be on its way only, and those whose state it has changed.
type OwnTracks struct{ Tracks []protocol.Track }

// Watched says which layers of an own track anybody receives.
type Watched struct{ protocol.Watched }

// Paused says that the engine has paused a received track for want of bandwidth, or no longer does.
type Paused struct{ protocol.Paused }

// MemberQuality says how good the connection of somebody is who is received.
type MemberQuality struct{ protocol.MemberQuality }

// OwnQuality says how good the connection of the member itself is, on the scale of MemberQuality.
type OwnQuality struct{ Level int }

// Closed comes last: the session has ended.
type Closed struct{ protocol.Closed }

func (Joined) isEvent()        {}
func (Answer) isEvent()        {}
func (Candidate) isEvent()     {}
func (Sections) isEvent()      {}
func (MemberJoined) isEvent()  {}
func (MemberLeft) isEvent()    {}
func (TrackAdded) isEvent()    {}
func (TrackUpdated) isEvent()  {}
func (TrackRemoved) isEvent()  {}
func (OwnTracks) isEvent()     {}
func (Watched) isEvent()       {}
func (Paused) isEvent()        {}
func (MemberQuality) isEvent() {}
func (OwnQuality) isEvent()    {}
func (Closed) isEvent()        {}
