package stats

// window is over how many readings, of a second each, the highest rate counts: a controller that is held by the way goes down and
// up again in some six seconds, and is at what the way carries only at the top.
const window = 8

// bandwidth is what the way up has been seen to carry.
type bandwidth struct {
	rates [window]float64 // bit/s that arrived, of the last readings
	next  int
}

// add takes the rate of one more reading in bit/s.
func (b *bandwidth) add(rate float64) {
	b.rates[b.next] = rate
	b.next = (b.next + 1) % window
}

// available is the browser's estimate in bit/s, and never less than what the way has just carried: on a way that is full the
// browser stays well below, so that its queue empties, but what arrived in the best of the last seconds is there. It is the
// filter that BBR knows a bottleneck by. 0 stays 0: a browser that has no estimate has not looked whether there is more.
// https://datatracker.ietf.org/doc/html/draft-ietf-ccwg-bbr#section-5.5
func (b *bandwidth) available(estimate float64) float64 {
	if !(estimate > 0) {
		return 0
	}
	for _, rate := range b.rates {
		estimate = max(estimate, rate)
	}
	return estimate
}
