package downlink

import (
	"time"

	"nertc/internal/protocol"
)

// state is what the streams say since the last time.
type state struct {
	bad  bool    // something suffers by the way to here
	rate float64 // share of packets that are lost
	// grave is what a protected picture cannot wait through: much is lost, or it stands and some is.
	grave bool
	// sunk says that a protected picture is small, fell that it was not before.
	sunk, fell bool
	// lossy says that the way does not bear what is left either. A protected picture that stands
	// without any loss waits for a key frame, and less of it would only mean another one.
	lossy bool
	hard  bool // and that is more than a small protected picture
	// random says that no more than some packets are lost, and that this alone is what pictures suffer from. A way that is too narrow for
	// what is left of them has packets wait, loses many, or the engine holds pictures back; one that loses some at random does so however
	// little comes on it.
	random bool
}

// judge compares the streams with what they were.
func (p *Policy) judge(now time.Time, streams []Stream) state {
	var lost, received float64
	frozen, paused, hurt, sunk, sank := 0, 0, false, false, false
	for _, s := range streams {
		l, known := p.last[s.Key]
		if !known || s.Received < l.Received || s.Decoded < l.Decoded { // new, or another stream under the name
			continue
		}
		lost += s.Lost - l.Lost
		received += s.Received - l.Received
		if !s.Picture || p.Verdict(s.Key) == protocol.QualityOff {
			continue
		}
		stands := s.Freezes > l.Freezes || l.Decoded > 0 && s.Decoded == l.Decoded && s.Received > l.Received
		if stands {
			frozen++
		}
		if s.Paused {
			paused++
		}
		if s.Protected {
			hurt = hurt || stands || s.Paused
			sunk = sunk || p.small(s)
			// The engine takes its layer before anything freezes.
			sank = sank || p.small(s) && l.Side > lowSide
		}
	}
	if !sunk || now.Before(p.truce) {
		p.sunk, p.fell = time.Time{}, false
		sunk = false
	} else if p.sunk.IsZero() {
		p.sunk = now
	}
	p.fell = sunk && (p.fell || sank)
	rate := 0.0
	if lost > 0 && lost+received >= fewPackets {
		rate = lost / (lost + received)
	}
	hard := rate > heavyLoss || rate > someLoss && frozen > 0 || paused > 0 || frozen > 1 || hurt
	return state{
		bad: hard || p.fell || sunk && now.Sub(p.sunk) >= sinking, hard: hard, rate: rate,
		grave: rate > heavyLoss || rate > someLoss && hurt,
		sunk:  sunk, fell: p.fell, lossy: rate > someLoss || paused > 0,
		random: rate > someLoss && rate <= heavyLoss && paused == 0 && !p.queued,
	}
}

// small says whether a picture comes in its low layer although the high one is asked for.
func (p *Policy) small(s Stream) bool {
	return s.Wanted == protocol.QualityHigh && p.Verdict(s.Key) == protocol.QualityHigh &&
		s.Side > 0 && s.Side <= lowSide && s.FullSide > s.Side*3/2
}
