package room

import (
	"context"
	"errors"
	"net/http"
	"time"

	"nertc/gateway/app"
	"nertc/gateway/token"
	"nertc/internal/errcode"
	"nertc/internal/protocol"
)

// permkeyTimeout bounds how long the engine may take to change what somebody may publish.
const permkeyTimeout = 5 * time.Second

// refusal makes an answer of the error of an Authorizer, and logs what the client is not told.
func (s *session) refusal(err error) *protocol.Error {
	var r *app.Refusal
	if !errors.As(err, &r) {
		s.logger().Error("credentials cannot be checked", "err", err)
		return refuse(http.StatusInternalServerError, "the gateway cannot decide who may join")
	}
	if r.Cause != nil {
		s.logger().Info("credentials are refused", "cause", r.Cause)
	}
	return refuse(errcode.Code(r.Code), r.Reason)
}

// pass makes what the client comes back with should this session and its connection be
// lost; empty where the app needs none.
func (s *session) pass() string {
	if s.h.o.Apps == nil {
		return ""
	}
	r := &s.rights
	r.mu.Lock()
	granted := r.granted
	r.passed = time.Now()
	r.mu.Unlock()
	s.mu.Lock()
	uid := s.uid
	s.mu.Unlock()
	return s.h.o.Apps.Pass(r.appKey, r.channel, uid, granted)
}

// renewPass gives the client another pass once the last is no longer good for long enough.
func (s *session) renewPass() {
	s.rights.mu.Lock()
	passed := s.rights.passed
	s.rights.mu.Unlock()
	if !passed.IsZero() && time.Since(passed) >= app.PassRenewal {
		s.sendPass()
	}
}

func (s *session) sendPass() {
	if p := s.pass(); p != "" {
		s.send(protocol.TypePass, 0, protocol.Pass{Pass: p})
	}
}

// handlePermkey takes another permission key. It is answered when what the key permits has
// taken effect: what may no longer be sent or received is not any more then.
func (s *session) handlePermkey(m protocol.Message) {
	up := s.member(m.ID)
	if up == nil {
		return
	}
	var p protocol.PermkeyChange
	if !decode(m.Data, &p) {
		s.refuse(m.ID, refuse(errcode.InvalidArgument, "permkey has data of the wrong form"))
		return
	}
	r := &s.rights
	granted := app.Grant{Privilege: token.Everything}
	if s.h.o.Apps != nil {
		s.mu.Lock()
		uid := s.uid
		s.mu.Unlock()
		var err error
		if granted, err = s.h.o.Apps.Permkey(r.appKey, r.channel, uid, r.joinedAs, p.Permkey); err != nil {
			s.refuse(m.ID, s.refusal(err))
			return
		}
	}
	// What is no longer permitted is refused from here on, what is only now is permitted
	// once the engine knows.
	former := r.limit(granted.Privilege)
	ctx, cancel := context.WithTimeout(s.ctx, permkeyTimeout)
	defer cancel()
	if err := up.SetNoPublish(ctx, noPublish(granted.Privilege)); err != nil {
		r.grant(former)
		s.logger().Warn("permission key is not changed", "err", err)
		s.confirm(m.ID, err)
		return
	}
	r.grant(granted)
	if hidden := r.notReceivable(); len(hidden) > 0 {
		if err := up.Subscribe(hidden, false); err != nil {
			s.confirm(m.ID, err)
			return
		}
	}
	s.watchPermkey()
	s.logger().Info("permission key changed", "privilege", granted.Privilege)
	s.send(protocol.TypePermitted, m.ID, protocol.Permitted{
		Audio: granted.Privilege.Has(token.SendAudio), Video: granted.Privilege.Has(token.SendVideo),
	})
	s.sendPass() // the last one has the former rights
}

// privilege is what is granted now.
func (r *rights) privilege() token.Privilege {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.granted.Privilege
}

func (r *rights) grant(g app.Grant) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.granted = g
}

// limit keeps of what is granted what another set has too, and gives what was granted before.
func (r *rights) limit(p token.Privilege) (before app.Grant) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before = r.granted
	r.former |= before.Privilege
	r.granted.Privilege &= p
	return before
}

// notReceivable are the others' tracks that may not be received.
func (r *rights) notReceivable() (ids []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, m := range r.kinds {
		if need, _ := receiving(m); !r.granted.Privilege.Has(need) {
			ids = append(ids, id)
		}
	}
	return ids
}
