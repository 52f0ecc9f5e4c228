//go:build js && wasm

package capture

import (
	"context"
	"time"

	"nertc/internal/media"
	"nertc/jsbridge/js"
	"nertc/jsbridge/peer"
)

// Source is one open track.
type Source struct {
	*peer.Track
	captured bool    // opened here, so stopped here
	screen   *Source // of a sound: the picture that was shared with it
	remove   func()
}

// Stop releases the device. A page's own track goes on.
func (s *Source) Stop() {
	if s.remove != nil {
		s.remove()
	}
	if s.captured {
		_, _ = js.Call(s.JSValue(), "stop")
	}
}

// Captured says whether the track was opened here and is not the page's own.
func (s *Source) Captured() bool { return s.captured }

// SharedWith says whether the sound of a screen came with a picture, by one choice of the user.
func (s *Source) SharedWith(screen *Source) bool { return s.screen != nil && s.screen == screen }

// OnEnded has a function called when the track ends by itself: the device was unplugged,
// the permission taken back, the sharing ended from the browser's own bar. Stop does not
// call it.
func (s *Source) OnEnded(owner *js.Scope, f func()) {
	s.remove = owner.Listen(s.JSValue(), "ended", func(js.Value) { f() })
}

// Ended says whether the track has.
func (s *Source) Ended() bool {
	return js.TextOr(js.Property(s.JSValue(), "readyState"), "") == "ended"
}

// Settings are the width and height in pixels and the frames/s that the source really
// gives, 0 where that is unknown.
func (s *Source) Settings() (width, height int, frameRate float64) {
	number := func(key string) float64 {
		n, _ := js.Number(s.setting(key))
		if n > 0 && n < 1<<16 {
			return n
		}
		return 0
	}
	return int(number("width")), int(number("height")), number("frameRate")
}

// Stereo says whether a sound has two channels.
func (s *Source) Stereo() bool {
	n, _ := js.Number(s.setting("channelCount"))
	return n >= 2
}

// DeviceID is the device that is open, empty for what is none.
func (s *Source) DeviceID() string { return js.TextOr(s.setting("deviceId"), "") }

func (s *Source) setting(key string) js.Value {
	settings, err := js.Call(s.JSValue(), "getSettings")
	if err != nil {
		return js.Undefined()
	}
	return js.Property(settings, key)
}

// Reshape has an open camera or screen give another picture. A page's own track stays as
// the page has it.
// https://www.w3.org/TR/mediacapture-streams/#dom-mediastreamtrack-applyconstraints
func (s *Source) Reshape(ctx context.Context, owner *js.Scope, o Options, screen bool) error {
	if !s.captured {
		return nil
	}
	constraints := o.Camera.camera()
	if screen {
		constraints = o.Screen.screen()
	}
	_, err := owner.AwaitCall(ctx, s.JSValue(), "applyConstraints", constraints)
	return err
}

// SetHint says what the encoder is to keep: motion, detail, text, or with an empty text
// what it likes.
// https://www.w3.org/TR/mst-content-hint/#dom-mediastreamtrack-contenthint
func (s *Source) SetHint(hint string) { _ = js.Set(s.JSValue(), "contentHint", hint) }

// Hint is what SetHint, or the page, has said.
func (s *Source) Hint() string { return js.TextOr(js.Property(s.JSValue(), "contentHint"), "") }

// firstFrame is how long a camera may take to give its first picture.
const firstFrame = time.Second

// AwaitFrame waits until a camera gives pictures, some time after it was opened, but not
// too long. An element shows it that is in no page.
func (s *Source) AwaitFrame(ctx context.Context, owner *js.Scope) {
	if s.Kind() != media.Video {
		return
	}
	scope := owner.Child()
	defer scope.Close()
	stream, err := js.New(js.Global("MediaStream"), js.Array(s.JSValue()))
	if err != nil {
		return
	}
	element, err := js.Call(js.Global("document"), "createElement", "video")
	if err != nil {
		return
	}
	loaded := make(chan struct{}, 1)
	scope.Listen(element, "loadeddata", func(js.Value) {
		select {
		case loaded <- struct{}{}:
		default:
		}
	})
	_ = js.Set(element, "muted", true)
	_ = js.Set(element, "playsInline", true)
	_ = js.Set(element, "autoplay", true)
	_ = js.Set(element, "srcObject", stream)
	defer func() { _ = js.Set(element, "srcObject", js.Null()) }()
	late := time.NewTimer(firstFrame)
	defer late.Stop()
	select {
	case <-loaded:
	case <-late.C:
	case <-ctx.Done():
	case <-scope.Done():
	}
}
