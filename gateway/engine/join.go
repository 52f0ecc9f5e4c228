package engine

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"
	"nhooyr.io/websocket"

	"nertc/internal/protocol"
)

// JoinOptions say who joins where.
type JoinOptions struct {
	// Room is the engine's name of the room, see RoomName.
	Room string
	// Identity is the member's uid, unique in the room.
	Identity string
	// Role is the member's; empty is that of a host. An audience may publish nothing, and the
	// others are told of it neither here nor on other gateways.
	Role protocol.Role
	// Watcher is a member of the gateway's own, for live tasks: it receives, and nobody hears of it, neither
	// the others nor the operator. Role and NoPublish count nothing then. Its Identity is no uid.
	Watcher bool
	// NoPublish are the media types that the engine is to refuse from the member.
	NoPublish []protocol.MediaType
	// CustomData is what the others are told with the member.
	CustomData string
	// Encrypted says that the member's frames are encrypted end to end.
	Encrypted bool
	// Offer is the client's first offer; its answer has the id 1.
	Offer protocol.Offer
	// UserAgent is the client's: the engine works around bugs of some browsers by it.
	UserAgent string
	// Log gets the session's lines; nil is the engine's.
	Log *slog.Logger
}

// RefusedError says that the engine runs but did not let a member in.
type RefusedError struct {
	// Status is the HTTP status with which it refused.
	Status int
}

// Error gives the status; the engine's own text could quote a token.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("media engine refused the join with status %d", e.Status)
}

// What the engine is told of the client. The version is that of the client SDK whose
// ways ours follows; protocol 16 is the last without frame trailers.
const (
	clientVersion  = "2.15.0"
	clientProtocol = 16
	// zipAbove is where the join request gets long for a URL that may pass somebody's proxy.
	zipAbove = 4 << 10
)

// Join opens a session in a room. It returns when the engine has let the member in;
// Joined and Answer are the first events. It fails with ErrNotReady when the engine
// cannot be reached and with *RefusedError when it refuses.
func (e *Engine) Join(ctx context.Context, o JoinOptions) (*Session, error) {
	if !e.Ready() {
		return nil, ErrNotReady
	}
	query, owners, err := joinQuery(o.Offer, o.Encrypted)
	if err != nil {
		return nil, err
	}
	hidden := o.Watcher
	if !hidden && o.Role == protocol.RoleAudience {
		if hidden, err = e.hides(ctx, o.Room, o.Identity); err != nil {
			return nil, err
		}
	}
	token, err := e.joinToken(o, hidden)
	if err != nil {
		return nil, fmt.Errorf("sign a token for the engine: %w", err)
	}
	header := http.Header{"Authorization": {"Bearer " + token}}
	if o.UserAgent != "" {
		header.Set("User-Agent", o.UserAgent)
	}
	kept := o
	kept.Offer = protocol.Offer{} // it is long
	s := &Session{
		engine: e, options: kept, log: o.Log, identity: o.Identity, started: time.Now(),
		events: make(chan Event, eventQueue), gone: make(chan struct{}), ended: make(chan struct{}),
		owners: owners, roster: newRoster(o.Identity), published: map[string]string{},
	}
	if s.log == nil {
		s.log = e.log
	}
	e.stays.add(s)
	conn, res, err := websocket.Dial(ctx, e.Info().URL+"/rtc/v1?"+query, &websocket.DialOptions{
		HTTPClient: e.http, HTTPHeader: header, CompressionMode: websocket.CompressionDisabled,
	})
	if err != nil {
		e.stays.remove(s)
		if res != nil && res.StatusCode != http.StatusSwitchingProtocols {
			return nil, &RefusedError{Status: res.StatusCode}
		}
		// The error has the URL with the whole offer in it: keep only what is underneath.
		if u := (*url.Error)(nil); errors.As(err, &u) {
			err = u.Err
		}
		return nil, fmt.Errorf("%w: %w", ErrNotReady, err)
	}
	conn.SetReadLimit(readLimit)
	s.conn = conn
	s.socket = time.Since(s.started)
	s.heard.Store(time.Now().UnixNano())
	go s.read()
	return s, nil
}

// joinQuery is the query of the join's URL, and which offer announces which track.
func joinQuery(o protocol.Offer, encrypted bool) (string, map[string]uint32, error) {
	j := &livekit.JoinRequest{
		ClientInfo: &livekit.ClientInfo{
			Sdk: livekit.ClientInfo_JS, Version: clientVersion, Protocol: clientProtocol,
		},
		ConnectionSettings: &livekit.ConnectionSettings{AutoSubscribe: false},
		PublisherOffer:     &livekit.SessionDescription{Type: "offer", Sdp: o.SDP, Id: 1},
	}
	owners := map[string]uint32{}
	for _, t := range o.Tracks {
		r, ok := addTrack(t, encrypted)
		if !ok {
			return "", nil, fmt.Errorf("no media type %q", t.MediaType)
		}
		j.AddTrackRequests = append(j.AddTrackRequests, r)
		owners[t.CID] = 1
	}
	b, err := proto.Marshal(j)
	if err != nil {
		return "", nil, fmt.Errorf("encode the join request: %w", err)
	}
	w := &livekit.WrappedJoinRequest{JoinRequest: b}
	if len(b) > zipAbove {
		var z bytes.Buffer
		zw, err := gzip.NewWriterLevel(&z, gzip.BestSpeed)
		if err != nil {
			return "", nil, err
		}
		_, _ = zw.Write(b) // a bytes.Buffer takes all
		if err := zw.Close(); err != nil {
			return "", nil, err
		}
		w.Compression, w.JoinRequest = livekit.WrappedJoinRequest_GZIP, z.Bytes()
	}
	if b, err = proto.Marshal(w); err != nil {
		return "", nil, fmt.Errorf("encode the join request: %w", err)
	}
	return "join_request=" + url.QueryEscape(base64.URLEncoding.EncodeToString(b)), owners, nil
}
