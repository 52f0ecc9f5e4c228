package playback

import (
	"context"
	"testing"
	"time"

	"nertc/internal/errcode"
	"nertc/internal/protocol"
	"nertc/jsbridge/js"
)

// green is a picture of one colour, 96 by 54.
func green(t *testing.T) js.Value {
	return script(t, `
		const c = document.createElement('canvas'); c.width = 96; c.height = 54;
		const g = c.getContext('2d');
		const draw = () => { g.fillStyle = 'rgb(20,200,40)'; g.fillRect(0, 0, 96, 54); };
		draw(); // the first frame may be taken before a busy page's timer
		setInterval(draw, 30);
		return c.captureStream(30).getVideoTracks()[0];`)
}

func middle(t *testing.T, canvas js.Value) (r, g, b int64) {
	t.Helper()
	width, _ := js.Integer(js.Property(canvas, "width"))
	height, _ := js.Integer(js.Property(canvas, "height"))
	if width != 96 || height != 54 {
		t.Fatalf("the frame is %d by %d", width, height)
	}
	paint, err := js.Call(canvas, "getContext", "2d")
	if err != nil {
		t.Fatal(err)
	}
	data, err := js.Call(paint, "getImageData", 48, 27, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	p := js.Items(js.Property(data, "data"))
	r, _ = js.Integer(p[0])
	g, _ = js.Integer(p[1])
	b, _ = js.Integer(p[2])
	return r, g, b
}

func isGreen(t *testing.T, canvas js.Value) {
	t.Helper()
	near := func(a, b int64) bool { return a-b < 12 && b-a < 12 }
	if r, g, b := middle(t, canvas); !near(r, 20) || !near(g, 200) || !near(b, 40) {
		t.Errorf("the frame is rgb(%d,%d,%d)", r, g, b)
	}
}

func TestFrameOfWhatIsPlayed(t *testing.T) {
	ctx, scope := within(t), js.NewScope()
	p := New(scope, nil)
	defer p.Close()
	p.SetTrack(protocol.MediaVideo, green(t))
	p.SetTrack(protocol.MediaAudio, sound(t))
	// In its own size, whatever that of the wrapper.
	p.SetRenderMode(protocol.MediaVideo, RenderMode{Width: 20, Height: 20, Cut: true})
	if !p.Frame(protocol.MediaVideo).IsUndefined() {
		t.Error("a frame of what is not played")
	}
	if err := p.Play(newView(t), protocol.MediaVideo, protocol.MediaAudio)(ctx); err != nil {
		t.Fatal(err)
	}
	waitPlaying(ctx, t, scope, p, protocol.MediaVideo)
	isGreen(t, p.Frame(protocol.MediaVideo))
	if !p.Frame(protocol.MediaAudio).IsUndefined() || !p.Frame(protocol.MediaScreen).IsUndefined() {
		t.Error("a frame of a sound, or of nothing")
	}
}

func TestFrameOfWhatIsNotPlayed(t *testing.T) {
	ctx, scope := within(t), js.NewScope()
	p := New(scope, nil)
	defer p.Close()
	live := scope.Live()
	p.SetTrack(protocol.MediaScreen, green(t))
	canvas, err := p.AwaitFrame(ctx, protocol.MediaScreen)
	if err != nil {
		t.Fatal(err)
	}
	isGreen(t, canvas)
	if n := scope.Live(); n != live {
		t.Errorf("%d functions before and %d after", live, n)
	}
	if _, err := p.AwaitFrame(ctx, protocol.MediaVideo); errcode.Of(err).Code != errcode.InvalidOperation {
		t.Errorf("without a track: %v", err)
	}
	// One that never has a frame.
	p.SetTrack(protocol.MediaVideo, script(t, `return document.createElement('canvas').captureStream(0).getVideoTracks()[0]`))
	short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	if _, err := p.AwaitFrame(short, protocol.MediaVideo); errcode.Of(err).Code != errcode.InvalidOperation {
		t.Errorf("without a frame: %v", err)
	}
	track := p.Track(protocol.MediaScreen)
	_, _ = js.Call(track, "stop")
	if _, err := p.AwaitFrame(ctx, protocol.MediaScreen); errcode.Of(err).Code != errcode.InvalidOperation {
		t.Errorf("of an ended track: %v", err)
	}
}

func TestPlaysAgainWhatAHiddenPagePaused(t *testing.T) {
	ctx, scope, view := within(t), js.NewScope(), newView(t)
	p := New(scope, nil)
	defer p.Close()
	p.SetTrack(protocol.MediaVideo, picture(t))
	p.SetTrack(protocol.MediaScreen, picture(t))
	if err := p.Play(view, protocol.MediaVideo, protocol.MediaScreen)(ctx); err != nil {
		t.Fatal(err)
	}
	waitPlaying(ctx, t, scope, p, protocol.MediaVideo)
	waitPlaying(ctx, t, scope, p, protocol.MediaScreen)
	pause := func(of protocol.MediaType) { _, _ = js.Call(p.slots[of].element, "pause") }
	turn := script(t, `return (state) => {
		Object.defineProperty(document, 'visibilityState', {value: state, configurable: true});
		document.dispatchEvent(new Event('visibilitychange'));
	}`)
	defer script(t, `delete document.visibilityState`)
	pause(protocol.MediaScreen) // by the page
	_, _ = js.Invoke(turn, "hidden")
	pause(protocol.MediaVideo) // by the browser
	_, _ = js.Invoke(turn, "visible")
	waitPlaying(ctx, t, scope, p, protocol.MediaVideo)
	if !js.IsTrue(played(p, protocol.MediaScreen, "paused")) {
		t.Error("what the page had paused plays again")
	}
}
