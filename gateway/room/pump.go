package room

import (
	"context"
	"time"

	"nertc/gateway/engine"
	"nertc/internal/protocol"
)

// pump passes on what the engine says to one member. Until the join is answered it
// collects: the answer has everything that is known by then, and comes first.
type pump struct {
	s       *session
	request uint64 // of the join
	started time.Time

	done       bool
	joined     *engine.Joined
	answer     *engine.Answer
	candidates []string
	later      []engine.Event
}

func (p *pump) run(events <-chan engine.Event) {
	timeout := time.NewTimer(joinTimeout)
	defer timeout.Stop()
	for {
		select {
		case e, ok := <-events:
			if !ok {
				return
			}
			p.take(e)
		case <-timeout.C:
			if !p.done {
				p.fail(context.DeadlineExceeded)
				return
			}
		case <-p.s.ctx.Done():
			return
		}
	}
}

func (p *pump) take(e engine.Event) {
	if own, ok := e.(engine.OwnTracks); ok {
		p.s.owns(own.Tracks)
		return
	}
	p.s.rights.learn(e) // before the client can ask for what it is told of
	if p.done {
		p.tell(e)
		return
	}
	switch e := e.(type) {
	case engine.Joined:
		p.joined = &e
	case engine.Answer:
		p.answer = &e
	case engine.Candidate:
		p.candidates = append(p.candidates, e.Candidate)
	case engine.Closed:
		p.closedEarly(e)
		return
	default:
		p.later = append(p.later, e)
	}
	if p.joined != nil && p.answer != nil {
		p.admit()
	}
}

// admit answers the join.
func (p *pump) admit() {
	s := p.s
	p.done = true
	// What the client asks for as soon as it has the answer is handled when all that follows it is done: another role, for
	// example, would find nothing to change yet, and be undone by what the join has said. What it has asked for before
	// is done by now, so that the role is the one that holds.
	s.handling.Lock()
	defer s.handling.Unlock()
	s.mu.Lock()
	if s.detached {
		s.mu.Unlock()
		return
	}
	if s.probes {
		s.mu.Unlock()
		p.answerProbe()
		return
	}
	s.joinedAt = time.Now()
	log, uid := s.log, s.uid
	s.mu.Unlock()
	if s.h.moderation.banned(user{s.room, uid}) { // since the join was taken up
		s.refuseJoin(p.request, joinRefused, refuseBanned())
		return
	}
	if s.relay.wanted && !protocol.HasRelay(p.joined.ICEServers) {
		s.refuseJoin(p.request, joinRefused, refuseRelay())
		return
	}
	s.relay.given(p.joined.ICEServers)
	took := time.Since(p.started)
	s.countJoin(joinOK)
	s.h.metrics.seconds.Observe(took.Seconds())
	s.h.places.remove(user{s.room, uid}) // of who had the uid before: it is this one's now
	secret := s.makeResumable()
	ticket, size := s.h.o.LogTicket(s.rights.appKey, s.rights.channel, uid, s.origin)
	s.send(protocol.TypeJoined, p.request, protocol.Joined{
		CID: cidOf(p.joined.RoomID), UID: uid, Members: p.joined.Members,
		Answer: p.answer.Answer, Candidates: p.candidates, ICEServers: p.joined.ICEServers,
		PingInterval: int(s.h.o.PingInterval / time.Millisecond), Resume: secret, Pass: s.pass(),
		LogTicket: ticket, LogSize: size,
	})
	host := s.role == protocol.RoleHost
	s.h.qualities.enter(s, host)
	for _, e := range p.later {
		p.tell(e)
	}
	p.later = nil
	s.h.priorities.enter(s, host)
	if host {
		s.hearTasks(true, s.rejoins)
	}
	s.openMute()
	s.watchPermkey()
	s.watch(3 * s.h.o.PingInterval)
	log.Info("joined", "took", took.Round(time.Microsecond), "members", len(p.joined.Members))
}

// closedEarly refuses a join that the engine took back before it was answered.
func (p *pump) closedEarly(e engine.Closed) {
	e.Closed = p.s.h.moderation.reason(p.s.room, e.Closed)
	switch e.Reason {
	case protocol.CloseEngineLost:
		p.fail(engine.ErrNotReady)
	case protocol.CloseError:
		p.fail(&engine.RefusedError{})
	default: // the same uid has joined once more, or somebody removed it
		p.s.countJoin(joinFailed)
		p.s.finish(&e.Closed)
	}
}

// tell passes one event on to the client.
func (p *pump) tell(e engine.Event) {
	s := p.s
	switch e := e.(type) {
	case engine.Answer:
		if request, ok := s.takeOffer(e.ID, restartOK); ok {
			s.send(protocol.TypeAnswer, request, e.Answer)
		}
	case engine.Candidate:
		s.send(protocol.TypeCandidate, 0, protocol.Candidate{Candidate: e.Candidate})
	case engine.Sections:
		s.send(protocol.TypeSections, 0, e.Sections)
	case engine.MemberJoined:
		s.send(protocol.TypeMemberJoined, 0, e.Member)
		s.h.qualities.met(s, e.UID)
	case engine.MemberLeft:
		s.send(protocol.TypeMemberLeft, 0, e.MemberLeft)
	case engine.TrackAdded:
		s.send(protocol.TypeTrackAdded, 0, e.TrackEvent)
	case engine.TrackUpdated:
		s.send(protocol.TypeTrackUpdated, 0, e.TrackEvent)
	case engine.TrackRemoved:
		s.send(protocol.TypeTrackRemoved, 0, e.TrackEvent)
	case engine.Watched:
		s.send(protocol.TypeWatched, 0, e.Watched)
	case engine.Paused:
		s.send(protocol.TypePaused, 0, e.Paused)
	case engine.MemberQuality:
		s.send(protocol.TypeMemberQuality, 0, e.MemberQuality)
	case engine.OwnQuality:
		s.h.qualities.measured(s, e.Level)
	case engine.Closed:
		last := s.h.moderation.reason(s.room, e.Closed)
		s.finish(&last)
	}
}
