package room

import (
	"crypto/sha256"
	"slices"
	"sync"
	"time"

	"nertc/internal/protocol"
)

// A page that is loaded again has lost its session's state, so that it cannot resume; it
// joins anew, with the secret of the stay that the page before it had. That stay's uid is
// its place: the join takes it where the page names no other uid, and so replaces the
// stay itself if it is still there, without anybody being seen to go. When the stay is
// over, because nobody took it up, its uid is kept for the secret as long as the session
// could have been resumed had its connection broken.

// places are those of stays that are over. The zero value is not ready.
type places struct {
	mu    sync.Mutex
	users map[resumeKey]reserved
	keys  map[user]resumeKey // the last of each user
}

type reserved struct {
	user
	origin string
	timer  *time.Timer
}

func newPlaces() places {
	return places{users: map[resumeKey]reserved{}, keys: map[user]resumeKey{}}
}

// add keeps a place for a time, and lets go of an older one of the same user.
func (p *places) add(key resumeKey, u user, origin string, d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drop(u)
	p.users[key] = reserved{u, origin, time.AfterFunc(d, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.keys[u] == key {
			p.drop(u)
		}
	})}
	p.keys[u] = key
}

// remove lets go of the place of a user who is there again.
func (p *places) remove(u user) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drop(u)
}

// drop is remove for whoever has the lock.
func (p *places) drop(u user) {
	if key, ok := p.keys[u]; ok {
		p.users[key].timer.Stop()
		delete(p.users, key)
		delete(p.keys, u)
	}
}

func (p *places) find(key resumeKey) (reserved, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r, ok := p.users[key]
	return r, ok
}

// formerPlace gives the uid that a secret has a place under, for a page of the same origin
// that joins the same room without a uid or with that one. A secret is as little compared
// here as in resumptions.find.
func (h *Handler) formerPlace(token, room, uid, origin string) (former string, ok bool) {
	if token == "" || len(token) > maxToken {
		return "", false
	}
	key := resumeKey(sha256.Sum256([]byte(token)))
	r, ok := h.places.find(key)
	if s := h.resumptions.find(token); !ok && s != nil {
		r, ok = s.place()
	}
	if !ok || r.room != room || r.origin != origin || uid != "" && uid != r.uid {
		return "", false
	}
	return r.uid, true
}

// place is that of a session that goes on.
func (s *session) place() (reserved, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return reserved{user: user{s.room, s.uid}, origin: s.origin}, s.resumable && !s.detached
}

// givenUp are the ends after which a client has no place any more: it went by itself, was
// told to go, or its uid is somebody else's by now.
var givenUp = [...]protocol.CloseReason{
	protocol.CloseLeft, protocol.CloseDuplicate, protocol.CloseRemoved, protocol.CloseRoomClosed, protocol.ClosePermkeyTimeout,
}

// keepPlace keeps the place of a session that ends for a reason that does not give it up.
// The lock is held.
func (s *session) keepPlace(reason string) {
	if !s.resumable || slices.Contains(givenUp[:], protocol.CloseReason(reason)) {
		return
	}
	if s.h.rooms.stays(s.room, s.uid) > 1 { // somebody has taken it already, whom the engine has let in by now or soon
		return
	}
	left := s.h.o.ResumeWindow
	if s.window != nil {
		left -= time.Since(s.parkedAt)
	}
	if left > 0 {
		s.h.places.add(s.key, user{s.room, s.uid}, s.origin, left)
	}
}
