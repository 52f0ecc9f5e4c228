//go:build js && wasm

package capture

import (
	"context"
	"errors"

	"nertc/internal/errcode"
	"nertc/internal/protocol"
	"nertc/jsbridge/js"
)

// Failure says why devices could not be opened.
type Failure struct {
	// Event is the documented event that tells of it: accessDenied, notFound, beOccupied or deviceError.
	Event string
	// Types are the media types whose device failed, at least one.
	Types []protocol.MediaType
	// Err is the documented error with the browser's own as its cause.
	Err *errcode.Error
}

// Error gives the text of the documented error.
func (f *Failure) Error() string { return f.Err.Error() }

// Unwrap gives the documented error.
func (f *Failure) Unwrap() error { return f.Err }

// explain finds out which device it was that failed, because the browser gives one error
// for both.
func explain(ctx context.Context, owner *js.Scope, devices js.Value, o Options, audio, video bool, cause error) error {
	event, reason := classify(cause, "the microphone or camera")
	f := &Failure{Event: event, Err: errcode.Wrap(errcode.MediaDevice, cause, "%s", reason)}
	if audio && video {
		f.Types = culprits(ctx, owner, devices, o, event)
	}
	if len(f.Types) > 0 {
		return f
	}
	if audio {
		f.Types = append(f.Types, protocol.MediaAudio)
	}
	if video {
		f.Types = append(f.Types, protocol.MediaVideo)
	}
	return f
}

// screenFailure is the failure of sharing a screen.
func screenFailure(cause error) error {
	event, reason := classify(cause, "the screen")
	if errors.Is(cause, js.InvalidStateError) {
		reason = "browsers share a screen upon a gesture of the user only"
	}
	return &Failure{
		Event: event, Types: []protocol.MediaType{protocol.MediaScreen},
		Err: errcode.Wrap(errcode.MediaDevice, cause, "%s", reason),
	}
}

// classify gives the documented event for an error of getUserMedia and getDisplayMedia. What is
// constrained so that a device may not fit is its id alone.
func classify(err error, what string) (event, reason string) {
	switch {
	case errors.Is(err, js.NotAllowedError), errors.Is(err, js.SecurityError):
		return "accessDenied", "the use of " + what + " was not allowed"
	case errors.Is(err, js.NotFoundError), errors.Is(err, js.OverconstrainedError):
		return "notFound", what + " was not found"
	case errors.Is(err, js.NotReadableError):
		return "beOccupied", what + " is in use elsewhere"
	default:
		return "deviceError", what + " could not be opened"
	}
}

// culprits asks the browser which of two devices it was. No question to the user may
// come of it, so a refused permission is looked up and not asked for again.
func culprits(ctx context.Context, owner *js.Scope, devices js.Value, o Options, event string) []protocol.MediaType {
	var found []protocol.MediaType
	for _, d := range []struct {
		t                        protocol.MediaType
		permission, kind, id     string
		askForAudio, askForVideo bool
	}{
		{protocol.MediaAudio, "microphone", "audioinput", o.MicrophoneID, true, false},
		{protocol.MediaVideo, "camera", "videoinput", o.CameraID, false, true},
	} {
		var failed bool
		switch event {
		case "accessDenied":
			failed = denied(ctx, owner, d.permission)
		case "notFound":
			failed = !exists(ctx, owner, devices, d.kind, d.id)
		default:
			opened, err := getUserMedia(ctx, owner, devices, o, d.askForAudio, d.askForVideo)
			opened.Stop()
			failed = err != nil
		}
		if failed {
			found = append(found, d.t)
		}
	}
	return found
}

// denied looks up a permission. https://www.w3.org/TR/permissions/#dom-permissions-query
func denied(ctx context.Context, owner *js.Scope, name string) bool {
	permissions := js.Property(js.Global("navigator"), "permissions")
	status, err := owner.AwaitCall(ctx, permissions, "query", map[string]any{"name": name})
	return err == nil && js.TextOr(js.Property(status, "state"), "") == "denied"
}

// exists looks for a device of a kind, with an id where one is given.
func exists(ctx context.Context, owner *js.Scope, devices js.Value, kind, id string) bool {
	list, err := owner.AwaitCall(ctx, devices, "enumerateDevices")
	if err != nil {
		return true
	}
	for _, d := range js.Items(list) {
		text := func(key string) string { return js.TextOr(js.Property(d, key), "") }
		if text("kind") == kind && (id == "" || text("deviceId") == id) {
			return true
		}
	}
	return false
}

// Occupied says whether a device may have failed to open because it, or another one, is open elsewhere. Of a camera
// that is taken Firefox says no more than that it does not start.
// https://www.w3.org/TR/mediacapture-streams/#dom-mediadevices-getusermedia
func Occupied(err error) bool {
	var f *Failure
	return errors.As(err, &f) && (f.Event == "beOccupied" || errors.Is(err, js.AbortError))
}
