package room

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"nertc/gateway/app"
	"nertc/gateway/engine"
	"nertc/internal/errcode"
	"nertc/internal/protocol"
)

// handle takes one message of the client. Whatever it holds, it never panics.
func (s *session) handle(text bool, b []byte) {
	m, err := protocol.Decode(b)
	if !text || err != nil || m.Type == "" {
		s.h.metrics.message(labelMalformed)
		s.refuse(m.ID, refuse(errcode.InvalidArgument, "message is not a JSON object with a type in a text frame"))
		if s.strikes++; s.strikes >= maxStrikes {
			s.finish(&protocol.Closed{Reason: protocol.CloseError, Text: "too many malformed messages"})
		}
		return
	}
	s.strikes = 0
	s.h.metrics.message(m.Type)
	s.count(m.Type)
	if s.probes && !mayProbe(m.Type) {
		s.refuse(m.ID, refuse(errcode.InvalidOperation, "this connection only probes"))
		return
	}
	switch m.Type {
	case protocol.TypeProbe:
		s.handleProbe(m)
	case protocol.TypeJoin:
		s.handleJoin(m)
	case protocol.TypeResume:
		s.handleResume(m)
	case protocol.TypePing:
		s.handlePing(m)
	case protocol.TypeLeave:
		s.handleLeave(m)
	case protocol.TypeOffer:
		s.handleOffer(m)
	case protocol.TypeSubscribe:
		s.handleSubscribe(m)
	case protocol.TypeQuality:
		s.handleQuality(m)
	case protocol.TypeMute:
		s.handleMute(m)
	case protocol.TypeResize:
		s.handleResize(m)
	case protocol.TypeRole:
		s.handleRole(m)
	case protocol.TypeRekey:
		s.handleRekey(m)
	case protocol.TypePermkey:
		s.handlePermkey(m)
	case protocol.TypeTaskAdd, protocol.TypeTaskUpdate, protocol.TypeTaskDelete:
		s.handleTasks(m)
	case protocol.TypeCandidate:
		s.handleCandidate(m)
	default:
		s.refuse(m.ID, refuse(errcode.NotSupported, "message type is not known"))
	}
}

func (s *session) handleJoin(m protocol.Message) {
	var j protocol.Join
	switch {
	case s.asked:
		s.refuse(m.ID, refuse(errcode.RepeatedJoin, "this connection has joined already"))
		return
	case !decode(m.Data, &j):
		s.refuseJoin(m.ID, joinRefused, refuse(errcode.InvalidArgument, "join has data of the wrong form"))
		return
	}
	s.asked = true
	s.rejoins = j.Rejoin || j.Pass != "" || j.Place != ""
	if e := checkJoin(j); e != nil {
		s.refuseJoin(m.ID, joinRefused, e)
		return
	}
	room := engine.RoomName(j.AppKey, j.Channel)
	log := s.names(room, j.UID)
	if e := checkStanding(j); e != nil {
		s.refuseJoin(m.ID, joinRefused, e)
		return
	}
	if e := s.authorize(j); e != nil {
		s.refuseJoin(m.ID, joinRefused, e)
		return
	}
	if e := s.rights.checkOffer(j.Offer); e != nil {
		s.refuseJoin(m.ID, joinRefused, e)
		return
	}
	crypt, e := encryptionOf(j)
	if e != nil {
		s.refuseJoin(m.ID, joinRefused, e)
		return
	}
	s.relay.wanted = j.Relay
	if j.Relay && !s.h.mayRelay() {
		s.refuseJoin(m.ID, joinRefused, refuseRelay())
		return
	}
	if !s.h.ready() {
		s.refuseJoin(m.ID, joinUnavailable, refuse(http.StatusServiceUnavailable, engine.ErrNotReady.Error()))
		return
	}
	p := &pump{s: s, request: m.ID, started: time.Now()}
	s.ufrag = ufragOf(j.Offer.SDP)
	s.logger().Debug("stage", "name", "client socket to join", "took", time.Since(s.opened))
	if e := s.h.checkPace(j.AppKey); e != nil {
		s.refuseJoin(m.ID, joinRefused, e)
		return
	}
	// Whoever was in the room may make it once more should it be gone, as with a pass.
	former, held := s.h.formerPlace(j.Place, room, j.UID, s.origin)
	uid, err := s.enter(room, cmp.Or(former, j.UID), held || s.mayCreate(room), crypt, log)
	switch {
	case errors.Is(err, errFull), errors.Is(err, errRooms):
		s.refuseJoin(m.ID, joinRefused, s.h.refuseRoom(err))
		return
	case errors.Is(err, errCrypt):
		s.refuseJoin(m.ID, joinRefused, refuse(codeCrypt, errCrypt.Error()))
		return
	case errors.Is(err, errNobody):
		s.refuseJoin(m.ID, joinRefused, refuse(errcode.Unauthorized, app.ReasonNoCreation))
		return
	case err != nil:
		return // the socket has gone meanwhile
	}
	if s.h.moderation.banned(user{room, uid}) {
		s.refuseJoin(m.ID, joinRefused, refuseBanned())
		return
	}
	s.role = cmp.Or(j.Role, protocol.RoleHost)
	s.live = j.Profile == protocol.ProfileLive && !j.NoLive
	s.claim = claim{j.HighPriority, j.Preempt}
	j.Offer.Tracks = s.announce(j.Offer.Tracks)
	// Longer than the engine needs, so that its own refusal comes first.
	s.watch(max(2*joinTimeout, 3*s.h.o.PingInterval))
	ctx, cancel := context.WithTimeout(s.ctx, joinTimeout)
	defer cancel()
	up, err := s.h.join(ctx, engine.JoinOptions{
		Room: room, Identity: uid, Role: s.role, NoPublish: noPublish(s.rights.privilege()), CustomData: j.CustomData, Encrypted: crypt.mode != "", Offer: j.Offer, UserAgent: s.userAgent, Log: s.logger(),
	})
	if err != nil {
		p.fail(err)
		return
	}
	if !s.attach(up) {
		up.Close()
		return
	}
	s.watch(max(2*joinTimeout, 3*s.h.o.PingInterval))
	s.logger().Debug("join accepted", "sdk", clip(j.SDK), "profile", j.Profile, "role", s.role, "formerPlace", held)
	go p.run(up.Events())
}

