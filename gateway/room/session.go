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
	maxStrikes   = 20 // malformed messages in a row
	maxOffers    = 8  // unanswered ones
	maxUserAgent = 512
)

// session is one client's stay, from its socket's opening to its end. Once joined it
// outlives its connection, see resume.go.
type session struct {
	h          *Handler
	id         uint64
	opened     time.Time
	userAgent  string
	origin     string          // of the page, as its browser says
	host       string          // that the page asked for
	ctx        context.Context // ends when the session is over
	cancel     context.CancelFunc
	finishing  atomic.Bool
	limiter    *rate.Limiter
	publishing publishing
	rights     rights
	relay      relay

	// handling is held while one message is handled, and while the join is answered: for a moment two connections may read.
	handling  sync.Mutex
	asked     bool // there was a join or a resume
	strikes   int
	role      protocol.Role
	live      bool     // it may ask for live tasks
	claim     claim    // of the join
	outranked bool     // it has lost it to another; belongs to the queue of the priorities
	offerID   uint32   // the last one's; the join has the first
	ufrag     string   // of the last offer
	rejoins   bool     // it joins somewhere where it was
	probes    bool     // it joins nowhere, see probe.go
	successor *session // whose the connection is after a resume

	mu       sync.Mutex
	log      *slog.Logger
	line     *line // nil while parked
	up       upstream
	detached bool
	room     string // the engine's name of the room, once entered
	uid      string
	joinedAt time.Time
	offers   map[uint32]*pendingOffer // by the engine's id
	account
}

func (h *Handler) newSession(r *http.Request) *session {
	s := &session{
		h: h, id: h.nextID.Add(1), opened: time.Now(),
		userAgent: r.UserAgent(), origin: r.Header.Get("Origin"), host: r.Host,
		limiter: rate.NewLimiter(rate.Limit(h.o.Limits.MessageRate), h.o.Limits.MessageBurst),
		offerID: 1, offers: map[uint32]*pendingOffer{},
	}
	if len(s.userAgent) > maxUserAgent || !printable(s.userAgent) {
		s.userAgent = ""
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.log = h.o.Log.With("session", s.id)
	return s
}

// run serves a connection until it ends; then nothing of it is left.
func (s *session) run(conn *websocket.Conn) {
	l := newLine(conn, s.h.o.Limits.Queue, s.h.metrics.out)
	go l.write()
	l.watchdog = time.AfterFunc(joinTimeout, func() { s.silent(l) })
	if s.connect(l) {
		s.read(l)
	}
	l.watchdog.Stop()
	l.cut()
	<-l.written
	_ = conn.CloseNow()
}

// connect gives a session its first connection, unless it has ended already.
func (s *session) connect(l *line) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.detached {
		return false
	}
	s.line = l
	return true
}

// read takes what arrives on a connection. After a resume that is another session's.
func (s *session) read(l *line) {
	for {
		kind, b, err := l.conn.Read(l.ctx)
		if err == nil {
			err = s.pace(l)
		}
		if err != nil {
			s.lost(l, err)
			return
		}
		s.h.metrics.in.Add(float64(len(b)))
		s = s.receive(l, kind == websocket.MessageText, b)
	}
}

// receive handles one message and says whose the next one is.
func (s *session) receive(l *line, text bool, b []byte) *session {
	s.handling.Lock()
	defer s.handling.Unlock()
	if s.finishing.Load() || !s.speaksOver(l) {
		return s // only the connection's close is still of interest
	}
	if s.asked {
		l.watchdog.Reset(3 * s.h.o.PingInterval)
	}
	s.handle(text, b)
	if s.successor != nil {
		return s.successor
	}
	return s
}

func (s *session) speaksOver(l *line) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.line == l
}

// watch has the connection taken for silent after a time without a message.
func (s *session) watch(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.line != nil {
		s.line.watchdog.Reset(d)
	}
}

// silent is called when the client has said nothing on a connection for too long.
func (s *session) silent(l *line) {
	s.mu.Lock()
	resumable := s.resumable
	s.mu.Unlock()
	switch {
	case !s.speaksOver(l): // another has taken over
	case resumable || s.finishing.Load():
		s.park(l, s.h.o.ResumeWindow, "silent for too long")
	default:
		s.finish(&protocol.Closed{Reason: protocol.CloseError, Text: "silent for too long"})
	}
}

// lost takes the end of a connection, which may not be the session's any more.
func (s *session) lost(l *line, err error) {
	reason, window := "socket broke", s.h.o.ResumeWindow
	switch status := websocket.CloseStatus(err); {
	case status == websocket.StatusNormalClosure, status == websocket.StatusGoingAway, status == websocket.StatusNoStatusRcvd:
		reason, window = "socket closed", s.h.o.AbandonWindow
	case strings.Contains(err.Error(), "read limited at"):
		// Resumed, the client would only send it again.
		reason, window = "message too large", 0
		s.h.refused(limitMessageSize)
	case errors.Is(err, context.Canceled):
		reason = "socket given up"
	}
	s.park(l, window, reason)
}

