package sound

import (
	"context"
	"math"
	"testing"
	"time"

	"nertc/jsbridge/js"
	"nertc/jsbridge/js/jstest"
)

func script(t *testing.T, body string) js.Value {
	t.Helper()
	return jstest.Script(t, body)
}

// tone is a track of a sine of an amplitude, and counts the contexts that are made from now on.
func tone(t *testing.T, amplitude string) js.Value {
	return script(t, `
		window.OwnContext ??= AudioContext;
		const a = new OwnContext(), o = new OscillatorNode(a, {frequency: 440}), g = new GainNode(a, {gain: `+amplitude+`});
		const d = a.createMediaStreamDestination(); o.connect(g).connect(d); o.start();
		if (!window.contexts) {
			window.contexts = [];
			window.AudioContext = class extends OwnContext { constructor() { super(); contexts.push(this); } };
		}
		return d.stream.getAudioTracks()[0];`)
}

// reaches waits until a channel has a level.
func reaches(t *testing.T, c *Channel, want float64) {
	t.Helper()
	level := c.Level()
	for until := time.Now().Add(30 * time.Second); math.Abs(level-want) > 0.05; level = c.Level() {
		if time.Now().After(until) {
			t.Fatalf("the level is %v, want %v", level, want)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func TestChannel(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	scope := js.NewScope()
	desk := NewDesk(scope)
	loud, quiet := tone(t, "0.8"), tone(t, "0.3")
	c, err := desk.Channel(loud)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Running(ctx, scope); err != nil {
		t.Fatal(err)
	}
	reaches(t, c, 0.8)
	c.SetVolume(0.5)
	reaches(t, c, 0.4)
	if c.HasOutput() {
		t.Error("an output that nobody has asked for")
	}
	out, err := c.Output()
	if again, _ := c.Output(); err != nil || !again.Equal(out) || !c.HasOutput() {
		t.Fatal("the output is not always the same: ", err)
	}
	heard, err := desk.Channel(out)
	if err != nil {
		t.Fatal(err)
	}
	reaches(t, heard, 0.4)
	if err := c.SetInput(quiet); err != nil {
		t.Fatal(err)
	}
	reaches(t, heard, 0.15)
	if err := c.SetInput(script(t, `return document.createElement('canvas').captureStream(1).getVideoTracks()[0]`)); err == nil {
		t.Error("a picture is a sound")
	}
	reaches(t, heard, 0.15)

	if n := script(t, `return contexts.length`).Int(); n != 1 {
		t.Errorf("%d contexts", n)
	}
	// A context that is taken away comes back by itself.
	suspended := script(t, `const [c] = contexts; return new Promise(done => {
		c.addEventListener('statechange', () => done(c.state), {once: true}); c.suspend() })`)
	if s, err := scope.Await(ctx, suspended); err != nil || s.String() != "suspended" {
		t.Fatal(s, err)
	}
	for script(t, `return contexts[0].state`).String() != "running" {
		if ctx.Err() != nil {
			t.Fatal("the context stays suspended")
		}
		scope.Turn(ctx)
	}
	reaches(t, heard, 0.15)
	c.Close()
	c.Close()
	if s := script(t, `return contexts[0].state`).String(); s != "running" {
		t.Errorf("with a channel open the context is %s", s)
	}
	heard.Close()
	if s := js.TextOr(js.Property(out, "readyState"), ""); s != "ended" {
		t.Errorf("the output is %s", s)
	}
	if s := js.TextOr(js.Property(loud, "readyState"), ""); s != "live" {
		t.Errorf("the track that came in is %s", s)
	}
	for script(t, `return contexts[0].state`).String() != "closed" {
		if ctx.Err() != nil {
			t.Fatal("the context stays open")
		}
		scope.Turn(ctx)
	}
	if _, err := c.Output(); err == nil || c.Level() != 0 || c.SetInput(loud) != nil {
		t.Error("a closed channel does something")
	}
	if scope.Live() != 0 {
		t.Errorf("%d functions are alive", scope.Live())
	}
}
