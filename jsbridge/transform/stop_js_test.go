package transform

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"nertc/internal/framecrypt"
	"nertc/internal/media"
	"nertc/jsbridge/js"
)

// TestAWorkerThatStops: whoever has connections through it is told, waits end, and the next room begins with another one.
func TestAWorkerThatStops(t *testing.T) {
	s := js.NewScope()
	if _, err := js.Invoke(function(t, `globalThis.spawned = []`)); err != nil {
		t.Fatal(err)
	}
	f := New(s, function(t, `
		const w = new EventTarget()
		w.heard = []
		w.postMessage = (m) => w.heard.push(Object.keys(m).sort().join())
		w.terminate = () => w.heard.push('terminated')
		w.say = (data) => w.dispatchEvent(new MessageEvent('message', {data}))
		setTimeout(() => w.say({ready: true}))
		spawned.push(w)
		return w`))
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	begin := func() {
		t.Helper()
		if _, err := f.Begin(ctx, string(framecrypt.GCM), bytes.Repeat([]byte{1}, framecrypt.KeyLength)); err != nil {
			t.Fatal(err)
		}
	}
	begin()
	told := map[string]int{}
	through := &attacher{f, f.room}
	through.Broken(func() { told["one"]++ })
	through.Broken(func() { told["closed"]++ })()
	counted := make(chan error, 1)
	go func() {
		_, err := f.Counts(ctx)
		counted <- err
	}()
	worker := func(n int) js.Value { return js.Items(js.Global("spawned"))[n] }
	heard := func(n int) (all []string) {
		for _, v := range js.Items(js.Property(worker(n), "heard")) {
			all = append(all, js.TextOr(v, ""))
		}
		return all
	}
	for len(heard(0)) < 2 { // until the counts are asked for
		time.Sleep(time.Millisecond)
	}
	say := func(n int, what string) {
		t.Helper()
		if _, err := js.Call(worker(n), "say", js.Object(map[string]any{what: "out of memory"})); err != nil {
			t.Fatal(err)
		}
	}
	say(0, "stopped")
	say(0, "stopped")
	if err := <-counted; err != nil {
		t.Error(err)
	}
	if told["one"] != 1 || told["closed"] != 0 {
		t.Errorf("told %v", told)
	}
	if f.key != nil {
		t.Error("the key is still there")
	}
	if _, err := through.Attach(js.Object(nil), media.Audio, true, ""); err == nil {
		t.Error("a track was attached to a worker that has stopped")
	}
	f.End()
	begin()
	through.Broken(func() { told["two"]++ })
	say(0, "stopped") // what the first one says changes nothing
	if told["two"] != 0 {
		t.Error("the end of the former worker was taken for that of the present one")
	}
	if got := heard(0); !slices.Equal(got, []string{"begin,key,mode", "count,room", "terminated"}) {
		t.Errorf("the first heard %q", got)
	}
	if got := heard(1); !slices.Equal(got, []string{"begin,key,mode"}) {
		t.Errorf("the second heard %q", got)
	}
	s.Close()
	if n := s.Live(); n != 0 {
		t.Errorf("%d functions are alive", n)
	}
}

// TestKeysAreOverwrittenInTheWorker: the message of the page was the only copy in JavaScript, and the room's go with it.
func TestKeysAreOverwrittenInTheWorker(t *testing.T) {
	e := newEnd(t, 1024)
	for name, message := range map[string]map[string]any{"begin": {"begin": 1, "mode": "sm4-128-gcm"}, "rotate": {"rotate": 1}} {
		key := js.Bytes(bytes.Repeat([]byte{7}, framecrypt.KeyLength))
		message["key"] = key
		e.call("message", js.Object(message))
		left, err := js.FromBuffer(key)
		if err != nil || !bytes.Equal(left, make([]byte, framecrypt.KeyLength)) {
			t.Errorf("%s leaves %x, %v", name, left, err)
		}
	}
	out := e.open(1, true)
	if e.frame(out, framecrypt.Opus, []byte("frame")) == nil {
		t.Fatal("a frame was dropped")
	}
	r, track := e.worker.rooms[1], e.worker.tracks[out]
	e.call("message", js.Object(map[string]any{"end": 1}))
	if _, err := r.cipher.NewSender().Encrypt(nil, []byte("frame"), framecrypt.Opus); !errors.Is(err, framecrypt.ErrClosed) {
		t.Errorf("the room that was left still encrypts: %v", err)
	}
	if track.sender != nil || track.of != nil {
		t.Error("the track holds on to the room that was left")
	}
}

// TestATrackThatIsOver: its key goes with it, and nothing passes through it.
func TestATrackThatIsOver(t *testing.T) {
	e := newEnd(t, 1024)
	e.begin(1, framecrypt.GCM, 1)
	out := e.open(1, true)
	if e.frame(out, framecrypt.Opus, []byte("frame")) == nil {
		t.Fatal("a frame was dropped")
	}
	e.call("message", js.Object(map[string]any{"close": out}))
	e.call("message", js.Object(map[string]any{"close": out}))
	if len(e.worker.tracks) != 0 {
		t.Error("the track is still there")
	}
	if got := e.frame(out, framecrypt.Opus, []byte("frame")); got != nil {
		t.Errorf("%x went through", got)
	}
}

// TestAFrameThatPanics is dropped, and the next one is not.
func TestAFrameThatPanics(t *testing.T) {
	e := newEnd(t, 1024)
	e.begin(1, framecrypt.GCM, 1)
	out := e.open(1, true)
	r := e.worker.rooms[1]
	e.worker.rooms[1] = &room{} // without a cipher
	if got := e.frame(out, framecrypt.Opus, []byte("frame")); got != nil {
		t.Errorf("%x went through", got)
	}
	e.worker.rooms[1] = r
	if e.frame(out, framecrypt.Opus, []byte("frame")) == nil {
		t.Error("the next frame was dropped too")
	}
}
