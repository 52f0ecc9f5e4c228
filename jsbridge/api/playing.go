//go:build js && wasm

package api

import (
	"context"
	"strconv"
	"time"

	"nertc/internal/errcode"
	"nertc/internal/protocol"
	"nertc/jsbridge/js"
)

// snapshotPatience is how long takeSnapshot waits for the frame of a picture that is not played.
const snapshotPatience = 10 * time.Second

// volumeMethods say whose volume each method of a CoreStream sets.
var volumeMethods = map[string]protocol.MediaType{
	"setAudioVolume":      protocol.MediaAudio,
	"setAudioSlaveVolume": protocol.MediaAudioSlave,
}

// definePlaying gives the class what a stream can do with what it plays.
func (a *API) definePlaying(class js.Value) {
	sync := func(name string, f func(s *Stream, args []js.Value) any) {
		a.method(class, name, func(this js.Value, args []js.Value) any {
			if s := a.streamOf(this); s != nil {
				return f(s, args)
			}
			return nil
		})
	}
	async := func(name string, f func(s *Stream, args []js.Value) work) {
		a.method(class, name, func(this js.Value, args []js.Value) any {
			if s := a.streamOf(this); s != nil {
				return promise(s.inOrder, f(s, args))
			}
			return rejected("stream")
		})
	}
	for name, t := range volumeMethods {
		sync(name, func(s *Stream, args []js.Value) any {
			if percent, ok := js.Number(arg(args, 0)); ok && percent >= 0 && percent <= 100 {
				s.player.SetGain(t, percent/100)
			}
			return nil
		})
	}
	async("setAudioOutput", func(s *Stream, args []js.Value) work {
		deviceID := js.TextOr(arg(args, 0), "")
		return func() (any, error) { return nil, s.player.SetSink(s.ctx, deviceID) }
	})
	async("takeSnapshot", (*Stream).takeSnapshot)
	sync("snapshot", func(s *Stream, args []js.Value) any { // its PNG as a data: address, null without a picture
		t, _ := mediaType(arg(args, 0))
		address, err := js.Call(s.player.Frame(t), "toDataURL", "image/png")
		if err != nil {
			return nil
		}
		return address
	})
	sync("frameData", func(s *Stream, args []js.Value) any { // ImageData, null without a picture
		t, _ := mediaType(arg(args, 0))
		return pixels(s.player.Frame(t))
	})
}

func pixels(canvas js.Value) any {
	if canvas.IsUndefined() {
		return nil
	}
	paint, err := js.Call(canvas, "getContext", "2d")
	if err != nil {
		return nil
	}
	data, err := js.Call(paint, "getImageData", 0, 0, js.Property(canvas, "width"), js.Property(canvas, "height"))
	if err != nil {
		return nil
	}
	return data
}

// takeSnapshot has the browser save the present picture as a PNG file, and gives its name.
func (s *Stream) takeSnapshot(args []js.Value) work {
	t, ok := mediaType(arg(args, 1))
	if !ok || (t != protocol.MediaVideo && t != protocol.MediaScreen) {
		return fail(errcode.New(errcode.UnknownMediaType, "the media type must be video or screen"))
	}
	name := js.TextOr(arg(args, 0), "")
	return func() (any, error) {
		ctx, cancel := context.WithTimeout(s.ctx, snapshotPatience)
		defer cancel()
		canvas, err := s.player.AwaitFrame(ctx, t)
		if err != nil {
			return nil, err
		}
		picture, err := s.scope.Callback(ctx, func(done js.Value) error {
			_, err := js.Call(canvas, "toBlob", done, "image/png")
			return err
		})
		if err != nil || !js.IsObject(picture) {
			return nil, errcode.New(errcode.InvalidOperation, "the browser could not make a PNG of the picture")
		}
		if name == "" {
			name = s.snapshotName()
		}
		name += ".png"
		return name, js.Save(picture, name)
	}
}

// snapshotName is the documented name: the uid and a number.
func (s *Stream) snapshotName() string {
	s.mu.Lock()
	s.snapshots++
	n := s.snapshots
	s.mu.Unlock()
	return s.userName() + "-" + strconv.Itoa(n)
}

// userName is the user's uid for the name of a file.
func (s *Stream) userName() string {
	switch v := s.getUID().(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return "local"
}
