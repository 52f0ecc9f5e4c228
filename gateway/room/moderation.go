package room

import (
	"cmp"
	"errors"
	"slices"
	"sync"
	"time"

	"nertc/internal/errcode"
	"nertc/internal/protocol"
)

// The server's own numbers for what moderation refuses; a page finds them in extraCode.
const (
	codeBanned errcode.Code = 4031
	codeMuted  errcode.Code = 4032
)

const (
	// MaxOrder is the longest time that a ban or a mute may last.
	MaxOrder = 30 * 24 * time.Hour
	// maxOrders bounds the bans, and the mutes, that are remembered at a time.
	maxOrders = 10000
)

// ErrFull says that no more bans or mutes can be remembered.
var ErrFull = errors.New("too many bans or mutes are in force")

// moderation is what the operator has ordered about users, whether they are here or not.
// It is in memory: another gateway, or this one after a restart, does not know it.
// Its methods take no lock but its own.
type moderation struct {
	now func() time.Time

	mu    sync.Mutex
	bans  map[user]time.Time // until
	mutes map[user]mute
	// ending are the rooms that the engine is asked to close at the moment, and how many ask.
	ending map[string]int
}

// user is somebody in a room, by the engine's name of the room.
type user struct{ room, uid string }

// mute is what of a user's media the server holds back.
type mute struct{ audio, video silence }

type silence struct {
	on    bool
	until time.Time // zero: until it is lifted
}

func newModeration() *moderation {
	return &moderation{now: time.Now, bans: map[user]time.Time{}, mutes: map[user]mute{}, ending: map[string]int{}}
}

// at gives what of a mute is in force at a time.
func (m mute) at(now time.Time) mute {
	return mute{m.audio.at(now), m.video.at(now)}
}

func (s silence) at(now time.Time) silence {
	if !s.on || (!s.until.IsZero() && !now.Before(s.until)) {
		return silence{}
	}
	return s
}

// holds says whether a media type is held back: sound of both kinds by audio, pictures
// of both kinds by video. Whoever may not be seen must not share a screen instead.
func (m mute) holds(t protocol.MediaType) bool {
	switch t {
	case protocol.MediaAudio, protocol.MediaAudioSlave:
		return m.audio.on
	default:
		return m.video.on
	}
}

// next is when the first part of a mute ends by itself; zero for never.
func (m mute) next() time.Time {
	var first time.Time
	for _, s := range []silence{m.audio, m.video} {
		if s.on && !s.until.IsZero() && (first.IsZero() || s.until.Before(first)) {
			first = s.until
		}
	}
	return first
}

// ban keeps a user out until a time; the later order counts.
func (m *moderation) ban(u user, until time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, known := m.bans[u]; !known && len(m.bans) >= maxOrders {
		m.sweep()
		if len(m.bans) >= maxOrders {
			return ErrFull
		}
	}
	m.bans[u] = until
	return nil
}

// unban says whether there was a ban to lift.
func (m *moderation) unban(u user) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	until := m.bans[u]
	delete(m.bans, u)
	return m.now().Before(until)
}

func (m *moderation) banned(u user) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now().Before(m.bans[u])
}

// bansOf are the bans in force in a room, by uid.
func (m *moderation) bansOf(room string) []Ban {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := []Ban{}
	for u, until := range m.bans {
		if u.room == room && m.now().Before(until) {
			out = append(out, Ban{UID: u.uid, Until: until})
		}
	}
	slices.SortFunc(out, func(a, b Ban) int { return cmp.Compare(a.UID, b.UID) })
	return out
}

// mute changes what is held back of a user by f, and gives what then is.
func (m *moderation) mute(u user, f func(*mute)) (mute, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	present := m.mutes[u].at(m.now())
	f(&present)
	if present == (mute{}) {
		delete(m.mutes, u)
		return present, nil
	}
	if _, known := m.mutes[u]; !known && len(m.mutes) >= maxOrders {
		m.sweep()
		if len(m.mutes) >= maxOrders {
			return mute{}, ErrFull
		}
	}
	m.mutes[u] = present
	return present, nil
}

// muted is what is held back of a user now.
func (m *moderation) muted(u user) mute {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.mutes[u].at(m.now())
}

// closing notes that the engine is asked to close a room, until done is called.
func (m *moderation) closing(room string) (done func()) {
	add := func(n int) {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.ending[room] += n; m.ending[room] == 0 {
			delete(m.ending, room)
		}
	}
	add(1)
	return func() { add(-1) }
}

// reason is why a member of a room has to go, from what the engine says. While it closes a
// room it says nothing to those who have hardly arrived: their sessions just break.
func (m *moderation) reason(room string, said protocol.Closed) protocol.Closed {
	m.mu.Lock()
	defer m.mu.Unlock()
	if said.Reason == protocol.CloseEngineLost && m.ending[room] > 0 {
		return protocol.Closed{Reason: protocol.CloseRoomClosed}
	}
	return said
}

// emptied forgets the mutes without an end of a room that nobody is in any more.
func (m *moderation) emptied(room string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for u, w := range m.mutes {
		if u.room != room {
			continue
		}
		for _, s := range []*silence{&w.audio, &w.video} {
			if s.until.IsZero() {
				*s = silence{}
			}
		}
		if w.at(m.now()) == (mute{}) {
			delete(m.mutes, u)
		} else {
			m.mutes[u] = w
		}
	}
}

// sweep forgets what is over. The lock is held.
func (m *moderation) sweep() {
	now := m.now()
	for u, until := range m.bans {
		if !now.Before(until) {
			delete(m.bans, u)
		}
	}
	for u, w := range m.mutes {
		if w.at(now) == (mute{}) {
			delete(m.mutes, u)
		}
	}
}
