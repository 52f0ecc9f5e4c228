package program

import (
	"sync"
	"time"

	"nertc/gateway/live/bot"
	"nertc/gateway/live/ffmpeg"
	"nertc/gateway/live/mix"
)

const (
	maxWaiting = 2 * FrameRate // pictures or units that wait until they are due
	// mostWaiting bytes of one track's pictures wait: twenty of 1920×1080, which is a third of a second at 60 a second.
	mostWaiting = 64 << 20
	// keyEvery is how far key frames are apart in what is passed on, in units of ffmpeg.VideoClock. Browsers send none unless they are asked.
	keyEvery = ffmpeg.KeyEvery * ffmpeg.VideoClock
	// nonsense is how far ahead of its time nothing is: the clock has changed.
	nonsense = 2 * ffmpeg.VideoClock
	// restartEvery is how often a decoder that keeps dying is started again.
	restartEvery = time.Second
	// hangs is when a decoder is given up that is fed and gives nothing, and slow when one is that never gave anything:
	// on a busy machine a process takes its time to begin.
	hangs = 2 * time.Second
	slow  = 8 * time.Second
)

// box is how pictures are wanted; the zero value is not at all.
type box struct {
	w, h  int
	cover bool
}

// picture is a bot.Sink for one track of pictures: it has them decoded in the size in which they are shown.
type picture struct {
	track   *bot.Track
	program *Program
	refresh func() // asks for a key frame, unless one was asked for a moment ago

	mu      sync.Mutex
	muted   bool
	ended   bool
	box     box
	current *decoding // what is shown comes from it
	coming  *decoding // takes its place with its first picture
	started time.Time // when the last one was
	waiting []timed
	shown   *mix.Picture

	pass  bool // units are wanted as they come
	units []bot.Unit
	keyed bool  // units began with a key frame
	keyAt int64 // when the last of them was
	h264  bool  // the last unit was
}

type timed struct {
	at int64
	p  *mix.Picture
}

// decoding is one decoder and what it is for.
type decoding struct {
	decoder *ffmpeg.VideoDecoder
	codec   ffmpeg.Codec
	box     box
	fed     bool // since a key frame, without a gap
	hungry  hunger
}

// hunger notes how long a decoder has given nothing for what it got.
type hunger struct {
	since time.Time
	works bool
}

func (h *hunger) fed() {
	if h.since.IsZero() {
		h.since = time.Now()
	}
}

func (h *hunger) gave() { h.since, h.works = time.Time{}, true }

func (h *hunger) hangs() bool {
	limit := slow
	if h.works {
		limit = hangs
	}
	return !h.since.IsZero() && time.Since(h.since) > limit
}

// setBox changes the size in which the track is shown.
func (v *picture) setBox(b box) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if b == v.box {
		return
	}
	v.box = b
	if b.w == 0 {
		return
	}
	// The layer of a simulcast that is large enough: the smallest that is not shown larger than it is.
	w, h := mix.FitSize(v.track.Width, v.track.Height, b.w, b.h)
	if r := mix.Cover(v.track.Width, v.track.Height, mix.Rect{W: b.w, H: b.h}); b.cover && r.W > 0 && r.H > 0 {
		w, h = v.track.Width*b.w/r.W, v.track.Height*b.h/r.H
	}
	go v.track.Size(w, h) // the engine may be slow to take it, and nothing waits for it
	switch {
	case v.current == nil:
	case time.Since(v.started) > restartEvery/4:
		v.begin(v.current.codec)
	default:
		v.refresh() // the layout changes again and again: with the next frame
	}
}

// begin starts a decoder for what is wanted now, unless there is one or was one a moment ago that died.
func (v *picture) begin(codec ffmpeg.Codec) {
	if v.box.w == 0 || v.ended {
		return
	}
	if d := v.coming; d != nil {
		if d.codec == codec && d.box == v.box {
			return
		}
		v.drop(d)
		v.coming = nil
	}
	d := &decoding{codec: codec, box: v.box}
	v.started = time.Now()
	var err error
	d.decoder, err = v.program.options.FFmpeg.DecodeVideo(codec, v.box.w, v.box.h, v.box.cover, func(at int64, p *mix.Picture) { v.decoded(d, at, p) })
	if err != nil {
		v.program.options.Log.Warn("no decoder for a live task", "err", err)
		return
	}
	v.coming = d
	v.refresh()
}

func (v *picture) drop(d *decoding) {
	if d != nil {
		v.program.ending.Go(d.decoder.Close)
	}
}

