package room

import (
	"nertc/internal/protocol"
	"nertc/internal/serial"
)

// qualities is how good the engine finds the connections of the members of each room of this gateway. The engine tells
// a member of itself and of those whom it receives; that the others hear of somebody whom they do not receive, or who
// publishes nothing, is done here. Everything happens on the queue, because whoever tells must hold no session's lock.
type qualities struct {
	queue serial.Queue
	rooms map[string]map[*session]*connected
}

// connected is a member: whether the others may know of it, and the level of its connection, 0 until the engine has said it.
type connected struct {
	host  bool
	level int
}

// enter takes a member in that has joined, and tells it of all others.
func (q *qualities) enter(s *session, host bool) {
	q.queue.Post(func() {
		s.mu.Lock()
		over := s.detached // and its leave was, or will be
		s.mu.Unlock()
		if over {
			return
		}
		for o, of := range q.rooms[s.room] {
			of.tell(o, s)
		}
		if q.rooms == nil {
			q.rooms = map[string]map[*session]*connected{}
		}
		if q.rooms[s.room] == nil {
			q.rooms[s.room] = map[*session]*connected{}
		}
		q.rooms[s.room][s] = &connected{host: host}
	})
}

// measured takes what the engine says of a member's own connection.
func (q *qualities) measured(s *session, level int) {
	q.change(s, func(c *connected) (news bool) {
		news = c.level != level
		c.level = level
		return news
	})
}

// role takes into account that a member has become a host, or is none any more: of an audience nobody hears.
func (q *qualities) role(s *session, host bool) {
	q.change(s, func(c *connected) (news bool) {
		news = host && !c.host
		c.host = host
		return news
	})
}

// change changes a member and tells the others if that is news.
func (q *qualities) change(s *session, how func(*connected) bool) {
	q.queue.Post(func() {
		c := q.rooms[s.room][s]
		if c == nil || !how(c) {
			return
		}
		for o := range q.rooms[s.room] {
			c.tell(s, o)
		}
	})
}

// met tells a member of another, of whom it has just been told that it is there: what came before, its client did not know whose it is.
func (q *qualities) met(s *session, uid string) {
	q.queue.Post(func() {
		for o, of := range q.rooms[s.room] {
			if o.uid == uid {
				of.tell(o, s)
			}
		}
	})
}

// leave takes a member out.
func (q *qualities) leave(s *session) {
	q.queue.Post(func() {
		delete(q.rooms[s.room], s)
		if len(q.rooms[s.room]) == 0 {
			delete(q.rooms, s.room)
		}
	})
}

// tell tells another of the connection of somebody.
func (c *connected) tell(who, other *session) {
	if c.host && c.level != 0 && other.uid != who.uid {
		other.send(protocol.TypeMemberQuality, 0, protocol.MemberQuality{UID: who.uid, Level: c.level})
	}
}