// send queues a message for the client, also while no connection is there to take it.
func (s *session) send(t protocol.Type, id uint64, data any) {
	if s.finishing.Load() {
		return
	}
	b, err := protocol.Encode(t, id, data)
	if err != nil {
		s.logger().Error("message cannot be encoded", "type", t, "err", err)
		return
	}
	s.mu.Lock()
	noted := s.note(t, b, s.line != nil)
	l := s.line
	// Under the lock, so that messages leave in the order of the ledger.
	slow := l != nil && !l.post(b)
	s.mu.Unlock()
	switch {
	case !noted:
		s.abort("away for too many messages")
	case slow:
		s.h.refused(limitQueue)
		s.park(l, s.h.o.ResumeWindow, "client reads too slowly")
	}
}

// refuse answers a request with an error.
func (s *session) refuse(id uint64, e *protocol.Error) { s.send(protocol.TypeError, id, e) }

// finish ends the session after what is queued, with a last message unless that is nil.
// It returns at once; the member is out of the room when it does.
func (s *session) finish(last *protocol.Closed) { s.end(last, nil) }

// end is finish with an answer before the last message, unless that is nil. Who has it finds the member out of the room.
func (s *session) end(last *protocol.Closed, answer []byte) {
	if s.finishing.Swap(true) {
		return
	}
	reason, frame := "refused", []byte(nil)
	if last != nil {
		reason = string(last.Reason)
		frame, _ = protocol.Encode(protocol.TypeClosed, 0, last) // two strings: it cannot fail
	}
	s.mu.Lock()
	if !s.detached {
		if last != nil {
			s.remember(last.Reason, frame) // first: a client that resumes meanwhile must find it
		}
		s.detach(reason)
	}
	l := s.line
	s.mu.Unlock()
	if l != nil {
		if answer != nil {
			l.post(answer) // not through the ledger: nobody resumes what has been left
		}
		l.end(frame)
		return
	}
	s.h.dismiss(s)
}

// abort ends the session without a word.
func (s *session) abort(reason string) {
	s.finishing.Store(true)
	s.mu.Lock()
	s.detach(reason)
	l := s.line
	s.mu.Unlock()
	if l != nil {
		l.cut()
		return
	}
	s.h.dismiss(s)
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

// detach takes the member out of the engine's room and the registry. The lock is held.
func (s *session) detach(reason string) {
	if s.detached {
		return
	}
	s.detached = true
	s.cancel()
	s.keepPlace(reason)
	s.unpark()
	if !s.remembered {
		s.h.resumptions.remove(s.key)
	}
	for _, o := range s.offers {
		o.timer.Stop()
		s.countRestart(o.restart, restartFailed)
	}
	clear(s.offers)
	if s.up != nil {
		defer s.up.Close() // last: who sees the engine's session end finds nothing else of ours left
	}
	s.h.priorities.leave(s)
	s.h.qualities.leave(s)
	s.h.tasks.Leave(s.room, s)
	s.publishing.end()
	s.rights.end()
	if s.room != "" && s.h.rooms.exit(s.room, s.uid) {
		s.h.moderation.emptied(s.room)
		s.h.tasks.Emptied(s.room)
		if reason == string(protocol.CloseEngineLost) {
			s.h.rooms.expect(s.room, time.Now().Add(comeBack))
		}
	}
	if !s.joinedAt.IsZero() {
		s.log.Info("left", "reason", reason, "stayed", time.Since(s.joinedAt).Round(time.Millisecond))
	} else {
		s.log.Debug("socket ended without a join", "reason", reason)
	}
}

var (
	errOver   = errors.New("session is over")
	errNobody = errors.New("nobody is in the room")
	errFull   = errors.New("room is full")
	errRooms  = errors.New("app has too many rooms")
)

// enter puts the session into the registry, under its own uid or a new one, or fails as that does.
func (s *session) enter(room, uid string, mayCreate bool, e encryption, log *slog.Logger) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.detached {
		return "", errOver
	}
	uid, err := s.h.rooms.enter(room, uid, mayCreate, e)
	if err != nil {
		return "", err
	}
	if e.mode != "" { // what went on in a room of this name before is over: nobody pushes what is encrypted
		s.h.tasks.End(room, "the room is encrypted now")
	}
	s.room, s.uid = room, uid
	s.log = log.With("uid", s.uid)
	return s.uid, nil
}

// names has the lines from here on say which room and, if that is known, who the client says it
// is. It gives the log to which only the uid is to be added.
func (s *session) names(room, uid string) *slog.Logger {
	s.mu.Lock()
	defer s.mu.Unlock()
	log := s.log.With("room", room)
	if s.log = log; uid != "" {
		s.log = log.With("uid", uid)
	}
	return log
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
