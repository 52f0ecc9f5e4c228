//go:build js && wasm

// Package api is the core's end of the border that docs/border.md describes: the objects
// CoreClient and CoreStream, with arguments in, promises and events out.
package api

import (
	"sync"
	"time"

	"nertc/internal/errcode"
	"nertc/internal/journal"
	"nertc/internal/place"
	"nertc/internal/signal"
	"nertc/jsbridge/js"
	"nertc/jsbridge/sound"
)

// Options are what the border is made of.
type Options struct {
	// Version of the core, which the shim compares with its own.
	Version string
	// Dial opens the signalling socket.
	Dial signal.Dialer
	// SpawnFrames is the shim's function that starts a frame worker.
	SpawnFrames js.Value
	// Log takes the lines of the core's journal; nil for a core without one.
	Log *journal.Log
	// Places keeps the clients' places for the page after this one; nil keeps none.
	Places place.Store
}

// API makes the core's objects. The methods of all objects of a kind stand once, on their
// prototype, and find their object by a number that it carries: an object then holds no
// functions, and whoever calls one that is gone gets an answer all the same.
type API struct {
	o                        Options
	scope                    *js.Scope
	clientClass, streamClass js.Value
	desk                     *sound.Desk

	mu         sync.Mutex
	nextID     int
	clients    map[int]*Client
	streams    map[int]*Stream
	collecting bool            // soon, all that nobody needs any more
	retired    map[int]*Stream // gone, but for what was recorded of them
}

const (
	idKey = "id"
	// uidKey holds a remote user's uid, which a page may ask for when the user is long gone.
	uidKey = "remoteUid"
)

// New makes the border.
func New(o Options) *API {
	a := &API{o: o, scope: js.NewScope(), clients: map[int]*Client{}, streams: map[int]*Stream{}, retired: map[int]*Stream{}}
	a.desk = sound.NewDesk(a.scope)
	a.clientClass = a.defineClient()
	a.streamClass = a.defineStream()
	return a
}

// Factory makes the object that the shim starts with.
func (a *API) Factory() js.Value {
	factory := js.Object(map[string]any{"version": a.o.Version})
	a.method(factory, "createClient", func(_ js.Value, args []js.Value) any {
		return a.newClient(arg(args, 0), arg(args, 1))
	})
	a.method(factory, "createStream", func(_ js.Value, args []js.Value) any {
		return a.newLocalStream(arg(args, 0), arg(args, 1)).object
	})
	a.method(factory, "setLogLevel", func(_ js.Value, args []js.Value) any {
		if level, ok := js.Integer(arg(args, 0)); ok && a.o.Log != nil {
			a.o.Log.SetLevel(journal.Level(level))
		}
		return nil
	})
	a.method(factory, "liveFuncs", func(js.Value, []js.Value) any { return a.scope.Live() })
	a.method(factory, "counts", func(js.Value, []js.Value) any { return a.counts() })
	return factory
}

// counts are what the core holds: what a page has let go of must be in none of them.
func (a *API) counts() map[string]any {
	a.mu.Lock()
	defer a.mu.Unlock()
	return map[string]any{"clients": len(a.clients), "streams": len(a.streams), "callbacks": a.scope.Live()}
}

func (a *API) method(object js.Value, name string, f func(this js.Value, args []js.Value) any) {
	function, _ := a.scope.Func(f)
	_ = js.Set(object, name, function)
}

func arg(args []js.Value, i int) js.Value {
	if i >= len(args) {
		return js.Undefined()
	}
	return args[i]
}

// instance makes an object of a class with a fresh number.
func (a *API) instance(class js.Value) (object js.Value, id int) {
	a.mu.Lock()
	a.nextID++
	id = a.nextID
	a.mu.Unlock()
	object, err := js.Call(js.Global("Object"), "create", class)
	if err != nil {
		object = js.Object(nil)
	}
	_ = js.Set(object, idKey, id)
	_ = js.Set(object, "__v_skip", true) // Vue must not wrap it
	return object, id
}

func idOf(object js.Value) int {
	id, _ := js.Integer(js.Property(object, idKey))
	return int(id)
}

func (a *API) clientOf(object js.Value) *Client {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.clients[idOf(object)]
}

func (a *API) streamOf(object js.Value) *Stream {
	id := idOf(object)
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.streams[id]
}

// work does what a call asked for, on a goroutine of its own.
type work func() (any, error)

// fail is the work of a call that was refused at once.
func fail(err error) work {
	return func() (any, error) { return nil, err }
}

// promise runs work and settles a promise with its result, in the object's order.
func promise(inOrder func(func()), w work) js.Value {
	p := js.NewPromise()
	go func() {
		v, err := guarded(w)
		inOrder(func() { js.Guard(func() { p.Settle(v, err) }) })
	}()
	return p.Value
}

func guarded(w work) (v any, err error) {
	done := false
	js.Guard(func() {
		v, err = w()
		done = true
	})
	if !done {
		return nil, errcode.New(errcode.InvalidOperation, "internal error")
	}
	return v, err
}

// logged has the end of a call written down: the page's own calls tell best how something came about.
func logged(log *journal.Log, name string, w work) work {
	return func() (any, error) {
		began := time.Now()
		v, err := w()
		if err != nil {
			log.Warning(name+" failed", journal.Failure(err)...)
		} else {
			log.Debug(name, "took", journal.Since(began))
		}
		return v, err
	}
}

// rejected is the answer of an object that is gone.
func rejected(what string) js.Value {
	p := js.NewPromise()
	p.Reject(errcode.New(errcode.InvalidOperation, "the %s was destroyed", what))
	return p.Value
}

// heard says whether the page listens to one of the events. It is asked before an event that comes every
// second is made; where nothing can be asked, somebody may listen.
func (c *Client) heard(events ...any) bool {
	heard, err := js.Call(c.emit, "heard", events...)
	return err != nil || heard.Truthy()
}

// emit tells the shim of an event. Handlers of a page run in there, so no lock is held.
func emit(to js.Value, event string, argument ...any) js.Value {
	if !js.IsFunction(to) {
		return js.Undefined()
	}
	v, err := js.Invoke(to, append([]any{event}, argument...)...)
	if err != nil {
		js.Complain("a handler of "+event+" failed", err)
	}
	return v
}
