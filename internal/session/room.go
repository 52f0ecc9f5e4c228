package session

import (
	"context"
	"slices"

	"nertc/internal/errcode"
	"nertc/internal/media"
	"nertc/internal/protocol"
)

// What is in this file runs on the session's loop, but for the exported methods.

func (s *Session) memberJoined(m protocol.Member) {
	if m.UID == "" || m.UID == s.joined.UID {
		return
	}
	if s.members[m.UID] == nil {
		s.members[m.UID] = &member{uid: m.UID, tracks: map[string]*track{}}
		s.o.Observer.MemberJoined(m.UID)
	}
	if m.CustomData != "" {
		s.o.Observer.CustomData(m.UID, m.CustomData)
	}
	for _, t := range ordered(m.Tracks) {
		s.trackChanged(m.UID, t)
	}
}

func (s *Session) memberQuality(q protocol.MemberQuality) {
	if s.members[q.UID] != nil {
		s.o.Observer.MemberQuality(q.UID, q.Level)
	}
}

// ordered sorts tracks by their media types, so that a member's sound is announced before the picture.
func ordered(tracks []protocol.Track) []protocol.Track {
	out := slices.Clone(tracks)
	slices.SortStableFunc(out, func(a, b protocol.Track) int { return rank(a.MediaType) - rank(b.MediaType) })
	return out
}

func rank(t protocol.MediaType) int { return slices.Index(protocol.MediaTypes[:], t) }

func (s *Session) memberLeft(uid string) {
	m := s.members[uid]
	if m == nil {
		return
	}
	var tracks []protocol.Track
	for _, t := range m.tracks {
		tracks = append(tracks, t.Track)
	}
	for _, t := range ordered(tracks) {
		s.trackRemoved(uid, t.ID)
	}
	delete(s.members, uid)
	s.o.Observer.MemberLeft(uid)
}

// trackChanged takes a track that is new, or whose mute state or codec may be.
func (s *Session) trackChanged(uid string, t protocol.Track) {
	m := s.members[uid]
	if m == nil || t.ID == "" || rank(t.MediaType) < 0 {
		return
	}
	known := m.tracks[t.ID]
	if known == nil {
		// A track that takes the place of another of its type: the old one's end may come later.
		for id, old := range m.tracks {
			if old.MediaType == t.MediaType {
				s.trackRemoved(uid, id)
			}
		}
		m.tracks[t.ID] = &track{Track: t}
		s.o.Observer.TrackAdded(uid, t)
		if t.Muted {
			s.o.Observer.TrackMuted(uid, t)
		}
		if !s.canDecode(t) {
			s.o.Observer.Undecodable(t.Codec)
		}
		return
	}
	before := known.Track
	known.Track = t
	if before.Muted != t.Muted {
		s.o.Observer.TrackMuted(uid, t)
	}
	if (before.Codec != t.Codec || before.Spare != t.Spare) && !s.canDecode(t) {
		s.o.Observer.Undecodable(t.Codec)
		known.release(nil)
	}
}

// canDecode says whether a track can be decoded here, as far as is known what it is sent in. The browser is asked each
// time: some load a codec while the page runs.
func (s *Session) canDecode(t protocol.Track) bool {
	can := s.o.CanDecode
	return can == nil || t.Codec == "" || can(t.Codec) || t.Spare != "" && can(t.Spare)
}

func (s *Session) trackRemoved(uid, id string) {
	m := s.members[uid]
	if m == nil || m.tracks[id] == nil {
		return
	}
	t := m.tracks[id]
	delete(m.tracks, id)
	t.release(nil)
	s.o.Observer.TrackRemoved(uid, t.Track)
}

// received takes the tracks that an answer has brought. The engine takes back the subscription to what is not decoded
// here, but some answers still have it.
func (s *Session) received(tracks map[string]media.RemoteTrack) {
	for _, m := range s.members {
		for id, t := range m.tracks {
			remote, ok := tracks[id]
			if !ok || !t.subscribed || t.received || !s.canDecode(t.Track) {
				continue
			}
			t.received = true
			s.o.Observer.TrackReceived(m.uid, t.Track, remote)
			t.release(nil)
		}
	}
}

// release tells those who wait for the track, which has come or gone, or will not come for a reason.
func (t *track) release(err error) {
	waiting := t.waiting
	t.waiting = nil
	for _, f := range waiting {
		f(err)
	}
}

// Subscribe makes exactly these media types of a member received, of those that
// are published now. It returns when they are, or are gone again; it does not wait for what cannot be decoded here.
func (s *Session) Subscribe(ctx context.Context, uid string, types []protocol.MediaType) error {
	result := make(chan error, 1)
	posted := s.loop.Post(func() { s.subscribe(uid, types, func(err error) { result <- err }) })
	if !posted {
		return errcode.New(errcode.NotJoined, "subscribe needs a join first")
	}
	return s.wait(ctx, result, "subscribe")
}

