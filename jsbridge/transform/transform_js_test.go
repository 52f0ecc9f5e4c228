package transform

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"testing"
	"time"
	"unsafe"

	"nertc/internal/errcode"
	"nertc/internal/framecrypt"
	"nertc/internal/media"
	"nertc/jsbridge/js"
)

// end is a frame worker's object and its exported functions, as frames.ts uses them.
type end struct {
	t      *testing.T
	object js.Value
	worker *worker
	tracks int
}

func newEnd(t *testing.T, size int) *end {
	e := &end{t: t, object: Serve(), worker: serving}
	e.mine()
	if address := exportSpace(int32(size)); address == 0 || address != uint32(uintptr(unsafe.Pointer(&e.worker.space.memory[0]))) {
		t.Fatalf("the space is at %d", address)
	}
	return e
}

// mine makes the program this worker; there is but one outside of tests.
func (e *end) mine() { serving = e.worker }

func (e *end) call(name string, args ...any) int {
	e.t.Helper()
	v, err := js.Call(e.object, name, args...)
	if err != nil {
		e.t.Fatal(err)
	}
	n, _ := js.Integer(v)
	return int(n)
}

// open begins a track and gives its number.
func (e *end) open(room int, sending bool) int {
	e.t.Helper()
	e.tracks++
	e.call("open", e.tracks, room, sending)
	return e.tracks
}

func (e *end) begin(room int, mode framecrypt.Mode, key byte) {
	e.t.Helper()
	e.call("message", js.Object(map[string]any{
		"begin": room, "mode": string(mode), "key": js.Bytes(bytes.Repeat([]byte{key}, framecrypt.KeyLength)),
	}))
}

// frame passes a frame through a track; nil says that it was dropped.
func (e *end) frame(track int, codec framecrypt.Codec, frame []byte) []byte {
	e.t.Helper()
	return e.pass(track, int32(codec), frame)
}

func (e *end) pass(track int, codec int32, frame []byte) []byte {
	e.t.Helper()
	e.mine()
	copy(e.worker.space.memory, frame)
	n := int(exportFrame(int32(track), codec, int32(len(frame))))
	if n < 0 {
		return nil
	}
	return bytes.Clone(e.worker.space.memory[e.worker.space.half:][:n])
}

func TestFramesGoThroughTheWorker(t *testing.T) {
	for _, mode := range []framecrypt.Mode{framecrypt.ECB, framecrypt.GCM} {
		ann, ben := newEnd(t, 4096), newEnd(t, 4096)
		ann.begin(1, mode, 1)
		ben.begin(7, mode, 1)
		out, in := ann.open(1, true), ben.open(7, false)
		for n := range 200 {
			frame := bytes.Repeat([]byte{byte(n), 0x11}, n)
			sent := ann.frame(out, framecrypt.Opus, frame)
			if sent == nil || bytes.Equal(sent, frame) {
				t.Fatalf("%s: %d bytes were sent as %x", mode, len(frame), sent)
			}
			if got := ben.frame(in, 0, sent); !bytes.Equal(got, frame) {
				t.Fatalf("%s: %d bytes arrived as %x", mode, len(frame), got)
			}
		}
	}
}

func TestWhatIsDropped(t *testing.T) {
	e := newEnd(t, 1024)
	out, in := e.open(1, true), e.open(1, false)
	frame := bytes.Repeat([]byte{5}, 100)
	drops := func(what string, track int, frame []byte) {
		t.Helper()
		if got := e.frame(track, framecrypt.VP8, frame); got != nil {
			t.Errorf("%s: %x went through", what, got)
		}
	}
	drops("without a key", out, frame)
	drops("without a key", in, frame)
	e.begin(1, framecrypt.GCM, 1)
	sent := e.frame(out, framecrypt.VP8, frame)
	if got := e.frame(in, 0, sent); !bytes.Equal(got, frame) {
		t.Fatalf("arrived as %x", got)
	}
	drops("a clear frame", in, frame)
	drops("a second time", in, sent)
	sent[50] ^= 1
	drops("a changed frame", in, sent)
	drops("a track that is none", 99, frame)
	if n := exportFrame(int32(out), 1, 5000); n >= 0 {
		t.Error("more than there is space for went through")
	}
	if n := exportFrame(int32(out), 1, -1); n >= 0 {
		t.Error("a frame of less than nothing went through")
	}
	drops("what does not fit when it is encrypted", out, bytes.Repeat([]byte{5}, 1024))
	e.call("close", out)
	drops("a track that was closed", out, frame)
	e.call("message", js.Object(map[string]any{"end": 1}))
	drops("after the room was left", e.open(1, true), frame)
}

