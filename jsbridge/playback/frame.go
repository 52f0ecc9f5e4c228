//go:build js && wasm

package playback

import (
	"context"

	"nertc/internal/errcode"
	"nertc/internal/protocol"
	"nertc/jsbridge/js"
)

// Frame draws what a picture shows now, in its own size, on a fresh canvas. It gives
// undefined where the picture is not played or has no frame yet.
func (p *Player) Frame(t protocol.MediaType) (canvas js.Value) {
	p.mu.Lock()
	s := p.slots[t]
	if s == nil || !s.picture || !s.playing() {
		p.mu.Unlock()
		return js.Undefined()
	}
	element := s.element
	p.mu.Unlock()
	return draw(element)
}

// AwaitFrame is Frame for a picture that need not be played: it waits for a frame of the
// track. A picture without a track is an InvalidOperation.
func (p *Player) AwaitFrame(ctx context.Context, t protocol.MediaType) (canvas js.Value, err error) {
	if canvas = p.Frame(t); !canvas.IsUndefined() {
		return canvas, nil
	}
	track := p.Track(t)
	if track.IsUndefined() || js.TextOr(js.Property(track, "readyState"), "") == "ended" {
		return canvas, noPicture(t)
	}
	scope := p.scope.Child()
	defer scope.Close()
	video, err := js.Call(js.Global("document"), "createElement", "video")
	if err != nil {
		return canvas, err
	}
	stream, err := js.New(js.Global("MediaStream"), js.Array(track))
	if err != nil {
		return canvas, err
	}
	_ = js.Set(video, "muted", true)
	_ = js.Set(video, "playsInline", true)
	defer func() {
		_, _ = js.Call(video, "pause")
		_ = js.Set(video, "srcObject", js.Null())
	}()
	loaded, ended := make(chan struct{}, 1), make(chan struct{}, 1)
	signal := func(c chan struct{}) func(js.Value) {
		return func(js.Value) {
			select {
			case c <- struct{}{}:
			default:
			}
		}
	}
	scope.Listen(video, "loadeddata", signal(loaded))
	scope.Listen(track, "ended", signal(ended))
	_ = js.Set(video, "srcObject", stream)
	if promise, err := js.Call(video, "play"); err == nil {
		js.Disown(promise) // the frame is what counts
	}
	select {
	case <-loaded:
	case <-ended:
		return canvas, noPicture(t)
	case <-scope.Done():
		return canvas, errcode.New(errcode.InvalidOperation, "the stream was destroyed")
	case <-ctx.Done():
		return canvas, errcode.Wrap(errcode.InvalidOperation, ctx.Err(), "no picture has come of %s", t)
	}
	if canvas = draw(video); canvas.IsUndefined() {
		return canvas, noPicture(t)
	}
	return canvas, nil
}

func noPicture(t protocol.MediaType) error {
	return errcode.New(errcode.InvalidOperation, "there is no picture of %s", t)
}

// draw gives a canvas with a video's present frame, undefined if it has none.
func draw(video js.Value) js.Value {
	width, _ := js.Number(js.Property(video, "videoWidth"))
	height, _ := js.Number(js.Property(video, "videoHeight"))
	if ready, _ := js.Number(js.Property(video, "readyState")); ready < haveCurrentData || width == 0 || height == 0 {
		return js.Undefined()
	}
	canvas, err := js.Call(js.Global("document"), "createElement", "canvas")
	if err != nil {
		return js.Undefined()
	}
	_ = js.Set(canvas, "width", width)
	_ = js.Set(canvas, "height", height)
	paint, err := js.Call(canvas, "getContext", "2d", js.Object(map[string]any{"willReadFrequently": true}))
	if err != nil || js.IsNullish(paint) {
		return js.Undefined()
	}
	if _, err := js.Call(paint, "drawImage", video, 0, 0, width, height); err != nil {
		return js.Undefined()
	}
	return canvas
}
