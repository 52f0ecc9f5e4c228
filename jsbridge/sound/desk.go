//go:build js && wasm

// Package sound sends sounds through Web Audio: what a page wants louder, more silent or
// measured. What it does not ask that of never comes here.
package sound

import (
	"context"
	"fmt"
	"sync"

	"nertc/jsbridge/js"
)

// Desk has the one AudioContext of a page, which is there as long as a channel is.
type Desk struct {
	scope *js.Scope

	mu       sync.Mutex
	unwatch  func()
	context  js.Value
	channels int
}

// NewDesk makes a desk without a context. Its functions belong to the scope.
func NewDesk(owner *js.Scope) *Desk { return &Desk{scope: owner} }

// open gives the context for one channel more.
func (d *Desk) open() (js.Value, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.channels == 0 {
		class := js.Global("AudioContext")
		if !js.IsFunction(class) {
			return js.Undefined(), fmt.Errorf("the browser has no AudioContext")
		}
		c, err := js.New(class)
		if err != nil {
			return js.Undefined(), fmt.Errorf("make an AudioContext: %w", err)
		}
		// Telephones take the sound away from a page for a call of their own, and do not give it back.
		d.context, d.unwatch = c, d.scope.Listen(c, "statechange", func(js.Value) { wake(c) })
	}
	d.channels++
	return d.context, nil
}

// close takes a channel away, and the context with the last one.
func (d *Desk) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.channels--; d.channels > 0 {
		return
	}
	d.unwatch()
	if p, err := js.Call(d.context, "close"); err == nil {
		js.Disown(p)
	}
	d.context = js.Undefined()
}

// Channel is one sound on its way: source, volume, and from there to whoever wants it.
type Channel struct {
	desk    *Desk
	context js.Value

	mu       sync.Mutex
	closed   bool
	track    js.Value
	source   js.Value // MediaStreamAudioSourceNode
	gain     js.Value // GainNode
	analyser js.Value // AnalyserNode, once the level was asked for
	output   js.Value // MediaStreamAudioDestinationNode, once the sound was
	samples  js.Value // Float32Array for the analysers
	sides    *sides   // nil as long as the sound is taken as it is
}

// Channel makes the channel of a track, a MediaStreamTrack of kind audio. The track itself
// is left as it is.
func (d *Desk) Channel(track js.Value) (*Channel, error) {
	context, err := d.open()
	if err != nil {
		return nil, err
	}
	c := &Channel{desk: d, context: context}
	if c.gain, err = js.Call(context, "createGain"); err == nil {
		err = c.setInput(track)
	}
	if err != nil {
		d.close()
		return nil, fmt.Errorf("make a channel: %w", err)
	}
	wake(context)
	return c, nil
}

// SetInput puts another track in place; what goes out stays the same.
func (c *Channel) SetInput(track js.Value) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.track.Equal(track) {
		return nil
	}
	return c.setInput(track)
}

func (c *Channel) setInput(track js.Value) error {
	stream, err := js.New(js.Global("MediaStream"), js.Array(track))
	if err != nil {
		return fmt.Errorf("take a track: %w", err)
	}
	source, err := js.Call(c.context, "createMediaStreamSource", stream)
	if err != nil {
		return fmt.Errorf("take a track: %w", err)
	}
	if _, err := js.Call(source, "connect", c.entrance(track)); err != nil {
		return fmt.Errorf("take a track: %w", err)
	}
	disconnect(c.source)
	c.track, c.source = track, source
	return nil
}

// Output gives the track of what comes out, always the same. It is silent until the
// context runs, for which Running waits.
func (c *Channel) Output() (js.Value, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return js.Undefined(), js.ErrClosed
	}
	if c.output.IsUndefined() {
		output, err := js.Call(c.context, "createMediaStreamDestination")
		if err != nil {
			return js.Undefined(), fmt.Errorf("make an output: %w", err)
		}
		if _, err := js.Call(c.gain, "connect", output); err != nil {
			return js.Undefined(), fmt.Errorf("make an output: %w", err)
		}
		c.output = output
	}
	return c.outgoing(), nil
}

func (c *Channel) outgoing() js.Value {
	tracks, err := js.Call(js.Property(c.output, "stream"), "getAudioTracks")
	if err != nil {
		return js.Undefined()
	}
	for _, t := range js.Items(tracks) {
		return t
	}
	return js.Undefined()
}

// HasOutput says whether the sound goes out.
func (c *Channel) HasOutput() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.output.IsUndefined()
}

// volumeTime is the time constant in seconds with which a volume changes: a step would be
// heard as a click.
const volumeTime = 0.015

// SetVolume sets the volume: 0 is silence, 1 the sound as it comes.
func (c *Channel) SetVolume(volume float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	now, _ := js.Number(js.Property(c.context, "currentTime"))
	_, _ = js.Call(js.Property(c.gain, "gain"), "setTargetAtTime", volume, now, volumeTime)
}

// Running waits until the context runs. Browsers let it run while a page captures sound,
// or after a gesture of the user.
// https://www.w3.org/TR/webaudio/#dom-audiocontext-resume
func (c *Channel) Running(ctx context.Context, owner *js.Scope) error {
	if running(c.context) {
		return nil
	}
	_, err := owner.AwaitCall(ctx, c.context, "resume")
	return err
}

func running(context js.Value) bool { return js.TextOr(js.Property(context, "state"), "") == "running" }

// wake asks the browser to let a context run, and does not wait.
func wake(context js.Value) {
	if state := js.TextOr(js.Property(context, "state"), ""); state == "running" || state == "closed" {
		return
	}
	if p, err := js.Call(context, "resume"); err == nil {
		js.Disown(p)
	}
}

// Close ends the channel and its output.
func (c *Channel) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	c.closed = true
	c.sides.close()
	for _, node := range []js.Value{c.source, c.gain, c.analyser} {
		disconnect(node)
	}
	if !c.output.IsUndefined() {
		_, _ = js.Call(c.outgoing(), "stop")
	}
	c.desk.close()
}

func disconnect(node js.Value) {
	if !node.IsUndefined() {
		_, _ = js.Call(node, "disconnect")
	}
}
