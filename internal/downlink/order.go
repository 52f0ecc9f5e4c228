package downlink

import (
	"slices"
	"time"

	"nertc/internal/protocol"
)

// lower takes something away: first the high layers of all others, then the pictures of half of
// those that are left, or of all where one is protected, at last the protected one's. Where a protected
// one is about to go, all of the others' go at once. But where none is, loss at random takes no picture away.
func (p *Policy) lower(now time.Time, pictures []Stream, s state) bool {
	if p.takeBack(now) {
		return true
	}
	var high, rest []Stream
	protected := slices.ContainsFunc(pictures, func(s Stream) bool { return s.Protected })
	for _, s := range pictures {
		switch q := p.Verdict(s.Key); {
		case s.Protected || q == protocol.QualityOff:
		case q == protocol.QualityHigh && s.Wanted == protocol.QualityHigh:
			high = append(high, s)
		default:
			rest = append(rest, s)
		}
	}
	settled := now.Sub(later(p.changed, p.renewed)) >= settle
	switch {
	case protected && s.grave && len(high)+len(rest) > 0:
		for _, s := range append(high, rest...) {
			p.verdicts[s.Key] = protocol.QualityOff
		}
	case len(high) > 0:
		for _, s := range high {
			p.verdicts[s.Key] = protocol.QualityLow
		}
	case len(rest) > 0 && (protected || !s.random):
		n := (len(rest) + 1) / 2
		if protected {
			n = len(rest) // it has waited long enough
		}
		for _, s := range rest[:n] {
			p.verdicts[s.Key] = protocol.QualityOff
		}
	case s.sunk && now.Sub(p.renewed) >= again && p.askAnew(pictures):
		p.renewed = now
	case s.hard && s.lossy && settled && p.lowerLast(pictures):
	case !s.hard && !p.sunk.IsZero() && now.Sub(p.sunk) > futile:
		// Nothing else comes and it is small all the same: its sender sends no more.
		p.truce, p.sunk = now.Add(truce), time.Time{}
		return false
	default:
		return false
	}
	p.changed = now
	return true
}

// askAnew has the protected pictures asked for anew that are to be large, when nothing of the others is left.
// The engine, whose guess of the way is from when all had a part in it, takes long to raise it by itself;
// with nothing to send it forgets what it has guessed, and begins with all that is asked for.
func (p *Policy) askAnew(pictures []Stream) bool {
	for _, s := range pictures {
		if s.Protected && s.Wanted == protocol.QualityHigh && p.Verdict(s.Key) == protocol.QualityHigh {
			p.renew = append(p.renew, s.Key)
		}
	}
	return len(p.renew) > 0
}

// Renew are the pictures that, since the last update, are to be switched off and at once on again.
func (p *Policy) Renew() []Key { return p.renew }

// takeBack undoes what was given back a short while ago, and gives the next back later.
func (p *Policy) takeBack(now time.Time) bool {
	if len(p.given) == 0 {
		return false
	}
	last := p.given[len(p.given)-1]
	p.given = nil
	if now.Sub(last.at) > probation+settle {
		return false
	}
	p.verdicts[last.key] = last.before
	p.patience, p.soon = min(2*p.patience, maxPatience), false
	p.changed = now
	return true
}

// lowerLast takes from the protected pictures, when nothing of the others is left.
func (p *Policy) lowerLast(pictures []Stream) bool {
	for _, from := range []protocol.Quality{protocol.QualityHigh, protocol.QualityLow} {
		for _, s := range pictures {
			if !s.Protected || lesser(p.Verdict(s.Key), s.Wanted) != from {
				continue
			}
			p.verdicts[s.Key] = protocol.QualityLow
			if from == protocol.QualityLow {
				p.verdicts[s.Key] = protocol.QualityOff
			}
			return true
		}
	}
	return false
}

func lesser(a, b protocol.Quality) protocol.Quality {
	if rank(b) < rank(a) {
		return b
	}
	return a
}

// raise gives one thing back after all was well for long enough, in the reverse order of lower.
func (p *Policy) raise(now time.Time, pictures []Stream, protected bool, quiet time.Duration) bool {
	early := protected && p.soon
	long := quiet >= p.patience && (!protected || quiet >= guard*p.patience)
	if !long && !(early && quiet >= soon) {
		return false
	}
	for _, from := range []struct {
		protected bool
		q         protocol.Quality
	}{{true, protocol.QualityOff}, {true, protocol.QualityLow}, {false, protocol.QualityOff}, {false, protocol.QualityLow}} {
		for i := len(pictures) - 1; i >= 0; i-- {
			k := pictures[i].Key
			if pictures[i].Protected != from.protected || p.Verdict(k) != from.q {
				continue
			}
			switch {
			case from.protected && !long:
				return false
			case protected && !from.protected && from.q == protocol.QualityLow && quiet < guarded && !(early && quiet >= soonHigh):
				return false
			}
			p.given = append(p.given, step{k, from.q, now})
			if from.q == protocol.QualityOff {
				p.verdicts[k] = protocol.QualityLow
			} else {
				delete(p.verdicts, k)
			}
			p.changed = now
			return true
		}
	}
	return false
}
