// Package quality judges a call: how good a network path is, from 0 to 6, and which of the
// documented exceptions hold. It only judges; what is measured comes from outside.
package quality

import "time"

// Level is a network quality as `network-quality` passes it.
type Level int

// The documented levels.
const (
	Unknown   Level = iota // nothing measured yet, or nothing to be measured by
	Excellent              // as good as the network gets
	Good                   // a difference that is measured rather than noticed
	Poor                   // flaws that one notices, no hindrance
	Bad                    // a conversation is possible with an effort
	VeryBad                // hardly any conversation
	Down                   // nothing passes
)

// Path is what was measured of one direction of a network path over the last seconds. The zero
// value says that nothing was.
type Path struct {
	// Measured says that there was something to measure: packets, or a round trip.
	Measured bool
	// Down says that nothing passes although something should.
	Down bool
	// Loss is the fraction of packets that were lost, 0 to 1.
	Loss float64
	// RTT is the round-trip time; 0 if not known.
	RTT time.Duration
	// Jitter is the interarrival jitter of RFC 3550; 0 if not known.
	Jitter time.Duration
	// Available is the bandwidth in bit/s that the path is known to be limited to, see Estimate; 0 if none is known.
	Available int
	// Wanted is the bandwidth in bit/s that is to be sent; 0 if not known.
	Wanted int
}

// A step is the worst that a level still allows; each measure has a limit of its own.
type step struct {
	level  Level
	loss   float64       // below
	rtt    time.Duration // below
	jitter time.Duration // below
	share  float64       // of the wanted bandwidth, at least
}

// The steps from best to worst; what passes none is VeryBad. Where they come from:
//
// Loss: Opus with in-band FEC hides 1 % altogether and 3 % to most listeners; from 8 % on video
// freezes in spite of retransmission, from 15 % on speech has holes.
//
// RTT: ITU-T G.114 has 150 ms one way as the limit of what goes unnoticed and 400 ms as the
// limit of what is acceptable; half of that is left to the devices and buffers at the ends.
//
// Jitter: up to 30 ms a usual jitter buffer costs nothing; beyond 100 ms it gives up keeping pace.
//
// Share: with 0.9 of the bandwidth an encoder lowers its quantiser unseen; below 0.7 it drops
// frames or pixels, below 0.4 sound suffers too.
var steps = [...]step{
	{Excellent, 0.01, 150 * time.Millisecond, 30 * time.Millisecond, 0.9},
	{Good, 0.03, 300 * time.Millisecond, 50 * time.Millisecond, 0.7},
	{Poor, 0.08, 500 * time.Millisecond, 100 * time.Millisecond, 0.5},
	{Bad, 0.15, 800 * time.Millisecond, 200 * time.Millisecond, 0.3},
}

// Of judges a path: the worst of its measures counts. What is not known does not count.
func Of(p Path) Level {
	switch {
	case p.Down:
		return Down
	case !p.Measured:
		return Unknown
	}
	for _, s := range steps {
		if p.Loss < s.loss && p.RTT < s.rtt && p.Jitter < s.jitter && p.enough(s.share) {
			return s.level
		}
	}
	return VeryBad
}

// OfTwo judges two readings of a path: of each measure the worse counts, but of the bandwidth the later, which is
// a sum over time already.
func OfTwo(before, now Path) Level {
	before.Available = 0
	return max(Of(before), Of(now))
}

// enough says whether the path has this share of the bandwidth that is wanted.
func (p Path) enough(share float64) bool {
	return p.Available <= 0 || p.Wanted <= 0 || float64(p.Available) >= share*float64(p.Wanted)
}
