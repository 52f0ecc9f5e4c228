//go:build js && wasm

package api

import (
	"context"

	"nertc/internal/errcode"
	"nertc/internal/protocol"
	"nertc/jsbridge/js"
	"nertc/jsbridge/record"
)

// streamRecordings are what each type of a stream's recording holds.
var streamRecordings = map[protocol.MediaType][]protocol.MediaType{
	protocol.MediaAudio:      {protocol.MediaAudio},
	protocol.MediaAudioSlave: {protocol.MediaAudioSlave},
	protocol.MediaVideo:      {protocol.MediaVideo, protocol.MediaAudio},
	protocol.MediaScreen:     {protocol.MediaScreen, protocol.MediaAudioSlave},
}

// startMediaRecording begins to record one stream, and gives the number of the recording.
func (s *Stream) startMediaRecording(args []js.Value) work {
	t, ok := mediaType(arg(args, 0))
	if !ok {
		return fail(errcode.New(errcode.UnknownMediaType, "unknown media type"))
	}
	reset := js.IsSet(arg(args, 1))
	return func() (any, error) {
		track := s.player.Track(t)
		if track.IsUndefined() {
			return nil, errcode.New(errcode.InvalidOperation, "the stream has no %s to record", t)
		}
		o := record.Options{}
		if t == protocol.MediaVideo || t == protocol.MediaScreen {
			width, height := sizeOf(track)
			o = withPicture(width, height, 30)
		}
		if reset {
			s.discardRecordings(func(r *recording) bool { return r.types[0] == t })
		}
		if !s.beginRecording(t) {
			return nil, errcode.New(errcode.InvalidOperation, "%s is being recorded", t)
		}
		defer s.recordingBegan(t)
		r, err := record.Start(s.ctx, s.api.scope, o, inputsOf(s, streamRecordings[t]))
		if err != nil {
			return nil, err
		}
		name := defaultName(s.userName() + "-" + string(t))
		s.mu.Lock()
		s.lastRecording++
		id := s.lastRecording
		s.recordings[id] = &recording{Recorder: r, types: streamRecordings[t], name: name}
		s.mu.Unlock()
		if s.ctx.Err() != nil { // destroyed, or gone, meanwhile
			s.discardAll()
			return nil, errcode.New(errcode.InvalidOperation, "the stream was destroyed")
		}
		s.tracksChanged()
		s.holdPictures()
		return id, nil
	}
}

// beginRecording keeps the place of a type's recording until recordingBegan; false if it is being recorded, or about to be.
func (s *Stream) beginRecording(t protocol.MediaType) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.recordings {
		if r.types[0] == t && r.Running() {
			return false
		}
	}
	if s.recordingBegins[t] {
		return false
	}
	s.recordingBegins[t] = true
	return true
}

func (s *Stream) recordingBegan(t protocol.MediaType) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.recordingBegins, t)
}

// sizeOf is the size of a picture, where the browser knows it.
func sizeOf(track js.Value) (width, height int) {
	settings, _ := js.Call(track, "getSettings")
	w, _ := js.Integer(js.Property(settings, "width"))
	h, _ := js.Integer(js.Property(settings, "height"))
	if w < 2 || h < 2 || w > 8192 || h > 8192 {
		return 640, 480
	}
	return int(w) &^ 1, int(h) &^ 1 // encoders want even numbers
}

// chosen are the recordings that a page means: that of a number, or all without one.
func (s *Stream) chosen(id js.Value) (map[int]*recording, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if js.IsNullish(id) {
		all := map[int]*recording{}
		for id, r := range s.recordings {
			all[id] = r
		}
		return all, nil
	}
	n, _ := js.Integer(id)
	if r := s.recordings[int(n)]; r != nil {
		return map[int]*recording{int(n): r}, nil
	}
	return nil, errcode.New(errcode.InvalidArgument, "there is no such recording")
}

func (s *Stream) stopMediaRecording(args []js.Value) work {
	chosen, err := s.chosen(arg(args, 0))
	return func() (any, error) {
		defer s.holdPictures()
		for _, r := range chosen {
			if e := r.Stop(context.Background()); e != nil && err == nil {
				err = e
			}
		}
		return nil, err
	}
}

// downloadMediaRecording saves one recording; without a number the newest.
func (s *Stream) downloadMediaRecording(args []js.Value) work {
	chosen, err := s.chosen(arg(args, 0))
	newest := 0
	for id := range chosen {
		newest = max(newest, id)
	}
	if err == nil && newest == 0 {
		err = errcode.New(errcode.InvalidOperation, "nothing has been recorded")
	}
	if err != nil {
		return fail(err)
	}
	return func() (any, error) { return chosen[newest].save(context.Background()) }
}

func (s *Stream) cleanMediaRecording(args []js.Value) work {
	chosen, err := s.chosen(arg(args, 0))
	if err != nil {
		return fail(err)
	}
	return func() (any, error) {
		s.discardRecordings(func(r *recording) bool {
			for _, c := range chosen {
				if c == r {
					return true
				}
			}
			return false
		})
		return nil, nil
	}
}

// discardRecordings removes the recordings that a function names.
func (s *Stream) discardRecordings(which func(*recording) bool) {
	s.mu.Lock()
	var gone []*recording
	for id, r := range s.recordings {
		if which(r) {
			gone = append(gone, r)
			delete(s.recordings, id)
		}
	}
	none := len(s.recordings) == 0
	s.mu.Unlock()
	if none {
		s.api.mu.Lock()
		delete(s.api.retired, s.id)
		s.api.mu.Unlock()
	}
	for _, r := range gone {
		r.Discard(context.Background())
	}
	s.holdPictures()
}

// discardAll removes everything that is recorded of the stream.
func (s *Stream) discardAll() { s.discardRecordings(func(*recording) bool { return true }) }

// retire keeps what was recorded of a user who is gone, for the page to save: until it is cleaned,
// or the client destroyed.
func (s *Stream) retire() {
	own, _ := s.chosen(js.Undefined())
	if len(own) == 0 {
		return
	}
	s.api.mu.Lock()
	s.api.retired[s.id] = s
	s.api.mu.Unlock()
	for _, r := range own {
		go func() { _ = r.Stop(context.Background()) }()
	}
}

// recordedOf gives a stream, also one that is gone but for its recordings.
func (a *API) recordedOf(object js.Value) *Stream {
	if s := a.streamOf(object); s != nil {
		return s
	}
	id := idOf(object)
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.retired[id]
}

// forgetRetired removes what is kept of a client's users.
func (a *API) forgetRetired(c *Client) {
	a.mu.Lock()
	var gone []*Stream
	for id, s := range a.retired {
		if s.owner == c {
			gone = append(gone, s)
			delete(a.retired, id)
		}
	}
	a.mu.Unlock()
	for _, s := range gone {
		s.discardAll()
	}
}

// defineRecording gives the class the recordings of one stream.
func (a *API) defineRecording(class js.Value) {
	for name, f := range map[string]func(s *Stream, args []js.Value) work{
		"startMediaRecording":    (*Stream).startMediaRecording,
		"stopMediaRecording":     (*Stream).stopMediaRecording,
		"downloadMediaRecording": (*Stream).downloadMediaRecording,
		"cleanMediaRecording":    (*Stream).cleanMediaRecording,
	} {
		find := a.recordedOf
		if name == "startMediaRecording" {
			find = a.streamOf
		}
		a.method(class, name, func(this js.Value, args []js.Value) any {
			if s := find(this); s != nil {
				return promise(s.inOrder, f(s, args))
			}
			return rejected("stream")
		})
	}
}
