//go:build js && wasm

package api

import (
	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/jsbridge/capture"
	"nertc/jsbridge/js"
)

// audioProfile is what a documented name of setAudioProfile stands for.
type audioProfile struct {
	bitrate  int // of Opus, bit/s
	channels int // that are captured and sent
	steady   bool
}

// audioProfiles are the documented names. Opus runs at 48 kHz in all of them and chooses the
// bandwidth by the bitrate: a voice has what a good telephone gives from 16 kbit/s and everything from
// 28 kbit/s, music everything from 48 kbit/s for each channel.
// https://www.rfc-editor.org/rfc/rfc7587#section-3.1.1
var audioProfiles = map[string]audioProfile{
	"speech_low_quality":  {bitrate: 16_000, channels: 1},
	"speech_standard":     {bitrate: speechBitrate, channels: 1},
	"music_standard":      {bitrate: 64_000, channels: 1, steady: true},
	"standard_stereo":     {bitrate: 96_000, channels: 2, steady: true},
	"high_quality":        {bitrate: 128_000, channels: 1, steady: true},
	"high_quality_stereo": {bitrate: 192_000, channels: 2, steady: true},
}

const defaultAudioProfile = "speech_standard"

// screenAudioProfile is for what comes out of a computer: films, music, voices.
var screenAudioProfile = audioProfile{bitrate: 96_000, channels: 2, steady: true}

// resolutions are the documented numbers of setVideoProfile and setScreenProfile.
var resolutions = map[int64][2]int{2: {320, 180}, 4: {640, 480}, 8: {1280, 720}, 16: {1920, 1080}}

// frameRates are the documented numbers; 0 stands for the usual one of a camera.
var frameRates = [...]float64{15, 5, 10, 15, 20, 25, 30}

// encoder is what a page has said with setVideoEncoderConfiguration; zero and empty where it has not.
type encoder struct {
	high, low int // bit/s
	hint      string
	hinted    bool
}

func (a *API) defineProfiles(class js.Value) {
	local := func(name string, f func(s *Stream, args []js.Value)) {
		a.method(class, name, func(this js.Value, args []js.Value) any {
			if s := a.streamOf(this); s != nil && !s.remote {
				f(s, args)
			}
			return nil
		})
	}
	local("setAudioProfile", func(s *Stream, args []js.Value) { s.setAudioProfile(js.TextOr(arg(args, 0), "")) })
	local("setVideoProfile", func(s *Stream, args []js.Value) { s.setPicture(protocol.MediaVideo, arg(args, 0)) })
	local("setScreenProfile", func(s *Stream, args []js.Value) { s.setPicture(protocol.MediaScreen, arg(args, 0)) })
	local("setVideoEncoderConfiguration", func(s *Stream, args []js.Value) { s.setEncoder(arg(args, 0)) })
}

// setAudioProfile takes effect at once on the bitrate, and on the channels when the microphone is opened next.
func (s *Stream) setAudioProfile(name string) {
	profile, ok := audioProfiles[name]
	if !ok {
		return
	}
	s.mu.Lock()
	s.local.profile = profile
	s.mu.Unlock()
	s.limit(protocol.MediaAudio)
}

// setPicture takes effect at once on what is open.
func (s *Stream) setPicture(t protocol.MediaType, options js.Value) {
	resolution, _ := js.Integer(js.Property(options, "resolution"))
	rate, hasRate := js.Integer(js.Property(options, "frameRate"))
	s.mu.Lock()
	picture := &s.local.options.Camera
	if t == protocol.MediaScreen {
		picture = &s.local.options.Screen
	}
	if size, ok := resolutions[resolution]; ok {
		picture.Width, picture.Height = size[0], size[1]
	}
	if hasRate && rate >= 0 && rate < int64(len(frameRates)) {
		picture.FrameRate = frameRates[rate]
	}
	s.mu.Unlock()
	if s.source(t) == nil {
		return
	}
	wait, done := s.turns.take(t)
	go func() {
		defer done()
		if wait(s.ctx) != nil {
			return
		}
		source := s.source(t)
		if source == nil {
			return
		}
		if err := source.Reshape(s.ctx, s.scope, s.capturing(t), t == protocol.MediaScreen); err != nil && s.ctx.Err() == nil {
			js.Complain("the picture of "+string(t)+" stays as it is", err)
			return
		}
		s.applyHint(t, source)
		s.limitNow(t)
	}()
}

func (s *Stream) setEncoder(options js.Value) {
	t, ok := mediaType(js.Property(options, "mediaType"))
	if !ok {
		return
	}
	kilobits, limited := js.Number(js.Property(options, "maxBitrate"))
	hint, hinted := js.Text(js.Property(options, "contentHint"))
	s.mu.Lock()
	e := s.local.encoders[t]
	if limited && js.TextOr(js.Property(options, "streamType"), "") == "low" {
		e.low = int(kilobits * 1000)
	} else if limited {
		e.high = int(kilobits * 1000)
	}
	if hinted {
		e.hint, e.hinted = hint, true
	}
	s.local.encoders[t] = e
	source := s.local.sources[t]
	s.mu.Unlock()
	if source != nil {
		s.applyHint(t, source)
		s.limit(t)
	}
}

// motionRate is the frame rate in frames/s above which a shared screen is a film: then its
// motion is kept, and otherwise its detail.
const motionRate = 15

// applyHint tells the encoder what to keep of a picture. Without a word of the page a camera stays as
// it is, and so does a track of its own that has a hint already.
func (s *Stream) applyHint(t protocol.MediaType, source *capture.Source) {
	if source.Kind() != media.Video {
		return
	}
	s.mu.Lock()
	e, rate := s.local.encoders[t], s.local.options.Screen.FrameRate
	s.mu.Unlock()
	switch {
	case e.hinted:
		source.SetHint(e.hint)
	case t != protocol.MediaScreen, !source.Captured() && source.Hint() != "":
	case rate > motionRate:
		source.SetHint("motion")
	default:
		source.SetHint("detail")
	}
}

// sending says how a media type of a size in pixels is sent. The lock is held.
func (s *Stream) sending(t protocol.MediaType, width, height int) media.SendOptions {
	if t == protocol.MediaAudio || t == protocol.MediaAudioSlave {
		p := s.local.profile
		if t == protocol.MediaAudioSlave {
			p = screenAudioProfile
		}
		return media.SendOptions{MaxBitrate: p.bitrate, Stereo: p.channels == 2, Steady: p.steady}
	}
	e := s.local.encoders[t]
	o := media.SendOptions{MaxBitrate: e.high, LowBitrate: e.low}
	if o.MaxBitrate == 0 {
		o.MaxBitrate = videoBitrate(width, height)
	}
	return o
}

// limit puts the present limits of a media type into effect where it is published.
func (s *Stream) limit(t protocol.MediaType) {
	if s.source(t) == nil {
		return
	}
	go s.limitNow(t)
}

func (s *Stream) limitNow(t protocol.MediaType) {
	for _, track := range s.localTracks(t) {
		err := s.everywhere(func(c *Client) error { return c.reshape(s, track) })
		if err != nil && s.ctx.Err() == nil {
			js.Complain("the limits of "+string(t)+" stay as they are", err)
		}
	}
}
