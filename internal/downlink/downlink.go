// Package downlink decides how much of the pictures of a room a narrow way to here bears: who is
// lowered and then paused when it degrades, in which order, and when they get back what they had.
// Sound is never touched.
//
// The engine shares out what it believes to have, to all alike, and knows no priorities. What is
// not asked of it takes nothing from the others, so the order is made here, by asking for less.
package downlink

import (
	"cmp"
	"slices"
	"time"

	"nertc/internal/protocol"
)

// Key names one stream of a user.
type Key struct {
	UID       string
	MediaType protocol.MediaType
}

// Stream is what is received of one, sound or picture. The counts run on from the beginning of
// the stream.
type Stream struct {
	Key
	// Packets that came, and that did not.
	Received, Lost float64
	// The rest is that of a picture; a sound has Picture false.
	Picture bool
	// Wanted is QualityHigh or QualityLow, what the page or its layout asks for. What is not
	// asked for at all, or not sent because it is muted, is not among the streams.
	Wanted protocol.Quality
	// Protected says that it is the user's whose media go before those of the others.
	Protected bool
	// Decoded frames, and Freezes of the picture.
	// https://www.w3.org/TR/webrtc-stats/#dom-rtcinboundrtpstreamstats-freezecount
	Decoded, Freezes float64
	// Side is the longer one, in pixels, of what is decoded, FullSide that of what is sent; 0 is unknown.
	Side, FullSide int
	// Paused says that the engine holds it back.
	Paused bool
}

const (
	// heavyLoss is a share of packets that no picture survives; with someLoss one that freezes
	// freezes because of it. Fewer than fewPackets say nothing.
	heavyLoss, someLoss = 0.10, 0.03
	fewPackets          = 20
	// lowSide is up to which longer side a picture counts as a low layer, with some room.
	lowSide = 264

	// settle is how long a change takes to show: the engine switches at a key frame, and the
	// statistics are a second old.
	settle = 2500 * time.Millisecond
	// brisk is how long that is for the others beside a protected picture: it does not wait for proof.
	brisk = 900 * time.Millisecond
	// patience is how long all must be well before something is given back, maxPatience the
	// longest that it grows to when what was given back did harm each time.
	patience    = 5 * time.Second
	maxPatience = 30 * time.Second
	// guard is how many times longer it takes beside a protected picture, and guarded the least before
	// another gets a high layer back there: the engine shares out to all alike, so that a try that fails
	// costs the protected one its own for a while.
	guard   = 4
	guarded = 30 * time.Second
	// probation is how long what was given back may do harm until then.
	probation = 6 * time.Second
	// sinking is how long a protected picture must be small for that to count: the engine begins
	// with a low layer, and switches up within a second or two.
	sinking = 4 * time.Second
	// again is how long a protected picture is not asked for anew after it has been.
	again = 6 * time.Second
	// futile is how long a protected picture may stay small with all others off before
	// that is taken for its sender's own doing, and truce how long it then is.
	futile = 15 * time.Second
	truce  = 5 * time.Minute
)

// Policy is one receiver's. The zero value is ready; it is not for several goroutines.
type Policy struct {
	verdicts map[Key]protocol.Quality // what is not best
	last     map[Key]Stream
	ticks    int // in a row that were bad

	changed  time.Time // the last step
	well     time.Time // since when all is well; zero while it is not
	patience time.Duration
	given    []step // since the last step down, the latest last, as long as it may do harm
	sunk     time.Time
	fell     bool      // and it was not small before
	renew    []Key     // what to ask for anew
	renewed  time.Time // when that was last
	truce    time.Time // until when a small protected picture is nobody's fault here
}

// step is something that was given back.
type step struct {
	key    Key
	before protocol.Quality
	at     time.Time
}

// Verdict is the most that is to be received of a stream.
func (p *Policy) Verdict(k Key) protocol.Quality {
	return cmp.Or(p.verdicts[k], protocol.QualityHigh)
}

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
}

