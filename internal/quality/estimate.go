package quality

import "time"

// Estimate follows a sender's estimate of its bandwidth, one reading a second, and tells it apart from a limit of the path. The
// estimate of a path that is wide again grows by some 8 % a second only, from wherever the narrow one has left it; a
// dozen seconds may pass in which it is far below what is wanted although nothing on the path stands in the way. So it is
// taken for a limit only until it has grown beyond the point where the path last held it. The controllers themselves judge so: an average of the rates
// at which they met congestion stands for the capacity, until a rate well above it shows that it is no longer that.
// https://datatracker.ietf.org/doc/html/draft-ietf-rmcat-gcc-02#section-5.5
//
// That growth takes its time, so there is a quicker witness: an estimate that grows on a path that is full fills a queue, within seconds,
// and the round trips become longer. Where they stay as short as they ever were and nothing takes the estimate back, it may grow as it likes.
//
// The zero value has read nothing.
type Estimate struct {
	last, met        float64       // the last reading; where the path held it last, 0 if it never did
	rising, quiet    int           // how many readings in a row it has grown, and has met nothing
	queued, standing int           // how many readings in a row there was a queue, and it has not grown
	wide             bool          // nothing is known to limit the path
	least            time.Duration // the shortest round trip so far, 0 if none is known
}

const (
	// moved is the change of an estimate, as a share, that is more than noise.
	moved = 0.02
	// beyond is how far above the last limit it is to be: between two readings it may have been higher than either.
	beyond = 0.05
	// steady is how many readings in a row it has to grow: between two congestions it does so for one or two.
	steady = 3
	// queue is by how much a round trip is longer than the shortest where one builds up, whatever else is on the path.
	queue = 30 * time.Millisecond
	// noQueue is the same where there is none at all.
	noQueue = 10 * time.Millisecond
	// calm is for how many readings in a row there is none: below its limit a path may be without for two.
	calm = 3
	// full is for how many readings in a row there is a queue where the path is full: one alone may be the machine's own doing.
	full = 2
	// used is the share of an estimate that is to be sent for it to grow: controllers do not look for what nobody needs.
	used = 0.65
	// narrowed is a fall, as a share of what was, that says less of where the path holds it than what is left: the path has
	// become another one.
	narrowed = 0.5
	// backoff is how far below the rate of the path a controller goes in two steps of 0.85 each, as
	// many as there may be between two readings.
	backoff = 0.85 * 0.85
)

// Limit takes a reading in bit/s, 0 for none, with what was sent since the one before, in bit/s, and the longest round trip that was measured
// meanwhile, 0 for none. It gives the bandwidth that the path is known to be limited to; 0 where none is known.
func (e *Estimate) Limit(available, sent int, rtt time.Duration) int {
	if available <= 0 {
		return 0
	}
	if e.least == 0 || rtt > 0 && rtt < e.least {
		e.least = rtt
	}
	now := float64(available)
	fell := now < e.last*(1-moved)
	switch {
	case e.last == 0:
	case now < e.last*narrowed:
		e.met, e.rising = now/backoff, 0
	case fell:
		e.met, e.rising = e.last, 0
	case now > e.last*(1+moved):
		e.rising++
	default:
		e.rising = 0
	}
	if e.standing++; e.rising > 0 || float64(sent) < now*used {
		e.standing = 0
	}
	switch {
	case fell || rtt > e.least+noQueue:
		e.quiet = 0
	case rtt > 0:
		e.quiet++
	}
	if rtt > e.least+queue {
		e.queued++
	} else {
		e.queued = 0
	}
	e.last = now
	e.wide = e.quiet >= calm && e.rising > 0 ||
		e.rising >= steady && now > e.met*(1+beyond) && e.queued == 0 ||
		e.wide && !fell && e.queued < full && e.standing < steady
	if e.wide {
		return 0
	}
	return available
}