// decoded takes a picture of a decoder.
func (v *picture) decoded(d *decoding, at int64, p *mix.Picture) {
	v.mu.Lock()
	defer v.mu.Unlock()
	d.hungry.gave()
	if v.coming == d {
		v.drop(v.current)
		v.current, v.coming = d, nil
	}
	if v.current != d || v.muted {
		return
	}
	v.waiting = append(v.waiting, timed{at, p})
	bytes := 0
	for _, w := range v.waiting {
		bytes += len(w.p.Data)
	}
	for len(v.waiting) > maxWaiting || bytes > mostWaiting && len(v.waiting) > 1 {
		bytes -= len(v.waiting[0].p.Data)
		v.waiting = v.waiting[1:]
	}
}

// Take takes a frame of the track.
func (v *picture) Take(u bot.Unit) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.ended {
		return
	}
	if v.h264 = u.Codec == ffmpeg.H264; v.pass && v.h264 {
		v.keep(u)
		if v.program.passing.Load() == v { // nothing is decoded
			for _, d := range []*decoding{v.current, v.coming} {
				if d != nil {
					d.fed = false
				}
			}
			return
		}
	}
	for _, d := range []**decoding{&v.current, &v.coming} {
		if *d != nil && (gone(*d) || (*d).hungry.hangs()) {
			v.drop(*d)
			*d = nil
		}
	}
	fits := func(d *decoding) bool { return d != nil && d.codec == u.Codec && d.box == v.box }
	if !fits(v.current) && !fits(v.coming) && time.Since(v.started) > restartEvery/4 {
		v.begin(u.Codec)
	}
	for _, d := range []*decoding{v.current, v.coming} {
		if d == nil || d.codec != u.Codec {
			continue
		}
		if d.fed = (d.fed || u.Key) && d.decoder.Decode(u.At, u.Data); !d.fed {
			v.refresh()
		} else {
			d.hungry.fed()
		}
	}
}

func gone(d *decoding) bool {
	select {
	case <-d.decoder.Done():
		return true
	default:
		return false
	}
}

// Mute hides the pictures.
func (v *picture) Mute(muted bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.muted = muted
	v.waiting, v.shown, v.units, v.keyed = nil, nil, nil, false
	if !muted {
		v.refresh()
	}
}

// End ends the decoders.
func (v *picture) End() {
	v.mu.Lock()
	v.ended = true
	v.drop(v.current)
	v.drop(v.coming)
	v.current, v.coming, v.waiting, v.shown, v.units = nil, nil, nil, nil, nil
	v.mu.Unlock()
	v.program.closed(v.track.UID, v)
}

// at gives the picture that is to be seen at a time; nil is none.
func (v *picture) at(now time.Time) *mix.Picture {
	position, ok := v.track.Position(now.Add(tick / 2)) // the nearest tick shows it
	v.mu.Lock()
	defer v.mu.Unlock()
	for ok && len(v.waiting) > 0 && (v.waiting[0].at <= position || v.waiting[0].at > position+nonsense) {
		v.shown = v.waiting[0].p
		v.waiting = v.waiting[1:]
	}
	return v.shown
}

// setPass says whether units are wanted as they come.
func (v *picture) setPass(pass bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.pass != pass {
		v.pass, v.units, v.keyed = pass, nil, false
		for _, d := range []*decoding{v.current, v.coming} {
			if d != nil {
				d.fed = false
			}
		}
		v.refresh()
	}
}

// keep keeps a unit until it is due.
func (v *picture) keep(u bot.Unit) {
	if v.keyed = v.keyed || u.Key; !v.keyed {
		v.refresh()
		return
	}
	if u.Key {
		v.keyAt = u.At
	} else if since := u.At - v.keyAt; since >= keyEvery || since < 0 {
		v.refresh() // for who begins to watch, for a server that is back, and for a recording
	}
	if len(v.units) >= 2*maxWaiting {
		v.units, v.keyed = nil, false
		return
	}
	v.units = append(v.units, u)
}

// due gives the units that are due before the next tick, and the timestamp that is due now; false where none
// can be passed on.
func (v *picture) due(now time.Time) (units []bot.Unit, position int64, ok bool) {
	position, ok = v.track.Position(now)
	v.mu.Lock()
	defer v.mu.Unlock()
	if !ok || v.muted || v.ended || !v.h264 {
		return nil, 0, false
	}
	n := 0
	for n < len(v.units) && (v.units[n].At < position+ffmpeg.VideoClock/FrameRate || v.units[n].At > position+nonsense) {
		n++
	}
	units, v.units = v.units[:n:n], v.units[n:]
	return units, position, true
}
