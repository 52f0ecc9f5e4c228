//go:build js && wasm

package playback

import (
	"time"

	"nertc/internal/protocol"
	"nertc/jsbridge/js"
)

// Sight is how much can be seen of a picture.
type Sight int

// The sights, the most one first.
const (
	Large  Sight = iota // on the screen, or nothing is known
	Small               // on the screen, but no larger than smallSide
	Unseen              // not on the screen at all
)

const (
	// smallSide is the longer side, in pixels of the screen, up to which a picture is small, and
	// largeSide that from which a small one no longer is.
	smallSide = 320
	largeSide = 384
	// sightDelay is how long a picture must be smaller, or out of sight, before that counts: layouts
	// move, and who looks into another tab for a moment does not want to wait for the picture then.
	sightDelay = 2 * time.Second
)

// sights watches the video elements of a player. The player's lock guards it.
type sights struct {
	tell      func(protocol.MediaType, Sight)
	crossing  js.Value // IntersectionObserver
	sizing    js.Value // ResizeObserver
	available bool
}

// sighting is what is known of one picture's element.
type sighting struct {
	crosses bool // the viewport, as far as is known
	held    bool // SetHeld
	told    Sight
	pending *time.Timer
	next    Sight // what is told when the time is over
}

// Watch has a function told how much can be seen of the pictures that are played, at each change.
// It is called without a lock, but not in order with anything else. A picture that is not played
// counts as Large: the page may use its track in a way of its own.
func (p *Player) Watch(tell func(protocol.MediaType, Sight)) {
	p.mu.Lock()
	defer p.unlock()
	p.sights = &sights{tell: tell}
	changed := func(entries js.Value) {
		p.mu.Lock()
		defer p.unlock()
		for _, entry := range js.Items(entries) {
			target := js.Property(entry, "target")
			for t, s := range p.slots {
				if !s.playing() || !s.picture || !s.element.Equal(target) {
					continue
				}
				if crosses := js.Property(entry, "isIntersecting"); js.IsTrue(crosses) || js.IsFalse(crosses) {
					s.sighting.crosses = js.IsTrue(crosses)
				}
				p.look(t, s)
			}
		}
	}
	observer := func(class string) js.Value {
		callback, _ := p.scope.Func(func(_ js.Value, args []js.Value) any {
			if len(args) > 0 {
				changed(args[0])
			}
			return nil
		})
		o, err := js.New(js.Global(class), callback)
		if err != nil {
			return js.Undefined()
		}
		p.scope.OnClose(func() { _, _ = js.Call(o, "disconnect") })
		return o
	}
	p.sights.crossing, p.sights.sizing = observer("IntersectionObserver"), observer("ResizeObserver")
	p.sights.available = js.IsObject(p.sights.crossing) && js.IsObject(p.sights.sizing)
	p.scope.Listen(js.Global("document"), "visibilitychange", func(js.Value) { p.lookAll() })
}

// SetHeld says that somebody else wants to see all of a picture, a recording say, however much can
// be seen of it in the page.
func (p *Player) SetHeld(t protocol.MediaType, held bool) {
	p.mu.Lock()
	defer p.unlock()
	s := p.slots[t]
	if s == nil || s.sighting.held == held {
		return
	}
	s.sighting.held = held
	if p.sights != nil && p.sights.available && s.picture && s.playing() {
		p.look(t, s)
	}
}

// lookAll looks at all pictures anew.
func (p *Player) lookAll() {
	p.mu.Lock()
	defer p.unlock()
	for t, s := range p.slots {
		if s.picture && s.playing() {
			p.look(t, s)
		}
	}
}

// observe begins to watch the element of a slot, which has just been made.
func (p *Player) observe(t protocol.MediaType, s *slot) {
	if p.sights == nil || !p.sights.available || !s.picture || !s.playing() {
		return
	}
	s.sighting = sighting{crosses: true, held: s.sighting.held, told: s.sighting.told}
	_, _ = js.Call(p.sights.crossing, "observe", s.element)
	_, _ = js.Call(p.sights.sizing, "observe", s.element)
	for _, event := range []string{"enterpictureinpicture", "leavepictureinpicture"} {
		s.unlisten = append(s.unlisten, p.scope.Listen(s.element, event, func(js.Value) { p.lookAll() }))
	}
	p.look(t, s)
}

// unobserve ends that: the element is about to go.
func (p *Player) unobserve(t protocol.MediaType, s *slot) {
	if p.sights == nil || !p.sights.available || !s.picture || !s.playing() {
		return
	}
	_, _ = js.Call(p.sights.crossing, "unobserve", s.element)
	_, _ = js.Call(p.sights.sizing, "unobserve", s.element)
	for _, remove := range s.unlisten {
		remove()
	}
	s.unlisten = nil
	s.sighting.stop()
	p.told(t, s, Large)
}

// look notes what can be seen of a picture and tells it, a smaller one only after a while.
func (p *Player) look(t protocol.MediaType, s *slot) {
	now := s.sight()
	at := &s.sighting
	switch {
	case now <= at.told:
		at.stop()
		p.told(t, s, now)
	case at.pending != nil:
		at.next = now
	default:
		at.next = now
		var timer *time.Timer
		timer = time.AfterFunc(sightDelay, func() {
			p.mu.Lock()
			defer p.unlock()
			if s.sighting.pending != timer {
				return
			}
			s.sighting.pending = nil
			p.told(t, s, s.sighting.next)
		})
		at.pending = timer
	}
}

func (p *Player) told(t protocol.MediaType, s *slot, now Sight) {
	if s.sighting.told == now {
		return
	}
	s.sighting.told = now
	tell := p.sights.tell
	p.after = append(p.after, func() { tell(t, now) })
}

func (s *sighting) stop() {
	if s.pending != nil {
		s.pending.Stop()
		s.pending = nil
	}
}

// sight measures a picture's element.
func (s *slot) sight() Sight {
	if s.sighting.held {
		return Large
	}
	document := js.Property(s.element, "ownerDocument")
	if s.element.Equal(js.Property(document, "pictureInPictureElement")) {
		return Large
	}
	hidden := js.TextOr(js.Property(document, "visibilityState"), "") == "hidden"
	if hidden || !s.sighting.crosses {
		return Unseen
	}
	width, _ := js.Number(js.Property(s.element, "clientWidth"))
	height, _ := js.Number(js.Property(s.element, "clientHeight"))
	ratio, ok := js.Number(js.Property(js.Global("window"), "devicePixelRatio"))
	if !ok || ratio <= 0 {
		ratio = 1
	}
	limit := float64(smallSide)
	if s.sighting.told == Small {
		limit = largeSide
	}
	if side := max(width, height) * ratio; side > 0 && side <= limit {
		return Small
	}
	return Large
}
