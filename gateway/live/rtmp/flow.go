package rtmp

import (
	"sync"
	"time"
)

const (
	// firstWindow is asked for before the rate of the stream is known.
	firstWindow = 8 << 10
	// leastWindow is a third of a second of a black picture and silence.
	leastWindow = 256
	mostWindow  = 256 << 10
	// patience is how long a server may owe an acknowledgement before it counts as stalled.
	patience = 4 * time.Second
)

// flow judges by a server's acknowledgements (RTMP 1.0, 5.4.3) whether it still takes what is sent.
//
// A hung server's machine goes on taking bytes into its buffers, for minutes at low rates: only the acknowledgements come
// from the program itself. They are asked for about three times a second of the stream's rate, and are owed when two
// windows are out.
type flow struct {
	mu     sync.Mutex
	sent   uint64
	acked  uint64
	value  uint32 // of the last acknowledgement
	heard  bool   // at least one came
	window uint32
	owed   time.Time // since when more is out than should be; zero: it is not

	rateFrom time.Time
	rateSent uint64
}

func newFlow(now time.Time) *flow { return &flow{window: firstWindow, rateFrom: now} }

// add counts bytes that were sent. It returns the window to ask for from now on where that should change, else 0.
func (f *flow) add(n int, now time.Time) uint32 {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sent += uint64(n)
	f.judge(now)
	span := now.Sub(f.rateFrom)
	if span < time.Second {
		return 0
	}
	rate := float64(f.sent-f.rateSent) / span.Seconds()
	f.rateFrom, f.rateSent = now, f.sent
	want := uint32(min(max(rate/3, leastWindow), mostWindow))
	if want < f.window*2 && want > f.window/2 {
		return 0
	}
	f.window = want
	return want
}

// acknowledge takes the number of bytes that the server says it has had.
func (f *flow) acknowledge(value uint32, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := f.sent - f.acked
	// Servers count with or without the handshake, and some begin anew before the number is full: a step that makes
	// no sense is still a sign of life.
	if step := uint64(value - f.value); step <= out+64<<10 {
		f.acked = min(f.acked+step, f.sent)
	} else {
		f.acked = f.sent
	}
	f.value, f.heard, f.owed = value, true, time.Time{}
	f.judge(now)
}

func (f *flow) judge(now time.Time) {
	switch over := f.sent-f.acked > 2*uint64(f.window); {
	case !over:
		f.owed = time.Time{}
	case f.owed.IsZero():
		f.owed = now
	}
}

// stalled tells whether a server that has acknowledged before has stopped.
func (f *flow) stalled(now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.heard && !f.owed.IsZero() && now.Sub(f.owed) > patience
}

// taken tells how much the server has had at least, and how much was sent. ok is false while nothing is known.
func (f *flow) taken() (acked, sent uint64, window uint32, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.acked, f.sent, f.window, f.heard
}
