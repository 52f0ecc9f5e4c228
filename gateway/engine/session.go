package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"
	"nhooyr.io/websocket"

	"nertc/internal/protocol"
)

const (
	readLimit    = 8 << 20 // an update can list everybody in a room
	writeTimeout = 5 * time.Second
	lingerTime   = time.Second // for the engine to close after a leave
	eventQueue   = 64
	// The engine's own, used where its join response has none.
	defaultPing    = 5 * time.Second
	defaultTimeout = 15 * time.Second
)

// Session is one member's stay in a room of the engine. Its methods may be called
// from any goroutine; none waits for an answer, those come as events.
type Session struct {
	engine   *Engine
	changing sync.Mutex
	options  JoinOptions // what holds now, without the offer
	conn     *websocket.Conn
	log      *slog.Logger
	identity string
	started  time.Time
	socket   time.Duration // from the start to the open socket

	events chan Event
	gone   chan struct{} // closed by Close: nobody takes events any more
	ended  chan struct{} // closed when the connection is
	heard  atomic.Int64  // when the engine was last heard, in ns of Unix time
	closed sync.Once
	left   atomic.Bool

	offering sync.Mutex // keeps a track's announcement and its offer together
	mu       sync.Mutex
	owners   map[string]uint32 // cid of a new track: id of the offer that sends it first
	wanted   wanted
	servers  []protocol.ICEServer // as the engine named them

	// The rest belongs to the reading goroutine.
	roster    *roster
	sid       string // the engine's own name of the member
	published map[string]string
	spares    []spare // the newest last
	answered  bool
	announced bool
}

// Events gives what the engine says, in order: Joined first, Closed last, and then
// the channel is closed. After Close it may end without a Closed.
func (s *Session) Events() <-chan Event { return s.events }

// Offer sends an offer and before it the announcements of its new tracks. The
// Answer will have the same id. That of the join was 1; each must be above the last.
func (s *Session) Offer(id uint32, o protocol.Offer) error {
	s.offering.Lock()
	defer s.offering.Unlock()
	for _, t := range o.Tracks {
		r, ok := addTrack(t, s.options.Encrypted)
		if !ok {
			return fmt.Errorf("no media type %q", t.MediaType)
		}
		s.mu.Lock()
		s.owners[t.CID] = id
		s.mu.Unlock()
		if err := s.write(&livekit.SignalRequest{Message: &livekit.SignalRequest_AddTrack{AddTrack: r}}); err != nil {
			return err
		}
	}
	return s.write(&livekit.SignalRequest{Message: &livekit.SignalRequest_Offer{
		Offer: &livekit.SessionDescription{Type: "offer", Sdp: o.SDP, Id: id},
	}})
}

// Candidate passes on an ICE candidate of the client, the JSON of RTCIceCandidateInit.
func (s *Session) Candidate(candidate string) error {
	return s.write(&livekit.SignalRequest{Message: &livekit.SignalRequest_Trickle{
		Trickle: &livekit.TrickleRequest{CandidateInit: candidate, Target: livekit.SignalTarget_PUBLISHER},
	}})
}

// Subscribe begins or ends receiving tracks.
func (s *Session) Subscribe(tracks []string, subscribe bool) error {
	s.wanted.subscribe(tracks, subscribe)
	return s.write(&livekit.SignalRequest{Message: &livekit.SignalRequest_Subscription{
		Subscription: &livekit.UpdateSubscription{TrackSids: tracks, Subscribe: subscribe},
	}})
}

// Mute says whether an own track is silent or black.
func (s *Session) Mute(track string, muted bool) error {
	return s.write(&livekit.SignalRequest{Message: &livekit.SignalRequest_Mute{
		Mute: &livekit.MuteTrackRequest{Sid: track, Muted: muted},
	}})
}

// Resize says that an own picture has another size from now on.
func (s *Session) Resize(track string, width, height int) error {
	return s.write(&livekit.SignalRequest{Message: &livekit.SignalRequest_UpdateVideoTrack{
		UpdateVideoTrack: &livekit.UpdateLocalVideoTrack{TrackSid: track, Width: uint32(width), Height: uint32(height)},
	}})
}

