package quality

import "time"

// Estimate follows a sender's estimate of its bandwidth, one reading a second, and tells it apart from a limit of the path. The
// estimate of a path that is wide again grows by some 8 % a second only, from wherever the narrow one has left it; a
// dozen seconds may pass in which it is far below what is wanted although nothing on the path stands in the way. So it is
// taken for a limit only until it has grown beyond the point where the path last held it. The controllers themselves judge so: an average of the rates
// at which they met congestion stands for the capacity, until a rate well above it shows that it is no longer that.
// https://datatracker.ietf.org/doc/html/draft-ietf-rmcat-gcc-02#section-5.5
//
// A queue that builds up says that the path is about to hold it again.
//
// The zero value has read nothing.
type Estimate struct {
	last, met float64       // the last reading; where the path held it last, 0 if it never did
	rising    int           // how many readings in a row it has grown
	least     time.Duration // the shortest round trip so far, 0 if none is known
}

const (
	// moved is the change of an estimate, as a share, that is more than noise.
	moved = 0.02
	// steady is how many readings in a row it has to grow: after a congestion it does so for one.
	steady = 2
	// queue is by how much a round trip is longer than the shortest where one builds up.
	queue = 30 * time.Millisecond
	// narrowed is a fall, as a share of what was, that says less of where the path holds it than what is left: the path has
	// become another one.
	narrowed = 0.5
	// backoff is how far below the rate of the path a controller goes in two steps of 0.85 each, as
	// many as there may be between two readings.
	backoff = 0.85 * 0.85
)

// Limit takes a reading in bit/s, 0 for none, with the longest round trip that was measured by then, 0 for none, and gives the bandwidth that the path is known to be
// limited to; 0 where none is known.
func (e *Estimate) Limit(available int, rtt time.Duration) int {
	if available <= 0 {
		return 0
	}
	if e.least == 0 || rtt > 0 && rtt < e.least {
		e.least = rtt
	}
	now := float64(available)
	switch {
	case e.last == 0:
	case now < e.last*narrowed:
		e.met, e.rising = now/backoff, 0
	case now < e.last*(1-moved):
		e.met, e.rising = e.last, 0
	case now > e.last*(1+moved):
		e.rising++
	default:
		e.rising = 0
	}
	e.last = now
	if e.rising >= steady && now > e.met && rtt <= e.least+queue {
		return 0
	}
	return available
}
