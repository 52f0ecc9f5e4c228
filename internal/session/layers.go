package session

import (
	"context"
	"maps"

	"nertc/internal/errcode"
	"nertc/internal/media"
	"nertc/internal/protocol"
)

// maxWatched bounds what a gateway can make us remember of tracks that are not known yet.
const maxWatched = 16

// layers is what is sent of an own picture. It belongs to the loop.
type layers struct {
	send media.SendOptions // as it would be sent if everybody watched all of it
	on   bool              // the low layer may be sent
	// told are the options that the sender has or is about to get.
	told media.SendOptions
	// watched is the gateway's last word on who watches; nil before the first.
	watched *protocol.Watched
}

// options are what is to be sent now. What nobody watches is not; and without the low layer
// the high one is for all.
func (l *layers) options() media.SendOptions {
	o := l.send
	low, high := l.on, true
	if w := l.watched; w != nil {
		low, high = l.on && w.Low, w.High || (w.Low && !l.on)
	}
	if o.LowScale == 0 { // the engine names the one layer by either name
		low, high = false, l.watched == nil || l.watched.High || l.watched.Low
	}
	o.Off, o.LowOff = !high, !low
	l.told = o
	return o
}

// readjust sends what is to be sent by now. It runs on the loop.
func (s *Session) readjust(p *publication) {
	s.adjust(p, func(error) {})
	s.respare(p)
}

// adjust has the sender do what is to be done by now, and replies on the loop.
func (s *Session) adjust(p *publication, reply func(error)) {
	if w, ok := s.watched[p.id]; ok && p.id != "" {
		p.layers.watched = &w
	}
	if p.sender == nil { // on its way: taken up once it is there
		reply(nil)
		return
	}
	before := p.layers.told
	if o, sender := p.layers.options(), p.sender; before != o {
		s.negotiator.do(func(ctx context.Context) {
			err := sender.Limit(ctx, o)
			s.loop.Post(func() { reply(err) })
		})
		return
	}
	reply(nil)
}

// layersWatched takes the gateway's word on who receives an own picture.
func (s *Session) layersWatched(w protocol.Watched) {
	if _, known := s.watched[w.Track]; !known && len(s.watched) >= maxWatched {
		maps.DeleteFunc(s.watched, func(id string, _ protocol.Watched) bool { return !s.publishes(id) }) // they have gone long ago
	}
	s.watched[w.Track] = w
	for _, p := range s.publications {
		if p.id == w.Track {
			s.readjust(p)
		}
	}
}

// publishes says whether a track is what is published.
func (s *Session) publishes(id string) bool {
	for _, p := range s.publications {
		if p.id == id {
			return true
		}
	}
	return false
}

// trackPaused tells of a picture of somebody else's.
func (s *Session) trackPaused(p protocol.Paused) {
	for uid, m := range s.members {
		if t := m.tracks[p.Track]; t != nil {
			s.o.Observer.TrackPaused(uid, t.Track, p.Paused)
		}
	}
}

// SetDual says whether the low layer of an own picture may be sent, of what is published or will
// be. The reply, on a goroutine of the session, comes when that is so; it never comes after the end of the session.
func (s *Session) SetDual(t protocol.MediaType, on bool, reply func(error)) {
	s.loop.Post(func() {
		s.dual[t] = on
		p := s.publications[t]
		if p == nil {
			reply(nil)
			return
		}
		p.layers.on = on
		s.adjust(p, reply)
	})
}

// Resize tells the room that what is published as a media type has another size from now on. Who refuses that
// knows the former one.
func (s *Session) Resize(t protocol.MediaType, width, height int) {
	s.loop.Post(func() {
		p := s.publications[t]
		if p == nil {
			return
		}
		tell := func() {
			if p.id != "" {
				s.request(protocol.TypeResize, protocol.Resize{Track: p.id, Width: width, Height: height}, func(error) {})
			}
		}
		if p.settled {
			tell()
			return
		}
		p.then = append(p.then, tell)
	})
}

// Limit sets other limits for what is published as a media type. Where nothing is, nothing is
// done. That it is sent in two sizes, or in one, cannot be changed so.
func (s *Session) Limit(ctx context.Context, t protocol.MediaType, o media.SendOptions) error {
	result := make(chan error, 1)
	posted := s.loop.Post(func() {
		p := s.publications[t]
		if p == nil {
			result <- nil
			return
		}
		if (p.layers.send.LowScale == 0) != (o.LowScale == 0) {
			o.LowScale = p.layers.send.LowScale
		}
		p.layers.send = o
		begin := func() {
			s.adjust(p, func(err error) {
				if err != nil {
					err = errcode.Wrap(errcode.InvalidOperation, err, "limit the sending")
				}
				result <- err
			})
		}
		if p.settled {
			begin()
			return
		}
		p.then = append(p.then, begin)
	})
	if !posted {
		return nil
	}
	return s.wait(ctx, result, "limit the sending")
}

// Receive says in which quality a picture of a member's is to be received, now or once it is
// subscribed to. What is not published is passed over; a later publication begins with the best.
// The reply comes on a goroutine of the session, and never after its end.
func (s *Session) Receive(uid string, t protocol.MediaType, q protocol.Quality, reply func(error)) {
	s.loop.Post(func() {
		m := s.members[uid]
		if m == nil {
			reply(errcode.New(errcode.NoSuchUser, "user %s is not in the room", uid))
			return
		}
		for id, track := range m.tracks {
			if track.MediaType != t {
				continue
			}
			before := track.quality
			if before == q || before == "" && q == protocol.QualityHigh {
				continue
			}
			track.quality = q
			s.request(protocol.TypeQuality, protocol.Wish{Tracks: []string{id}, Quality: q}, func(err error) {
				if err != nil && track.quality == q {
					track.quality = before
				}
				reply(err)
			})
			return
		}
		reply(nil)
	})
}
