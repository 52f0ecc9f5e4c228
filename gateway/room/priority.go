package room

import (
	"slices"

	"nertc/internal/protocol"
	"nertc/internal/serial"
)

// priorities is who of each room of this gateway has the high media priority. Everything
// happens on the queue, because whoever tells of a change must hold no session's lock.
type priorities struct {
	queue serial.Queue
	rooms map[string]*precedence
}

// precedence is that of one room.
type precedence struct {
	members []*session
	// claims are those who have asked, who has it first. Who has lost it to another does not count any more.
	claims []*session
}

// holder is the uid of the one who has it, empty for nobody.
func (p *precedence) holder() string {
	if len(p.claims) == 0 {
		return ""
	}
	return p.claims[0].uid
}

// claim is what a session has asked for.
type claim struct{ high, preempt bool }

// enter takes a member in that has joined, tells it who has the priority, and gives it to it where it
// may have it. An audience has none: nobody is told that it is there.
func (p *priorities) enter(s *session, host bool) {
	p.queue.Post(func() {
		s.mu.Lock()
		over := s.detached // and its leave was, or will be
		s.mu.Unlock()
		if over {
			return
		}
		if p.rooms == nil {
			p.rooms = map[string]*precedence{}
		}
		r := p.rooms[s.room]
		if r == nil {
			r = &precedence{}
			p.rooms[s.room] = r
		}
		r.members = append(r.members, s)
		before := r.holder()
		if host && s.claim.high {
			r.take(s)
		}
		if now := r.holder(); now != before {
			r.tell(now)
		} else if now != "" {
			s.send(protocol.TypePriority, 0, protocol.Priority{UID: now})
		}
	})
}

// role takes a member's claim into account that has become a host, and away when it is none any more.
func (p *priorities) role(s *session, host bool) {
	p.queue.Post(func() {
		r := p.rooms[s.room]
		if r == nil || !s.claim.high || !slices.Contains(r.members, s) {
			return
		}
		before := r.holder()
		if host && !s.outranked {
			r.take(s)
		} else {
			r.claims = slices.DeleteFunc(r.claims, func(o *session) bool { return o == s })
		}
		if now := r.holder(); now != before {
			r.tell(now)
		}
	})
}

// take puts a claim where it belongs: that of a uid that was there already into its place.
func (r *precedence) take(s *session) {
	if i := slices.IndexFunc(r.claims, func(o *session) bool { return o.uid == s.uid }); i >= 0 {
		r.claims[i] = s
		if i == 0 || !s.claim.preempt {
			return
		}
		r.claims = slices.Delete(r.claims, i, i+1)
	}
	if !s.claim.preempt {
		r.claims = append(r.claims, s)
		return
	}
	if len(r.claims) > 0 { // it has lost it for good
		r.claims[0].outranked = true
		r.claims = r.claims[1:]
	}
	r.claims = slices.Insert(r.claims, 0, s)
}

// leave takes a member out.
func (p *priorities) leave(s *session) {
	p.queue.Post(func() {
		r := p.rooms[s.room]
		if r == nil {
			return
		}
		before := r.holder()
		is := func(o *session) bool { return o == s }
		r.members, r.claims = slices.DeleteFunc(r.members, is), slices.DeleteFunc(r.claims, is)
		if now := r.holder(); now != before {
			r.tell(now)
		}
		if len(r.members) == 0 {
			delete(p.rooms, s.room)
		}
	})
}

func (r *precedence) tell(uid string) {
	for _, s := range r.members {
		s.send(protocol.TypePriority, 0, protocol.Priority{UID: uid})
	}
}
