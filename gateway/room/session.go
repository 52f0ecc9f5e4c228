package room

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
	"nhooyr.io/websocket"

	"nertc/internal/protocol"
)

const (
	joinTimeout  = 10 * time.Second // from the open socket to the join, and from the join to its answer
	offerTimeout = 10 * time.Second
	writeTimeout = 10 * time.Second
	sendQueue    = 256 // messages for a client that reads slowly
	maxStrikes   = 20  // malformed messages in a row
	maxOffers    = 8   // unanswered ones
	// Faster clients are not refused but read more slowly.
	messageRate  = 200
	messageBurst = 400
	maxUserAgent = 512
)

// session is one client's socket from its opening to its end.
type session struct {
	h          *Handler
	id         uint64
	opened     time.Time
	userAgent  string
	ctx        context.Context
	cancel     context.CancelFunc
	queue      chan []byte
	final      chan *protocol.Closed // the last message, nil for none
	finishing  atomic.Bool
	watchdog   *time.Timer // ends the session when the client is silent
	limiter    *rate.Limiter
	publishing publishing

	// Of the reading goroutine.
	asked   bool // there was a join
	strikes int
	offerID uint32 // the last one's; the join has the first

	mu       sync.Mutex
	log      *slog.Logger
	up       upstream
	detached bool
	room     string // the engine's name of the room, once entered
	uid      string
	joinedAt time.Time
	offers   map[uint32]*pendingOffer // by the engine's id
}

type pendingOffer struct {
	request uint64
	timer   *time.Timer
}

func (h *Handler) newSession(r *http.Request) *session {
	s := &session{
		h: h, id: h.nextID.Add(1), opened: time.Now(),
		userAgent: r.UserAgent(),
		queue:     make(chan []byte, sendQueue), final: make(chan *protocol.Closed, 1),
		limiter: rate.NewLimiter(messageRate, messageBurst),
		offerID: 1, offers: map[uint32]*pendingOffer{},
	}
	if len(s.userAgent) > maxUserAgent || !printable(s.userAgent) {
		s.userAgent = ""
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.log = h.o.Log.With("session", s.id)
	return s
}

// run serves the socket until it ends; then nothing of the session is left.
func (s *session) run(conn *websocket.Conn) {
	written := make(chan struct{})
	go func() {
		defer close(written)
		s.write(conn)
	}()
	s.watchdog = time.AfterFunc(joinTimeout, func() {
		s.finish(&protocol.Closed{Reason: protocol.CloseError, Text: "silent for too long"})
	})
	err := s.read(conn)
	s.watchdog.Stop()
	s.detach(reasonOf(err))
	s.finish(nil) // a closed socket takes no last message; this ends the writer
	s.cancel()
	<-written
	_ = conn.CloseNow()
}

// reasonOf says why a read ended, for the log.
func reasonOf(err error) string {
	switch status := websocket.CloseStatus(err); {
	case status == websocket.StatusNormalClosure || status == websocket.StatusGoingAway:
		return "socket closed"
	case strings.Contains(err.Error(), "read limited at"):
		return "message too large"
	case errors.Is(err, context.Canceled):
		return "socket given up"
	default:
		return "socket broke"
	}
}

func (s *session) read(conn *websocket.Conn) error {
	for {
		kind, b, err := conn.Read(s.ctx)
		if err != nil {
			return err
		}
		if s.finishing.Load() {
			continue // only its close is still of interest
		}
		if s.asked {
			s.watchdog.Reset(3 * s.h.o.PingInterval)
		}
		if err := s.limiter.Wait(s.ctx); err != nil {
			return err
		}
		s.handle(kind == websocket.MessageText, b)
	}
}

// write sends what is queued until the session ends. It is the only one that writes.
func (s *session) write(conn *websocket.Conn) {
	send := func(b []byte) bool {
		ctx, cancel := context.WithTimeout(s.ctx, writeTimeout)
		defer cancel()
		if err := conn.Write(ctx, websocket.MessageText, b); err != nil {
			s.cancel()
			return false
		}
		return true
	}
	for {
		select {
		case b := <-s.queue:
			if !send(b) {
				return
			}
		case last := <-s.final:
			for len(s.queue) > 0 { // nobody adds any more
				if !send(<-s.queue) {
					return
				}
			}
			if last != nil {
				if b, err := protocol.Encode(protocol.TypeClosed, 0, last); err == nil && !send(b) {
					return
				}
			}
			_ = conn.Close(websocket.StatusNormalClosure, "")
			s.cancel()
			return
		case <-s.ctx.Done():
			return
		}
	}
}

// send queues a message for the client. A client that has let so many pile up is
// given up: it must not hold up what others are told.
func (s *session) send(t protocol.Type, id uint64, data any) {
	if s.finishing.Load() {
		return
	}
	b, err := protocol.Encode(t, id, data)
	if err != nil {
		s.logger().Error("message cannot be encoded", "type", t, "err", err)
		return
	}
	select {
	case s.queue <- b:
	default:
		s.abort("client reads too slowly")
	}
}

// refuse answers a request with an error.
func (s *session) refuse(id uint64, e *protocol.Error) { s.send(protocol.TypeError, id, e) }

// finish ends the session after what is queued, with a last message unless that is nil.
// It returns at once; the member is out of the room when it does.
func (s *session) finish(last *protocol.Closed) {
	if s.finishing.Swap(true) {
		return
	}
	reason := "refused"
	if last != nil {
		reason = string(last.Reason)
	}
	s.detach(reason)
	s.final <- last
}

// abort ends the session without a word.
func (s *session) abort(reason string) {
	s.finishing.Store(true)
	s.detach(reason)
	s.cancel()
}

// attach takes the engine's session, unless ours has ended meanwhile.
func (s *session) attach(up upstream) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.detached {
		return false
	}
	s.up = up
	return true
}

// detach takes the member out of the engine's room and the registry.
func (s *session) detach(reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.detached {
		return
	}
	s.detached = true
	for _, o := range s.offers {
		o.timer.Stop()
	}
	clear(s.offers)
	if s.up != nil {
		s.up.Close()
	}
	s.publishing.end()
	if s.room != "" && s.h.rooms.exit(s.room, s.uid) {
		s.h.moderation.emptied(s.room)
	}
	if !s.joinedAt.IsZero() {
		s.log.Info("left", "reason", reason, "stayed", time.Since(s.joinedAt).Round(time.Millisecond))
	} else {
		s.log.Debug("socket ended without a join", "reason", reason)
	}
}

// enter puts the session into the registry, under its own uid or a new one.
func (s *session) enter(room, uid string, log *slog.Logger) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.detached {
		return "", false
	}
	s.room, s.uid = room, s.h.rooms.enter(room, uid)
	s.log = log.With("uid", s.uid)
	return s.uid, true
}

func (s *session) logger() *slog.Logger {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log
}

// decode reads a message's data; none at all counts as an empty object.
func decode(raw json.RawMessage, into any) bool {
	return len(raw) == 0 || json.Unmarshal(raw, into) == nil
}
