//go:build js && wasm

package api

import (
	"nertc/internal/errcode"
	"nertc/internal/protocol"
	"nertc/jsbridge/capture"
	"nertc/jsbridge/js"
	"nertc/jsbridge/sound"
)

// openCodes and closeCodes are the documented codes for opening what is open, and closing what is not.
var (
	openCodes = map[protocol.MediaType]errcode.Code{
		protocol.MediaAudio: errcode.MicrophoneOpen, protocol.MediaAudioSlave: errcode.ScreenAudioOpen,
		protocol.MediaVideo: errcode.CameraOpen, protocol.MediaScreen: errcode.ScreenOpen,
	}
	closeCodes = map[protocol.MediaType]errcode.Code{
		protocol.MediaAudio: errcode.MicrophoneNotOpen, protocol.MediaAudioSlave: errcode.ScreenAudioNotOpen,
		protocol.MediaVideo: errcode.CameraNotOpen, protocol.MediaScreen: errcode.ScreenNotOpen,
	}
)

// opening is the argument of open.
type opening struct {
	types                          []protocol.MediaType
	own                            map[protocol.MediaType]js.Value
	deviceID, facingMode, sourceID string
	unpublished                    bool
}

func readOpening(v js.Value) (opening, error) {
	get := func(key string) js.Value { return js.Property(v, key) }
	t, ok := mediaType(get("type"))
	if !ok {
		return opening{}, errcode.New(errcode.UnknownMediaType, "unknown media type")
	}
	o := opening{
		types: []protocol.MediaType{t}, own: ownSources(v),
		deviceID: js.TextOr(get("deviceId"), ""), facingMode: js.TextOr(get("facingMode"), ""),
		sourceID: js.TextOr(get("sourceId"), ""), unpublished: js.IsFalse(get("enableMediaPub")),
	}
	if t == protocol.MediaScreen && (js.IsSet(get("screenAudio")) || !js.IsNullish(o.own[protocol.MediaAudioSlave])) {
		o.types = append(o.types, protocol.MediaAudioSlave)
	}
	return o, nil
}

// open opens a media type, and publishes it where the stream is published.
func (s *Stream) open(args []js.Value) work {
	o, err := readOpening(arg(args, 0))
	if err == nil && s.remote {
		err = errcode.New(errcode.InvalidOperation, "a remote stream has nothing to open")
	}
	if err != nil {
		return fail(err)
	}
	wait, done := s.turns.take(o.types...)
	return func() (any, error) {
		defer done()
		if err := wait(s.ctx); err != nil {
			return nil, errStreamDestroyed()
		}
		if err := s.makeRoom(o.types); err != nil {
			return nil, err
		}
		if err := s.capture(s.howToOpen(o)); err != nil {
			return nil, err
		}
		if o.unpublished {
			return nil, nil
		}
		if err := s.publishOpened(o.types); err != nil {
			for _, t := range o.types {
				s.drop(t)
			}
			_ = s.unpublishEverywhere(o.types...) // what of it the room has taken
			return nil, err
		}
		return nil, nil
	}
}

// makeRoom refuses what is open, unless its device has gone.
func (s *Stream) makeRoom(types []protocol.MediaType) error {
	for _, t := range types {
		if source := s.source(t); source != nil && !source.Ended() {
			return errcode.New(openCodes[t], "%s is open already", t)
		}
	}
	for _, t := range types {
		if s.source(t) != nil {
			s.drop(t)
		}
	}
	return nil
}

// howToOpen are the stream's options with those of a call. A device that is chosen stays so.
func (s *Stream) howToOpen(o opening) capture.Options {
	s.mu.Lock()
	switch {
	case o.deviceID != "" && o.types[0] == protocol.MediaAudio:
		s.local.options.MicrophoneID = o.deviceID
	case o.deviceID != "" && o.types[0] == protocol.MediaVideo:
		s.local.options.CameraID = o.deviceID
	case o.facingMode != "":
		s.local.options.FacingMode, s.local.options.CameraID = o.facingMode, ""
	}
	if o.sourceID != "" {
		s.local.options.SourceID = o.sourceID
	}
	s.mu.Unlock()
	options := s.capturing(o.types...)
	options.Own = o.own
	return options
}

func (s *Stream) source(t protocol.MediaType) *capture.Source {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.local.sources[t]
}

// closeType closes a media type, and ends its publication. The sound that came with a screen goes with it.
func (s *Stream) closeType(args []js.Value) work {
	t, ok := mediaType(arg(args, 0))
	if !ok {
		return fail(errcode.New(errcode.UnknownMediaType, "unknown media type"))
	}
	if s.remote {
		return fail(errcode.New(errcode.InvalidOperation, "a remote stream has nothing to close"))
	}
	types := []protocol.MediaType{t}
	if t == protocol.MediaScreen {
		types = append(types, protocol.MediaAudioSlave)
	}
	wait, done := s.turns.take(types...)
	return func() (any, error) {
		defer done()
		if err := wait(s.ctx); err != nil {
			return nil, errStreamDestroyed()
		}
		source := s.source(t)
		if source == nil {
			if t == protocol.MediaAudioSlave && s.closedWithScreen() {
				return nil, nil
			}
			return nil, errcode.New(closeCodes[t], "%s is not open", t)
		}
		gone := []protocol.MediaType{t}
		if shared := s.source(protocol.MediaAudioSlave); t == protocol.MediaScreen && shared != nil && shared.SharedWith(source) {
			gone = append(gone, protocol.MediaAudioSlave)
			s.mu.Lock()
			s.local.withScreen = true
			s.mu.Unlock()
		}
		for _, t := range gone {
			s.drop(t)
		}
		return nil, s.unpublishEverywhere(gone...)
	}
}

