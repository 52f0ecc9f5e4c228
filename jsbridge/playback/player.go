//go:build js && wasm

// Package playback shows the pictures and plays the sounds of one stream in the page:
// video elements in the view that the page gives, a sound element for each sound.
package playback

import (
	"context"
	"sync"

	"nertc/internal/errcode"
	"nertc/internal/protocol"
	"nertc/jsbridge/js"
)

// RenderMode is the size of a picture's wrapper.
type RenderMode struct {
	// Width and Height in CSS pixels; 0 fills the view.
	Width, Height float64
	// Cut fills the wrapper and cuts off what does not fit; otherwise the whole picture is seen.
	Cut bool
}

// Player plays the tracks of one stream. Its methods may be called from any goroutine;
// none of them waits.
type Player struct {
	scope   *js.Scope
	blocked func(error)
	changed func()

	mu     sync.Mutex
	slots  map[protocol.MediaType]*slot
	sights *sights  // nil where nobody wants to know
	after  []func() // what to do once the lock is free
}

// unlock frees the lock and does what has waited for that.
func (p *Player) unlock() {
	after := p.after
	p.after = nil
	p.mu.Unlock()
	for _, f := range after {
		f()
	}
}

// New makes a player that plays nothing. The function, which may be nil, is called with
// an AutoplayBlocked error when the browser refuses to play a sound.
func New(owner *js.Scope, blocked func(error)) *Player {
	p := &Player{scope: owner.Child(), blocked: blocked, slots: map[protocol.MediaType]*slot{}}
	for _, t := range protocol.MediaTypes {
		p.slots[t] = &slot{
			volume:  1,
			gain:    1,
			picture: t == protocol.MediaVideo || t == protocol.MediaScreen,
			later:   func(f func()) { p.after = append(p.after, f) },
		}
	}
	p.watchVisibility()
	return p
}

// OnTracks has a function called after each change of the tracks. To be set before there are any.
func (p *Player) OnTracks(changed func()) { p.changed = changed }

// Play plays media types: pictures in the view, which is an element or null, and sounds
// without one. It may be called again, for more types or with another view. A type without
// a track starts to play when SetTrack brings one.
//
// It does not wait, because browsers let those sounds through that are started within a
// gesture of the user. The function that it returns waits until the elements play, and
// gives AutoplayBlocked if the browser wants such a gesture first.
func (p *Player) Play(view js.Value, types ...protocol.MediaType) (wait func(context.Context) error) {
	hasView := js.IsInstance(view, "Element") || isForeignElement(view)
	p.mu.Lock()
	var elements []js.Value
	for _, t := range types {
		s := p.slots[t]
		if s == nil || (s.picture && !hasView) {
			continue // null plays the sound alone
		}
		s.wanted = true
		if s.picture {
			s.view = view
		}
		if e := p.show(t, s); !e.IsUndefined() {
			elements = append(elements, e)
		}
	}
	p.unlock()
	return p.start(elements)
}

// show has a slot show what it has, and its element watched once it is there.
func (p *Player) show(t protocol.MediaType, s *slot) js.Value {
	before := s.playing()
	element := s.show()
	if !before && s.playing() {
		p.observe(t, s)
	}
	return element
}

// isForeignElement says whether a value is an element of another document, an iframe's,
// whose classes are others.
func isForeignElement(v js.Value) bool {
	kind, ok := js.Integer(js.Property(v, "nodeType"))
	return ok && kind == elementNode && js.IsFunction(js.Property(v, "appendChild"))
}

// start starts elements and returns the function that waits for them.
func (p *Player) start(elements []js.Value) (wait func(context.Context) error) {
	results := make(chan error, len(elements))
	for _, e := range elements {
		promise, err := js.Call(e, "play")
		if err != nil {
			results <- err
			continue
		}
		go func() { // each at once: a rejection that nobody waits for would be reported to the page
			_, err := p.scope.Await(context.Background(), promise)
			results <- err
		}()
	}
	return func(ctx context.Context) error {
		var first error
		for range elements {
			select {
			case err := <-results:
				if err := playError(err); err != nil && first == nil {
					first = err
				}
			case <-ctx.Done():
				return errcode.Wrap(errcode.InvalidOperation, ctx.Err(), "the stream ended while it began to play")
			}
		}
		if first != nil && p.blocked != nil && errcode.Of(first).Code == errcode.AutoplayBlocked {
			p.blocked(first)
		}
		return first
	}
}

// Resume starts again what the browser did not let play. To be called upon a gesture of
// the user; like Play it returns the function that waits.
func (p *Player) Resume() (wait func(context.Context) error) {
	return p.start(p.elements(true))
}

// elements are those of what should play that are paused, or that are not.
func (p *Player) elements(paused bool) []js.Value {
	p.mu.Lock()
	defer p.unlock()
	var elements []js.Value
	for _, t := range protocol.MediaTypes {
		if s := p.slots[t]; s.playing() && js.IsFalse(js.Property(s.element, "paused")) != paused {
			elements = append(elements, s.element)
		}
	}
	return elements
}

// SetTrack brings the track of a media type, or takes it away with undefined. If the type
// is to play, it does so from now on, or its elements go.
func (p *Player) SetTrack(t protocol.MediaType, track js.Value) {
	p.mu.Lock()
	s := p.slots[t]
	if s == nil {
		p.unlock()
		return
	}
	if js.IsNullish(track) {
		p.unobserve(t, s)
	}
	s.setTrack(track)
	element := p.show(t, s)
	p.unlock()
	if p.changed != nil {
		p.changed()
	}
	if !element.IsUndefined() {
		wait := p.start([]js.Value{element})
		go func() { _ = wait(context.Background()) }()
	}
}

// Track is the track of a media type, undefined if there is none.
func (p *Player) Track(t protocol.MediaType) js.Value {
	p.mu.Lock()
	defer p.unlock()
	if s := p.slots[t]; s != nil {
		return s.track
	}
	return js.Undefined()
}

// SetMuted silences or blackens a media type here, without anybody else knowing.
func (p *Player) SetMuted(t protocol.MediaType, muted bool) {
	p.mu.Lock()
	defer p.unlock()
	if s := p.slots[t]; s != nil {
		s.muted = muted
		s.applyMuted()
	}
}

// SetRenderMode sets the size of a picture, now or for when it is played.
func (p *Player) SetRenderMode(t protocol.MediaType, m RenderMode) {
	p.mu.Lock()
	defer p.unlock()
	if s := p.slots[t]; s != nil {
		s.mode = m
		s.applyMode()
	}
}

// Stop ends the playing of media types and takes their elements out of the page.
func (p *Player) Stop(types ...protocol.MediaType) {
	p.mu.Lock()
	defer p.unlock()
	for _, t := range types {
		if s := p.slots[t]; s != nil {
			s.wanted, s.view = false, js.Undefined()
			p.unobserve(t, s)
			s.remove()
		}
	}
}

// IsPlaying says whether a media type is really to be seen or heard.
func (p *Player) IsPlaying(t protocol.MediaType) bool {
	p.mu.Lock()
	defer p.unlock()
	s := p.slots[t]
	if s == nil || !s.playing() {
		return false
	}
	ready, _ := js.Number(js.Property(s.element, "readyState"))
	return js.IsFalse(js.Property(s.element, "paused")) && ready >= haveCurrentData
}

// Close stops everything.
func (p *Player) Close() {
	p.Stop(protocol.MediaTypes[:]...)
	p.mu.Lock()
	for _, s := range p.slots {
		s.track = js.Undefined()
	}
	p.unlock()
	p.scope.Close()
}
