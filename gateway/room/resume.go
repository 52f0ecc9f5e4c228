package room

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"sync"
	"time"

	"nertc/internal/errcode"
	"nertc/internal/protocol"
)

// A joined session outlives its connection: when that breaks, the session is parked.
// The engine's session goes on, so that media flows and the others notice nothing, and
// what the client is to be told waits in the ledger. Another connection takes the
// session up with the secret that came with joined, and both sides repeat what the
// other has not received. After a window without one the member leaves.

const (
	// DefaultResumeWindow is how long a session waits after its connection broke.
	DefaultResumeWindow = 30 * time.Second
	// DefaultAbandonWindow is how long one waits whose connection the client closed
	// without a leave, with 1000 or, as browsers do when a page goes away, with 1001.
	// Who closes a tab must not stay as a ghost; who loads the page again joins at once
	// under the same uid, and should not be seen to go and come. A client that means to
	// resume closes with protocol.ClosingToResume, or does not get to close at all.
	DefaultAbandonWindow = 5 * time.Second

	// maxKept bounds the bytes that are kept for a repetition. It is far above what
	// protocol.MaxUnacknowledged messages have, unless a client makes them long on purpose.
	maxKept = 4 << 20

	resumeSecret = 32  // bytes
	maxToken     = 128 // what is longer is no secret of ours
)

// How resumes end, the values of the label result.
const (
	resumeOK        = "ok"
	resumeUnknown   = "unknown"   // no such session, or no more
	resumeDisagreed = "disagreed" // on what was sent
	resumeRefused   = "refused"   // malformed, or of another version
)

// account is what a session needs to outlive its connection, guarded by its lock.
type account struct {
	resumable  bool // joined was sent, with the secret of key
	key        resumeKey
	ledger     protocol.Ledger
	parks      int         // how often it was parked
	window     *time.Timer // its end is that of the session; nil unless parked
	parkedAt   time.Time
	farewell   []byte // the closed of a session that has ended, for a client that may not have got it
	remembered bool   // the session can be found for its farewell after its end
}

// resumeKey is the SHA-256 of a secret, which itself is not kept.
type resumeKey [sha256.Size]byte

// resumptions are the sessions that can be resumed.
type resumptions struct {
	mu       sync.Mutex
	sessions map[resumeKey]*session
}

// find takes as long for a wrong secret as for one that is nearly right: what is looked
// up and compared is a hash, of which nobody who does not know the secret can choose a part.
func (r *resumptions) find(token string) *session {
	if len(token) > maxToken {
		return nil
	}
	key := resumeKey(sha256.Sum256([]byte(token)))
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sessions[key]
}

func (r *resumptions) add(key resumeKey, s *session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sessions[key] = s
}

func (r *resumptions) remove(key resumeKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.sessions, key)
}

// makeResumable gives the secret of a session that is about to be joined; empty where none may be resumed.
func (s *session) makeResumable() string {
	if s.h.o.ResumeWindow < 0 {
		return ""
	}
	var b [resumeSecret]byte
	_, _ = rand.Read(b[:]) // it never fails, https://pkg.go.dev/crypto/rand#Read
	token := base64.RawURLEncoding.EncodeToString(b[:])
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.detached {
		return ""
	}
	s.key = resumeKey(sha256.Sum256([]byte(token)))
	s.h.resumptions.add(s.key, s)
	return token
}

// note puts a message into the ledger, from joined on. With a connection the oldest
// make room where too many are kept: a client that acknowledges nothing is served all
// the same, it only cannot resume. Without one it is false then. The lock is held.
func (s *session) note(t protocol.Type, frame []byte, connected bool) bool {
	if t == protocol.TypeJoined {
		s.resumable = s.key != resumeKey{}
	}
	if !s.resumable || !protocol.Counted(t) {
		return true
	}
	for {
		frames, bytes := s.ledger.Kept()
		if frames < protocol.MaxUnacknowledged && (frames == 0 || bytes+len(frame) <= maxKept) {
			break
		}
		if !connected {
			return false
		}
		s.ledger.Forget()
	}
	return s.ledger.Send(frame) == nil
}

// acknowledge takes the client's count of what has arrived there and gives ours.
func (s *session) acknowledge(received uint64) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.resumable {
		return 0
	}
	_ = s.ledger.Acknowledge(received) // a wrong one acknowledges nothing
	return s.ledger.Received()
}

// count notes a message of the client that has arrived, from its join on.
func (s *session) count(t protocol.Type) {
	if !s.asked || !protocol.Counted(t) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ledger.Receive()
}

// park takes a connection from its session, if it is still the session's, and waits for
// another. A session that cannot wait ends.
func (s *session) park(l *line, window time.Duration, reason string) {
	if s.wait(l, window, reason) {
		s.h.dismiss(s)
	}
	l.cut()
}

