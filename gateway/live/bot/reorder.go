package bot

import (
	"time"

	"github.com/pion/rtp"
)

const (
	// holdTime is how long a packet waits for those before it, which have been asked for again.
	holdTime = 180 * time.Millisecond
	// maxHeld bounds what waits: more is no reordering.
	maxHeld = 1 << 10
)

// reorder puts packets in order, and says where some are missing. It is used by one goroutine.
type reorder struct {
	begun bool
	next  uint16
	held  map[uint16]held
}

type held struct {
	packet *rtp.Packet
	at     time.Time
}

// push takes a packet as it came.
func (r *reorder) push(p *rtp.Packet, now time.Time) {
	ahead := int16(p.SequenceNumber - r.next)
	switch {
	case !r.begun, ahead > maxHeld, ahead < -maxHeld: // the first, or another stream
		r.begun, r.next, r.held = true, p.SequenceNumber, map[uint16]held{}
	case ahead < 0:
		return // came too late, or twice
	}
	if _, ok := r.held[p.SequenceNumber]; !ok {
		r.held[p.SequenceNumber] = held{p, now}
	}
}

// pop gives the next packet, and whether some before it are lost; nil while the next one is waited for.
func (r *reorder) pop(now time.Time) (p *rtp.Packet, lost bool) {
	if h, ok := r.held[r.next]; ok {
		delete(r.held, r.next)
		r.next++
		return h.packet, false
	}
	nearest, waited := uint16(1<<16-1), false // how far ahead the first of those is that are here
	for n, h := range r.held {
		waited = waited || now.Sub(h.at) >= holdTime
		nearest = min(nearest, n-r.next)
	}
	if !waited {
		return nil, false
	}
	first := r.next + nearest
	h := r.held[first]
	delete(r.held, first)
	r.next = first + 1
	return h.packet, true
}

// waiting says whether packets wait for earlier ones.
func (r *reorder) waiting() bool { return len(r.held) > 0 }
