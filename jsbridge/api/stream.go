//go:build js && wasm

package api

import (
	"context"
	"slices"
	"strconv"
	"sync"

	"nertc/internal/errcode"
	"nertc/internal/protocol"
	"nertc/internal/serial"
	"nertc/jsbridge/js"
	"nertc/jsbridge/playback"
	"nertc/jsbridge/sound"
)

// Stream is a CoreStream: a local one, whose tracks come from capture, or a remote user's,
// whose tracks come from the room.
type Stream struct {
	api    *API
	id     int
	object js.Value
	remote bool
	scope  *js.Scope
	ctx    context.Context
	cancel context.CancelFunc
	player *playback.Player
	// inOrder is the queue of the stream's events and settlements: its own, or that of the
	// client that a remote stream belongs to.
	inOrder func(func())
	turns   turns

	mu    sync.Mutex
	emit  js.Value
	uid   any // explicit or the remote user's, as the page sees it; nil if there is none
	has   map[protocol.MediaType]bool
	muted map[protocol.MediaType]bool
	local local
	// channels are the sounds that go through Web Audio.
	channels map[protocol.MediaType]*sound.Channel
	closed   bool
	clients  []*Client // where a local stream was published
	// snapshots counts those that got no name of the page.
	snapshots     int
	recordings    map[int]*recording // by their numbers
	lastRecording int
	// recordingBegins are the types of which a recording is about to begin.
	recordingBegins map[protocol.MediaType]bool
	owner           *Client // of a remote stream
}

func (a *API) newStream(remote bool, emit js.Value) *Stream {
	s := &Stream{
		api: a, remote: remote, emit: emit, scope: a.scope.Child(),
		has: map[protocol.MediaType]bool{}, muted: map[protocol.MediaType]bool{},
		recordings: map[int]*recording{}, recordingBegins: map[protocol.MediaType]bool{},
		channels: map[protocol.MediaType]*sound.Channel{},
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.player = playback.New(s.scope, func(err error) { s.tell("notAllowedError", js.ErrorValue(err)) })
	s.player.OnTracks(s.tracksChanged)
	s.object, s.id = a.instance(a.streamClass)
	a.mu.Lock()
	a.streams[s.id] = s
	a.mu.Unlock()
	return s
}

func (a *API) newRemoteStream(c *Client, uid string) *Stream {
	s := a.newStream(true, js.Undefined())
	s.inOrder, s.owner = c.core.InOrder, c
	s.uid = c.uid(uid)
	_ = js.Set(s.object, uidKey, s.uid)
	return s
}

func (a *API) newLocalStream(options, emit js.Value) *Stream {
	s := a.newStream(false, emit)
	queue := &serial.Queue{}
	s.inOrder = func(f func()) { queue.Post(f) }
	s.local = readLocal(options)
	s.uid = explicitUID(options)
	return s
}

func (a *API) defineStream() js.Value {
	class := js.Object(nil)
	async := func(name string, f func(s *Stream, args []js.Value) work) {
		a.method(class, name, func(this js.Value, args []js.Value) any {
			s := a.streamOf(this)
			if s == nil {
				return rejected("stream")
			}
			return promise(s.inOrder, logged(a.o.Log.Named("stream "+strconv.Itoa(s.id)), name, f(s, args)))
		})
	}
	sync := func(name string, gone any, f func(s *Stream, args []js.Value) any) {
		a.method(class, name, func(this js.Value, args []js.Value) any {
			s := a.streamOf(this)
			if s == nil {
				return gone
			}
			return f(s, args)
		})
	}
	async("init", func(s *Stream, _ []js.Value) work { return s.init() })
	async("open", (*Stream).open)
	async("close", (*Stream).closeType)
	async("switchDevice", (*Stream).switchDevice)
	async("play", (*Stream).play)
	async("resume", func(s *Stream, _ []js.Value) work {
		wait := s.player.Resume()
		return func() (any, error) { return nil, wait(s.ctx) }
	})
	async("setMuted", (*Stream).setMuted)
	sync("destroy", nil, func(s *Stream, _ []js.Value) any { s.close(); return nil })
	sync("stop", nil, func(s *Stream, args []js.Value) any {
		if types, err := mediaTypes(arg(args, 0)); err == nil {
			s.player.Stop(types...)
		}
		return nil
	})
	sync("isPlaying", false, func(s *Stream, args []js.Value) any {
		t, ok := mediaType(arg(args, 0))
		return ok && s.player.IsPlaying(t)
	})
	sync("setRenderMode", nil, func(s *Stream, args []js.Value) any { s.setRenderMode(args); return nil })
	sync("getTrack", nil, func(s *Stream, args []js.Value) any {
		t, _ := mediaType(arg(args, 0))
		if track := s.player.Track(t); !track.IsUndefined() {
			return track
		}
		return nil
	})
	sync("has", false, func(s *Stream, args []js.Value) any {
		t, ok := mediaType(arg(args, 0))
		return ok && s.hasType(t)
	})
	a.method(class, "uid", func(this js.Value, _ []js.Value) any {
		if s := a.streamOf(this); s != nil {
			return s.getUID()
		}
		if uid := js.Property(this, uidKey); !uid.IsUndefined() {
			return uid
		}
		return nil
	})
	a.definePlaying(class)
	a.defineRecording(class)
	a.defineProfiles(class)
	a.defineLoudness(class)
	return class
}

func (s *Stream) setEmit(emit js.Value) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.emit = emit
}

