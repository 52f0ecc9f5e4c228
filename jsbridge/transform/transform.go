//go:build js && wasm

// Package transform encrypts frames end to end in the browser: the page's end starts a
// frame worker and ties senders and receivers to it, the worker's end has the keys.
package transform

import (
	"context"
	"crypto/subtle"
	"errors"
	"slices"
	"sync"

	"nertc/internal/errcode"
	"nertc/internal/framecrypt"
	"nertc/internal/media"
	"nertc/jsbridge/js"
	"nertc/jsbridge/peer"
)

// Frames is the page's end: the media.Encryption of one client. Its worker is started with
// the first room, and ends with the scope.
type Frames struct {
	scope *js.Scope
	spawn js.Value // makes a worker that has the compiled core

	mu     sync.Mutex
	worker js.Value      // undefined before there is one
	ready  chan struct{} // nil while there is none
	failed error         // of the worker, once ready
	broken map[*func()]struct{}
	room   int // the number of the latest key
	tracks int // the number of the latest track
	mode   string
	key    []byte // nil between rooms
	count  int
	counts map[int]chan Counts
	warned bool
}

// Counts are how many frames went through under the present key, and how many were dropped.
type Counts struct {
	Encrypted, Decrypted int
	// NotEncrypted could not be encrypted and were not sent.
	NotEncrypted int
	// DroppedClear arrived unencrypted, DroppedForeign for another key or damaged, DroppedReplayed a second time.
	DroppedClear, DroppedForeign, DroppedReplayed int
}

// New makes the encryption of a client. spawn is a function that starts a frame worker.
func New(owner *js.Scope, spawn js.Value) *Frames {
	f := &Frames{scope: owner.Child(), spawn: spawn, broken: map[*func()]struct{}{}, counts: map[int]chan Counts{}}
	owner.OnClose(f.terminate)
	return f
}

// scripted says whether the browser takes a worker's transforms.
// https://www.w3.org/TR/webrtc-encoded-transform/#RTCRtpScriptTransform-interface
func scripted() bool { return js.IsFunction(js.Global("RTCRtpScriptTransform")) }

// insertable says whether it has the form before that, with streams that go to a worker.
// https://github.com/w3c/webrtc-encoded-transform/blob/main/explainer.md
func insertable() bool {
	for _, class := range []string{"RTCRtpSender", "RTCRtpReceiver"} {
		if !js.IsFunction(js.Property(js.Property(js.Global(class), "prototype"), "createEncodedStreams")) {
			return false
		}
	}
	return true
}

// Available is that of media.Encryption.
func (f *Frames) Available() error {
	if !scripted() && !insertable() || !js.IsFunction(js.Global("Worker")) || !js.IsFunction(f.spawn) {
		return errcode.New(errcode.TransformUnsupported, "this browser has no encoded transforms: frames cannot be encrypted")
	}
	return nil
}

// Root is that of media.Encryption.
func (f *Frames) Root(ctx context.Context, secret, appkey string) ([]byte, error) {
	return pbkdf2(ctx, f.scope, secret, appkey)
}

// Begin is that of media.Encryption.
func (f *Frames) Begin(ctx context.Context, mode string, key []byte) (media.Factory, error) {
	if err := f.start(ctx); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ready == nil {
		return nil, noWorker(errStopped)
	}
	if f.key == nil || f.mode != mode || subtle.ConstantTimeCompare(f.key, key) != 1 {
		f.end()
		f.room++
		f.mode, f.key = mode, slices.Clone(key)
		f.tell(map[string]any{"begin": f.room, "mode": mode}, key)
	}
	if mode == string(framecrypt.ECB) && !f.warned {
		f.warned = true
		_, _ = js.Call(js.Global("console"), "warn", "nertc: sm4-128-ecb shows equal blocks as equal and does not notice changes; use sm4-128-gcm where you can")
	}
	return peer.NewEncryptedFactory(f.scope, &attacher{f, f.room}), nil
}

// Rotate is that of media.Encryption.
func (f *Frames) Rotate(key []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.key == nil {
		return errcode.New(errcode.InvalidOperation, "nothing is encrypted")
	}
	clear(f.key)
	f.key = slices.Clone(key)
	f.tell(map[string]any{"rotate": f.room}, key)
	return nil
}

// End is that of media.Encryption.
func (f *Frames) End() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.end()
}

// end forgets the key. The lock is held.
func (f *Frames) end() {
	if f.key == nil {
		return
	}
	clear(f.key)
	f.key = nil
	f.tell(map[string]any{"end": f.room}, nil)
}

// tell sends a message to the worker, which gets the key's only copy in JavaScript. The lock is held.
func (f *Frames) tell(message map[string]any, key []byte) {
	var transfer []any
	if key != nil {
		value := js.Bytes(key)
		message["key"] = value
		transfer = []any{js.Property(value, "buffer")}
	}
	if _, err := js.Call(f.worker, "postMessage", js.Object(message), js.Array(transfer...)); err != nil {
		js.Complain("the frame worker does not hear", err)
	}
}

