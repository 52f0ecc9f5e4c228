//go:build js && wasm

// Package record writes what a page sees and hears into a WebM file: any number of pictures and
// sounds, that come and go, as one picture and one sound.
package record

import (
	"context"
	"sync"
	"time"

	"nertc/internal/errcode"
	"nertc/jsbridge/js"
)

// Options say how a recording is to be.
type Options struct {
	// Width and Height of the picture in pixels; 0 records sound alone.
	Width, Height int
	// FPS is how many frames a second has.
	FPS int
	// Bitrate of the picture in bit/s.
	Bitrate int
}

const (
	// timeslice is how much of a recording is in the browser's memory before it is written down, in ms.
	timeslice = 1000
	// soundBitrate is that of Opus for music in stereo, in bit/s.
	soundBitrate = 128_000
	// headBytes is where the length of a recording stands at the latest.
	headBytes = 4096
)

// Recorder is one recording. Its methods may be called from any goroutine, but not inside a
// function that JavaScript called: they wait.
type Recorder struct {
	scope    *js.Scope
	recorder js.Value
	mime     string
	begun    time.Time

	inputs   chan []Input  // the newest for the goroutine of the mix
	stop     func()        // closes stopping
	stopping chan struct{} // the recording is to end
	ended    chan struct{} // the browser's recorder has given everything
	finished chan struct{} // the mix is closed
	stopped  chan struct{} // everything is in the sink

	queue sync.Mutex
	blobs []js.Value    // not yet in the sink
	came  chan struct{} // there are some

	mu     sync.Mutex // of what follows, and of the sink
	sink   *sink
	length time.Duration // 0 while it goes on
}

// Start begins a recording of the inputs.
func Start(ctx context.Context, owner *js.Scope, o Options, inputs []Input) (*Recorder, error) {
	class := js.Global("MediaRecorder")
	mime := mimeOf(class, o.Width > 0)
	if mime == "" {
		return nil, errcode.New(errcode.NotSupported, "this browser records no WebM")
	}
	scope := owner.Child()
	m, err := newMix(ctx, scope, o.Width, o.Height, o.FPS)
	if err != nil {
		scope.Close()
		return nil, err
	}
	m.set(inputs)
	r := &Recorder{
		scope: scope, mime: mime, inputs: make(chan []Input, 1), came: make(chan struct{}, 1),
		ended: make(chan struct{}), stopping: make(chan struct{}), finished: make(chan struct{}), stopped: make(chan struct{}),
	}
	r.stop = sync.OnceFunc(func() { close(r.stopping) })
	tracks := make([]any, 0, len(m.tracks))
	for _, t := range m.tracks {
		tracks = append(tracks, t)
	}
	options := map[string]any{"mimeType": mime, "audioBitsPerSecond": soundBitrate}
	if o.Bitrate > 0 {
		options["videoBitsPerSecond"] = o.Bitrate
	}
	stream, err := js.New(js.Global("MediaStream"), js.Array(tracks...))
	if err == nil {
		r.recorder, err = js.New(class, stream, js.Object(options))
	}
	if err == nil {
		r.sink = newSink(ctx, scope)
		err = r.begin()
	}
	if err != nil {
		if r.sink != nil {
			r.sink.discard(context.Background())
		}
		m.close()
		scope.Close()
		return nil, errcode.Wrap(errcode.NotSupported, err, "the browser does not record")
	}
	go r.mixing(m)
	go r.writing()
	return r, nil
}

func mimeOf(class js.Value, picture bool) string {
	types := []string{"audio/webm;codecs=opus", "audio/webm"}
	if picture {
		types = []string{"video/webm;codecs=vp8,opus", "video/webm;codecs=vp9,opus", "video/webm"}
	}
	for _, t := range types {
		if ok, err := js.Call(class, "isTypeSupported", t); err == nil && js.IsTrue(ok) {
			return t
		}
	}
	return ""
}

func (r *Recorder) begin() error {
	r.scope.Listen(r.recorder, "dataavailable", func(e js.Value) {
		if size, _ := js.Number(js.Property(js.Property(e, "data"), "size")); size > 0 {
			r.queue.Lock()
			r.blobs = append(r.blobs, js.Property(e, "data"))
			r.queue.Unlock()
			select {
			case r.came <- struct{}{}:
			default:
			}
		}
	})
	end := sync.OnceFunc(func() { close(r.ended) })
	r.scope.Listen(r.recorder, "stop", func(js.Value) { end() })
	r.scope.Listen(r.recorder, "error", func(js.Value) { r.stop() })
	r.begun = time.Now()
	_, err := js.Call(r.recorder, "start", timeslice)
	return err
}

