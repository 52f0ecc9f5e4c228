package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"nertc/gateway/engine"
	"nertc/internal/media"
	"nertc/internal/nativemedia"
	"nertc/internal/protocol"
)

const (
	joinTime = 10 * time.Second
	// lookEvery is how often is looked whether what was replaced can go.
	lookEvery = 200 * time.Millisecond
	// replaceTime is how long a picture goes on when another is to take its place, if that does not come.
	replaceTime = 2 * time.Second
)

// stay is one time in the room. All but receiving happens on one goroutine.
type stay struct {
	bot     *Bot
	session *engine.Session
	pc      media.PeerConnection
	local   chan string // own candidates
	lost    chan struct{}

	offers   uint32 // the id of the last
	offering bool   // it has no answer yet
	again    bool   // another is wanted after it

	joined    bool
	members   map[string][]protocol.Track
	ensembles map[string]*ensemble
	tracks    map[string]*Track // those that are received, by id
	receiving sync.WaitGroup
}

// stayOnce joins and stays until the session ends, and says why it did.
func (b *Bot) stayOnce(ctx context.Context) error {
	s := &stay{
		bot: b, local: make(chan string, 64), lost: make(chan struct{}, 1),
		members: map[string][]protocol.Track{}, ensembles: map[string]*ensemble{}, tracks: map[string]*Track{},
	}
	var err error
	s.pc, err = nativemedia.Factory(nativemedia.Options{Loopback: b.options.Loopback})(media.Observer{
		Candidate: func(c string) {
			select {
			case s.local <- c:
			default:
			}
		},
		State: func(state media.ConnectionState) {
			b.log.Debug("media of a live task", "state", state)
			if state == media.StateFailed {
				select {
				case s.lost <- struct{}{}:
				default:
				}
			}
		},
	})
	if err != nil {
		return err
	}
	defer func() { _ = s.pc.Close() }()
	joining, cancel := context.WithTimeout(ctx, joinTime)
	defer cancel()
	if err := s.pc.AddReceivers(joining, 1, 1); err != nil {
		return err
	}
	sdp, err := s.pc.Offer(joining)
	if err != nil {
		return err
	}
	s.offers, s.offering = 1, true
	s.session, err = b.options.Engine.Join(joining, engine.JoinOptions{
		Room: b.options.Room, Identity: identity(), Watcher: true, Offer: protocol.Offer{SDP: sdp}, Log: b.log,
	})
	if err != nil {
		return fmt.Errorf("join: %w", err)
	}
	defer s.session.Close()
	defer s.receiving.Wait()
	defer s.endAll()
	err = s.run(ctx)
	if s.joined && len(s.members) == 0 {
		err = fmt.Errorf("%w: %w", errAlone, err)
	}
	return err
}

var (
	errFailed = errors.New("no media comes through")
	// errAlone is wrapped by what ends a stay in a room without members: the engine closes those.
	errAlone = errors.New("nobody is in the room")
)

func (s *stay) run(ctx context.Context) error {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return ctx.Err()
		case e, ok := <-s.session.Events():
			if !ok {
				return engine.ErrNotReady
			}
			err = s.handle(ctx, e)
		case c := <-s.local:
			err = s.session.Candidate(c)
		case <-s.lost:
			err = errFailed
		case <-s.bot.changed:
			err = s.reconcile()
		case <-look.C:
			s.dropReplaced()
		}
		if err != nil {
			return err
		}
	}
}

func (s *stay) handle(ctx context.Context, e engine.Event) error {
	switch e := e.(type) {
	case engine.Joined:
		s.joined = true
		for _, m := range e.Members {
			s.members[m.UID] = m.Tracks
		}
		return s.reconcile()
	case engine.Answer:
		return s.answer(ctx, e)
	case engine.Candidate:
		_ = s.pc.AddCandidate(ctx, e.Candidate) // another may do
	case engine.Sections:
		if err := s.pc.AddReceivers(ctx, e.Audio, e.Video); err != nil {
			return err
		}
		return s.offer(ctx)
	case engine.MemberJoined:
		if e.Tracks != nil || s.members[e.UID] == nil {
			s.members[e.UID] = e.Tracks
		}
		return s.reconcile()
	case engine.MemberLeft:
		delete(s.members, e.UID)
		return s.reconcile()
	case engine.TrackAdded:
		s.members[e.UID] = append(without(s.members[e.UID], e.Track.ID), e.Track)
		return s.reconcile()
	case engine.TrackUpdated:
		s.members[e.UID] = append(without(s.members[e.UID], e.Track.ID), e.Track)
		return s.reconcile()
	case engine.TrackRemoved:
		s.members[e.UID] = without(s.members[e.UID], e.Track.ID)
		return s.reconcile()
	case engine.Closed:
		return fmt.Errorf("the engine ended the stay: %s", e.Reason)
	}
	return nil
}

func without(ts []protocol.Track, id string) []protocol.Track {
	var out []protocol.Track
	for _, t := range ts {
		if t.ID != id {
			out = append(out, t)
		}
	}
	return out
}

func (s *stay) offer(ctx context.Context) error {
	if s.offering {
		s.again = true
		return nil
	}
	sdp, err := s.pc.Offer(ctx)
	if err != nil {
		return err
	}
	s.offers++
	s.offering = true
	return s.session.Offer(s.offers, protocol.Offer{SDP: sdp})
}

