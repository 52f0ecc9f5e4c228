package engine

import (
	"context"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"

	"nertc/internal/protocol"
)

// The attribute by which the gateway marks a member whose existence the others are not told.
//
// The engine's own means do not say it: it never takes a member back from the others' sight who
// was in it once, and whether somebody may publish depends on other rights as well.
const (
	roleKey      = "nertc.role"
	roleAudience = string(protocol.RoleAudience)
	roleHost     = string(protocol.RoleHost)
	roleWatcher  = "watcher" // the gateway's own
)

// grants are what a member may do in a room, and its mark.
func grants(o JoinOptions, hidden bool) (*auth.VideoGrant, map[string]string) {
	g := &auth.VideoGrant{RoomJoin: true, Room: o.Room, Hidden: hidden}
	g.SetCanSubscribe(true)
	g.SetCanUpdateOwnMetadata(true) // for Session.announce
	if o.Watcher || o.Role == protocol.RoleAudience {
		g.SetCanPublish(false)
		g.SetCanPublishData(false)
		if o.Watcher {
			g.Recorder = true // it neither counts as a member nor keeps the room up
			return g, map[string]string{roleKey: roleWatcher}
		}
		return g, map[string]string{roleKey: roleAudience}
	}
	publish(g, o.NoPublish)
	g.SetCanPublishData(true)
	return g, map[string]string{roleKey: roleHost}
}

// hides says whether an audience can join unseen by the engine. Where the same identity is there already
// it cannot: the engine tells the others nothing of a duplicate's end, so they would not hear that the
// host has gone. Seen, but marked, the newcomer takes the place of the other.
func (e *Engine) hides(ctx context.Context, room, identity string) (bool, error) {
	ctx, service, err := e.roomService(ctx, &auth.VideoGrant{RoomAdmin: true, Room: room})
	if err != nil {
		return false, err
	}
	_, err = service.GetParticipant(ctx, &livekit.RoomParticipantIdentity{Room: room, Identity: identity})
	if err = serviceError("look for a member", err); err == ErrNotFound {
		return true, nil
	}
	return false, err
}

// SetRole changes the member's role and returns when the engine enforces it. An audience's
// tracks are removed. It fails with ErrNotReady when the engine does not answer.
func (s *Session) SetRole(ctx context.Context, role protocol.Role) error {
	return s.change(ctx, "change a role", func(o *JoinOptions) { o.Role = role })
}

// SetNoPublish changes the media types that the engine refuses, and returns when it does;
// tracks of these are removed. It fails with ErrNotReady when the engine does not answer.
func (s *Session) SetNoPublish(ctx context.Context, types []protocol.MediaType) error {
	return s.change(ctx, "change rights", func(o *JoinOptions) { o.NoPublish = types })
}

// change has the engine take what the member may do from now on.
func (s *Session) change(ctx context.Context, doing string, f func(*JoinOptions)) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	o := s.options
	f(&o)
	ctx, service, err := s.engine.roomService(ctx, &auth.VideoGrant{RoomAdmin: true, Room: o.Room})
	if err != nil {
		return err
	}
	// Never hidden again: the engine would leave the others with what they saw last.
	g, mark := grants(o, false)
	// The engine takes the attributes first: the others' gateways hear of a host with its mark,
	// and no more of an audience that would still be publishing.
	_, err = service.UpdateParticipant(ctx, &livekit.UpdateParticipantRequest{
		Room: o.Room, Identity: o.Identity, Attributes: mark, Permission: g.ToPermission(),
	})
	if err != nil {
		return serviceError(doing, err)
	}
	s.options = o
	return nil
}

// unseen says whether the others are not to be told of a participant.
func unseen(p *livekit.ParticipantInfo) bool {
	role := p.GetAttributes()[roleKey]
	return role == roleAudience || role == roleWatcher
}