// TestNothingIsLeftOfAFrame: a call goes on for hours, and a collection of garbage in it costs frames.
func TestNothingIsLeftOfAFrame(t *testing.T) {
	for _, mode := range []framecrypt.Mode{framecrypt.ECB, framecrypt.GCM} {
		e := newEnd(t, 64<<10)
		e.begin(1, mode, 1)
		out := int32(e.open(1, true))
		pass := func() {
			if exportFrame(out, int32(framecrypt.VP8), 20_000) < 20_000 {
				t.Fatal("a frame was dropped")
			}
		}
		pass()
		if n := testing.AllocsPerRun(1000, pass); n != 0 {
			t.Errorf("%s: %v allocations a frame", mode, n)
		}
	}
}

func TestNoWorkerNoFrames(t *testing.T) {
	serving = nil
	if address, n := exportSpace(1000), exportFrame(1, 1, 0); address != 0 || n >= 0 {
		t.Errorf("space at %d, %d bytes", address, n)
	}
	newEnd(t, 64)
	if address := exportSpace(-1); address != 0 {
		t.Errorf("less than no space at %d", address)
	}
}

func TestAPictureWhoseCodecIsNotSaid(t *testing.T) {
	e := newEnd(t, 1024)
	e.begin(1, framecrypt.GCM, 1)
	out := e.open(1, true)
	h264 := append([]byte{0, 0, 0, 1, 0x65, 0xb8}, make([]byte, 50)...)
	sent := e.pass(out, unknown, h264)
	if sent == nil || !bytes.HasPrefix(sent, h264[:6]) || bytes.Contains(sent[6:], []byte{0, 0, 1}) {
		t.Errorf("sent as %x", sent)
	}
}

func TestMessagesOfTheWrongForm(t *testing.T) {
	e := newEnd(t, 64)
	for _, m := range []map[string]any{
		{}, {"begin": 1}, {"begin": 1, "mode": "none", "key": js.Bytes(make([]byte, 32))}, {"begin": 1, "mode": "sm4-128-gcm", "key": 7},
		{"begin": 1, "mode": "sm4-128-gcm", "key": js.Bytes(make([]byte, 16))}, {"rotate": 4, "key": js.Bytes(make([]byte, 32))}, {"end": 9}, {"end": "x"},
	} {
		e.call("message", js.Object(m))
	}
	if got := e.frame(e.open(1, true), framecrypt.Opus, []byte("frame")); got != nil {
		t.Errorf("%x went through", got)
	}
}

func TestRootIsThatOfTheVectors(t *testing.T) {
	s := js.NewScope()
	defer s.Close()
	root, err := pbkdf2(context.Background(), s, "correct horse battery staple", "my-app")
	if got := hex.EncodeToString(root); err != nil || got != "19ee0800647de125f7a3ad6a3450c5d7c8d4969c2ae64fe24823a20e463785f7" {
		t.Errorf("%s, %v", got, err)
	}
}

