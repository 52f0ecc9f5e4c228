//go:build js && wasm

package capture

import (
	"context"

	"nertc/internal/errcode"
	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/jsbridge/js"
)

// openScreen has the user choose a screen, a window or a tab, as far as it is asked for.
// Whether its sound comes along is the user's choice too.
// https://www.w3.org/TR/screen-capture/#dom-mediadevices-getdisplaymedia
func openScreen(ctx context.Context, owner *js.Scope, o Options) (Sources, error) {
	picture, sound := o.captures(protocol.MediaScreen), o.captures(protocol.MediaAudioSlave)
	if !picture && !sound {
		return nil, nil
	}
	devices, err := mediaDevices("no screen")
	if err != nil {
		return nil, err
	}
	method, constraints := "getDisplayMedia", map[string]any{"video": o.Screen.screen()}
	if sound {
		// What comes out of a computer is no voice in a room: nothing is to be taken away from it.
		constraints["audio"] = map[string]any{"echoCancellation": false, "noiseSuppression": false, "autoGainControl": false}
		constraints["systemAudio"] = "include"
	}
	if o.SourceID != "" {
		method, constraints = "getUserMedia", o.Screen.desktop(o.SourceID, sound)
	}
	if !js.IsFunction(js.Property(devices, method)) {
		return nil, errcode.New(errcode.NotSupported, "this browser does not share screens")
	}
	if o.SourceID == "" && js.IsObject(o.Display) {
		devices = o.Display
	}
	tracks, err := ask(ctx, owner, devices, method, constraints)
	if err != nil {
		if gaveUp(ctx, err) {
			return nil, err
		}
		return nil, screenFailure(err)
	}
	sources := Sources{}
	for _, s := range tracks {
		switch {
		case s.Kind() == media.Video && picture:
			sources[protocol.MediaScreen] = s
		case s.Kind() == media.Audio && sound:
			sources[protocol.MediaAudioSlave] = s
		default: // no screen is shared without its picture; where it is the sound alone that is wanted, that goes
			s.Stop()
		}
	}
	if sound := sources[protocol.MediaAudioSlave]; sound != nil {
		sound.screen = sources[protocol.MediaScreen]
	}
	if !picture && sources[protocol.MediaAudioSlave] == nil {
		return nil, &Failure{
			Event: "notFound", Types: []protocol.MediaType{protocol.MediaScreen},
			Err: errcode.New(errcode.MediaDevice, "the screen was shared without its sound"),
		}
	}
	return sources, nil
}
