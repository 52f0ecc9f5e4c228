//go:build js && wasm

package playback

import (
	"errors"
	"strconv"

	"nertc/internal/errcode"
	"nertc/jsbridge/js"
)

// haveCurrentData is the readyState from which there is something to be seen.
// https://html.spec.whatwg.org/multipage/media.html#dom-media-have_current_data
const haveCurrentData = 2

// elementNode is the nodeType of an element.
const elementNode = 1

// wrapperClass is the documented class of a picture's wrapper.
const wrapperClass = "nertc-video-container"

// slot is the place of one media type in a player. The player's lock guards it; nothing
// here waits.
type slot struct {
	picture bool
	// later has something done once the lock is free: what touches the page's own elements
	// may run code of the page, which may call the player.
	later  func(func())
	wanted bool     // Play was called for it
	view   js.Value // where a wanted picture belongs
	track  js.Value
	muted  bool
	mode   RenderMode
	// Of a sound, 0 to 1 each; what is heard is their product.
	volume, gain float64
	sink         string // where a sound is played, empty for the machine's own choice

	sighting sighting
	unlisten []func() // of the element

	element js.Value // <video> or <audio> while it plays
	wrapper js.Value // around a <video>
}

func (s *slot) playing() bool { return !s.element.IsUndefined() }

func (s *slot) setTrack(track js.Value) {
	if js.IsNullish(track) {
		s.track = js.Undefined()
		s.remove()
		return
	}
	s.track = track
	if s.muted { // otherwise a page's own track stays as the page has it
		s.applyMuted()
	}
}

// show makes the elements if they are wanted and there is a track, and puts them where they
// belong. It gives the element that is to be started.
func (s *slot) show() js.Value {
	if !s.wanted || s.track.IsUndefined() {
		return js.Undefined()
	}
	if !s.playing() {
		s.create()
	}
	if !s.playing() {
		return js.Undefined()
	}
	s.feed()
	if s.picture && !js.Property(s.wrapper, "parentNode").Equal(s.view) {
		view, wrapper := s.view, s.wrapper
		s.later(func() { _, _ = js.Call(view, "appendChild", wrapper) })
	}
	return s.element
}

func (s *slot) create() {
	document := js.Global("document")
	name := "audio"
	if s.picture {
		name = "video"
	}
	element, err := js.Call(document, "createElement", name)
	if err != nil {
		return
	}
	_ = js.Set(element, "autoplay", true)
	if !s.picture {
		s.element = element
		s.applyVolume()
		s.applySink()
		return
	}
	// Muted and inline, as attributes and properties: without them phones refuse to play or
	// fill the screen.
	_ = js.Set(element, "muted", true)
	_ = js.Set(element, "playsInline", true)
	for _, attribute := range []string{"playsinline", "autoplay", "muted"} {
		_, _ = js.Call(element, "setAttribute", attribute, "")
	}
	wrapper, err := js.Call(document, "createElement", "div")
	if err != nil {
		return
	}
	_ = js.Set(wrapper, "className", wrapperClass)
	style(wrapper, "position", "relative")
	style(wrapper, "overflow", "hidden")
	style(element, "display", "block")
	style(element, "width", "100%")
	style(element, "height", "100%")
	_, _ = js.Call(wrapper, "appendChild", element)
	s.element, s.wrapper = element, wrapper
	s.applyMode()
}

// feed gives the element the present track, unless it has it.
func (s *slot) feed() {
	stream := js.Property(s.element, "srcObject")
	if js.IsObject(stream) {
		tracks, err := js.Call(stream, "getTracks")
		if items := js.Items(tracks); err == nil && len(items) == 1 && items[0].Equal(s.track) {
			return
		}
	}
	stream, err := js.New(js.Global("MediaStream"), js.Array(s.track))
	if err != nil {
		return
	}
	_ = js.Set(s.element, "srcObject", stream)
}

func (s *slot) remove() {
	if !s.playing() {
		return
	}
	_, _ = js.Call(s.element, "pause")
	_ = js.Set(s.element, "srcObject", js.Null())
	if s.picture {
		wrapper := s.wrapper
		s.later(func() { _, _ = js.Call(wrapper, "remove") })
	}
	s.element, s.wrapper = js.Undefined(), js.Undefined()
}

// applyMuted works on the track and not on the elements, so that it holds for everything
// that a page makes of the track.
func (s *slot) applyMuted() {
	if !s.track.IsUndefined() {
		_ = js.Set(s.track, "enabled", !s.muted)
	}
}

func (s *slot) applyVolume() {
	if !s.picture && s.playing() {
		_ = js.Set(s.element, "volume", s.volume*s.gain)
	}
}

// applySink moves a fresh element to the chosen loudspeaker. One that is gone by now is no
// reason to be silent: the machine's own choice plays then.
func (s *slot) applySink() {
	if s.sink == "" || !js.IsFunction(js.Property(s.element, "setSinkId")) {
		return
	}
	if p, err := js.Call(s.element, "setSinkId", s.sink); err == nil {
		js.Disown(p)
	}
}

func (s *slot) applyMode() {
	if !s.picture || !s.playing() {
		return
	}
	style(s.wrapper, "width", length(s.mode.Width))
	style(s.wrapper, "height", length(s.mode.Height))
	fit := "contain"
	if s.mode.Cut {
		fit = "cover"
	}
	style(s.element, "objectFit", fit)
}

func length(pixels float64) string {
	if pixels <= 0 {
		return "100%"
	}
	return strconv.FormatFloat(pixels, 'f', -1, 64) + "px"
}

func style(element js.Value, name, value string) {
	_ = js.Set(js.Property(element, "style"), name, value)
}

// playError gives the documented error for what play() rejected with. An element that was
// stopped or fed anew while it started (AbortError) is no failure.
func playError(err error) error {
	switch {
	case err == nil, errors.Is(err, js.AbortError), errors.Is(err, js.ErrClosed):
		return nil
	case errors.Is(err, js.NotAllowedError):
		return errcode.Wrap(errcode.AutoplayBlocked, err, "the browser wants a gesture of the user before it plays")
	default:
		return errcode.Wrap(errcode.InvalidOperation, err, "the element does not play")
	}
}
