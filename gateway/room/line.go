package room

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"nhooyr.io/websocket"
)

// line is one WebSocket connection of a session. It has one goroutine that writes;
// frames leave in the order in which they were posted.
type line struct {
	conn     *websocket.Conn
	ctx      context.Context // ends with the connection
	cut      context.CancelFunc
	written  chan struct{} // closed when nothing is written any more
	wake     chan struct{}
	watchdog *time.Timer        // for silence of the client
	bytes    prometheus.Counter // that were written

	mu      sync.Mutex
	waiting [][]byte
	limit   int  // of waiting
	ending  bool // closes once all is written
}

func newLine(conn *websocket.Conn, queue int, bytes prometheus.Counter) *line {
	l := &line{conn: conn, bytes: bytes, written: make(chan struct{}), wake: make(chan struct{}, 1), limit: queue}
	l.ctx, l.cut = context.WithCancel(context.Background())
	return l
}

// post has a frame written in its turn. It is false when the client has let so many
// pile up that it must be given up: it must not hold up what others are told.
func (l *line) post(frame []byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ending {
		return true
	}
	if len(l.waiting) >= l.limit {
		l.limit = 0 // nor are later ones taken: the client would miss one in between
		return false
	}
	l.waiting = append(l.waiting, frame)
	l.nudge()
	return true
}

// repeat posts frames above the limit: the client has asked for them.
func (l *line) repeat(frames [][]byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.limit += len(frames)
	l.waiting = append(l.waiting, frames...)
	l.nudge()
}

// end closes the connection after what is posted and one last frame, unless that is nil.
func (l *line) end(last []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ending {
		return
	}
	l.ending = true
	if last != nil {
		l.waiting = append(l.waiting, last)
	}
	l.nudge()
}

func (l *line) nudge() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// take gives the next frame, if there is one, and else whether none will follow.
func (l *line) take() (frame []byte, last bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 {
		return nil, l.ending
	}
	frame = l.waiting[0]
	l.waiting[0] = nil
	l.waiting = l.waiting[1:]
	return frame, false
}

// write runs until the connection ends. It is the only one that writes.
func (l *line) write() {
	defer close(l.written)
	for {
		frame, last := l.take()
		switch {
		case frame != nil:
			if !l.put(frame) {
				return
			}
		case last:
			_ = l.conn.Close(websocket.StatusNormalClosure, "")
			l.cut()
			return
		default:
			select {
			case <-l.wake:
			case <-l.ctx.Done():
				return
			}
		}
	}
}

func (l *line) put(frame []byte) bool {
	ctx, cancel := context.WithTimeout(l.ctx, writeTimeout)
	defer cancel()
	l.bytes.Add(float64(len(frame))) // first: who has the frame finds it counted
	if err := l.conn.Write(ctx, websocket.MessageText, frame); err != nil {
		l.cut()
		return false
	}
	return true
}