// closedWithScreen answers once whether the screen's sound was closed with its picture.
func (s *Stream) closedWithScreen() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.local.withScreen
	s.local.withScreen = false
	return was
}

// switchDevice has another microphone or camera in the place of the present one. The publication
// goes on: the new device is open before the old one goes off, where the machine can do that.
func (s *Stream) switchDevice(args []js.Value) work {
	t, ok := mediaType(arg(args, 0))
	id := js.TextOr(arg(args, 1), "")
	if !ok || (t != protocol.MediaAudio && t != protocol.MediaVideo) || id == "" {
		return fail(errcode.New(errcode.InvalidDevice, "switchDevice needs audio or video, and the id of a device"))
	}
	if s.remote {
		return fail(errcode.New(errcode.InvalidOperation, "a remote stream has no device"))
	}
	wait, done := s.turns.take(t)
	return func() (any, error) {
		defer done()
		if err := wait(s.ctx); err != nil {
			return nil, errStreamDestroyed()
		}
		before := s.source(t)
		switch {
		case before == nil:
			return nil, errcode.New(errcode.NoSuchLocalStream, "the stream has no open %s", t)
		case !before.Captured():
			return nil, errcode.New(errcode.InvalidOperation, "the %s is a track of the page's own", t)
		case !before.Ended() && before.DeviceID() == id:
			return nil, nil
		}
		after, err := s.openAnother(t, id, before)
		if err != nil {
			return nil, err
		}
		return nil, s.exchange(t, before, after, id)
	}
}

// openAnother opens another device. A machine that has only one of them open at a time gets the
// old one closed first; if the new one does not open even then, the old one is opened again.
func (s *Stream) openAnother(t protocol.MediaType, id string, before *capture.Source) (*capture.Source, error) {
	o := s.capturing(t)
	o.Own = nil
	former := o
	if t == protocol.MediaAudio {
		o.MicrophoneID, former.MicrophoneID = id, before.DeviceID()
	} else {
		o.CameraID, former.CameraID = id, before.DeviceID()
	}
	opened, err := capture.Open(s.ctx, s.scope, o)
	if capture.Occupied(err) && !before.Ended() {
		before.Stop()
		if opened, err = capture.Open(s.ctx, s.scope, o); err != nil && s.ctx.Err() == nil {
			if back, again := capture.Open(s.ctx, s.scope, former); again == nil {
				_ = s.exchange(t, before, back[t], "")
			} else {
				s.ended(t, before)
			}
		}
	}
	if err != nil {
		if s.ctx.Err() != nil {
			return nil, errStreamDestroyed()
		}
		return nil, s.captureFailed(err)
	}
	return opened[t], nil
}

// exchange puts one source in the place of another. An id is that of a device chosen from now on. If the browser
// does not send the new one, the former stays, unless its device is off by now.
func (s *Stream) exchange(t protocol.MediaType, before, after *capture.Source, id string) error {
	kept := !before.Ended()
	if kept { // a camera is open before it gives pictures
		after.AwaitFrame(s.ctx, s.scope)
		if after.Ended() && s.ctx.Err() == nil {
			return s.captureFailed(&capture.Failure{
				Event: "deviceError", Types: []protocol.MediaType{t},
				Err: errcode.New(errcode.MediaDevice, "the device went off as soon as it was open"),
			})
		}
	}
	channel, ok := s.put(t, before, after)
	if !ok {
		after.Stop()
		return errStreamDestroyed()
	}
	s.carry(t, after)
	if channel != nil {
		_ = channel.SetInput(after.JSValue())
	}
	s.attenuate(t)
	err := s.replaceEverywhere(t)
	if err != nil && kept && !before.Ended() && s.putBack(t, after, before) {
		after.Stop()
		return err
	}
	before.Stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case id == "":
	case t == protocol.MediaAudio:
		s.local.options.MicrophoneID = id
	default:
		s.local.options.CameraID = id
	}
	return err
}

// put notes one source in the place of another, and gives the channel of the sound; false if that other one
// is not the stream's any more.
func (s *Stream) put(t protocol.MediaType, before, after *capture.Source) (channel *sound.Channel, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.local.sources[t] != before {
		return nil, false
	}
	s.local.sources[t] = after
	return s.channels[t], true
}

// putBack undoes an exchange, also where it went well.
func (s *Stream) putBack(t protocol.MediaType, after, before *capture.Source) bool {
	channel, ok := s.put(t, after, before)
	if !ok {
		return false
	}
	s.player.SetTrack(t, before.JSValue())
	if channel != nil {
		_ = channel.SetInput(before.JSValue())
	}
	_ = s.replaceEverywhere(t)
	return true
}
