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
	event, reason := classify(cause)
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

// classify gives the documented event for an error of getUserMedia.
func classify(err error) (event, reason string) {
	switch {
	case errors.Is(err, js.NotAllowedError), errors.Is(err, js.SecurityError):
		return "accessDenied", "the use of the microphone or camera was not allowed"
	case errors.Is(err, js.NotFoundError):
		return "notFound", "there is no such microphone or camera"
	case errors.Is(err, js.NotReadableError):
		return "beOccupied", "the microphone or camera is in use elsewhere"
	default:
		return "deviceError", "the microphone or camera could not be opened"
	}
}

// culprits asks the browser which of two devices it was. No question to the user may
// come of it, so a refused permission is looked up and not asked for again.
func culprits(ctx context.Context, owner *js.Scope, devices js.Value, o Options, event string) []protocol.MediaType {
	var found []protocol.MediaType
	for _, d := range []struct {
		t                        protocol.MediaType
		permission, kind         string
		askForAudio, askForVideo bool
	}{
		{protocol.MediaAudio, "microphone", "audioinput", true, false},
		{protocol.MediaVideo, "camera", "videoinput", false, true},
	} {
		var failed bool
		switch event {
		case "accessDenied":
			failed = denied(ctx, owner, d.permission)
		case "notFound":
			failed = !exists(ctx, owner, devices, d.kind)
		default:
			opened, err := getUserMedia(ctx, owner, devices, o, d.askForAudio, d.askForVideo)
			for _, s := range opened {
				s.Stop()
			}
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

func exists(ctx context.Context, owner *js.Scope, devices js.Value, kind string) bool {
	list, err := owner.AwaitCall(ctx, devices, "enumerateDevices")
	if err != nil {
		return true
	}
	for _, d := range js.Items(list) {
		if js.TextOr(js.Property(d, "kind"), "") == kind {
			return true
		}
	}
	return false
}
