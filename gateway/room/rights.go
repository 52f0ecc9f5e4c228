package room

import (
	"errors"
	"net/http"

	"nertc/gateway/app"
	"nertc/gateway/token"
	"nertc/internal/errcode"
	"nertc/internal/protocol"
)

// Authorizer decides who may join and what with.
type Authorizer interface {
	// Authorize grants a join or refuses it with an *app.Refusal.
	Authorize(app.Request) (app.Grant, error)
}

// authorize asks for a join that has the right form.
func (s *session) authorize(j protocol.Join) (app.Grant, *protocol.Error) {
	if s.h.o.Apps == nil {
		return app.Grant{Privilege: token.Everything}, nil
	}
	g, err := s.h.o.Apps.Authorize(app.Request{
		AppKey: j.AppKey, Channel: j.Channel, UID: j.UID, Token: j.Token, Permkey: j.Permkey,
	})
	if err == nil {
		return g, nil
	}
	var r *app.Refusal
	if !errors.As(err, &r) {
		s.logger().Error("join cannot be decided", "err", err)
		return app.Grant{}, refuse(http.StatusInternalServerError, "the gateway cannot decide who may join")
	}
	if r.Cause != nil {
		s.logger().Info("credentials are refused", "cause", r.Cause)
	}
	return app.Grant{}, refuse(errcode.Code(r.Code), r.Reason)
}
