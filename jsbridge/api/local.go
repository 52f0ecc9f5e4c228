//go:build js && wasm

package api

import (
	"errors"
	"slices"

	"nertc/internal/client"
	"nertc/internal/errcode"
	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/jsbridge/capture"
	"nertc/jsbridge/js"
	"nertc/jsbridge/peer"
)

// local is what a local stream has besides. The stream's lock guards it.
type local struct {
	// options say what init opens, and how everything is opened.
	options     capture.Options
	initialised bool
	sources     capture.Sources
	// withScreen says that the screen's sound was closed with its picture: to close it too is no mistake.
	withScreen bool
	profile    audioProfile
	encoders   map[protocol.MediaType]encoder
	volumes    map[protocol.MediaType]float64 // of what is captured, 0 to 1; none stands for 1
	// oneChannel has one side of a stereo microphone sent alone.
	oneChannel bool
}

// readLocal reads the argument of createStream while the call lasts; the page may change it later.
func readLocal(v js.Value) local {
	get := func(key string) js.Value { return js.Property(v, key) }
	processing := get("audioProcessing")
	off := func(key string) bool { return js.IsFalse(js.Property(processing, key)) }
	l := local{
		oneChannel: js.IsSet(get("oneChannel")),
		sources:    capture.Sources{}, profile: audioProfiles[defaultAudioProfile],
		encoders: map[protocol.MediaType]encoder{}, volumes: map[protocol.MediaType]float64{},
		options: capture.Options{
			MicrophoneID: js.TextOr(get("microphoneId"), ""),
			CameraID:     js.TextOr(get("cameraId"), ""),
			FacingMode:   js.TextOr(get("facingMode"), ""),
			SourceID:     js.TextOr(get("sourceId"), ""),
			Own:          ownSources(v),
			Display:      get("display"),

			NoEchoCancellation: off("AEC"), NoNoiseSuppression: off("ANS"), NoGainControl: off("AGC"),
		},
	}
	for t, key := range map[protocol.MediaType]string{
		protocol.MediaAudio: "audio", protocol.MediaVideo: "video",
		protocol.MediaScreen: "screen", protocol.MediaAudioSlave: "screenAudio",
	} {
		if js.IsSet(get(key)) {
			l.options.Types = append(l.options.Types, t)
		}
	}
	return l
}

// ownSources reads the tracks that a page brings itself.
func ownSources(v js.Value) map[protocol.MediaType]js.Value {
	return map[protocol.MediaType]js.Value{
		protocol.MediaAudio:      js.Property(v, "audioSource"),
		protocol.MediaVideo:      js.Property(v, "videoSource"),
		protocol.MediaScreen:     js.Property(v, "screenVideoSource"),
		protocol.MediaAudioSlave: js.Property(v, "screenAudioSource"),
	}
}

// explicitUID reads the uid that a page gives a stream; nil if it gives none.
func explicitUID(v js.Value) any {
	given := js.Property(v, "uid")
	if uid := uidText(given); uid != "" && uid != "0" {
		_, isText := js.Text(given)
		return uidValue(uid, !isText)
	}
	return nil
}

// capturing is how things are to be opened now.
func (s *Stream) capturing(types ...protocol.MediaType) capture.Options {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.local.options
	o.Types, o.Channels = types, s.local.profile.channels
	if s.local.oneChannel {
		o.Channels = 2 // the browser would mix the two before anything here could choose
	}
	return o
}

// init opens what the stream was made for and is not open yet. Called again once that is done, it does nothing.
func (s *Stream) init() work {
	if s.remote {
		return fail(errcode.New(errcode.InvalidOperation, "a remote stream has nothing to open"))
	}
	s.mu.Lock()
	types := slices.Clone(s.local.options.Types)
	s.mu.Unlock()
	wait, done := s.turns.take(types...)
	return func() (any, error) {
		defer done()
		if err := wait(s.ctx); err != nil {
			return nil, errStreamDestroyed()
		}
		s.mu.Lock()
		initialised := s.local.initialised
		missing := slices.DeleteFunc(slices.Clone(types), func(t protocol.MediaType) bool { return s.local.sources[t] != nil })
		s.mu.Unlock()
		if initialised {
			return nil, nil
		}
		if err := s.capture(s.capturing(missing...)); err != nil {
			return nil, err
		}
		s.mu.Lock()
		s.local.initialised = true
		s.mu.Unlock()
		return nil, s.publishOpened(missing)
	}
}

func errStreamDestroyed() error {
	return errcode.New(errcode.InvalidOperation, "the stream was destroyed")
}

// capture opens and has the stream carry what came. It is the turn of the types.
func (s *Stream) capture(o capture.Options) error {
	sources, err := capture.Open(s.ctx, s.scope, o)
	if err != nil {
		if s.ctx.Err() != nil {
			return errStreamDestroyed()
		}
		return s.captureFailed(err)
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		sources.Stop()
		return errStreamDestroyed()
	}
	for t, source := range sources {
		s.local.sources[t], s.has[t] = source, true
		if t == protocol.MediaAudioSlave {
			s.local.withScreen = false
		}
	}
	s.mu.Unlock()
	s.api.devicesOpened()
	for t, source := range sources {
		s.carry(t, source)
		s.attenuate(t)
	}
	return nil
}

