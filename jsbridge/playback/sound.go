//go:build js && wasm

package playback

import (
	"context"
	"errors"

	"nertc/internal/errcode"
	"nertc/internal/protocol"
	"nertc/jsbridge/js"
)

// SetVolume sets how loud all sounds are played, from 0 to 1, now or when they are. Where a
// system does not let pages decide, as on iPhones, nothing changes.
func (p *Player) SetVolume(volume float64) {
	p.mu.Lock()
	defer p.unlock()
	for _, s := range p.slots {
		s.volume = volume
		s.applyVolume()
	}
}

// SetGain sets how loud one sound is played, from 0 to 1: a part of what SetVolume says.
func (p *Player) SetGain(t protocol.MediaType, gain float64) {
	p.mu.Lock()
	defer p.unlock()
	if s := p.slots[t]; s != nil {
		s.gain = gain
		s.applyVolume()
	}
}

// MeasuredVolume is the volume, above 0 and up to 1, that is in what the browser measures of a
// sound. Chromium, and it alone, measures behind the volume of the element that plays it; a
// sound at volume 0 measures 0 there and nothing can be done about that.
func (p *Player) MeasuredVolume(t protocol.MediaType) float64 {
	p.mu.Lock()
	defer p.unlock()
	s := p.slots[t]
	if s == nil || !s.playing() || s.volume*s.gain == 0 || !js.IsFunction(js.Global("webkitRTCPeerConnection")) {
		return 1
	}
	return s.volume * s.gain
}

// Silenced says that the page has a sound played at volume 0.
func (p *Player) Silenced(t protocol.MediaType) bool {
	p.mu.Lock()
	defer p.unlock()
	s := p.slots[t]
	return s != nil && s.volume*s.gain == 0
}

// SetSink has the sounds played by another loudspeaker, now and later; an empty id is the
// machine's own choice. If it fails, everything plays where it has played before.
func (p *Player) SetSink(ctx context.Context, deviceID string) error {
	probe, err := js.Call(js.Global("document"), "createElement", "audio")
	if err != nil || !js.IsFunction(js.Property(probe, "setSinkId")) {
		return errcode.New(errcode.NotSupported, "this browser does not let pages choose a loudspeaker")
	}
	// Asked of an element of its own first: a device that is not there must change nothing.
	if _, err := p.scope.AwaitCall(ctx, probe, "setSinkId", deviceID); err != nil {
		return sinkError(err)
	}
	p.mu.Lock()
	var sounds []js.Value
	for _, s := range p.slots {
		if s.picture {
			continue
		}
		s.sink = deviceID
		if s.playing() {
			sounds = append(sounds, s.element)
		}
	}
	p.unlock()
	for _, e := range sounds {
		if _, err := p.scope.AwaitCall(ctx, e, "setSinkId", deviceID); err != nil {
			return sinkError(err)
		}
	}
	return nil
}

func sinkError(err error) error {
	switch {
	case errors.Is(err, js.NotFoundError):
		return errcode.Wrap(errcode.MediaDevice, err, "there is no such loudspeaker")
	case errors.Is(err, js.NotAllowedError):
		return errcode.Wrap(errcode.MediaDevice, err, "the page may not use that loudspeaker")
	case errors.Is(err, js.ErrClosed), errors.Is(err, context.Canceled):
		return errcode.Wrap(errcode.InvalidOperation, err, "the stream was destroyed")
	default:
		return errcode.Wrap(errcode.MediaDevice, err, "the loudspeaker could not be chosen")
	}
}