// mixing draws frame by frame until the recording stops, and ends the browser's recorder.
func (r *Recorder) mixing(m *mix) {
	defer m.close()
	next := m.clock()
	for !r.isStopping() {
		if m.canvas.IsUndefined() { // sound alone needs nobody
			select {
			case in := <-r.inputs:
				m.set(in)
			case <-r.stopping:
			case <-r.scope.Done():
			}
			continue
		}
		select {
		case in := <-r.inputs:
			m.set(in)
		default:
		}
		m.draw(float64(time.Since(r.begun).Microseconds()) / 1000)
		// One that is late makes the next no sooner.
		next = max(next, m.clock()) + m.period.Seconds()
		m.tick(r.stopping, next)
	}
	r.mu.Lock()
	r.length = time.Since(r.begun)
	r.mu.Unlock()
	if _, err := js.Call(r.recorder, "stop"); err == nil { // otherwise it has stopped by itself
		select {
		case <-r.ended:
		case <-r.scope.Done():
		}
	}
	close(r.finished)
}

func (r *Recorder) isStopping() bool {
	select {
	case <-r.stopping:
		return true
	case <-r.scope.Done():
		return true
	default:
		return false
	}
}

// writing puts into the sink what the browser gives, in order, to the last of it.
func (r *Recorder) writing() {
	defer close(r.stopped)
	for last := false; !last; {
		select {
		case <-r.came:
		case <-r.finished:
			last = true
		}
		r.drain()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sink.closePart(context.Background())
}

func (r *Recorder) drain() {
	r.mu.Lock() // first, so that those who drain at once do not mix up the order
	defer r.mu.Unlock()
	r.queue.Lock()
	blobs := r.blobs
	r.blobs = nil
	r.queue.Unlock()
	for _, b := range blobs {
		r.sink.add(context.Background(), b)
	}
}

// SetInputs has the recording go on with other tracks.
func (r *Recorder) SetInputs(inputs []Input) {
	r.queue.Lock()
	defer r.queue.Unlock()
	select {
	case <-r.inputs: // nobody has seen these
	default:
	}
	r.inputs <- inputs
}

// Stop ends the recording and waits until it is complete. A recording that has ended is left as it is.
func (r *Recorder) Stop(ctx context.Context) error {
	r.stop()
	select {
	case <-r.stopped:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Running says whether the recording goes on.
func (r *Recorder) Running() bool { return !r.isStopping() }

// File gives the recording as a Blob: all of it, or what there is by now if it goes on.
func (r *Recorder) File(ctx context.Context) (js.Value, error) {
	if r.Running() {
		if _, err := js.Call(r.recorder, "requestData"); err == nil {
			r.scope.Turn(ctx) // it comes as an event
		}
	} else if err := r.Stop(ctx); err != nil {
		return js.Undefined(), err
	}
	r.drain()
	r.mu.Lock()
	defer r.mu.Unlock()
	length := r.length
	if length == 0 {
		length = time.Since(r.begun)
	}
	blobs := r.sink.blobs()
	if len(blobs) == 0 {
		return js.Undefined(), errcode.New(errcode.InvalidOperation, "nothing has been recorded")
	}
	whole, err := blobOf(blobs, r.mime)
	if err != nil {
		return whole, err
	}
	head, err := bytesOf(ctx, r.scope, whole, headBytes)
	if err != nil {
		return whole, err
	}
	fixed, replaced, ok := withDuration(head, length.Seconds())
	if !ok {
		return whole, nil
	}
	rest, err := js.Call(whole, "slice", replaced)
	if err != nil {
		return whole, err
	}
	return blobOf([]any{js.Bytes(fixed), rest}, r.mime)
}

// Discard ends the recording and removes what is recorded.
func (r *Recorder) Discard(ctx context.Context) {
	_ = r.Stop(ctx)
	r.mu.Lock()
	r.sink.discard(ctx)
	r.mu.Unlock()
	r.scope.Close()
}

func blobOf(parts []any, mime string) (js.Value, error) {
	return js.New(js.Global("Blob"), js.Array(parts...), js.Object(map[string]any{"type": mime}))
}

// bytesOf reads the first bytes of a Blob.
func bytesOf(ctx context.Context, scope *js.Scope, blob js.Value, n int) ([]byte, error) {
	head, err := js.Call(blob, "slice", 0, n)
	if err != nil {
		return nil, err
	}
	buffer, err := scope.AwaitCall(ctx, head, "arrayBuffer")
	if err != nil {
		return nil, err
	}
	return js.FromBuffer(buffer)
}
