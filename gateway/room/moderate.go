package room

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"nertc/gateway/engine"
	"nertc/internal/protocol"
)

var (
	// ErrNoRoom says that nobody is in such a room.
	ErrNoRoom = errors.New("nobody is in this room")
	// ErrNoMember says that nobody of that uid is in the room; for a mute, on this gateway.
	ErrNoMember = errors.New("nobody of this uid is in the room")
	// ErrNoOrder says that there is no such ban or mute in force.
	ErrNoOrder = errors.New("nothing of the kind is in force")
)

// Room is a room with somebody in it.
type Room struct {
	App     string `json:"app"`
	Channel string `json:"channel"`
	// Members counts those in the room, on whatever gateway they are.
	Members int `json:"members"`
}

// Member is somebody in a room.
type Member struct {
	UID string `json:"uid"`
	// Session is the number that the gateway's log gives the member's stay; 0 for somebody on another gateway.
	Session  uint64    `json:"session,omitempty"`
	JoinedAt time.Time `json:"joinedAt"`
	Tracks   []Track   `json:"tracks"`
	// MutedAudio and MutedVideo say what the server holds back.
	MutedAudio bool `json:"mutedAudio"`
	MutedVideo bool `json:"mutedVideo"`
}

// Track is what a member has published.
type Track struct {
	MediaType protocol.MediaType `json:"mediaType"`
	Muted     bool               `json:"muted"`
}

// Ban keeps a uid out of a room.
type Ban struct {
	UID   string    `json:"uid"`
	Until time.Time `json:"until"`
}

// Mute is what the server holds back of a member. A time of nil is none: for a kind
// that is muted, until it is lifted or the room is empty.
type Mute struct {
	UID        string     `json:"uid"`
	Audio      bool       `json:"audio"`
	AudioUntil *time.Time `json:"audioUntil,omitempty"`
	Video      bool       `json:"video"`
	VideoUntil *time.Time `json:"videoUntil,omitempty"`
}

// operator is the engine as moderation sees it; it knows those on other gateways too.
type operator interface {
	Rooms(ctx context.Context) ([]engine.RoomInfo, error)
	Participants(ctx context.Context, room string) ([]engine.Participant, error)
	Remove(ctx context.Context, room, identity string) error
	DeleteRoom(ctx context.Context, room string) error
}

// Rooms lists all rooms with somebody in them, by app and channel.
func (h *Handler) Rooms(ctx context.Context) ([]Room, error) {
	known, err := h.operator.Rooms(ctx)
	if err != nil {
		return nil, err
	}
	members := h.rooms.sizes()
	for _, r := range known {
		members[r.Name] = max(members[r.Name], r.Members)
	}
	out := []Room{}
	for name, n := range members {
		if app, channel, ok := engine.SplitRoomName(name); ok {
			out = append(out, Room{App: app, Channel: channel, Members: n})
		}
	}
	slices.SortFunc(out, func(a, b Room) int {
		return cmp.Or(cmp.Compare(a.App, b.App), cmp.Compare(a.Channel, b.Channel))
	})
	return out, nil
}

// Members lists who is in a room, by uid. It fails with ErrNoRoom when nobody is.
func (h *Handler) Members(ctx context.Context, app, channel string) ([]Member, error) {
	room := engine.RoomName(app, channel)
	there, err := h.operator.Participants(ctx, room)
	if err != nil {
		return nil, err
	}
	byUID := map[string]Member{}
	for _, p := range there {
		m := Member{UID: p.Identity, JoinedAt: p.JoinedAt, Tracks: []Track{}}
		for _, t := range p.Tracks {
			m.Tracks = append(m.Tracks, Track{MediaType: t.MediaType, Muted: t.Muted})
		}
		byUID[p.Identity] = m
	}
	for _, s := range h.members(room, "") {
		uid, joinedAt := s.stay()
		m, ok := byUID[uid]
		if !ok {
			m = Member{UID: uid, Tracks: []Track{}}
		}
		if s.id < m.Session {
			continue // it is being replaced by a later one of the same uid
		}
		m.Session, m.JoinedAt = s.id, joinedAt.UTC()
		w := h.moderation.muted(user{room, uid})
		m.MutedAudio, m.MutedVideo = w.audio.on, w.video.on
		byUID[uid] = m
	}
	if len(byUID) == 0 {
		return nil, ErrNoRoom
	}
	out := make([]Member, 0, len(byUID))
	for _, m := range byUID {
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b Member) int { return cmp.Compare(a.UID, b.UID) })
	return out, nil
}

// Remove sends a member out of a room; nothing keeps it from joining again. It fails
// with ErrNoMember.
func (h *Handler) Remove(ctx context.Context, app, channel, uid string) error {
	room := engine.RoomName(app, channel)
	here := h.members(room, uid)
	for _, s := range here {
		s.finish(&protocol.Closed{Reason: protocol.CloseRemoved, Text: "removed by the operator"})
	}
	if len(here) > 0 {
		return nil
	}
	// Perhaps on another gateway, which then hears of it from the engine.
	err := h.operator.Remove(ctx, room, uid)
	if errors.Is(err, engine.ErrNotFound) {
		return ErrNoMember
	}
	return err
}