// start starts the worker, unless it runs, and waits until it does.
func (f *Frames) start(ctx context.Context) error {
	f.mu.Lock()
	if f.ready == nil {
		f.launch()
	}
	ready := f.ready
	f.mu.Unlock()
	select {
	case <-ready:
	case <-ctx.Done():
		return errcode.Wrap(errcode.NotSupported, ctx.Err(), "the frame worker did not start")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failed != nil && f.ready == ready {
		f.ready = nil // the next join tries anew
	}
	return f.failed
}

// launch makes the worker. The lock is held.
func (f *Frames) launch() {
	ready := make(chan struct{})
	f.ready, f.failed = ready, nil
	settle := sync.OnceFunc(func() { close(ready) })
	worker, err := js.Invoke(f.spawn)
	if err == nil && !js.IsObject(worker) {
		err = js.ErrClosed
	}
	if err != nil {
		f.failed = noWorker(err)
		settle()
		return
	}
	f.worker = worker
	own := f.scope.Child()
	fail := func(err error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		select {
		case <-ready:
			js.Complain("the frame worker failed", err)
		default:
			f.failed = noWorker(err)
			_, _ = js.Call(worker, "terminate")
			own.Close()
			settle()
		}
	}
	own.Listen(worker, "message", func(event js.Value) {
		data := js.Property(event, "data")
		if why, ok := js.Text(js.Property(data, "failed")); ok {
			fail(&js.Exception{Message: why})
		} else if why, ok := js.Text(js.Property(data, "stopped")); ok {
			own.Close()
			f.stopped(ready, why)
		} else if js.IsTrue(js.Property(data, "ready")) {
			settle()
		} else if n, ok := js.Integer(js.Property(data, "counted")); ok {
			f.counted(int(n), data)
		}
	})
	// A policy that forbids the worker shows here, without a text.
	own.Listen(worker, "error", func(event js.Value) {
		fail(&js.Exception{Message: js.TextOr(js.Property(event, "message"), "it was not loaded")})
	})
}

// errStopped is why a worker is none any more.
var errStopped = errors.New("it has stopped")

// stopped takes the end of the core in the worker that has made ready. Nothing passes any more: who has connections is told, and the next
// key begins with another worker.
func (f *Frames) stopped(ready chan struct{}, why string) {
	f.mu.Lock()
	if f.ready != ready {
		f.mu.Unlock()
		return
	}
	js.Complain("the frame worker has stopped", &js.Exception{Message: why})
	_, _ = js.Call(f.worker, "terminate")
	f.worker, f.ready = js.Undefined(), nil
	clear(f.key)
	f.key = nil
	f.uncounted()
	broken := f.broken
	f.broken = map[*func()]struct{}{}
	f.mu.Unlock()
	for tell := range broken {
		(*tell)()
	}
}

// onBroken has a function called, once at most, when the worker has stopped. The function that it returns takes that back.
func (f *Frames) onBroken(tell func()) (forget func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.broken[&tell] = struct{}{}
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.broken, &tell)
	}
}

func noWorker(err error) error {
	return errcode.Wrap(errcode.NotSupported, err, "the frame worker does not start; a content security policy must have worker-src blob:")
}

// terminate ends the worker for good.
func (f *Frames) terminate() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.end()
	if !f.worker.IsUndefined() {
		_, _ = js.Call(f.worker, "terminate")
	}
	f.uncounted()
}

// uncounted answers who waits for counts of a worker that is gone. The lock is held.
func (f *Frames) uncounted() {
	for _, c := range f.counts {
		close(c)
	}
	f.counts = map[int]chan Counts{}
}

// Counts asks the worker what has happened since the present key; all 0 where there is none.
func (f *Frames) Counts(ctx context.Context) (Counts, error) {
	f.mu.Lock()
	if f.key == nil {
		f.mu.Unlock()
		return Counts{}, nil
	}
	f.count++
	n, answer := f.count, make(chan Counts, 1)
	f.counts[n] = answer
	f.tell(map[string]any{"count": n, "room": f.room}, nil)
	f.mu.Unlock()
	select {
	case c := <-answer:
		return c, nil
	case <-ctx.Done():
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.counts, n)
		return Counts{}, ctx.Err()
	}
}

func (f *Frames) counted(n int, data js.Value) {
	get := func(name string) int {
		count, _ := js.Integer(js.Property(data, name))
		return int(count)
	}
	c := Counts{
		get("encrypted"), get("decrypted"), get("notEncrypted"), get("droppedClear"), get("droppedForeign"), get("droppedReplayed"),
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if answer := f.counts[n]; answer != nil {
		delete(f.counts, n)
		answer <- c
	}
}

// attacher is the peer.Transformer of one key.
type attacher struct {
	f      *Frames
	number int
}

// NeedsInsertable is that of peer.Transformer.
func (a *attacher) NeedsInsertable() bool { return !scripted() }

// Broken is that of peer.Transformer.
func (a *attacher) Broken(tell func()) (forget func()) { return a.f.onBroken(tell) }

// Attach is that of peer.Transformer. There may be no worker any more: that is an error too.
func (a *attacher) Attach(end js.Value, kind media.Kind, sending bool, _ string) (detach func(), err error) {
	a.f.mu.Lock()
	worker := a.f.worker
	a.f.tracks++
	number := a.f.tracks
	a.f.mu.Unlock()
	track := js.Object(map[string]any{"track": number, "room": a.number, "sending": sending, "video": kind == media.Video})
	detach = func() { a.f.detach(worker, number) }
	if scripted() {
		transform, err := js.New(js.Global("RTCRtpScriptTransform"), worker, track)
		if err != nil {
			return nil, err
		}
		return detach, js.Set(end, "transform", transform)
	}
	streams, err := js.Call(end, "createEncodedStreams")
	if err != nil {
		return nil, err
	}
	readable, writable := js.Property(streams, "readable"), js.Property(streams, "writable")
	_, err = js.Call(worker, "postMessage",
		js.Object(map[string]any{"readable": readable, "writable": writable, "track": track}), js.Array(readable, writable))
	return detach, err
}

// detach has the worker forget a track that it had.
func (f *Frames) detach(worker js.Value, track int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.worker.Equal(worker) {
		f.tell(map[string]any{"close": track}, nil)
	}
}
