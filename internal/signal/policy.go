package signal

import (
	"math"
	"math/rand/v2"
	"time"
)

// Policy says when to try again. Delays grow by Factor from First to Max, each
// changed at random by up to Jitter of itself either way, so that the clients of a
// server that comes back do not all come at once.
type Policy struct {
	First, Max time.Duration
	Factor     float64
	// Jitter is a share, 0 to 1.
	Jitter float64
	// GiveUp is how long to try in all.
	GiveUp time.Duration
}

// DefaultPolicy is that of the documented client: about 0.2 s, 0.3 s, 0.5 s, … 4 s, for 60 s.
func DefaultPolicy() Policy {
	return Policy{First: 200 * time.Millisecond, Max: 4 * time.Second, Factor: 1.6, Jitter: 0.3, GiveUp: 60 * time.Second}
}

// Delay is the wait before an attempt; the first attempt is number 0 and comes at once.
func (p Policy) Delay(attempt int) time.Duration {
	if attempt <= 0 {
		return 0
	}
	d := math.Min(float64(p.First)*math.Pow(p.Factor, float64(attempt-1)), float64(p.Max))
	return time.Duration(d * (1 + p.Jitter*(2*rand.Float64()-1)))
}