func (s *Session) subscribe(uid string, types []protocol.MediaType, reply func(error)) {
	m := s.members[uid]
	if m == nil {
		reply(errcode.New(errcode.NoSuchUser, "user %s is not in the room", uid))
		return
	}
	var begin, end []string
	pending, over := 1, false // the requests themselves
	finish := func(err error) {
		if pending--; !over && (err != nil || pending == 0) {
			over = true
			reply(err)
		}
	}
	for id, t := range m.tracks {
		wanted := slices.Contains(types, t.MediaType)
		switch {
		case wanted && !t.subscribed:
			t.subscribed = true
			begin = append(begin, id)
		case !wanted && t.subscribed:
			t.subscribed, t.received = false, false
			t.release(nil)
			end = append(end, id)
		}
		if wanted && !t.received && s.canDecode(t.Track) {
			pending++
			t.waiting = append(t.waiting, finish)
		}
	}
	if len(end) > 0 {
		pending++
		s.request(protocol.TypeSubscribe, protocol.Subscribe{Tracks: end}, func(error) { finish(nil) })
	}
	if len(begin) > 0 {
		pending++
		s.request(protocol.TypeSubscribe, protocol.Subscribe{Tracks: begin, Subscribe: true}, func(err error) {
			for _, id := range begin {
				if t := m.tracks[id]; t != nil && err != nil {
					t.subscribed = false
					t.release(err) // others may wait for it too
				}
			}
			finish(err)
		})
	}
	finish(nil)
}

// request sends a request and runs the reply on the loop.
func (s *Session) request(t protocol.Type, data any, reply func(error)) {
	s.socket.Request(t, data, func(_ protocol.Message, err error) {
		s.loop.Post(func() { reply(err) })
	})
}

// Publish publishes one track; of a media type that is published already, nothing is done, and for one that is on its
// way it waits what comes of that. Who gives up waiting has it not published, later either.
func (s *Session) Publish(ctx context.Context, t protocol.NewTrack, m media.Track, o media.SendOptions) error {
	result := make(chan error, 1)
	var begin func()
	begin = func() {
		if p := s.publications[t.MediaType]; p != nil {
			if p.settled {
				result <- nil
			} else {
				p.then = append(p.then, begin)
			}
			return
		}
		if ctx.Err() != nil { // nobody waits any more, or is about to
			return
		}
		p := &publication{muted: t.Muted, layers: layers{send: o, on: s.dual[t.MediaType]}}
		s.publications[t.MediaType] = p
		t.Codecs = s.codecs(m)
		s.negotiator.publish(t, m, p.layers.options(), func(sender media.Sender, id string, err error) {
			s.loop.Post(func() {
				p.settled = true
				if err != nil {
					delete(s.publications, t.MediaType)
				} else {
					p.sender, p.id = s.spared(sender, t, m, o, id), id
					s.readjust(p)
				}
				if err == nil && p.muted != t.Muted { // changed on the way
					s.request(protocol.TypeMute, protocol.Mute{Track: id, Muted: p.muted}, func(error) {})
				}
				result <- err
				for _, f := range p.then {
					f()
				}
			})
		})
	}
	if !s.loop.Post(begin) {
		return errcode.New(errcode.NotJoined, "publish needs a join first")
	}
	err := s.wait(ctx, result, "publish")
	if err != nil && ctx.Err() != nil {
		// The connection is away, and the offer may still be answered when it is back.
		_ = s.Unpublish(ctx, t.MediaType)
	}
	return err
}

// Unpublish ends a publication; of a media type that is not published, nothing is done.
func (s *Session) Unpublish(ctx context.Context, t protocol.MediaType) error {
	return s.published(ctx, t, "unpublish", func(p *publication, reply func(error)) {
		delete(s.publications, t)
		delete(s.watched, p.id)
		s.negotiator.unpublish(p.sender, reply)
	})
}

// SetMuted tells the room that an own track is muted or no longer.
func (s *Session) SetMuted(ctx context.Context, t protocol.MediaType, muted bool) error {
	result := make(chan error, 1)
	posted := s.loop.Post(func() {
		p := s.publications[t]
		if p == nil || p.muted == muted {
			result <- nil
			return
		}
		p.muted = muted
		if p.id == "" { // still on the way: Publish tells it
			result <- nil
			return
		}
		s.request(protocol.TypeMute, protocol.Mute{Track: p.id, Muted: muted}, func(err error) {
			if err != nil && p.muted == muted { // refused, so it stays as it was
				p.muted = !muted
			}
			result <- err
		})
	})
	if !posted {
		return nil
	}
	return s.wait(ctx, result, "mute")
}

// SetRole asks for another role in the room and waits until the gateway has answered, also
// through an interruption, or the session is over.
func (s *Session) SetRole(role protocol.Role) error {
	result := make(chan error, 1)
	s.request(protocol.TypeRole, protocol.RoleChange{Role: role}, func(err error) { result <- err })
	return s.wait(context.Background(), result, "the change of the role")
}

// SetPermkey asks for the rights of another permission key and waits until they have taken
// effect. It answers what may be published now.
func (s *Session) SetPermkey(ctx context.Context, permkey string) (protocol.Permitted, error) {
	var p protocol.Permitted
	err := s.socket.Call(ctx, protocol.TypePermkey, protocol.PermkeyChange{Permkey: permkey}, &p)
	return p, err
}

// Rekey tells the check value of another secret and waits until the room has taken it.
func (s *Session) Rekey(ctx context.Context, check string) error {
	return s.socket.Call(ctx, protocol.TypeRekey, protocol.Rekey{CryptCheck: check}, nil)
}

// wait waits for a result, but not longer than the session lives.
func (s *Session) wait(ctx context.Context, result <-chan error, what string) error {
	select {
	case err := <-result:
		return err
	case <-s.done:
		return errcode.New(errcode.InvalidOperation, "the session ended during %s", what)
	case <-ctx.Done():
		return errcode.Wrap(errcode.Network, ctx.Err(), "%s was not done in time", what)
	}
}
