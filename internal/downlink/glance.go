package downlink

import (
	"maps"
	"slices"
	"time"

	"nertc/internal/media"
	"nertc/internal/protocol"
)

const (
	// sag is by which share the browser's guess of the way falls when packets begin to queue. Its guess is then 0.85 of what
	// came lately (https://datatracker.ietf.org/doc/html/draft-ietf-rmcat-gcc-02#section-5.5); less than sag is not counted.
	// A first guess that is below the share afresh of what came is a fallen one too.
	sag, afresh = 0.03, 0.92
	// span is over how long what comes is averaged, and for how long a fallen guess and a loss are remembered.
	span = time.Second
	// swift is how long it takes until a change is seen in the browser's guess: the engine waits for 0.1 s for another
	// wish and then for a key frame, and what waits in front of the narrow place still has to come through.
	swift = 700 * time.Millisecond
	// short is over how long losses are counted; fewer than fewLost say nothing.
	short   = 300 * time.Millisecond
	fewLost = 3
	// moment is after how long the queue of a beginning has gone.
	moment = 500 * time.Millisecond
	// stall is how long a picture may stand of which packets come and were lost. What is lost three times the engine does
	// not send again, and the browser waits for it for three seconds until it asks for a key frame.
	// impatience is how long a picture is not asked for anew after that.
	stall      = 500 * time.Millisecond
	impatience = 2 * time.Second
	// aftermath is how long the protected picture is looked after when nothing of the others is left.
	aftermath = 5 * time.Second
)

// look is what glances have seen.
type look struct {
	past    []glance  // of the last span, the latest last
	sagged  time.Time // when the browser's guess fell last
	doubted time.Time // when it fell although that may mean nothing, and it has not risen since; zero otherwise
	moved   time.Time // when a frame was decoded last
	missing float64   // packets that had been lost then
}

// glance is what had come by a time, and how much came in the span before it, in bit/s.
type glance struct {
	media.Incoming
	at   time.Time
	rate float64
}

// Glances says whether it is worth its price to glance between two updates: a protected picture comes, and others beside
// it that can be less, or could a short while ago.
func (p *Policy) Glances(now time.Time) bool {
	protected, others := false, now.Sub(p.changed) < aftermath
	for k, s := range p.last {
		if s.Picture && p.Verdict(k) != protocol.QualityOff {
			protected, others = protected || s.Protected, others || !s.Protected
		}
	}
	return protected && others
}

// Glance takes how the protected picture fares by now, about ten times a second, and answers whether a verdict has
// changed or something is to be asked for anew. Beside a protected picture a second is too long: the queue in front of a
// narrow place is full after some tenths of one, and then pictures stand. All others go when it begins to grow: a
// lower layer would only begin with a key frame, which has to wait in the same queue. Where nothing was
// lost they get it soon, and then the high one, because the sign may have been a mistake.
func (p *Policy) Glance(now time.Time, in media.Incoming) bool {
	lost, sags := p.look.take(now, in)
	if !p.Glances(now) {
		return false
	}
	p.renew = nil
	grave := lost > heavyLoss || lost > someLoss && now.Sub(p.look.sagged) < span
	pictures := p.take(slices.Collect(maps.Values(p.last)))
	sags = sags && now.Sub(p.changed) >= swift
	if now.Sub(p.came) < settle || !p.look.doubted.IsZero() {
		sags = p.doubt(now, sags)
	}
	if (grave || sags) && p.others(pictures) {
		p.well, p.ticks = time.Time{}, 0
		p.soon = !grave
		return p.lower(now, pictures, state{bad: true, hard: true, rate: lost, grave: true, lossy: grave})
	}
	// Nor does it wait until nothing is lost any more: what is sent again and again keeps the queue full.
	if now.Sub(p.changed) >= short && p.look.stands(now) && now.Sub(p.renewed) >= impatience && p.askAnew(pictures) {
		p.renewed, p.soon = now, false
		return true
	}
	return false
}

// doubt says of a guess that has fallen when pictures began whether it is to be believed. The key frames with which they begin make
// a queue for a moment: then it does not fall further, and rises again when the queue has gone.
func (p *Policy) doubt(now time.Time, sags bool) bool {
	l := &p.look
	if l.doubted.IsZero() {
		if sags {
			l.doubted = now
		}
		return false
	}
	since := now.Sub(l.doubted)
	if !sags && since < moment {
		return false
	}
	sags = since < span && l.doubted.After(p.changed)
	l.doubted = time.Time{}
	return sags
}

// others says whether anything of the others is left.
func (p *Policy) others(pictures []Stream) bool {
	return slices.ContainsFunc(pictures, func(s Stream) bool { return !s.Protected && p.Verdict(s.Key) != protocol.QualityOff })
}

// take compares what has come with what had: which share was lost lately, and whether the browser's guess falls.
func (l *look) take(now time.Time, in media.Incoming) (lost float64, sags bool) {
	g := glance{Incoming: in, at: now}
	n := len(l.past)
	if n > 0 && (now.Sub(l.past[n-1].at) > span || in.Received < l.past[n-1].Received || in.Bytes < l.past[n-1].Bytes) {
		n = 0 // long ago, or of something else
	}
	if n == 0 {
		*l = look{past: append(l.past[:0], g), moved: now, missing: in.Lost}
		return 0, false
	}
	last, first, top, recent := l.past[n-1], l.past[0], 0.0, l.past[n-1]
	for _, o := range slices.Backward(l.past) {
		if top = max(top, o.rate); now.Sub(o.at) <= short {
			recent = o
		}
	}
	if took := now.Sub(first.at).Seconds(); took > 0 {
		g.rate = (in.Bytes - first.Bytes) * 8 / took
	}
	l.past = append(slices.DeleteFunc(l.past, func(o glance) bool { return now.Sub(o.at) >= span }), g)
	if d := in.Lost - recent.Lost; d >= fewLost {
		lost = d / (d + in.Received - recent.Received)
	}
	if in.Decoded > last.Decoded {
		l.moved, l.missing = now, in.Lost
	}
	if last.Available > 0 && in.Available > last.Available {
		l.doubted = time.Time{}
	}
	before := last.Available * (1 - sag)
	if last.Available == 0 {
		before = top * afresh
	}
	if in.Available > 0 && in.Available < before {
		l.sagged = now
		return lost, true
	}
	return lost, false
}

// stands says whether the picture stands although packets come, after some were lost.
func (l *look) stands(now time.Time) bool {
	last, first := l.past[len(l.past)-1], l.past[0]
	return now.Sub(l.moved) >= stall && last.Lost > l.missing && last.Received > first.Received
}
