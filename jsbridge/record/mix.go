//go:build js && wasm

package record

import (
	"context"
	"time"

	"nertc/internal/errcode"
	"nertc/jsbridge/js"
)

// Input is a track that is recorded.
type Input struct {
	Track   js.Value
	Picture bool
}

// mix makes one picture and one sound of any number that come and go: what records them never
// has to know. The pictures stand side by side on a canvas, the sounds are added up.
type mix struct {
	scope  *js.Scope
	audio  js.Value // AudioContext
	out    js.Value // its destination, whose track is recorded
	tone   js.Value // silence, which keeps the sound going where there is none
	canvas js.Value // undefined where no picture is recorded
	paint  js.Value
	writer js.Value // takes VideoFrames; undefined where the canvas is captured itself
	class  js.Value // VideoFrame
	tracks []js.Value
	period time.Duration

	sources map[string]*source // by the track's id
	order   []string           // of the pictures
}

// source is a track as the mix uses it.
type source struct {
	track   js.Value
	element js.Value // plays the track, unheard and unseen
	node    js.Value // of a sound
}

// newMix makes a mix without a source. width 0 is sound alone.
func newMix(ctx context.Context, scope *js.Scope, width, height, fps int) (*mix, error) {
	m := &mix{scope: scope, canvas: js.Undefined(), writer: js.Undefined(), sources: map[string]*source{}}
	if err := m.makeSound(ctx); err != nil {
		m.close()
		return nil, err
	}
	if width > 0 {
		m.period = time.Second / time.Duration(fps)
		if err := m.makePicture(width, height, fps); err != nil {
			m.close()
			return nil, err
		}
	}
	return m, nil
}

// gesturePatience is how long a browser may take to let a page's sound begin.
const gesturePatience = 2 * time.Second

func (m *mix) makeSound(ctx context.Context) error {
	unsupported := func(err error) error {
		return errcode.Wrap(errcode.NotSupported, err, "this browser cannot mix sound for a recording")
	}
	var err error
	if m.audio, err = js.New(js.Global("AudioContext")); err != nil {
		return unsupported(err)
	}
	if m.out, err = js.Call(m.audio, "createMediaStreamDestination"); err != nil {
		return unsupported(err)
	}
	if m.tone, err = js.Call(m.audio, "createConstantSource"); err != nil {
		return unsupported(err)
	}
	_ = js.Set(js.Property(m.tone, "offset"), "value", 0)
	_, _ = js.Call(m.tone, "connect", m.out)
	_, _ = js.Call(m.tone, "start")
	// Without a gesture of the user it would stay silent for good, and a recording with a sound that never
	// comes would stay empty.
	ctx, cancel := context.WithTimeout(ctx, gesturePatience)
	defer cancel()
	_, _ = m.scope.AwaitCall(ctx, m.audio, "resume")
	if js.TextOr(js.Property(m.audio, "state"), "") != "running" {
		return errcode.New(errcode.AutoplayBlocked, "the browser wants a gesture of the user before a recording begins")
	}
	tracks, _ := js.Call(js.Property(m.out, "stream"), "getAudioTracks")
	m.tracks = append(m.tracks, js.Items(tracks)...)
	return nil
}

func (m *mix) makePicture(width, height, fps int) error {
	canvas, err := js.Call(js.Global("document"), "createElement", "canvas")
	if err != nil {
		return err
	}
	_ = js.Set(canvas, "width", width)
	_ = js.Set(canvas, "height", height)
	paint, err := js.Call(canvas, "getContext", "2d", js.Object(map[string]any{"alpha": false}))
	if err != nil || js.IsNullish(paint) {
		return errcode.New(errcode.NotSupported, "this browser cannot draw the picture of a recording")
	}
	m.canvas, m.paint = canvas, paint
	// A canvas is captured when it is presented, which it is not in a page behind others. Frames made by
	// hand come always, where the browser has them.
	// https://w3c.github.io/mediacapture-transform/
	if class := js.Global("VideoFrame"); js.IsFunction(class) && js.IsFunction(js.Global("MediaStreamTrackGenerator")) {
		generator, err := js.New(js.Global("MediaStreamTrackGenerator"), js.Object(map[string]any{"kind": "video"}))
		if err == nil {
			if m.writer, err = js.Call(js.Property(generator, "writable"), "getWriter"); err == nil {
				m.class = class
				m.tracks = append(m.tracks, generator)
				return nil
			}
			m.writer = js.Undefined()
		}
	}
	stream, err := js.Call(canvas, "captureStream", fps)
	if err != nil {
		return errcode.Wrap(errcode.NotSupported, err, "this browser cannot record a picture")
	}
	tracks, _ := js.Call(stream, "getVideoTracks")
	m.tracks = append(m.tracks, js.Items(tracks)...)
	return nil
}

