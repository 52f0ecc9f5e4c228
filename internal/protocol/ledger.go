package protocol

import "errors"

// Counted says whether a message counts in a session's ledger: all do that come
// after joined, but for those that keep or take up the connection itself.
func Counted(t Type) bool {
	switch t {
	case TypeJoin, TypeJoined, TypePing, TypePong, TypeResume, TypeResumed:
		return false
	}
	return true
}

// MaxUnacknowledged is how many counted messages a side keeps for a repetition.
const MaxUnacknowledged = 1024

// ErrLedger says that two sides of a session do not agree on what was sent.
var ErrLedger = errors.New("sides disagree on what was sent")

// Ledger is one side's account of the counted messages of a session. With it a
// session survives its connection: each side tells the other how many messages have
// arrived, and repeats on the next connection those that have not. It is not safe
// for several goroutines at once.
type Ledger struct {
	sent     uint64 // how many were sent in all
	received uint64
	kept     [][]byte // the last of them, not acknowledged
	size     int      // of those, in bytes
}

// Send notes a frame on its way out. It fails when too many are unacknowledged.
func (l *Ledger) Send(frame []byte) error {
	if len(l.kept) >= MaxUnacknowledged {
		return errors.New("too many messages without an acknowledgement")
	}
	l.sent++
	l.kept = append(l.kept, frame)
	l.size += len(frame)
	return nil
}

// Receive notes a counted message that has arrived.
func (l *Ledger) Receive() { l.received++ }

// Received is how many have arrived.
func (l *Ledger) Received() uint64 { return l.received }

// Acknowledge forgets what the other side says has arrived there.
func (l *Ledger) Acknowledge(received uint64) error {
	first := l.sent - uint64(len(l.kept))
	if received < first || received > l.sent {
		return ErrLedger
	}
	for len(l.kept) > 0 && received > first {
		l.Forget()
		first++
	}
	return nil
}

// Forget drops the oldest frame that is kept. Should it not have arrived, the other side
// can no longer be brought up to date: its count then is one that Acknowledge refuses.
func (l *Ledger) Forget() {
	if len(l.kept) == 0 {
		return
	}
	l.size -= len(l.kept[0])
	l.kept[0] = nil
	l.kept = l.kept[1:]
}

// Kept is how many frames are kept, and how many bytes they have.
func (l *Ledger) Kept() (frames, bytes int) { return len(l.kept), l.size }

// Unacknowledged are the frames to repeat, in order.
func (l *Ledger) Unacknowledged() [][]byte { return append([][]byte(nil), l.kept...) }