// wait is park without what follows; it says whether the session is over.
func (s *session) wait(l *line, window time.Duration, reason string) (over bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.line != l {
		return false
	}
	s.line = nil
	if s.detached || !s.resumable || window <= 0 {
		s.finishing.Store(true)
		s.detach(reason)
		return true
	}
	s.parks++
	s.parkedAt = time.Now()
	nth := s.parks
	s.window = time.AfterFunc(window, func() { s.expire(nth) })
	s.h.metrics.parked.Inc()
	s.log.Info("parked", "reason", reason, "window", window)
	return false
}

// unpark notes that the session waits no more. The lock is held.
func (s *session) unpark() {
	if s.window != nil {
		s.window.Stop()
		s.window = nil
		s.h.metrics.parked.Dec()
	}
}

// expire ends a session that has waited in vain for the end of its nth parking.
func (s *session) expire(nth int) {
	s.mu.Lock()
	waits := s.window != nil && s.parks == nth
	if waits {
		s.finishing.Store(true)
		s.detach("not resumed")
	}
	s.mu.Unlock()
	if waits {
		s.h.dismiss(s)
	}
}

// remember keeps for a window why a session has ended. A client that was told to go, but
// whose connection broke before it heard of it, would else join again: it would throw
// out the newcomer of its own uid, or open the room that was closed. The lock is held.
func (s *session) remember(reason protocol.CloseReason, frame []byte) {
	if !s.resumable || reason == protocol.CloseLeft || reason == protocol.CloseShutdown {
		return
	}
	s.farewell, s.remembered = frame, true
	time.AfterFunc(s.h.o.ResumeWindow, func() { s.h.resumptions.remove(s.key) })
}

// handleResume hands the connection of this session, which has not joined, to the one
// that the client names.
func (s *session) handleResume(m protocol.Message) {
	var r protocol.Resume
	switch {
	case s.asked:
		s.refuse(m.ID, refuse(errcode.InvalidOperation, "resume must be the first message"))
		return
	case !decode(m.Data, &r):
		s.refuseResume(m.ID, resumeRefused, refuse(errcode.InvalidArgument, "resume has data of the wrong form"))
		return
	case r.Version != protocol.Version:
		s.refuseResume(m.ID, resumeRefused, refuse(errcode.NotSupported, "protocol version "+strconv.Itoa(r.Version)+" is not supported, this gateway speaks "+strconv.Itoa(protocol.Version)))
		return
	}
	s.asked = true
	result := resumeUnknown
	if other := s.h.resumptions.find(r.Token); other != nil {
		if result = other.takeOver(s, m.ID, r.Received); result == resumeOK {
			s.successor = other
			s.h.dismiss(s)
			return
		}
	}
	s.refuseResume(m.ID, result, refuse(http.StatusNotFound, "session unknown"))
}

// refuseResume ends the connection: the client joins anew on another.
func (s *session) refuseResume(id uint64, result string, e *protocol.Error) {
	s.h.metrics.reconnects.WithLabelValues(kindResume, result).Inc()
	s.logger().Info("resume refused", "result", result, "code", e.Code)
	s.refuse(id, e)
	s.finish(nil)
}

// takeOver goes on with a session on the connection of another one that has not joined. A
// connection that the session still has is taken for a half-open one, and cut.
func (s *session) takeOver(from *session, request uint64, received uint64) string {
	s.handling.Lock() // what the former connection has brought is handled and counted
	defer s.handling.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.detached && s.farewell == nil || s.origin != from.origin {
		return resumeUnknown // what a page may do was decided at the join, also by its origin
	}
	if s.ledger.Acknowledge(received) != nil {
		return resumeDisagreed
	}
	resumed, err := protocol.Encode(protocol.TypeResumed, request, protocol.Resumed{Received: s.ledger.Received()})
	if err != nil {
		return resumeUnknown
	}
	l := from.release()
	if l == nil {
		return resumeUnknown // its connection is closing already
	}
	former := s.line
	s.line = l
	l.watchdog.Stop()
	l.watchdog = time.AfterFunc(3*s.h.o.PingInterval, func() { s.silent(l) })
	s.unpark() // this and the count first: who has the answer, or the line of the log, finds them done
	s.h.metrics.reconnects.WithLabelValues(kindResume, resumeOK).Inc()
	l.repeat(append([][]byte{resumed}, s.ledger.Unacknowledged()...))
	if s.detached {
		l.end(s.farewell)
		return resumeOK
	}
	if former != nil {
		former.cut()
		s.log.Info("resumed", "former", "open")
	} else {
		s.log.Info("resumed", "after", time.Since(s.parkedAt).Round(time.Millisecond))
	}
	return resumeOK
}

// release takes the connection from a session that has not joined, and by that ends it.
func (s *session) release() *line {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.line
	if l == nil || s.detached {
		return nil
	}
	s.line = nil
	s.finishing.Store(true)
	s.detach("resumed another session")
	return l
}
