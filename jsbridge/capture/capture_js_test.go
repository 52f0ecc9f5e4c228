package capture

import (
	"context"
	"errors"
	"testing"

	"nertc/internal/errcode"
	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/jsbridge/js"
	"nertc/jsbridge/js/jstest"
)

func script(t *testing.T, body string) js.Value {
	t.Helper()
	return jstest.Script(t, body)
}

func within(t *testing.T) context.Context { return jstest.Within(t) }

// both are what a camera with a microphone gives.
var both = []protocol.MediaType{protocol.MediaAudio, protocol.MediaVideo}

func state(s *Source) string { return js.TextOr(js.Property(s.JSValue(), "readyState"), "") }

func TestFakeDevices(t *testing.T) {
	ctx, scope := within(t), js.NewScope()
	sources, err := Open(ctx, scope, Options{Types: both})
	if err != nil {
		t.Fatal(err)
	}
	if sources[protocol.MediaAudio] == nil || sources[protocol.MediaVideo] == nil || sources[protocol.MediaAudio].Kind() != media.Audio || sources[protocol.MediaVideo].Kind() != media.Video {
		t.Fatalf("got %+v", sources)
	}
	if w, h, f := sources[protocol.MediaVideo].Settings(); w != 640 || h != 480 || f != 15 {
		t.Errorf("the picture is %d by %d at %v", w, h, f)
	}
	ended := false
	sources[protocol.MediaVideo].OnEnded(scope, func() { ended = true })
	sources.Stop()
	if state(sources[protocol.MediaAudio]) != "ended" || state(sources[protocol.MediaVideo]) != "ended" || ended {
		t.Error("the devices were not released quietly")
	}
	if scope.Live() != 0 {
		t.Errorf("%d functions are still alive", scope.Live())
	}
	if sources, err := Open(ctx, scope, Options{}); err != nil || sources[protocol.MediaAudio] != nil || sources[protocol.MediaVideo] != nil {
		t.Errorf("got %+v, %v", sources, err)
	}
}

func TestPagesOwnTracksAreLeftAlone(t *testing.T) {
	ctx, scope := within(t), js.NewScope()
	own := script(t, `return document.createElement('canvas').captureStream(5).getVideoTracks()[0]`)
	sources, err := Open(ctx, scope, Options{Types: []protocol.MediaType{protocol.MediaVideo}, Own: map[protocol.MediaType]js.Value{protocol.MediaVideo: own}})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	sources[protocol.MediaVideo].OnEnded(scope, func() { close(ended) })
	_, _ = js.Call(own, "dispatchEvent", js.Global("Event").New("ended"))
	<-ended
	sources.Stop()
	if state(sources[protocol.MediaVideo]) != "live" {
		t.Error("the page's own track was stopped")
	}
	for _, odd := range []js.Value{own, js.Object(nil), script(t, `return 7n`)} {
		_, err := Open(ctx, scope, Options{Types: []protocol.MediaType{protocol.MediaAudio}, Own: map[protocol.MediaType]js.Value{protocol.MediaAudio: odd}})
		if errcode.Of(err).Code != errcode.InvalidArgument {
			t.Errorf("got %v", err)
		}
	}
}

// with replaces functions of the browser for a test.
func with(t *testing.T, source string) {
	undo := script(t, `
		const d = navigator.mediaDevices, own = { get: d.getUserMedia, list: d.enumerateDevices, query: navigator.permissions.query };
		`+source+`
		return () => { d.getUserMedia = own.get; d.enumerateDevices = own.list; navigator.permissions.query = own.query; }`)
	t.Cleanup(func() { _, _ = js.Invoke(undo) })
}

