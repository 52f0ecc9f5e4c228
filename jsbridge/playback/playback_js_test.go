package playback

import (
	"context"
	"testing"

	"nertc/internal/errcode"
	"nertc/internal/protocol"
	"nertc/jsbridge/js"
	"nertc/jsbridge/js/jstest"
)

func script(t *testing.T, body string) js.Value {
	t.Helper()
	return jstest.Script(t, body)
}

func newView(t *testing.T) js.Value {
	view := script(t, `return document.body.appendChild(document.createElement('div'))`)
	t.Cleanup(func() { _, _ = js.Call(view, "remove") })
	return view
}

func picture(t *testing.T) js.Value {
	t.Helper()
	return jstest.Picture(t)
}

func sound(t *testing.T) js.Value {
	return script(t, `
		const a = new AudioContext(), o = a.createOscillator(), d = a.createMediaStreamDestination();
		o.connect(d); o.start(); return d.stream.getAudioTracks()[0];`)
}

func within(t *testing.T) context.Context { return jstest.Within(t) }

func children(v js.Value) []js.Value { return js.Items(js.Property(v, "children")) }

func TestShapeInTheView(t *testing.T) {
	ctx, scope, view := within(t), js.NewScope(), newView(t)
	p := New(scope, nil)
	p.SetTrack(protocol.MediaVideo, picture(t))
	p.SetTrack(protocol.MediaAudio, sound(t))
	p.SetRenderMode(protocol.MediaVideo, RenderMode{Width: 120, Height: 80, Cut: true})
	for range 2 { // never twice
		if err := p.Play(view, protocol.MediaAudio, protocol.MediaVideo)(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(children(view)); n != 1 {
		t.Fatalf("%d elements in the view", n)
	}
	wrapper := children(view)[0]
	if c := js.TextOr(js.Property(wrapper, "className"), ""); c != "nertc-video-container" {
		t.Errorf("the wrapper's class is %q", c)
	}
	video := children(wrapper)[0]
	if name := js.TextOr(js.Property(video, "tagName"), ""); name != "VIDEO" {
		t.Fatalf("the wrapper holds %q", name)
	}
	for _, a := range []string{"playsinline", "autoplay", "muted"} {
		if has, _ := js.Call(video, "hasAttribute", a); !js.IsTrue(has) {
			t.Errorf("the video is not %s", a)
		}
	}
	if !js.IsTrue(js.Property(video, "muted")) {
		t.Error("the video is not muted")
	}
	width, _ := js.Number(js.Property(wrapper, "offsetWidth"))
	height, _ := js.Number(js.Property(wrapper, "offsetHeight"))
	if width != 120 || height != 80 {
		t.Errorf("the wrapper is %v by %v", width, height)
	}
	fit := func() string { return js.TextOr(js.Property(js.Property(video, "style"), "objectFit"), "") }
	if fit() != "cover" {
		t.Errorf("object-fit is %q", fit())
	}
	p.SetRenderMode(protocol.MediaVideo, RenderMode{Width: 60, Height: 40})
	if fit() != "contain" {
		t.Errorf("object-fit is %q", fit())
	}
	waitPlaying(ctx, t, scope, p, protocol.MediaVideo)
	waitPlaying(ctx, t, scope, p, protocol.MediaAudio)

	other := newView(t)
	if err := p.Play(other, protocol.MediaVideo)(ctx); err != nil {
		t.Fatal(err)
	}
	if len(children(view)) != 0 || len(children(other)) != 1 || !children(other)[0].Equal(wrapper) {
		t.Error("the picture did not move to the other view")
	}
	p.Stop(protocol.MediaVideo)
	if len(children(other)) != 0 || p.IsPlaying(protocol.MediaVideo) || !p.IsPlaying(protocol.MediaAudio) {
		t.Error("stop left the picture, or took the sound")
	}
	p.Close()
	if p.IsPlaying(protocol.MediaAudio) {
		t.Error("a closed player plays")
	}
	if n := scope.Live(); n != 0 {
		t.Errorf("%d functions are still alive", n)
	}
}

func waitPlaying(ctx context.Context, t *testing.T, scope *js.Scope, p *Player, mt protocol.MediaType) {
	t.Helper()
	for !p.IsPlaying(mt) {
		if ctx.Err() != nil {
			t.Fatalf("%s does not play", mt)
		}
		scope.Turn(ctx)
	}
}

func TestTrackThatComesLaterPlaysByItself(t *testing.T) {
	ctx, scope, view := within(t), js.NewScope(), newView(t)
	p := New(scope, nil)
	defer p.Close()
	if err := p.Play(view, protocol.MediaVideo, protocol.MediaScreen)(ctx); err != nil {
		t.Fatal(err)
	}
	if len(children(view)) != 0 {
		t.Error("an element without a track")
	}
	p.SetTrack(protocol.MediaVideo, picture(t))
	p.SetTrack(protocol.MediaScreen, picture(t))
	waitPlaying(ctx, t, scope, p, protocol.MediaVideo)
	waitPlaying(ctx, t, scope, p, protocol.MediaScreen)
	if n := len(children(view)); n != 2 {
		t.Errorf("%d elements in the view", n)
	}
	p.SetTrack(protocol.MediaVideo, js.Undefined())
	if n := len(children(view)); n != 1 {
		t.Errorf("%d elements in the view after the track went", n)
	}
}

func TestWithoutAViewTheSoundAlonePlays(t *testing.T) {
	ctx, scope := within(t), js.NewScope()
	p := New(scope, nil)
	defer p.Close()
	p.SetTrack(protocol.MediaVideo, picture(t))
	p.SetTrack(protocol.MediaAudio, sound(t))
	for _, view := range []js.Value{js.Null(), js.Undefined(), js.Object(map[string]any{"nodeType": 1})} {
		if err := p.Play(view, protocol.MediaAudio, protocol.MediaVideo)(ctx); err != nil {
			t.Fatal(err)
		}
	}
	waitPlaying(ctx, t, scope, p, protocol.MediaAudio)
	if p.IsPlaying(protocol.MediaVideo) {
		t.Error("a picture plays without a view")
	}
}

func TestMutedHereAlone(t *testing.T) {
	p := New(js.NewScope(), nil)
	defer p.Close()
	track := sound(t)
	p.SetMuted(protocol.MediaAudio, true)
	p.SetTrack(protocol.MediaAudio, track)
	if !js.IsFalse(js.Property(track, "enabled")) {
		t.Error("the sound is to be heard")
	}
	p.SetMuted(protocol.MediaAudio, false)
	if !js.IsTrue(js.Property(track, "enabled")) {
		t.Error("the sound is not to be heard")
	}
}

// The browser's own refusal needs a page without the switch that the tests run with.
func TestAutoplayBlockedThenResumed(t *testing.T) {
	ctx, scope := within(t), js.NewScope()
	restore := script(t, `
		const own = HTMLMediaElement.prototype.play;
		HTMLMediaElement.prototype.play = () => Promise.reject(new DOMException('gesture', 'NotAllowedError'));
		return () => { HTMLMediaElement.prototype.play = own; }`)
	restored := false
	undo := func() {
		if !restored {
			_, _ = js.Invoke(restore)
		}
		restored = true
	}
	defer undo()
	told := make(chan error, 4)
	p := New(scope, func(err error) { told <- err })
	defer p.Close()
	track := script(t, `return new MediaStream([]).getTracks()[0]`)
	p.SetTrack(protocol.MediaAudio, track)
	if err := p.Play(js.Null(), protocol.MediaAudio)(ctx); err != nil {
		t.Errorf("without a track: %v", err)
	}
	p.SetTrack(protocol.MediaAudio, sound(t))
	if err := <-told; errcode.Of(err).Code != errcode.AutoplayBlocked {
		t.Errorf("told of %v", err)
	}
	if err := p.Play(js.Null(), protocol.MediaAudio)(ctx); errcode.Of(err).Code != errcode.AutoplayBlocked {
		t.Errorf("got %v", err)
	}
	<-told
	undo()
	if err := p.Resume()(ctx); err != nil {
		t.Fatal(err)
	}
	waitPlaying(ctx, t, scope, p, protocol.MediaAudio)
}
