//go:build js && wasm

package api

import (
	"context"
	"slices"
	"time"

	"nertc/internal/protocol"
	"nertc/jsbridge/js"
	"nertc/jsbridge/sound"
)

// wakeTime is how long the opening of a sound waits for Web Audio to run, if its volume is not the
// full one. Browsers let it run while a microphone is open.
const wakeTime = time.Second

func (a *API) defineLoudness(class js.Value) {
	a.method(class, "setCaptureVolume", func(this js.Value, args []js.Value) any {
		s := a.streamOf(this)
		percent, ok := js.Number(arg(args, 0))
		if s == nil || s.remote || !ok || percent < 0 || percent > 100 {
			return nil
		}
		for _, t := range []protocol.MediaType{protocol.MediaAudio, protocol.MediaAudioSlave} {
			if only := arg(args, 1); js.IsNullish(only) || js.TextOr(only, "") == string(t) {
				s.setCaptureVolume(t, percent/100)
			}
		}
		return nil
	})
	a.method(class, "getAudioLevel", func(this js.Value, args []js.Value) any {
		if s := a.streamOf(this); s != nil {
			t, _ := mediaType(arg(args, 0))
			return s.level(t)
		}
		return 0
	})
}

// setCaptureVolume sets how loud a sound is sent. From the first time that it is not the full volume
// the sound goes through Web Audio, and another track is sent in the place of the captured one.
func (s *Stream) setCaptureVolume(t protocol.MediaType, volume float64) {
	s.mu.Lock()
	s.local.volumes[t] = volume
	channel, source := s.channels[t], s.local.sources[t]
	s.mu.Unlock()
	switch {
	case channel != nil && channel.HasOutput():
		channel.SetVolume(volume)
	case source != nil && volume != 1:
		go s.process(t)
	}
}

func (s *Stream) captureVolume(t protocol.MediaType) float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v, ok := s.local.volumes[t]; ok {
		return v
	}
	return 1
}

// channel gives the channel of a sound, made if need be; nil where there is no such sound.
func (s *Stream) channel(t protocol.MediaType) *sound.Channel {
	track := s.player.Track(t)
	s.mu.Lock()
	channel, closed := s.channels[t], s.closed
	s.mu.Unlock()
	switch {
	case closed:
		return nil
	case track.IsUndefined():
		if channel != nil { // of a remote sound that has gone
			s.mu.Lock()
			delete(s.channels, t)
			s.mu.Unlock()
			channel.Close()
		}
		return nil
	case channel != nil:
		_ = channel.SetInput(track)
		return channel
	}
	channel, err := s.api.desk.Channel(track)
	if err != nil {
		js.Complain("the sound cannot be measured", err)
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		channel.Close()
		return nil
	}
	s.channels[t] = channel
	return channel
}

// level is how loud a sound is, from 0 to 1: of a local stream what it sends, of a remote one what
// is received, whatever volume it is played with.
func (s *Stream) level(t protocol.MediaType) float64 {
	if channel := s.channel(t); channel != nil {
		return channel.Level()
	}
	return 0
}

// process has a sound sent through its channel, as soon as Web Audio runs: before that it would be silent.
func (s *Stream) process(t protocol.MediaType) {
	channel := s.channel(t)
	if channel == nil || channel.Running(s.ctx, s.scope) != nil {
		return
	}
	wait, done := s.turns.take(t)
	defer done()
	if wait(s.ctx) == nil && s.send(t, channel) {
		_ = s.replaceEverywhere(t)
		channel.SetVolume(s.captureVolume(t)) // when the same sound goes on, so that nothing jumps
	}
}

// oneSide says whether what is captured is a stereo microphone of which one side is to be sent.
func (s *Stream) oneSide(t protocol.MediaType) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	source := s.local.sources[t]
	return s.local.oneChannel && t == protocol.MediaAudio && source != nil && source.Captured() && source.Stereo()
}

// attenuate has a sound that is being opened sent with its volume, and its one side, from the beginning, or if Web Audio does not run
// yet, from when it does. It is the turn of the type.
func (s *Stream) attenuate(t protocol.MediaType) {
	oneSide := s.oneSide(t)
	if s.captureVolume(t) == 1 && !oneSide || !slices.Contains([]protocol.MediaType{protocol.MediaAudio, protocol.MediaAudioSlave}, t) {
		return
	}
	channel := s.channel(t)
	if channel == nil {
		return
	}
	if oneSide {
		if err := channel.OneSide(); err != nil {
			js.Complain("the microphone is sent with both sides", err)
		}
	}
	ctx, cancel := context.WithTimeout(s.ctx, wakeTime)
	defer cancel()
	if channel.Running(ctx, s.scope) != nil {
		go s.process(t)
		return
	}
	if s.send(t, channel) {
		channel.SetVolume(s.captureVolume(t))
	}
}

// send makes a channel what is sent; false if it is so already or no longer the stream's.
func (s *Stream) send(t protocol.MediaType, channel *sound.Channel) bool {
	s.mu.Lock()
	current := s.channels[t] == channel && !channel.HasOutput()
	s.mu.Unlock()
	if !current {
		return false
	}
	if _, err := channel.Output(); err != nil {
		js.Complain("the volume stays as it is", err)
		return false
	}
	return true
}
