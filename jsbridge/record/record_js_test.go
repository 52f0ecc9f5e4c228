package record

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"nertc/internal/errcode"
	"nertc/jsbridge/js"
	"nertc/jsbridge/js/jstest"
)

func script(t *testing.T, body string) js.Value {
	t.Helper()
	return jstest.Script(t, body)
}

func within(t *testing.T) context.Context { return jstest.Within(t) }

// replace puts something else in a place of the browser's for the length of a test.
func replace(t *testing.T, object, name, by string) {
	t.Helper()
	back := script(t, `const o = `+object+`, d = Object.getOwnPropertyDescriptor(o, '`+name+`');
		Object.defineProperty(o, '`+name+`', {value: `+by+`, configurable: true, writable: true});
		return () => { if (d) Object.defineProperty(o, '`+name+`', d); else delete o['`+name+`']; }`)
	t.Cleanup(func() { _, _ = js.Invoke(back) })
}

func blob(t *testing.T, text string) js.Value {
	b, err := blobOf([]any{text}, "text/plain")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// content is what all blobs of a sink hold.
func content(ctx context.Context, t *testing.T, s *sink) string {
	t.Helper()
	whole, err := blobOf(s.blobs(), "text/plain")
	if err != nil {
		t.Fatal(err)
	}
	text, err := s.scope.AwaitCall(ctx, whole, "text")
	if err != nil {
		t.Fatal(err)
	}
	return js.TextOr(text, "?")
}

// folders are those of recordings in the origin's private file system.
func folders(ctx context.Context, t *testing.T, scope *js.Scope) []string {
	t.Helper()
	list, err := scope.Await(ctx, script(t, `return (async () => {
		const names = [];
		for await (const n of (await navigator.storage.getDirectory()).keys()) names.push(n);
		return names;
	})()`))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, n := range js.Items(list) {
		names = append(names, js.TextOr(n, "?"))
	}
	return names
}

func TestSinkWritesToDiskInParts(t *testing.T) {
	ctx, scope := within(t), js.NewScope()
	defer scope.Close()
	s := newSink(ctx, scope)
	if s.folder.IsUndefined() {
		t.Fatal("no folder in the private file system")
	}
	s.add(ctx, blob(t, "one "))
	s.add(ctx, blob(t, strings.Repeat("-", partBytes)))
	if len(s.pending) != 0 || len(s.written) != 1 {
		t.Errorf("%d Blobs of a file that is full, %d files", len(s.pending), len(s.written))
	}
	s.add(ctx, blob(t, " two"))
	got := content(ctx, t, s)
	if !strings.HasPrefix(got, "one --") || !strings.HasSuffix(got, "-- two") || len(got) != partBytes+8 {
		t.Errorf("%d bytes: %.8q … %q", len(got), got, got[max(0, len(got)-8):])
	}
	s.closePart(ctx)
	if len(s.pending) != 0 || len(s.written) != 2 || len(content(ctx, t, s)) != partBytes+8 {
		t.Errorf("closed: %d pending, %d files", len(s.pending), len(s.written))
	}
	if n := folders(ctx, t, scope); len(n) != 1 {
		t.Errorf("folders %v", n)
	}
	s.discard(ctx)
	if n := folders(ctx, t, scope); len(n) != 0 {
		t.Errorf("left behind: %v", n)
	}
	if scope.Live() != 0 {
		t.Errorf("%d functions are alive", scope.Live())
	}
}

func TestSinkInMemoryWhereThereIsNoPrivateFileSystem(t *testing.T) {
	ctx, scope := within(t), js.NewScope()
	defer scope.Close()
	replace(t, "StorageManager.prototype", "getDirectory", "undefined")
	s := newSink(ctx, scope)
	s.add(ctx, blob(t, "one "))
	s.closePart(ctx)
	s.add(ctx, blob(t, "two"))
	if got := content(ctx, t, s); got != "one two" {
		t.Errorf("got %q", got)
	}
	s.discard(ctx)
}

func TestSinkLosesNothingWhenTheDiskIsFull(t *testing.T) {
	ctx, scope := within(t), js.NewScope()
	defer scope.Close()
	s := newSink(ctx, scope)
	s.add(ctx, blob(t, strings.Repeat("-", partBytes)))
	s.add(ctx, blob(t, "one "))
	replace(t, "FileSystemWritableFileStream.prototype", "write",
		"function () { return Promise.reject(new DOMException('full', 'QuotaExceededError')) }")
	s.add(ctx, blob(t, "two "))
	s.add(ctx, blob(t, "three"))
	s.closePart(ctx)
	if got := content(ctx, t, s); !strings.HasSuffix(got, "-one two three") || len(got) != partBytes+13 {
		t.Errorf("%d bytes, the end is %q", len(got), got[max(0, len(got)-14):])
	}
	s.discard(ctx)
	if n := folders(ctx, t, scope); len(n) != 0 {
		t.Errorf("left behind: %v", n)
	}
}

func TestWhatClosedPagesLeftIsRemoved(t *testing.T) {
	ctx, scope := within(t), js.NewScope()
	defer scope.Close()
	first := newSink(ctx, scope) // its page is still there
	if _, err := scope.Await(ctx, script(t, `return navigator.storage.getDirectory().then((root) => Promise.all([
		root.getDirectoryHandle('`+folderPrefix+`gone', {create: true}),
		root.getDirectoryHandle('of the page', {create: true})]))`)); err != nil {
		t.Fatal(err)
	}
	second := newSink(ctx, scope)
	left := strings.Join(folders(ctx, t, scope), " ")
	if strings.Contains(left, "gone") || !strings.Contains(left, first.name) || !strings.Contains(left, second.name) || !strings.Contains(left, "of the page") {
		t.Errorf("left: %s", left)
	}
	first.discard(ctx)
	second.discard(ctx)
	_, _ = scope.Await(ctx, script(t, `return navigator.storage.getDirectory().then((root) => root.removeEntry('of the page'))`))
}

func inputs(t *testing.T) []Input {
	return []Input{
		{Picture: true, Track: script(t, `const c = document.createElement('canvas'); c.width = 64; c.height = 48;
			const g = c.getContext('2d'); setInterval(() => { g.fillStyle = 'red'; g.fillRect(0, 0, 64, 48); }, 30);
			return c.captureStream(30).getVideoTracks()[0];`)},
		{Track: script(t, `const a = new AudioContext(), o = a.createOscillator(), d = a.createMediaStreamDestination();
			o.connect(d); o.start(); return d.stream.getAudioTracks()[0];`)},
	}
}

func TestRecorderLeavesNothingBehind(t *testing.T) {
	for name, o := range map[string]Options{"picture": {Width: 160, Height: 90, FPS: 15, Bitrate: 500_000}, "sound": {}} {
		ctx, scope := within(t), js.NewScope()
		// Every element and context that is made, to be asked in the end.
		made := script(t, `const made = {media: [], contexts: []}, own = document.createElement, Context = AudioContext;
			document.createElement = function (name) {
				const e = own.call(document, name);
				if (name === 'video' || name === 'audio') made.media.push(e);
				return e;
			};
			window.AudioContext = class extends Context { constructor(...a) { super(...a); made.contexts.push(this); } };
			made.back = () => { delete document.createElement; window.AudioContext = Context; };
			return made;`)
		r, err := Start(ctx, scope, o, nil)
		if err != nil {
			t.Fatal(err)
		}
		in := inputs(t)
		_, _ = js.Call(made, "back")
		r.SetInputs(in)
		time.Sleep(600 * time.Millisecond) // a recording takes time,
		for _, err := r.File(ctx); err != nil; _, err = r.File(ctx) {
			if ctx.Err() != nil {
				t.Fatalf("%s: %v", name, err) // and on a busy machine more of it
			}
			scope.Turn(ctx)
		}
		if err := r.Stop(ctx); err != nil {
			t.Fatal(err)
		}
		if r.Running() {
			t.Error("stopped and running")
		}
		file, err := r.File(ctx)
		if err != nil {
			t.Fatal(err)
		}
		head, err := bytesOf(ctx, scope, file, 4096)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(head, []byte{0x1A, 0x45, 0xDF, 0xA3}) || !bytes.Contains(head, []byte{0x44, 0x89, 0x88}) {
			t.Errorf("%s: no WebM with its length: % x", name, head[:min(64, len(head))])
		}
		r.Discard(ctx)
		if n := scope.Live(); n != 0 {
			t.Errorf("%s: %d functions are alive", name, n)
		}
		for _, e := range js.Items(js.Property(made, "media")) {
			if !js.Property(e, "srcObject").IsNull() {
				t.Errorf("%s: an element still has its track", name)
			}
		}
		for _, c := range js.Items(js.Property(made, "contexts"))[:1] {
			for js.TextOr(js.Property(c, "state"), "") != "closed" {
				if ctx.Err() != nil {
					t.Fatalf("%s: the sound is not closed", name)
				}
				scope.Turn(ctx)
			}
		}
	}
}

func TestRecordingWaitsForAGesture(t *testing.T) {
	ctx, scope := within(t), js.NewScope()
	replace(t, "window", "AudioContext", "class extends AudioContext { get state() { return 'suspended' } resume() { return new Promise(() => {}) } }")
	if _, err := Start(ctx, scope, Options{}, nil); errcode.Of(err).Code != errcode.AutoplayBlocked {
		t.Errorf("got %v", err)
	}
	if n := scope.Live(); n != 0 {
		t.Errorf("%d functions are alive", n)
	}
}

func TestRecordingWhereTheBrowserHasNone(t *testing.T) {
	replace(t, "window", "MediaRecorder", "undefined")
	if _, err := Start(within(t), js.NewScope(), Options{}, nil); errcode.Of(err).Code != errcode.NotSupported {
		t.Errorf("got %v", err)
	}
}
