package room

import (
	"context"
	"crypto/rand"
	"net/http"
	"time"

	"nertc/gateway/engine"
	"nertc/internal/errcode"
	"nertc/internal/protocol"
)

// A client that wants to know whether media gets through says probe as the first message of a connection, with all that a
// join has. It is authorized and paced as a join, but enters no room: the engine gets a room that nobody else is in
// and that no app's room is named like, and forgets it soon after.

// probeTime is how long a probe may take: a path is there within moments, or not at all.
const probeTime = 10 * time.Second

// handleProbe takes the media of a client up in a room of its own.
func (s *session) handleProbe(m protocol.Message) {
	var j protocol.Join
	switch {
	case s.asked:
		s.refuse(m.ID, refuse(errcode.InvalidOperation, "probe must be the first message"))
		return
	case !decode(m.Data, &j):
		s.asked, s.probes = true, true
		s.refuseJoin(m.ID, joinRefused, refuse(errcode.InvalidArgument, "probe has data of the wrong form"))
		return
	}
	s.asked, s.probes = true, true
	result, e := s.admitProbe(j)
	if e != nil {
		s.refuseJoin(m.ID, result, e)
		return
	}
	s.role = protocol.RoleAudience // nothing is published
	s.ufrag = ufragOf(j.Offer.SDP)
	p := &pump{s: s, request: m.ID, started: time.Now()}
	s.watch(2 * probeTime)
	ctx, cancel := context.WithTimeout(s.ctx, joinTimeout)
	defer cancel()
	up, err := s.h.join(ctx, engine.JoinOptions{
		Room: "probe-" + rand.Text(), Identity: "probe", NoPublish: protocol.MediaTypes[:],
		Offer: j.Offer, UserAgent: s.userAgent, Log: s.logger(),
	})
	if err != nil {
		p.fail(err)
		return
	}
	if !s.attach(up) {
		up.Close()
		return
	}
	time.AfterFunc(probeTime, func() {
		s.finish(&protocol.Closed{Reason: protocol.CloseLeft, Text: "the time of a probe is over"})
	})
	go p.run(up.Events())
}

// admitProbe decides as about a join, but for what concerns the room.
func (s *session) admitProbe(j protocol.Join) (result string, e *protocol.Error) {
	if e := checkJoin(j); e != nil {
		return joinRefused, e
	}
	room := engine.RoomName(j.AppKey, j.Channel)
	s.names(room, j.UID)
	switch {
	case len(j.Offer.Tracks) > 0:
		return joinRefused, refuse(errcode.InvalidArgument, "a probe publishes nothing")
	case j.UID != "" && s.h.moderation.banned(user{room, j.UID}):
		return joinRefused, refuseBanned()
	}
	if e := s.authorize(j); e != nil {
		return joinRefused, e
	}
	s.relay.wanted = j.Relay
	if j.Relay && !s.h.mayRelay() {
		return joinRefused, refuseRelay()
	}
	if !s.h.ready() {
		return joinUnavailable, refuse(http.StatusServiceUnavailable, engine.ErrNotReady.Error())
	}
	if e := s.h.checkPace(j.AppKey); e != nil {
		return joinRefused, e
	}
	return joinOK, nil
}

// mayProbe says whether a session that probes may send a message of a type.
func mayProbe(t protocol.Type) bool {
	switch t {
	case protocol.TypeOffer, protocol.TypeCandidate, protocol.TypePing, protocol.TypeLeave:
		return true
	}
	return false
}

// answerProbe is admit for a probe.
func (p *pump) answerProbe() {
	s := p.s
	if s.relay.wanted && !protocol.HasRelay(p.joined.ICEServers) {
		s.refuseJoin(p.request, joinRefused, refuseRelay())
		return
	}
	s.countJoin(joinOK)
	s.send(protocol.TypeJoined, p.request, protocol.Joined{
		UID: "probe", Answer: p.answer.Answer, Candidates: p.candidates, ICEServers: p.joined.ICEServers,
		PingInterval: int(s.h.o.PingInterval / time.Millisecond),
	})
	s.logger().Debug("probe answered", "took", time.Since(p.started).Round(time.Microsecond), "relay", s.relay.wanted)
}