// Update takes what the streams are by now, about once a second, and answers whether a verdict has changed
// or something is to be asked for anew.
func (p *Policy) Update(now time.Time, streams []Stream) bool {
	if p.verdicts == nil {
		p.verdicts, p.patience = map[Key]protocol.Quality{}, patience
	}
	p.renew = nil
	pictures := p.take(streams)
	s := p.judge(now, streams)
	p.last = map[Key]Stream{}
	for _, v := range streams {
		p.last[v.Key] = v
	}
	protected := slices.ContainsFunc(pictures, func(v Stream) bool { return v.Protected })
	pause := settle
	if protected {
		pause = brisk
	}
	if now.Sub(p.changed) < pause { // what is seen may be older than the last change
		p.ticks = 0
		return false
	}
	if s.bad {
		p.well = time.Time{}
		p.ticks++
		// One bad second happens, but where packets are lost the protected one does not wait for another.
		if p.ticks < 2 && !(protected && (s.grave || s.fell || s.rate > someLoss)) {
			return false
		}
		p.ticks = 0
		return p.lower(now, pictures, s)
	}
	p.ticks = 0
	if p.well.IsZero() {
		p.well = now
	}
	if n := len(p.given); n > 0 && now.Sub(p.given[n-1].at) > probation+settle { // it did no harm
		p.given, p.patience = nil, patience
	}
	return p.raise(now, pictures, protected, now.Sub(later(p.well, p.changed)))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// take gives the pictures in the order in which they are sacrificed, and notes who has come and gone.
func (p *Policy) take(streams []Stream) []Stream {
	var pictures []Stream
	worst := protocol.QualityHigh
	present := map[Key]bool{}
	for _, s := range streams {
		if s.Picture {
			pictures = append(pictures, s)
			present[s.Key] = true
			if _, known := p.last[s.Key]; known && !s.Protected && rank(p.Verdict(s.Key)) < rank(worst) {
				worst = p.Verdict(s.Key)
			}
		}
	}
	for k := range p.verdicts {
		if !present[k] {
			delete(p.verdicts, k)
		}
	}
	// Who comes while the others are short is as they are.
	for _, s := range pictures {
		if _, known := p.last[s.Key]; !known && !s.Protected && worst != protocol.QualityHigh {
			p.verdicts[s.Key] = worst
		}
	}
	slices.SortFunc(pictures, func(a, b Stream) int {
		return cmp.Or(flag(a.Protected)-flag(b.Protected), flag(screen(a))-flag(screen(b)), cmp.Compare(a.UID, b.UID))
	})
	return pictures
}

func screen(s Stream) bool { return s.MediaType == protocol.MediaScreen }

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

func rank(q protocol.Quality) int {
	return slices.Index([]protocol.Quality{protocol.QualityOff, protocol.QualityLow, protocol.QualityHigh}, q)
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
	}
}

// small says whether a picture comes in its low layer although the high one is asked for.
func (p *Policy) small(s Stream) bool {
	return s.Wanted == protocol.QualityHigh && p.Verdict(s.Key) == protocol.QualityHigh &&
		s.Side > 0 && s.Side <= lowSide && s.FullSide > s.Side*3/2
}

// lower takes something away: first the high layers of all others, then the pictures of half of
// those that are left, or of all where one is protected, at last the protected one's. Where a protected
// one is about to go, all of the others' go at once.
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
	settled := now.Sub(p.changed) >= settle
	switch {
	case protected && s.grave && len(high)+len(rest) > 0:
		for _, s := range append(high, rest...) {
			p.verdicts[s.Key] = protocol.QualityOff
		}
	case len(high) > 0:
		for _, s := range high {
			p.verdicts[s.Key] = protocol.QualityLow
		}
	case len(rest) > 0:
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
	p.patience = min(2*p.patience, maxPatience)
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
	if quiet < p.patience || protected && quiet < guard*p.patience {
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
			if protected && !from.protected && from.q == protocol.QualityLow && quiet < guarded {
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