// carry does what every source needs.
func (s *Stream) carry(t protocol.MediaType, source *capture.Source) {
	source.OnEnded(s.scope, func() { s.ended(t, source) })
	s.applyHint(t, source)
	s.player.SetTrack(t, source.JSValue())
	if source.Ended() && s.carries(t, source) { // before anybody listened
		s.ended(t, source)
	}
}

// captureFailed tells the documented event before the promise rejects.
func (s *Stream) captureFailed(err error) error {
	var f *capture.Failure
	if errors.As(err, &f) {
		for _, t := range f.Types {
			s.tell(f.Event, string(t))
		}
	}
	return err
}

// ended takes the end of a track that nobody here has ended. A device that is gone stays open
// for the page, which may switch to another one; what was shared is no longer.
func (s *Stream) ended(t protocol.MediaType, source *capture.Source) {
	switch t {
	case protocol.MediaAudio:
		s.tell("audioTrackEnded")
	case protocol.MediaVideo:
		s.tell("videoTrackEnded")
	default:
		if !s.carries(t, source) {
			return
		}
		s.drop(t)
		event := "stopScreenSharing"
		if t == protocol.MediaAudioSlave {
			event = "stopScreenAudio"
		}
		s.tell(event, map[string]any{})
		wait, done := s.turns.take(t)
		go func() {
			defer done()
			if wait(s.ctx) == nil && !s.hasType(t) {
				_ = s.unpublishEverywhere(t)
			}
		}()
	}
}

func (s *Stream) carries(t protocol.MediaType, source *capture.Source) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.local.sources[t] == source
}

// drop has the stream no longer carry a media type: its device goes off.
func (s *Stream) drop(t protocol.MediaType) {
	s.mu.Lock()
	source, channel := s.local.sources[t], s.channels[t]
	delete(s.local.sources, t)
	delete(s.channels, t)
	s.has[t] = false
	s.mu.Unlock()
	s.player.SetTrack(t, js.Undefined())
	if source != nil {
		source.Stop()
	}
	if channel != nil {
		channel.Close()
	}
}

// localTracks are the tracks to publish, with their present state.
func (s *Stream) localTracks(types ...protocol.MediaType) []client.LocalTrack {
	s.mu.Lock()
	defer s.mu.Unlock()
	var tracks []client.LocalTrack
	for _, t := range protocol.MediaTypes {
		source := s.local.sources[t]
		if source == nil || !slices.Contains(types, t) {
			continue
		}
		track := client.LocalTrack{MediaType: t, Track: s.outgoing(t, source), Muted: s.muted[t]}
		if source.Kind() == media.Video {
			track.Width, track.Height, _ = source.Settings()
		}
		track.Send = s.sending(t, track.Width, track.Height)
		tracks = append(tracks, track)
	}
	return tracks
}

// outgoing is the track that is sent: as it was captured, unless its volume was changed. The lock is held.
func (s *Stream) outgoing(t protocol.MediaType, source *capture.Source) media.Track {
	if channel := s.channels[t]; channel != nil && channel.HasOutput() {
		if output, err := channel.Output(); err == nil {
			if track, err := peer.NewTrack(output); err == nil {
				return track
			}
		}
	}
	return source.Track
}

// mayBePublished says whether the stream was opened, if only with nothing in it by now.
func (s *Stream) mayBePublished() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.local.initialised || len(s.local.sources) > 0
}

// wants says whether init brings a media type.
func (s *Stream) wants(t protocol.MediaType) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.local.initialised && slices.Contains(s.local.options.Types, t)
}

// publishedOn remembers where the stream is to be heard and seen.
func (s *Stream) publishedOn(c *Client) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.clients, c) {
		s.clients = append(s.clients, c)
	}
}

// forgetClient is for a client that is gone for good.
func (s *Stream) forgetClient(c *Client) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clients = slices.DeleteFunc(s.clients, func(other *Client) bool { return other == c })
}

// everywhere does something on every client that the stream was published on, and gives the first error.
func (s *Stream) everywhere(f func(*Client) error) error {
	s.mu.Lock()
	clients := slices.Clone(s.clients)
	s.mu.Unlock()
	var first error
	for _, c := range clients {
		if err := f(c); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// publishOpened publishes what was opened on a stream that is published, and puts it in the place
// of a device that was gone.
func (s *Stream) publishOpened(types []protocol.MediaType) error {
	return s.everywhere(func(c *Client) error { return c.publishTracks(s, types) })
}

// unpublishEverywhere ends publications of the stream. What was published in a room that is over by now has ended with it.
func (s *Stream) unpublishEverywhere(types ...protocol.MediaType) error {
	return s.everywhere(func(c *Client) error {
		if err := c.unpublishStream(s, types); err != nil && c.core.Joined() {
			return err
		}
		return nil
	})
}

// replaceEverywhere has the present track of a media type sent wherever the stream is what is published.
func (s *Stream) replaceEverywhere(t protocol.MediaType) error {
	return s.everywhere(func(c *Client) error { return c.replace(s, t) })
}