// tell emits an event in the stream's order.
func (s *Stream) tell(event string, argument ...any) {
	s.inOrder(func() {
		js.Guard(func() {
			s.mu.Lock()
			to := s.emit
			s.mu.Unlock()
			emit(to, event, argument...)
		})
	})
}

func (s *Stream) play(args []js.Value) work {
	view, options := arg(args, 0), arg(args, 1)
	types := choice(options)
	if js.IsNullish(options) {
		types = protocol.MediaTypes[:]
		if !s.remote { // who hears the own microphone aloud hears a howl
			types = []protocol.MediaType{protocol.MediaVideo, protocol.MediaScreen}
		}
	}
	// Started here and not on the goroutine of the call: browsers let sound through that is
	// started within the user's gesture.
	wait := s.player.Play(view, types...)
	return func() (any, error) { return nil, wait(s.ctx) }
}

func (s *Stream) setRenderMode(args []js.Value) {
	mode := arg(args, 0)
	width, okWidth := js.Number(js.Property(mode, "width"))
	height, okHeight := js.Number(js.Property(mode, "height"))
	types, err := mediaTypes(arg(args, 1))
	if !okWidth || !okHeight || err != nil { // the shim has refused these
		return
	}
	for _, t := range types {
		s.player.SetRenderMode(t, playback.RenderMode{
			Width: width, Height: height, Cut: js.IsSet(js.Property(mode, "cut")),
		})
	}
}

// setMuted silences a local track for everybody, a remote one here alone.
func (s *Stream) setMuted(args []js.Value) work {
	t, ok := mediaType(arg(args, 0))
	if !ok {
		return fail(errcode.New(errcode.UnknownMediaType, "unknown media type"))
	}
	muted := js.IsSet(arg(args, 1))
	if !s.remote && !s.hasType(t) && !s.wants(t) {
		return fail(errcode.New(errcode.NoSuchLocalStream, "the stream has no %s", t))
	}
	s.mu.Lock()
	s.muted[t] = muted
	clients := slices.Clone(s.clients)
	s.mu.Unlock()
	s.player.SetMuted(t, muted)
	return func() (any, error) {
		for _, c := range clients {
			if err := c.setMuted(s, t, muted); err != nil {
				s.takeBackMute(t, muted)
				return nil, err
			}
		}
		return nil, nil
	}
}

// takeBackMute puts back what the room has refused, unless the page has changed it since.
func (s *Stream) takeBackMute(t protocol.MediaType, muted bool) {
	s.mu.Lock()
	changed := s.muted[t] != muted
	if !changed {
		s.muted[t] = !muted
	}
	s.mu.Unlock()
	if !changed {
		s.player.SetMuted(t, !muted)
	}
}

func (s *Stream) isMuted(t protocol.MediaType) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.muted[t]
}

func (s *Stream) hasType(t protocol.MediaType) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.has[t]
}

func (s *Stream) setPublished(t protocol.MediaType, published bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.has[t] = published
}

// keepTracks takes the tracks of all other media types away.
func (s *Stream) keepTracks(types []protocol.MediaType) {
	for _, t := range protocol.MediaTypes {
		if !slices.Contains(types, t) {
			s.lose(t)
		}
	}
}

// lose takes the track of a remote user away, and what measured it.
func (s *Stream) lose(t protocol.MediaType) {
	s.player.SetTrack(t, js.Undefined())
	s.channel(t)
}

// getUID is the uid given at creation, otherwise that of the client that published the stream.
func (s *Stream) getUID() any {
	s.mu.Lock()
	uid, clients := s.uid, slices.Clone(s.clients)
	s.mu.Unlock()
	for i := len(clients) - 1; i >= 0 && uid == nil; i-- {
		uid = clients[i].uid(clients[i].core.UID())
	}
	return uid
}

// close ends the stream: its elements go, its devices are released, its publications end.
func (s *Stream) close() {
	s.api.mu.Lock()
	_, known := s.api.streams[s.id]
	delete(s.api.streams, s.id)
	s.api.mu.Unlock()
	if !known {
		return
	}
	s.mu.Lock()
	sources, channels, clients := s.local.sources, s.channels, s.clients
	s.local.sources, s.channels, s.clients = nil, nil, nil
	s.closed = true
	s.has = map[protocol.MediaType]bool{}
	s.mu.Unlock()
	if s.remote {
		s.retire()
	} else {
		go s.discardAll()
	}
	s.cancel()
	s.player.Close()
	sources.Stop()
	for _, c := range channels {
		c.Close()
	}
	s.scope.Close()
	for _, c := range clients {
		c.release(s)
		go func() { _ = c.unpublishStream(s, protocol.MediaTypes[:]) }()
	}
	s.api.collect()
}