// function makes a JavaScript function of a body.
func function(t *testing.T, body string) js.Value {
	t.Helper()
	f, err := js.New(js.Global("Function"), body)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestAWorkerThatDoesNotStart(t *testing.T) {
	for name, body := range map[string]string{
		"cannot be made": `throw new Error("no")`,
		"is no worker":   `return null`,
		"fails":          `return new Worker(URL.createObjectURL(new Blob(["onmessage = () => {}; postMessage({failed: 'no core'})"])))`,
		"is broken":      `return new Worker(URL.createObjectURL(new Blob(["throw new Error('x')"])))`,
	} {
		s := js.NewScope()
		f := New(s, function(t, body))
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		_, err := f.Begin(ctx, string(framecrypt.GCM), make([]byte, framecrypt.KeyLength))
		var e *errcode.Error
		if !errors.As(err, &e) || e.Code != errcode.NotSupported || ctx.Err() != nil {
			t.Errorf("%s: %v", name, err)
		}
		if n := s.Live(); n != 0 {
			t.Errorf("%s: %d functions wait for a worker that is gone", name, n)
		}
		cancel()
		s.Close()
		if n := s.Live(); n != 0 {
			t.Errorf("%s: %d functions are alive", name, n)
		}
	}
}

// TestAStandInForTheWorker: what the page's end tells its worker, and that nothing is left of it.
func TestAStandInForTheWorker(t *testing.T) {
	s := js.NewScope()
	heard := function(t, `return globalThis.heard = []`)
	log, err := js.Invoke(heard)
	if err != nil {
		t.Fatal(err)
	}
	f := New(s, function(t, `
		const w = new EventTarget()
		w.postMessage = (m) => {
			heard.push(JSON.stringify(m, (k, v) => v instanceof Uint8Array ? v.length : v))
			if (m.count) setTimeout(() => w.dispatchEvent(new MessageEvent('message', {data: {counted: m.count, encrypted: 5, droppedClear: 2}})))
		}
		w.terminate = () => heard.push('terminated')
		setTimeout(() => w.dispatchEvent(new MessageEvent('message', {data: {ready: true}})))
		return w`))
	ctx := context.Background()
	begin := func(mode framecrypt.Mode, key byte) media.Factory {
		t.Helper()
		factory, err := f.Begin(ctx, string(mode), bytes.Repeat([]byte{key}, framecrypt.KeyLength))
		if err != nil {
			t.Fatal(err)
		}
		return factory
	}
	if n, err := f.Counts(ctx); err != nil || n != (Counts{}) {
		t.Errorf("%+v, %v", n, err)
	}
	if err := f.Rotate(make([]byte, framecrypt.KeyLength)); err == nil {
		t.Error("nothing is encrypted, and the key was changed")
	}
	begin(framecrypt.GCM, 1)
	begin(framecrypt.GCM, 1) // a rejoin goes on with the key
	if n, err := f.Counts(ctx); err != nil || n != (Counts{Encrypted: 5, DroppedClear: 2}) {
		t.Errorf("%+v, %v", n, err)
	}
	if err := f.Rotate(bytes.Repeat([]byte{2}, framecrypt.KeyLength)); err != nil {
		t.Error(err)
	}
	begin(framecrypt.GCM, 2) // and with the changed one
	begin(framecrypt.ECB, 2)
	f.End()
	f.End()
	begin(framecrypt.ECB, 2)
	s.Close()
	want := []string{
		`{"begin":1,"mode":"sm4-128-gcm","key":32}`, `{"count":1,"room":1}`, `{"rotate":1,"key":32}`, `{"end":1}`,
		`{"begin":2,"mode":"sm4-128-ecb","key":32}`, `{"end":2}`, `{"begin":3,"mode":"sm4-128-ecb","key":32}`, `{"end":3}`, `terminated`,
	}
	var got []string
	for _, v := range js.Items(log) {
		// Go's maps have no order.
		got = append(got, js.TextOr(v, ""))
	}
	if len(got) != len(want) {
		t.Fatalf("told %q", got)
	}
	for i := range want {
		if len(got[i]) != len(want[i]) {
			t.Errorf("told %s, want %s", got[i], want[i])
		}
	}
	if n := s.Live(); n != 0 {
		t.Errorf("%d functions are alive", n)
	}
}