// refuseJoin answers a join with an error and ends the session: a client tries again on a new socket.
func (s *session) refuseJoin(id uint64, result string, e *protocol.Error) {
	s.countJoin(result)
	what := "join refused"
	if s.probes {
		what = "probe refused"
	}
	s.logger().Info(what, "code", e.Code, "reason", e.Reason)
	s.refuse(id, e)
	s.finish(nil)
}

// fail answers a join that the engine did not grant.
func (p *pump) fail(err error) {
	p.s.logger().Warn("join failed", "err", err)
	switch {
	case errors.Is(err, engine.ErrNotReady):
		p.s.refuseJoin(p.request, joinUnavailable, refuse(http.StatusServiceUnavailable, engine.ErrNotReady.Error()))
	case errors.Is(err, context.DeadlineExceeded):
		p.s.refuseJoin(p.request, joinFailed, refuse(http.StatusGatewayTimeout, "media engine did not answer"))
	default:
		p.s.refuseJoin(p.request, joinFailed, refuse(http.StatusBadGateway, "media engine refused the join"))
	}
}

func (s *session) handlePing(m protocol.Message) {
	var p protocol.Ping
	if !decode(m.Data, &p) {
		s.refuse(m.ID, refuse(errcode.InvalidArgument, "ping has data of the wrong form"))
		return
	}
	p.Received = s.acknowledge(p.Received)
	s.send(protocol.TypePong, m.ID, p)
	s.renewPass()
	s.renewServers()
}

func (s *session) handleLeave(m protocol.Message) {
	answer, _ := protocol.Encode(protocol.TypeOK, m.ID, nil) // it has nothing in it that could fail
	s.end(&protocol.Closed{Reason: protocol.CloseLeft}, answer)
}

// member gives the engine's session, or refuses the request of a client that has none.
func (s *session) member(id uint64) upstream {
	s.mu.Lock()
	up := s.up
	s.mu.Unlock()
	if up == nil {
		s.refuse(id, refuse(errcode.NotJoined, "the first message must be join"))
	}
	return up
}

func (s *session) handleSubscribe(m protocol.Message) {
	up := s.member(m.ID)
	if up == nil {
		return
	}
	var sub protocol.Subscribe
	if !decode(m.Data, &sub) {
		s.refuse(m.ID, refuse(errcode.InvalidArgument, "subscribe has data of the wrong form"))
		return
	}
	if e := checkSubscribe(sub); e != nil {
		s.refuse(m.ID, e)
		return
	}
	tracks, e := s.rights.checkSubscribe(sub)
	switch {
	case e != nil:
		s.refuse(m.ID, e)
	case len(tracks) == 0: // they have all gone
		s.confirm(m.ID, nil)
	default:
		s.confirm(m.ID, up.Subscribe(tracks, sub.Subscribe))
	}
}

func (s *session) handleMute(m protocol.Message) {
	up := s.member(m.ID)
	if up == nil {
		return
	}
	var mute protocol.Mute
	if !decode(m.Data, &mute) {
		s.refuse(m.ID, refuse(errcode.InvalidArgument, "mute has data of the wrong form"))
		return
	}
	if e := checkMute(mute); e != nil {
		s.refuse(m.ID, e)
		return
	}
	s.muteOwn(m.ID, up, mute)
}

func (s *session) handleResize(m protocol.Message) {
	up := s.member(m.ID)
	if up == nil {
		return
	}
	var r protocol.Resize
	if !decode(m.Data, &r) {
		s.refuse(m.ID, refuse(errcode.InvalidArgument, "resize has data of the wrong form"))
		return
	}
	if e := checkResize(r); e != nil {
		s.refuse(m.ID, e)
		return
	}
	s.confirm(m.ID, up.Resize(r.Track, r.Width, r.Height))
}

func (s *session) handleCandidate(m protocol.Message) {
	up := s.member(m.ID)
	if up == nil {
		return
	}
	var c protocol.Candidate
	if !decode(m.Data, &c) {
		s.refuse(m.ID, refuse(errcode.InvalidArgument, "candidate has data of the wrong form"))
		return
	}
	useful, e := checkCandidate(c)
	if e != nil {
		s.refuse(m.ID, e)
		return
	}
	if useful {
		// An error shows as the end of the engine's session.
		_ = up.Candidate(c.Candidate)
	}
}

func (s *session) confirm(id uint64, err error) {
	if err != nil {
		s.refuse(id, engineGone())
		return
	}
	s.send(protocol.TypeOK, id, nil)
}

func engineGone() *protocol.Error {
	return refuse(http.StatusServiceUnavailable, engine.ErrNotReady.Error())
}

// clip shortens what a client says of itself, for the log.
func clip(s string) string {
	if len(s) > maxUID {
		s = s[:maxUID]
	}
	return s
}