// Leave takes the member out of the room. It may be called more than once.
func (s *Session) Leave() error {
	if s.left.Swap(true) {
		return nil
	}
	if err := s.announce(presenceGone); err != nil {
		return err
	}
	return s.write(&livekit.SignalRequest{Message: &livekit.SignalRequest_Leave{
		Leave: &livekit.LeaveRequest{
			Reason: livekit.DisconnectReason_CLIENT_INITIATED, Action: livekit.LeaveRequest_DISCONNECT,
		},
	}})
}

// Close leaves if Leave was not called and frees the session, without waiting. No
// more events need to be taken.
func (s *Session) Close() {
	s.closed.Do(func() {
		close(s.gone)
		go func() {
			// Let the engine close: a reset could overtake the leave. An unwritable
			// connection needs no waiting.
			if s.Leave() == nil {
				select {
				case <-s.ended:
				case <-time.After(lingerTime):
				}
			}
			_ = s.conn.CloseNow()
		}()
	})
}

// announce sets the member's presence attribute, and by that has the engine tell the
// others at once: it holds back the coming and going of a member who publishes nothing
// for up to three seconds, but not a change of attributes.
func (s *Session) announce(presence string) error {
	return s.write(&livekit.SignalRequest{Message: &livekit.SignalRequest_UpdateMetadata{
		UpdateMetadata: &livekit.UpdateParticipantMetadata{Attributes: map[string]string{presenceKey: presence}},
	}})
}

func (s *Session) write(r *livekit.SignalRequest) error {
	b, err := proto.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode for the engine: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
	defer cancel()
	if err := s.conn.Write(ctx, websocket.MessageBinary, b); err != nil {
		return fmt.Errorf("%w: write to the engine: %w", ErrNotReady, err)
	}
	return nil
}

// read runs until the connection ends.
func (s *Session) read() {
	defer close(s.events)
	defer close(s.ended)
	defer s.engine.stays.remove(s)
	last := Closed{protocol.Closed{Reason: protocol.CloseEngineLost, Text: "the connection to the media engine broke"}}
	for {
		_, b, err := s.conn.Read(context.Background())
		if err != nil {
			s.log.Debug("connection to the media engine ended", "err", err)
			break
		}
		s.heard.Store(time.Now().UnixNano())
		var m livekit.SignalResponse
		if err := proto.Unmarshal(b, &m); err != nil {
			last = Closed{protocol.Closed{Reason: protocol.CloseError, Text: "the media engine sent something unreadable"}}
			break
		}
		if leave := m.GetLeave(); leave != nil {
			last = s.leaving(leave)
			break
		}
		for _, e := range s.translate(&m) {
			s.send(e)
		}
		if s.answered && !s.announced {
			s.announced = true
			_ = s.announce(presenceHere) // an error shows in the next read
		}
	}
	s.send(last)
	_ = s.conn.CloseNow()
}

// leaving makes the last event of a leave that the engine asked for.
func (s *Session) leaving(l *livekit.LeaveRequest) Closed {
	reason := closeReasonOf(l.GetReason())
	if l.GetAction() != livekit.LeaveRequest_DISCONNECT && reason == protocol.CloseLeft {
		reason = protocol.CloseError
	}
	c := Closed{protocol.Closed{Reason: reason}}
	if reason == protocol.CloseError {
		c.Text = "the media engine ended the stay: " + l.GetReason().String()
	}
	return c
}

func (s *Session) send(e Event) {
	select {
	case s.events <- e:
	case <-s.gone:
	}
}

// ping keeps the connection and finds out when the engine hangs. The engine's own
// limits are constants of it; a dead process shows by its closed socket long before.
func (s *Session) ping(interval, timeout time.Duration) {
	t := time.NewTicker(interval)
	defer t.Stop()
	for {
		select {
		case <-s.ended:
			return
		case <-t.C:
		}
		if time.Since(time.Unix(0, s.heard.Load())) > timeout {
			s.log.Warn("media engine is silent", "for", timeout)
			_ = s.conn.CloseNow()
			return
		}
		err := s.write(&livekit.SignalRequest{Message: &livekit.SignalRequest_PingReq{
			PingReq: &livekit.Ping{Timestamp: time.Now().UnixMilli()},
		}})
		if err != nil && !errors.Is(err, context.Canceled) {
			_ = s.conn.CloseNow()
			return
		}
	}
}
