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
	// queue is by how much a round trip is longer than the shortest where packets wait on the way.
	queue = 50 * time.Millisecond
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
	// soon is that for the low layer of what went before anything was lost, soonHigh for the high one.
	// Sooner does harm: the key frame with which a layer begins makes the browser's guess fall again, below what the
	// protected one takes, and then the engine takes that from it.
	soon, soonHigh = 8 * time.Second, 10 * time.Second
	// probation is how long what was given back may do harm until then.
	probation = 6 * time.Second
	// sinking is how long a protected picture must be small for that to count: the engine begins
	// with a low layer, and switches up within a second or two.
	sinking = 4 * time.Second
	// again is how long a protected picture is not asked for anew after it has been.
	again = 4 * time.Second
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
	look     look
	came     time.Time     // when the last picture did
	soon     bool          // nothing was lost when the others went: what is small may come back soon
	least    time.Duration // the shortest round trip so far, 0 if none is known
	queued   bool          // the last one was longer
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

// Update takes what the streams are by now, about once a second, with the last round trip, 0 for none, and answers whether a
// verdict has changed or something is to be asked for anew.
func (p *Policy) Update(now time.Time, streams []Stream, rtt time.Duration) bool {
	if p.verdicts == nil {
		p.verdicts, p.patience = map[Key]protocol.Quality{}, patience
	}
	p.renew = nil
	if p.least == 0 || rtt > 0 && rtt < p.least {
		p.least = rtt
	}
	p.queued = rtt > p.least+queue
	pictures := p.take(streams)
	for _, v := range pictures {
		if _, known := p.last[v.Key]; !known {
			p.came = now
		}
	}
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
		p.well, p.soon = time.Time{}, false
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