func (s *stay) answer(ctx context.Context, a engine.Answer) error {
	if a.ID != s.offers {
		return nil
	}
	if err := s.pc.Answer(ctx, a.SDP); err != nil {
		return fmt.Errorf("set the answer: %w", err)
	}
	s.offering = false
	if a.ID == 1 {
		s.shortcut(ctx)
	}
	for mid, id := range a.Mids {
		t := s.tracks[id]
		if t == nil || t.cancel != nil {
			continue
		}
		r, ok := s.pc.Receiver(mid)
		if remote, is := r.(*nativemedia.RemoteTrack); ok && is {
			reading, cancel := context.WithCancel(ctx)
			t.cancel = cancel
			s.receiving.Go(func() { t.receive(reading, remote) })
		}
	}
	if s.again {
		s.again = false
		return s.offer(ctx)
	}
	return nil
}

// shortcut adds this machine's own addresses to those where the engine is, if it runs here: the one that it tells
// clients may be that of a router or a cloud in front, which not everybody behind it can reach.
func (s *stay) shortcut(ctx context.Context) {
	info := s.bot.options.Engine.Info()
	addresses, err := net.InterfaceAddrs()
	if err != nil || info.PID == 0 || info.UDPPort == 0 {
		return
	}
	for _, a := range addresses {
		n, ok := a.(*net.IPNet)
		if !ok || n.IP.To4() == nil {
			continue
		}
		// https://www.rfc-editor.org/rfc/rfc8839#section-5.1, behind those of the engine in priority
		c, err := json.Marshal(map[string]any{
			"candidate": fmt.Sprintf("candidate:1 1 udp 1 %s %d typ host", n.IP, info.UDPPort), "sdpMid": "0", "sdpMLineIndex": 0,
		})
		if err == nil {
			_ = s.pc.AddCandidate(ctx, string(c)) // the engine's own may do
		}
	}
}

// choose gives the tracks of a user that are to be received.
func choose(tracks []protocol.Track, w Want) []protocol.Track {
	var out []protocol.Track
	var camera, screen *protocol.Track
	for i, t := range tracks {
		switch t.MediaType {
		case protocol.MediaVideo:
			camera = &tracks[i]
		case protocol.MediaScreen:
			screen = &tracks[i]
		default:
			if w.Sound {
				out = append(out, t)
			}
		}
	}
	picture := screen
	switch {
	case !w.Picture:
		return out
	case w.Prefer == protocol.MediaVideo, w.Prefer == "" && (screen == nil || screen.Muted && camera != nil):
		picture = camera
	}
	if picture != nil {
		out = append(out, *picture)
	}
	return out
}

// reconcile makes what is received what is wanted.
func (s *stay) reconcile() error {
	chosen := map[string]bool{}
	there := map[string]bool{}
	var fresh []string
	wants := s.bot.wanted()
	for uid, tracks := range s.members {
		for _, t := range tracks {
			there[t.ID] = true
		}
		for _, t := range choose(tracks, wants[uid]) {
			chosen[t.ID] = true
			if s.tracks[t.ID] == nil {
				s.open(uid, t)
				fresh = append(fresh, t.ID)
			}
			s.tracks[t.ID].obsolete = time.Time{}
			if own := s.tracks[t.ID]; own.muted != t.Muted {
				own.muted = t.Muted
				own.sink.Mute(t.Muted)
			}
		}
	}
	var gone []string
	for id, t := range s.tracks {
		switch {
		case chosen[id]:
		case !there[id], !wants[t.UID].Picture, clockRate(t.MediaType) == clockRate(protocol.MediaAudio):
			s.end(t)
			if there[id] {
				gone = append(gone, id)
			}
		case t.obsolete.IsZero():
			t.obsolete = time.Now() // a picture in whose place another comes
		}
	}
	if len(gone) > 0 {
		if err := s.session.Subscribe(gone, false); err != nil {
			return err
		}
	}
	if len(fresh) > 0 {
		return s.session.Subscribe(fresh, true)
	}
	return nil
}

func (s *stay) open(uid string, t protocol.Track) {
	e := s.ensembles[uid]
	if e == nil {
		e = &ensemble{}
		s.ensembles[uid] = e
	}
	own := &Track{
		UID: uid, MediaType: t.MediaType, Width: t.Width, Height: t.Height,
		id: t.ID, stay: s, members: e, clock: e.add(clockRate(t.MediaType)), muted: t.Muted,
	}
	own.sink = s.bot.options.Open(own)
	if t.Muted {
		own.sink.Mute(true)
	}
	s.tracks[t.ID] = own
}

// end stops receiving a track. What it carries may come for a moment still.
func (s *stay) end(t *Track) {
	delete(s.tracks, t.id)
	if t.cancel != nil {
		t.cancel()
	}
	t.members.remove(t.clock)
	t.sink.End()
}

func (s *stay) endAll() {
	for _, t := range s.tracks {
		s.end(t)
	}
}

// dropReplaced ends pictures whose successors have come, or are not going to.
func (s *stay) dropReplaced() {
	var gone []string
	for id, t := range s.tracks {
		if t.obsolete.IsZero() {
			continue
		}
		came := time.Since(t.obsolete) > replaceTime
		for _, o := range s.tracks {
			came = came || o.UID == t.UID && o.obsolete.IsZero() && o.heard.Load() && clockRate(o.MediaType) == clockRate(t.MediaType)
		}
		if came {
			s.end(t)
			gone = append(gone, id)
		}
	}
	if len(gone) > 0 {
		_ = s.session.Subscribe(gone, false) // an error shows in the next event
	}
}
