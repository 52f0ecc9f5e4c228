//go:build js && wasm

// Package capture opens microphones, cameras and screens, and takes over tracks that a
// page brings itself.
package capture

import (
	"context"
	"slices"

	"nertc/internal/errcode"
	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/jsbridge/js"
	"nertc/jsbridge/peer"
)

// Options say what to open, and how.
type Options struct {
	// Types are the media types to open; none opens nothing.
	Types []protocol.MediaType
	// Own are the page's own MediaStreamTracks, sent in place of what would be captured.
	Own map[protocol.MediaType]js.Value

	// MicrophoneID and CameraID are device ids; empty leaves the choice to the browser.
	MicrophoneID, CameraID string
	// FacingMode is user, environment or empty. A CameraID goes before it.
	FacingMode string
	// SourceID is the desktop source of Electron to capture, without a question to the user.
	SourceID string
	// Display asks the user for a screen in the place of navigator.mediaDevices, if it is an object: its
	// getDisplayMedia gives the same, and giveUp says that nobody waits for it any more.
	Display js.Value

	// Processing of the microphone's sound; all of it unless a page says otherwise.
	NoEchoCancellation, NoNoiseSuppression, NoGainControl bool
	// Channels of the microphone that are wished for, 1 or 2; 0 leaves them to the browser.
	Channels int
	// Camera and Screen are the pictures that are wished for.
	Camera, Screen Picture
}

// wants says whether a media type is to be captured, or to be had from anywhere.
func (o Options) wants(t protocol.MediaType) bool { return slices.Contains(o.Types, t) }

func (o Options) captures(t protocol.MediaType) bool { return o.wants(t) && js.IsNullish(o.own(t)) }

func (o Options) own(t protocol.MediaType) js.Value {
	if v, ok := o.Own[t]; ok {
		return v
	}
	return js.Undefined()
}

// Sources are what Open opened.
type Sources map[protocol.MediaType]*Source

// Stop releases all of them.
func (s Sources) Stop() {
	for _, source := range s {
		source.Stop()
	}
}

// Open opens what the options ask for, all or nothing; only the sound of a screen may be
// missing where its picture was shared without it. A failure of a device is a *Failure.
// It waits as long as a user thinks about the permission: where the context ends before
// that, the devices are released as soon as they come.
func Open(ctx context.Context, owner *js.Scope, o Options) (Sources, error) {
	sources := Sources{}
	for _, t := range o.Types {
		if own := o.own(t); !js.IsNullish(own) {
			s, err := takeOver(own, t)
			if err != nil {
				return nil, err
			}
			sources[t] = s
		}
	}
	// The screen first: browsers show it upon a gesture of the user only, which the question for
	// a camera may outlast.
	for _, open := range []func(context.Context, *js.Scope, Options) (Sources, error){openScreen, openDevices} {
		opened, err := open(ctx, owner, o)
		if err != nil {
			sources.Stop()
			return nil, err
		}
		for t, s := range opened {
			sources[t] = s
		}
	}
	return sources, nil
}

// kindOf is the kind of track that a media type has.
func kindOf(t protocol.MediaType) media.Kind {
	if t == protocol.MediaAudio || t == protocol.MediaAudioSlave {
		return media.Audio
	}
	return media.Video
}

// sourceNames are the options by which pages bring tracks of their own.
var sourceNames = map[protocol.MediaType]string{
	protocol.MediaAudio: "audioSource", protocol.MediaAudioSlave: "screenAudioSource",
	protocol.MediaVideo: "videoSource", protocol.MediaScreen: "screenVideoSource",
}

func takeOver(v js.Value, t protocol.MediaType) (*Source, error) {
	track, err := peer.NewTrack(v)
	if err != nil || track.Kind() != kindOf(t) {
		return nil, errcode.New(errcode.InvalidArgument, "%s must be a MediaStreamTrack of kind %s", sourceNames[t], kindOf(t))
	}
	s := &Source{Track: track}
	if s.Ended() {
		return nil, errcode.New(errcode.InvalidArgument, "the track given as %s has ended", sourceNames[t])
	}
	return s, nil
}

// openDevices opens microphone and camera, as far as they are asked for.
func openDevices(ctx context.Context, owner *js.Scope, o Options) (Sources, error) {
	audio, video := o.captures(protocol.MediaAudio), o.captures(protocol.MediaVideo)
	if !audio && !video {
		return nil, nil
	}
	devices, err := mediaDevices("no microphone and no camera")
	if err != nil {
		return nil, err
	}
	opened, err := getUserMedia(ctx, owner, devices, o, audio, video)
	if err == nil || gaveUp(ctx, err) {
		return opened, err
	}
	return nil, explain(ctx, owner, devices, o, audio, video, err)
}

// mediaDevices gives navigator.mediaDevices.
func mediaDevices(without string) (js.Value, error) {
	devices := js.Property(js.Global("navigator"), "mediaDevices")
	if !js.IsObject(devices) {
		return devices, errcode.New(errcode.NotSupported,
			"this page gets %s: browsers give them to secure pages (https or localhost) only", without)
	}
	return devices, nil
}

// getUserMedia asks for everything at once, so that the user is asked once.
// https://www.w3.org/TR/mediacapture-streams/#dom-mediadevices-getusermedia
func getUserMedia(ctx context.Context, owner *js.Scope, devices js.Value, o Options, audio, video bool) (Sources, error) {
	constraints := map[string]any{}
	if audio {
		constraints["audio"] = microphoneConstraints(o)
	}
	if video {
		constraints["video"] = cameraConstraints(o)
	}
	tracks, err := ask(ctx, owner, devices, "getUserMedia", constraints)
	sources := Sources{}
	for _, s := range tracks {
		if s.Kind() == media.Audio {
			sources[protocol.MediaAudio] = s
		} else {
			sources[protocol.MediaVideo] = s
		}
	}
	return sources, err
}
