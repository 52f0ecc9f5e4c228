package room

import (
	"context"
	"time"

	"nertc/internal/errcode"
	"nertc/internal/protocol"
)

// roleTimeout bounds how long the engine may take to change a role: the client's other messages wait meanwhile.
const roleTimeout = 5 * time.Second

// checkStanding checks what a join says of profile and role, and that they go with its offer.
func checkStanding(j protocol.Join) *protocol.Error {
	switch j.Profile {
	case "", protocol.ProfileRTC, protocol.ProfileLive:
	default:
		return refuse(errcode.InvalidProfile, "profile must be rtc or live")
	}
	if j.Role != "" && !validRole(j.Role) {
		return refuse(errcode.InvalidRole, "role must be host or audience")
	}
	return checkPublisher(j.Role, j.Offer)
}

func validRole(r protocol.Role) bool { return r == protocol.RoleHost || r == protocol.RoleAudience }

// checkPublisher refuses new tracks of an audience. A section that still sends what a host has announced is
// no reason to refuse: the offer that ends it may be the next, and the engine takes nothing from it by now.
func checkPublisher(r protocol.Role, o protocol.Offer) *protocol.Error {
	if r == protocol.RoleAudience && len(o.Tracks) > 0 {
		return refuse(errcode.PublishAsAudience, "an audience cannot publish")
	}
	return nil
}

// handleRole changes the role. It is answered when the engine enforces it, so that what the client asks
// for after the answer is judged by the new role everywhere.
func (s *session) handleRole(m protocol.Message) {
	up := s.member(m.ID)
	if up == nil {
		return
	}
	var r protocol.RoleChange
	if !decode(m.Data, &r) {
		s.refuse(m.ID, refuse(errcode.InvalidArgument, "role has data of the wrong form"))
		return
	}
	if !validRole(r.Role) {
		s.refuse(m.ID, refuse(errcode.InvalidRole, "role must be host or audience"))
		return
	}
	if r.Role == s.role {
		s.confirm(m.ID, nil)
		return
	}
	ctx, cancel := context.WithTimeout(s.ctx, roleTimeout)
	defer cancel()
	if err := up.SetRole(ctx, r.Role); err != nil {
		s.logger().Warn("role is not changed", "role", r.Role, "err", err)
		s.confirm(m.ID, err)
		return
	}
	s.role = r.Role
	s.logger().Info("role changed", "role", r.Role)
	s.h.priorities.role(s, r.Role == protocol.RoleHost)
	s.h.qualities.role(s, r.Role == protocol.RoleHost)
	s.hearTasks(r.Role == protocol.RoleHost, true)
	s.confirm(m.ID, nil)
}
