//go:build js && wasm

package transform

import (
	"fmt"
	"sync"
	"sync/atomic"

	"nertc/internal/errcode"
	"nertc/internal/media"
	"nertc/jsbridge/js"
	"nertc/jsbridge/peer"
)

// lowSide is the longer side of a low layer in pixels, at most.
const lowSide = 240

// PageFrame is an encoded frame on its way through the page.
type PageFrame struct {
	Sending bool
	Purpose string // of what is sent
	Track   string // the id of the receiver's track
	Low     bool   // of the low layer
	// Frame is an RTCEncodedVideoFrame or RTCEncodedAudioFrame, Controller the
	// TransformStreamDefaultController that hands it on.
	Frame, Controller js.Value
}

// Page has all frames of a client go through the page, which brings a cipher of its own. It is the
// peer.Transformer of the connections that are made while it is on.
//
// Frames can be brought to a page by createEncodedStreams only: an RTCRtpScriptTransform is a worker's.
type Page struct {
	scope *js.Scope
	frame func(PageFrame)
	on    atomic.Bool

	once         sync.Once
	step, ignore js.Value
}

// NewPage gives one that is off. frame is called within the browser's stream, and must not wait.
func NewPage(scope *js.Scope, frame func(PageFrame)) *Page { return &Page{scope: scope, frame: frame} }

// On says whether connections are made with it.
func (p *Page) On() bool { return p.on.Load() }

// Enable has the next connections go through the page, or no longer. TransformUnsupported.
func (p *Page) Enable(on bool) error {
	if on && (!insertable() || !js.IsFunction(js.Global("TransformStream"))) {
		return errcode.New(errcode.TransformUnsupported, "this browser does not bring encoded frames to a page")
	}
	p.on.Store(on)
	return nil
}

// Factory makes connections through the page while it is on, and otherwise as plain does.
func (p *Page) Factory(plain media.Factory) media.Factory {
	through := peer.NewEncryptedFactory(p.scope, p)
	return func(o media.Observer) (media.PeerConnection, error) {
		if p.On() {
			return through(o)
		}
		return plain(o)
	}
}

// NeedsInsertable is that of peer.Transformer.
func (p *Page) NeedsInsertable() bool { return true }

// Broken is that of peer.Transformer: a page that stops takes its connections with it.
func (p *Page) Broken(func()) (forget func()) { return func() {} }

// Attach is that of peer.Transformer.
func (p *Page) Attach(end js.Value, kind media.Kind, sending bool, purpose string) (detach func(), err error) {
	p.once.Do(func() {
		// One function for all: what it is about is bound to it, so that connections leave nothing behind.
		p.step, _ = p.scope.Func(func(_ js.Value, args []js.Value) any {
			if len(args) >= 3 {
				p.take(args[0], args[1], args[2])
			}
			return nil
		})
		p.ignore, _ = p.scope.Func(func(js.Value, []js.Value) any { return nil })
	})
	streams, err := js.Call(end, "createEncodedStreams")
	if err != nil {
		return nil, err
	}
	about := js.Object(map[string]any{
		"end": end, "sending": sending, "purpose": purpose, "video": kind == media.Video, "low": js.Object(nil),
	})
	step, err := js.Call(p.step, "bind", js.Undefined(), about)
	if err != nil {
		return nil, err
	}
	through, err := js.New(js.Global("TransformStream"), js.Object(map[string]any{"transform": step}))
	if err != nil {
		return nil, err
	}
	changed, err := js.Call(js.Property(streams, "readable"), "pipeThrough", through)
	if err != nil {
		return nil, err
	}
	done, err := js.Call(changed, "pipeTo", js.Property(streams, "writable"))
	if err != nil {
		return nil, err
	}
	_, err = js.Call(done, "catch", p.ignore) // the sender or receiver is gone
	return func() {}, err
}

func (p *Page) take(about, frame, controller js.Value) {
	f := PageFrame{Sending: js.IsTrue(js.Property(about, "sending")), Frame: frame, Controller: controller}
	f.Purpose = js.TextOr(js.Property(about, "purpose"), "")
	if !f.Sending {
		f.Track = js.TextOr(js.Property(js.Property(js.Property(about, "end"), "track"), "id"), "")
	}
	if js.IsTrue(js.Property(about, "video")) {
		f.Low = low(js.Property(about, "low"), frame)
	}
	p.frame(f)
}

// low says whether a picture is of a low layer. Not each frame has its size with it, but those have that
// others follow: known remembers by source.
func low(known, frame js.Value) bool {
	metadata, err := js.Call(frame, "getMetadata")
	if err != nil {
		return false
	}
	source, _ := js.Integer(js.Property(metadata, "synchronizationSource"))
	name := fmt.Sprint(source)
	width, _ := js.Integer(js.Property(metadata, "width"))
	height, _ := js.Integer(js.Property(metadata, "height"))
	if width > 0 && height > 0 {
		_ = js.Set(known, name, max(width, height) <= lowSide)
	}
	return js.IsTrue(js.Property(known, name))
}