// Ban refuses a uid's joins to a room for up to MaxOrder, and removes who is there under
// it. It fails with ErrFull.
func (h *Handler) Ban(ctx context.Context, app, channel, uid string, d time.Duration) (Ban, error) {
	u := user{engine.RoomName(app, channel), uid}
	// First the order, then the removal: a join either finds the first or is found by the second.
	b := Ban{UID: uid, Until: h.moderation.now().Add(min(d, MaxOrder)).UTC()}
	if err := h.moderation.ban(u, b.Until); err != nil {
		return Ban{}, err
	}
	if err := h.Remove(ctx, app, channel, uid); err != nil && !errors.Is(err, ErrNoMember) {
		h.o.Log.Warn("somebody is banned but perhaps not removed", "room", u.room, "uid", uid, "err", err)
	}
	return b, nil
}

// Unban lifts a ban. It fails with ErrNoOrder when there is none.
func (h *Handler) Unban(app, channel, uid string) error {
	if !h.moderation.unban(user{engine.RoomName(app, channel), uid}) {
		return ErrNoOrder
	}
	return nil
}

// Bans lists the bans of a room, by uid.
func (h *Handler) Bans(app, channel string) []Ban {
	return h.moderation.bansOf(engine.RoomName(app, channel))
}

// CloseRoom sends everybody out of a room and forgets its mutes. It fails with ErrNoRoom.
// The room is there again when somebody joins.
func (h *Handler) CloseRoom(ctx context.Context, app, channel string) error {
	room := engine.RoomName(app, channel)
	done := h.moderation.closing(room)
	defer done()
	here := h.members(room, "") // not those who come back while the engine is asked
	h.tasks.End(room, "the room was closed by the operator")
	err := h.operator.DeleteRoom(ctx, room)
	for _, s := range here { // most know it from the engine already
		s.finish(&protocol.Closed{Reason: protocol.CloseRoomClosed, Text: "closed by the operator"})
	}
	switch {
	case errors.Is(err, engine.ErrNotFound) && len(here) == 0:
		return ErrNoRoom
	case errors.Is(err, engine.ErrNotFound):
		return nil
	}
	return err
}

// Mute has the server hold back a member's sound, picture or both, also of what is yet to
// be published, for a time of up to MaxOrder, or with 0 until it is lifted or the room is
// empty. The kind that is not named stays as it is. It fails with ErrNoMember and ErrFull.
func (h *Handler) Mute(ctx context.Context, app, channel, uid string, audio, video bool, d time.Duration) (Mute, error) {
	u := user{engine.RoomName(app, channel), uid}
	here := h.members(u.room, uid)
	if len(here) == 0 {
		return Mute{}, ErrNoMember
	}
	order := silence{on: true}
	if d > 0 {
		order.until = h.moderation.now().Add(min(d, MaxOrder))
	}
	w, err := h.moderation.mute(u, func(w *mute) {
		if audio {
			w.audio = order
		}
		if video {
			w.video = order
		}
	})
	if err != nil {
		return Mute{}, err
	}
	for _, s := range here {
		s.applyMute()
	}
	// A client cannot hide a track from the engine as it could from us, by publishing very many.
	if there, err := h.operator.Participants(ctx, u.room); err == nil {
		for _, p := range there {
			for _, s := range here {
				if p.Identity == uid {
					s.owns(p.Tracks)
				}
			}
		}
	}
	return w.public(uid), nil
}

// Unmute lifts a mute of the kinds named. It fails with ErrNoOrder when none of them is muted.
func (h *Handler) Unmute(app, channel, uid string, audio, video bool) error {
	u := user{engine.RoomName(app, channel), uid}
	lifted := false
	_, err := h.moderation.mute(u, func(w *mute) {
		if audio && w.audio.on {
			w.audio, lifted = silence{}, true
		}
		if video && w.video.on {
			w.video, lifted = silence{}, true
		}
	})
	if err != nil {
		return err
	}
	if !lifted {
		return ErrNoOrder
	}
	for _, s := range h.members(u.room, uid) {
		s.applyMute()
	}
	return nil
}

func (m mute) public(uid string) Mute {
	until := func(s silence) *time.Time {
		if s.until.IsZero() {
			return nil
		}
		t := s.until.UTC()
		return &t
	}
	return Mute{
		UID: uid, Audio: m.audio.on, AudioUntil: until(m.audio), Video: m.video.on, VideoUntil: until(m.video),
	}
}

// members are the sessions in a room that have joined, all or those of one uid.
func (h *Handler) members(room, uid string) []*session {
	h.mu.Lock()
	all := make([]*session, 0, len(h.sessions))
	for s := range h.sessions {
		all = append(all, s)
	}
	h.mu.Unlock()
	return slices.DeleteFunc(all, func(s *session) bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.detached || s.joinedAt.IsZero() || s.room != room || (uid != "" && s.uid != uid)
	})
}

// stay is who is there since when.
func (s *session) stay() (uid string, joinedAt time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.uid, s.joinedAt
}

func refuseBanned() *protocol.Error { return refuse(codeBanned, "banned") }

// sizes are how many are in each room, with those who are on their way in.
func (r *registry) sizes() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make(map[string]int, len(r.rooms))
	for room, members := range r.rooms {
		out[room] = len(members)
	}
	return out
}