// Each opening waits by a function of Go, which must go with its answer. The browser says of a call to one that is gone.
func TestAnOpeningLeavesNoFunctionBehind(t *testing.T) {
	with(t, `
		globalThis.opening = { complaints: 0 };
		d.getUserMedia = (c) => {
			const given = own.get.call(d, c), then = given.then;
			given.then = function (settle, ...rest) { opening.settle = settle; return then.call(this, settle, ...rest); };
			return given;
		};`)
	ctx, scope := within(t), js.NewScope()
	sources, err := Open(ctx, scope, Options{Types: []protocol.MediaType{protocol.MediaVideo}})
	if err != nil {
		t.Fatal(err)
	}
	sources.Stop()
	complaints := script(t, `
		const { error } = console;
		console.error = (...what) => { if (/released function/.test(what)) opening.complaints++; };
		try { opening.settle(); } finally { console.error = error; }
		return opening.complaints;`)
	if n, _ := js.Integer(complaints); n != 1 {
		t.Errorf("the function that has waited for the camera is still there")
	}
}

func TestFailuresNameTheDevice(t *testing.T) {
	for _, c := range []struct {
		name, source, event string
		types               []protocol.MediaType
	}{
		{"no camera", `
			d.getUserMedia = () => Promise.reject(new DOMException('', 'NotFoundError'));
			d.enumerateDevices = async () => [{ kind: 'audioinput' }];`,
			"notFound", []protocol.MediaType{"video"}},
		{"microphone refused", `
			d.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'));
			navigator.permissions.query = async ({ name }) => ({ state: name === 'microphone' ? 'denied' : 'granted' });`,
			"accessDenied", []protocol.MediaType{"audio"}},
		{"dismissed", `
			d.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'));
			navigator.permissions.query = async () => ({ state: 'prompt' });`,
			"accessDenied", []protocol.MediaType{"audio", "video"}},
		{"camera in use", `
			d.getUserMedia = (c) => c.video ? Promise.reject(new DOMException('', 'NotReadableError')) : own.get.call(d, c);`,
			"beOccupied", []protocol.MediaType{"video"}},
		{"strange", `d.getUserMedia = () => Promise.reject(Symbol('x'));`,
			"deviceError", []protocol.MediaType{"audio", "video"}},
		{"thrown", `d.getUserMedia = () => { throw 5 };`,
			"deviceError", []protocol.MediaType{"audio", "video"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			with(t, c.source)
			_, err := Open(within(t), js.NewScope(), Options{Types: both})
			var f *Failure
			if !errors.As(err, &f) {
				t.Fatalf("got %v", err)
			}
			if f.Event != c.event || len(f.Types) != len(c.types) || f.Types[0] != c.types[0] {
				t.Errorf("got %s of %v", f.Event, f.Types)
			}
			if errcode.Of(err).Code != errcode.MediaDevice {
				t.Errorf("got code %d", errcode.Of(err).Code)
			}
		})
	}
}

func TestDevicesThatComeTooLateAreReleased(t *testing.T) {
	with(t, `
		globalThis.late = {};
		d.getUserMedia = (c) => new Promise(resolve => { late.answer = () => own.get.call(d, c).then(s => { late.stream = s; resolve(s); }); });`)
	ctx, scope := within(t), js.NewScope()
	short, cancel := context.WithCancel(ctx)
	opened := make(chan error, 1)
	go func() {
		_, err := Open(short, scope, Options{Types: []protocol.MediaType{protocol.MediaVideo}})
		opened <- err
	}()
	scope.Turn(ctx)
	cancel()
	if err := <-opened; err == nil {
		t.Fatal("opened after it was given up")
	}
	late := js.Global("late")
	if _, err := scope.AwaitCall(ctx, late, "answer"); err != nil {
		t.Fatal(err)
	}
	scope.Turn(ctx)
	tracks, _ := js.Call(js.Property(late, "stream"), "getTracks")
	for _, track := range js.Items(tracks) {
		if s := js.TextOr(js.Property(track, "readyState"), ""); s != "ended" {
			t.Errorf("the camera is %s", s)
		}
	}
}
