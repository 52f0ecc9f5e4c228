//go:build js && wasm

// Package capture opens microphones and cameras, and takes over tracks that a page
// brings itself.
package capture

import (
	"context"
	"errors"

	"nertc/internal/errcode"
	"nertc/internal/media"
	"nertc/jsbridge/js"
	"nertc/jsbridge/peer"
)

// The default picture, the documented profile 480p at CHAT_VIDEO_FRAME_RATE_NORMAL.
const (
	defaultWidth     = 640
	defaultHeight    = 480
	defaultFrameRate = 15
)

// Options say what to open. The zero value opens nothing.
type Options struct {
	Audio, Video bool
	// MicrophoneID and CameraID are device ids; empty leaves the choice to the browser.
	MicrophoneID, CameraID string
	// FacingMode is user, environment or empty. A CameraID goes before it.
	FacingMode string
	// Processing of the microphone's sound; all of it unless a page says otherwise.
	NoEchoCancellation, NoNoiseSuppression, NoGainControl bool
	// Width and Height in pixels and FrameRate in frames/s that are wished for; 0 takes the default.
	Width, Height int
	FrameRate     float64
	// AudioSource and VideoSource are the page's own MediaStreamTracks, sent in place of devices.
	AudioSource, VideoSource js.Value
}

// Source is one open track.
type Source struct {
	*peer.Track
	own    bool // opened here, so stopped here
	remove func()
}

// Stop releases the device. A page's own track goes on.
func (s *Source) Stop() {
	if s.remove != nil {
		s.remove()
	}
	if s.own {
		_, _ = js.Call(s.JSValue(), "stop")
	}
}

// OnEnded has a function called when the track ends by itself: the device was unplugged,
// or the permission taken back. Stop does not call it.
func (s *Source) OnEnded(owner *js.Scope, f func()) {
	s.remove = owner.Listen(s.JSValue(), "ended", func(js.Value) { f() })
}

// Settings are the width and height in pixels and the frames/s that the source really
// gives, 0 where that is unknown.
func (s *Source) Settings() (width, height int, frameRate float64) {
	settings, err := js.Call(s.JSValue(), "getSettings")
	if err != nil {
		return 0, 0, 0
	}
	number := func(key string) float64 {
		n, _ := js.Number(js.Property(settings, key))
		if n > 0 && n < 1<<16 {
			return n
		}
		return 0
	}
	return int(number("width")), int(number("height")), number("frameRate")
}

// Sources are what Open opened; nil where nothing was asked for.
type Sources struct{ Audio, Video *Source }

// Stop releases all of them.
func (s *Sources) Stop() {
	for _, source := range []*Source{s.Audio, s.Video} {
		if source != nil {
			source.Stop()
		}
	}
}

// Open opens what the options ask for, all or nothing. A failure of a device is a *Failure.
// It waits as long as a user thinks about the permission: where the context ends before
// that, the devices are released as soon as they come.
func Open(ctx context.Context, owner *js.Scope, o Options) (*Sources, error) {
	sources := &Sources{}
	var err error
	if o.Audio && !js.IsNullish(o.AudioSource) {
		if sources.Audio, err = takeOver(o.AudioSource, media.Audio); err != nil {
			return nil, err
		}
	}
	if o.Video && !js.IsNullish(o.VideoSource) {
		if sources.Video, err = takeOver(o.VideoSource, media.Video); err != nil {
			return nil, err
		}
	}
	audio, video := o.Audio && sources.Audio == nil, o.Video && sources.Video == nil
	if !audio && !video {
		return sources, nil
	}
	opened, err := openDevices(ctx, owner, o, audio, video)
	if err != nil {
		return nil, err
	}
	for _, s := range opened {
		if s.Kind() == media.Audio {
			sources.Audio = s
		} else {
			sources.Video = s
		}
	}
	return sources, nil
}

func takeOver(v js.Value, kind media.Kind) (*Source, error) {
	t, err := peer.NewTrack(v)
	if err != nil || t.Kind() != kind {
		return nil, errcode.New(errcode.InvalidArgument, "%sSource must be a MediaStreamTrack of kind %s", kind, kind)
	}
	return &Source{Track: t}, nil
}

func openDevices(ctx context.Context, owner *js.Scope, o Options, audio, video bool) ([]*Source, error) {
	devices := js.Property(js.Global("navigator"), "mediaDevices")
	if !js.IsObject(devices) {
		return nil, errcode.New(errcode.NotSupported,
			"this page gets no microphone and no camera: browsers give them to secure pages (https or localhost) only")
	}
	opened, err := getUserMedia(ctx, owner, devices, o, audio, video)
	if err == nil || ctx.Err() != nil || errors.Is(err, js.ErrClosed) {
		return opened, err
	}
	return nil, explain(ctx, owner, devices, o, audio, video, err)
}

// getUserMedia asks for everything at once, so that the user is asked once.
// https://www.w3.org/TR/mediacapture-streams/#dom-mediadevices-getusermedia
func getUserMedia(ctx context.Context, owner *js.Scope, devices js.Value, o Options, audio, video bool) ([]*Source, error) {
	constraints := map[string]any{}
	if audio {
		constraints["audio"] = audioConstraints(o)
	}
	if video {
		constraints["video"] = videoConstraints(o)
	}
	type outcome struct {
		sources []*Source
		err     error
	}
	answered := make(chan outcome, 1)
	// The waiting has a scope of its own, which the answer empties: a stream destroyed
	// meanwhile must not lose sight of a camera that the user then grants.
	waiting := js.NewScope()
	go func() {
		stream, err := waiting.AwaitCall(context.Background(), devices, "getUserMedia", constraints)
		answered <- outcome{tracksOf(stream), err}
	}()
	select {
	case a := <-answered:
		return a.sources, a.err
	case <-ctx.Done():
	case <-owner.Done():
	}
	go func() {
		for _, s := range (<-answered).sources {
			s.Stop()
		}
	}()
	return nil, js.ErrClosed
}

func tracksOf(stream js.Value) []*Source {
	tracks, err := js.Call(stream, "getTracks")
	if err != nil {
		return nil
	}
	var sources []*Source
	for _, v := range js.Items(tracks) {
		if t, err := peer.NewTrack(v); err == nil {
			sources = append(sources, &Source{Track: t, own: true})
		}
	}
	return sources
}

func audioConstraints(o Options) map[string]any {
	c := map[string]any{
		"echoCancellation": !o.NoEchoCancellation,
		"noiseSuppression": !o.NoNoiseSuppression,
		"autoGainControl":  !o.NoGainControl,
	}
	if o.MicrophoneID != "" {
		c["deviceId"] = map[string]any{"exact": o.MicrophoneID}
	}
	return c
}

func videoConstraints(o Options) map[string]any {
	wish := func(n, otherwise float64) map[string]any {
		if n <= 0 {
			n = otherwise
		}
		return map[string]any{"ideal": n}
	}
	c := map[string]any{
		"width":     wish(float64(o.Width), defaultWidth),
		"height":    wish(float64(o.Height), defaultHeight),
		"frameRate": wish(o.FrameRate, defaultFrameRate),
	}
	switch {
	case o.CameraID != "":
		c["deviceId"] = map[string]any{"exact": o.CameraID}
	case o.FacingMode != "":
		c["facingMode"] = map[string]any{"ideal": o.FacingMode}
	}
	return c
}