// set makes the tracks the sources. Those that stay go on without a break.
func (m *mix) set(inputs []Input) {
	kept := map[string]bool{}
	m.order = m.order[:0]
	for _, in := range inputs {
		id := js.TextOr(js.Property(in.Track, "id"), "")
		if id == "" || (in.Picture && m.canvas.IsUndefined()) {
			continue
		}
		kept[id] = true
		if in.Picture {
			m.order = append(m.order, id)
		}
		if m.sources[id] == nil {
			if s := m.begin(in); s != nil {
				m.sources[id] = s
			}
		}
	}
	for id, s := range m.sources {
		if !kept[id] {
			s.end()
			delete(m.sources, id)
		}
	}
}

func (m *mix) begin(in Input) *source {
	stream, err := js.New(js.Global("MediaStream"), js.Array(in.Track))
	if err != nil {
		return nil
	}
	name := "audio" // Chromium hands a remote sound to Web Audio only while an element plays it too
	if in.Picture {
		name = "video"
	}
	element, err := js.Call(js.Global("document"), "createElement", name)
	if err != nil {
		return nil
	}
	_ = js.Set(element, "muted", true)
	_ = js.Set(element, "playsInline", true)
	_ = js.Set(element, "srcObject", stream)
	if p, err := js.Call(element, "play"); err == nil {
		js.Disown(p)
	}
	s := &source{track: in.Track, element: element, node: js.Undefined()}
	if !in.Picture {
		if s.node, err = js.Call(m.audio, "createMediaStreamSource", stream); err != nil {
			s.end()
			return nil
		}
		_, _ = js.Call(s.node, "connect", m.out)
	}
	return s
}

func (s *source) end() {
	_, _ = js.Call(s.element, "pause")
	_ = js.Set(s.element, "srcObject", js.Null())
	if !s.node.IsUndefined() && !js.IsNullish(s.node) {
		_, _ = js.Call(s.node, "disconnect")
	}
}

// draw puts the present pictures on the canvas and gives the frame to what records it. One that
// is muted leaves its place black: a picture that stands still would say something else.
func (m *mix) draw(now float64) {
	width, _ := js.Number(js.Property(m.canvas, "width"))
	height, _ := js.Number(js.Property(m.canvas, "height"))
	_ = js.Set(m.paint, "fillStyle", "#000")
	_, _ = js.Call(m.paint, "fillRect", 0, 0, width, height)
	places := tiles(len(m.order), width, height)
	for i, id := range m.order {
		s := m.sources[id]
		if s == nil || !js.IsTrue(js.Property(s.track, "enabled")) || js.IsTrue(js.Property(s.track, "muted")) {
			continue
		}
		w, _ := js.Number(js.Property(s.element, "videoWidth"))
		h, _ := js.Number(js.Property(s.element, "videoHeight"))
		if w == 0 || h == 0 {
			continue
		}
		at := fit(w, h, places[i])
		_, _ = js.Call(m.paint, "drawImage", s.element, at.x, at.y, at.width, at.height)
	}
	if m.writer.IsUndefined() {
		return
	}
	frame, err := js.New(m.class, m.canvas, js.Object(map[string]any{"timestamp": now * 1000}))
	if err != nil {
		return
	}
	if p, err := js.Call(m.writer, "write", frame); err == nil {
		js.Disown(p) // it closes the frame
	}
}

// tick waits for the time of the next frame, a moment of the sound's clock: timers are slowed down
// to one a second in a page behind others, and the clock is not.
func (m *mix) tick(done <-chan struct{}, at float64) {
	late := time.NewTimer(3 * m.period)
	defer late.Stop()
	ended := make(chan struct{}, 1)
	if alarm, err := js.Call(m.audio, "createConstantSource"); err == nil {
		_ = js.Set(js.Property(alarm, "offset"), "value", 0)
		remove := m.scope.Listen(alarm, "ended", func(js.Value) { ended <- struct{}{} })
		defer remove()
		_, _ = js.Call(alarm, "connect", m.out)
		_, _ = js.Call(alarm, "start")
		_, _ = js.Call(alarm, "stop", at)
		defer func() { _, _ = js.Call(alarm, "disconnect") }()
	}
	select {
	case <-ended:
	case <-late.C:
	case <-done:
	}
}

// clock is the sound's clock, in seconds.
func (m *mix) clock() float64 {
	now, _ := js.Number(js.Property(m.audio, "currentTime"))
	return now
}

func (m *mix) close() {
	m.set(nil)
	for _, t := range m.tracks {
		_, _ = js.Call(t, "stop")
	}
	if !m.writer.IsUndefined() {
		if p, err := js.Call(m.writer, "abort"); err == nil {
			js.Disown(p)
		}
	}
	if js.IsFunction(js.Property(m.audio, "close")) {
		if p, err := js.Call(m.audio, "close"); err == nil {
			js.Disown(p)
		}
	}
}
