package room

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"nertc/internal/protocol"
)

// maxOwnTracks bounds what is remembered of a client that publishes again and again.
const maxOwnTracks = 64

// publishing is what one session publishes, and what the server holds back of it. Its
// lock is held over a decision and what the engine is asked because of it, so that no
// unmute of the client overtakes a mute of the operator.
type publishing struct {
	mu     sync.Mutex
	tracks []protocol.Track            // own ones, as the engine last said, the newest last
	wish   map[protocol.MediaType]bool // muted, as the client last asked
	told   mute                        // what the client knows to be held back
	open   bool                        // the join is answered: the client can be told

	// These two without the lock: a session may end while somebody holds it.
	timer atomic.Pointer[time.Timer] // for the next part of a mute to end by itself
	over  atomic.Bool
}

// end stops what is still to come.
func (p *publishing) end() {
	p.over.Store(true)
	if t := p.timer.Load(); t != nil {
		t.Stop()
	}
}

func (s *session) user() user {
	s.mu.Lock()
	defer s.mu.Unlock()
	return user{s.room, s.uid}
}

// announce notes what a client is about to publish, and mutes from the start what is held back.
func (s *session) announce(tracks []protocol.NewTrack) []protocol.NewTrack {
	if len(tracks) == 0 {
		return tracks
	}
	w := s.h.moderation.muted(s.user())
	p := &s.publishing
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.wish == nil {
		p.wish = map[protocol.MediaType]bool{}
	}
	out := slices.Clone(tracks)
	for i, t := range out {
		if t.Of != "" { // nothing new: the same picture once more
			continue
		}
		p.wish[t.MediaType] = t.Muted
		out[i].Muted = t.Muted || w.holds(t.MediaType)
	}
	return out
}

// owns takes what the engine says of the client's tracks, and mutes those that slipped through.
func (s *session) owns(tracks []protocol.Track) {
	w := s.h.moderation.muted(s.user())
	p := &s.publishing
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range tracks {
		if i := p.find(t.ID); i >= 0 {
			p.tracks[i] = t
			continue
		}
		if len(p.tracks) == maxOwnTracks {
			p.tracks = slices.Delete(p.tracks, 0, 1)
		}
		p.tracks = append(p.tracks, t)
	}
	s.hold(w)
}

func (p *publishing) find(id string) int {
	return slices.IndexFunc(p.tracks, func(t protocol.Track) bool { return t.ID == id })
}

// hold mutes what is held back and is not muted. The lock of publishing is held.
func (s *session) hold(w mute) {
	p := &s.publishing
	for i, t := range p.tracks {
		if !t.Muted && w.holds(t.MediaType) {
			s.engineMute(t.ID, true)
			p.tracks[i].Muted = true
		}
	}
}

// engineMute asks the engine. An error shows as the end of its session.
func (s *session) engineMute(track string, muted bool) {
	s.mu.Lock()
	up := s.up
	s.mu.Unlock()
	if up != nil {
		_ = up.Mute(track, muted)
	}
}

// openMute has the member told what is held back of it: the join is answered.
func (s *session) openMute() {
	s.publishing.mu.Lock()
	s.publishing.open = true
	s.publishing.mu.Unlock()
	s.applyMute()
}

// applyMute brings the member in line with what is held back now, and tells it what has changed.
func (s *session) applyMute() {
	u := s.user()
	p := &s.publishing
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.open || p.over.Load() {
		return
	}
	w := s.h.moderation.muted(u)
	if w != p.told {
		s.tellMute(p.told, w)
	}
	before := p.told
	p.told = w
	s.hold(w)
	for i, t := range p.tracks {
		if before.holds(t.MediaType) && !w.holds(t.MediaType) && !p.wish[t.MediaType] {
			s.engineMute(t.ID, false)
			p.tracks[i].Muted = false
		}
	}
	if t := p.timer.Load(); t != nil {
		t.Stop()
	}
	if next := w.next(); !next.IsZero() {
		t := time.AfterFunc(next.Sub(s.h.moderation.now()), s.applyMute)
		p.timer.Store(t)
		if p.over.Load() {
			t.Stop()
		}
	}
}

// tellMute tells the client what has changed; kinds with different ends in a message each.
func (s *session) tellMute(before, after mute) {
	audio, video := after.audio.on, after.video.on
	a, v := after.audio != before.audio, after.video != before.video
	if a && v && audio == video && after.audio.until.Equal(after.video.until) {
		s.send(protocol.TypeBanned, 0, protocol.Banned{Audio: &audio, Video: &video, Duration: s.left(after.audio)})
		return
	}
	if a {
		s.send(protocol.TypeBanned, 0, protocol.Banned{Audio: &audio, Duration: s.left(after.audio)})
	}
	if v {
		s.send(protocol.TypeBanned, 0, protocol.Banned{Video: &video, Duration: s.left(after.video)})
	}
}

// left is what remains of a silence in whole seconds, rounded up; 0 for one without an end.
func (s *session) left(x silence) int {
	if !x.on || x.until.IsZero() {
		return 0
	}
	return int(math.Ceil(x.until.Sub(s.h.moderation.now()).Seconds()))
}

// muteOwn does what a client asks of one of its tracks, but for an unmute of what is held back.
func (s *session) muteOwn(id uint64, up upstream, m protocol.Mute) {
	w := s.h.moderation.muted(s.user())
	p := &s.publishing
	p.mu.Lock()
	i := p.find(m.Track)
	switch {
	case m.Muted || w == (mute{}):
	case i < 0 || w.holds(p.tracks[i].MediaType): // of what is not known nothing good is assumed
		p.mu.Unlock()
		s.refuse(id, refuse(codeMuted, "muted by the operator"))
		return
	}
	if i >= 0 {
		if p.wish == nil {
			p.wish = map[protocol.MediaType]bool{}
		}
		p.wish[p.tracks[i].MediaType] = m.Muted
		p.tracks[i].Muted = m.Muted
	}
	err := up.Mute(m.Track, m.Muted)
	p.mu.Unlock()
	s.confirm(id, err)
}
