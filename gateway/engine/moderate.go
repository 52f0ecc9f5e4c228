package engine

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	"github.com/twitchtv/twirp"

	"nertc/internal/protocol"
)

// ErrNotFound says that the engine has no such room, or nobody of that name in it.
var ErrNotFound = errors.New("media engine knows no such room or member")

// adminTokenLife is for one call, with some room for clocks that differ.
const adminTokenLife = time.Minute

// RoomInfo is a room of the engine.
type RoomInfo struct {
	// Name is the engine's, see RoomName and SplitRoomName.
	Name string
	// Members counts those who are no secret to the others.
	Members int
}

// Participant is a member of a room, seen from outside.
type Participant struct {
	Identity string
	JoinedAt time.Time
	// Tracks are those that others can subscribe to.
	Tracks []protocol.Track
}

// Rooms lists the rooms of the engine with anybody in them, in no order. It fails
// with ErrNotReady when the engine does not answer.
func (e *Engine) Rooms(ctx context.Context) ([]RoomInfo, error) {
	ctx, service, err := e.roomService(ctx, &auth.VideoGrant{RoomList: true})
	if err != nil {
		return nil, err
	}
	res, err := service.ListRooms(ctx, &livekit.ListRoomsRequest{})
	if err != nil {
		return nil, serviceError("list rooms", err)
	}
	var out []RoomInfo
	for _, r := range res.GetRooms() {
		if n := int(r.GetNumParticipants()); n > 0 { // the engine keeps an empty room for a while
			out = append(out, RoomInfo{Name: r.GetName(), Members: n})
		}
	}
	return out, nil
}

// Participants lists who is in a room, in no order; of a room that is not there, nobody.
func (e *Engine) Participants(ctx context.Context, room string) ([]Participant, error) {
	ctx, service, err := e.roomService(ctx, &auth.VideoGrant{RoomAdmin: true, Room: room})
	if err != nil {
		return nil, err
	}
	res, err := service.ListParticipants(ctx, &livekit.ListParticipantsRequest{Room: room})
	if err = serviceError("list members", err); err != nil && !errors.Is(err, ErrNotFound) {
		return nil, err
	}
	var out []Participant
	for _, p := range res.GetParticipants() {
		if p.GetState() == livekit.ParticipantInfo_DISCONNECTED || p.GetAttributes()[presenceKey] == presenceGone ||
			p.GetAttributes()[roleKey] == roleWatcher {
			continue
		}
		out = append(out, Participant{
			Identity: p.GetIdentity(), JoinedAt: time.Unix(p.GetJoinedAt(), 0).UTC(), Tracks: tracksOf(p),
		})
	}
	return out, nil
}

// Remove sends a member out of a room; its session ends with protocol.CloseRemoved. It
// fails with ErrNotFound when nobody of that name is there.
func (e *Engine) Remove(ctx context.Context, room, identity string) error {
	ctx, service, err := e.roomService(ctx, &auth.VideoGrant{RoomAdmin: true, Room: room})
	if err != nil {
		return err
	}
	_, err = service.RemoveParticipant(ctx, &livekit.RoomParticipantIdentity{Room: room, Identity: identity})
	return serviceError("remove a member", err)
}

// DeleteRoom ends a room; all sessions in it end with protocol.CloseRoomClosed. It fails
// with ErrNotFound when there is none. Whoever joins after it has returned makes a new one.
func (e *Engine) DeleteRoom(ctx context.Context, room string) error {
	ctx, service, err := e.roomService(ctx, &auth.VideoGrant{RoomCreate: true, RoomAdmin: true, Room: room})
	if err != nil {
		return err
	}
	_, err = service.DeleteRoom(ctx, &livekit.DeleteRoomRequest{Room: room})
	return serviceError("close a room", err)
}

// roomService gives the engine's service for operators and a context that carries a
// token for one call of it. The token is in a header: addresses end up in logs.
func (e *Engine) roomService(ctx context.Context, g *auth.VideoGrant) (context.Context, livekit.RoomService, error) {
	if !e.Ready() {
		return nil, nil, ErrNotReady
	}
	token, err := auth.NewAccessToken(e.key, e.secret).SetVideoGrant(g).SetValidFor(adminTokenLife).ToJWT()
	if err != nil {
		return nil, nil, fmt.Errorf("sign a token for the engine: %w", err)
	}
	ctx, err = twirp.WithHTTPRequestHeaders(ctx, http.Header{"Authorization": {"Bearer " + token}})
	if err != nil {
		return nil, nil, fmt.Errorf("put the token into the request: %w", err)
	}
	return ctx, livekit.NewRoomServiceProtobufClient("http"+strings.TrimPrefix(e.Info().URL, "ws"), e.http), nil
}

// serviceError makes an error of ours of what the service answers; nil stays nil.
func serviceError(doing string, err error) error {
	var answer twirp.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &answer) && answer.Code() == twirp.NotFound:
		return ErrNotFound
	default:
		return fmt.Errorf("%w: %s: %w", ErrNotReady, doing, err)
	}
}
