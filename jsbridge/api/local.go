//go:build js && wasm

package api

import (
	"errors"

	"nertc/internal/client"
	"nertc/internal/errcode"
	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/jsbridge/capture"
	"nertc/jsbridge/js"
)

// localOptions are the page's argument of createStream, as far as the core has use of it.
type localOptions struct {
	capture capture.Options
	screen  bool
	uid     any // number, string or nil
}

// readLocalOptions reads the argument while the call lasts; the page may change it later.
func readLocalOptions(v js.Value) localOptions {
	get := func(key string) js.Value { return js.Property(v, key) }
	o := localOptions{screen: js.IsSet(get("screen"))}
	if uid := uidText(get("uid")); uid != "" && uid != "0" {
		_, isText := js.Text(get("uid"))
		o.uid = uidValue(uid, !isText)
	}
	processing := get("audioProcessing")
	off := func(key string) bool { return js.IsFalse(js.Property(processing, key)) }
	o.capture = capture.Options{
		Audio:        js.IsSet(get("audio")),
		Video:        js.IsSet(get("video")),
		MicrophoneID: js.TextOr(get("microphoneId"), ""),
		CameraID:     js.TextOr(get("cameraId"), ""),
		FacingMode:   js.TextOr(get("facingMode"), ""),
		AudioSource:  get("audioSource"),
		VideoSource:  get("videoSource"),

		NoEchoCancellation: off("AEC"), NoNoiseSuppression: off("ANS"), NoGainControl: off("AGC"),
	}
	return o
}

// wants says whether init brings a media type.
func (o localOptions) wants(t protocol.MediaType) bool {
	return (t == protocol.MediaAudio && o.capture.Audio) || (t == protocol.MediaVideo && o.capture.Video)
}

// init opens what the stream was made for. Called again once that is done, it does nothing.
func (s *Stream) init() error {
	if s.remote {
		return errcode.New(errcode.InvalidOperation, "a remote stream has nothing to open")
	}
	if s.options.screen {
		return errcode.New(errcode.NotSupported, "sharing the screen is not available yet")
	}
	done, first := s.beginInit()
	if !first {
		select {
		case <-done:
		case <-s.ctx.Done():
		}
		if s.initialised() {
			return nil
		}
		return errcode.New(errcode.InvalidOperation, "the init under way has failed")
	}
	sources, err := capture.Open(s.ctx, s.scope, s.options.capture)
	s.mu.Lock()
	if err == nil && s.ctx.Err() == nil {
		s.sources = sources
	}
	s.opening = nil
	s.mu.Unlock()
	close(done)
	if err != nil {
		return s.captureFailed(err)
	}
	if s.ctx.Err() != nil {
		sources.Stop()
		return errcode.New(errcode.InvalidOperation, "the stream was destroyed")
	}
	s.api.devicesOpened()
	s.take(protocol.MediaAudio, sources.Audio, "audioTrackEnded")
	s.take(protocol.MediaVideo, sources.Video, "videoTrackEnded")
	return nil
}

// beginInit gives the end of the init under way; first says that it is the caller's own.
// A stream that is initialised already gives an end that is past.
func (s *Stream) beginInit() (done chan struct{}, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.opening != nil:
		return s.opening, false
	case s.sources != nil:
		done = make(chan struct{})
		close(done)
		return done, false
	}
	s.opening = make(chan struct{})
	return s.opening, true
}

func (s *Stream) initialised() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sources != nil
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

// take has the stream carry what a device gives.
func (s *Stream) take(t protocol.MediaType, source *capture.Source, ended string) {
	if source == nil {
		return
	}
	source.OnEnded(s.scope, func() { s.tell(ended) })
	s.mu.Lock()
	s.has[t] = true
	s.mu.Unlock()
	s.player.SetTrack(t, source.JSValue())
}

// localTracks are the tracks to publish, with their present state.
func (s *Stream) localTracks() []client.LocalTrack {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sources == nil {
		return nil
	}
	var tracks []client.LocalTrack
	if a := s.sources.Audio; a != nil {
		tracks = append(tracks, client.LocalTrack{
			MediaType: protocol.MediaAudio, Track: a.Track, Muted: s.muted[protocol.MediaAudio],
			Send: media.SendOptions{MaxBitrate: speechBitrate},
		})
	}
	if v := s.sources.Video; v != nil {
		width, height, _ := v.Settings()
		tracks = append(tracks, client.LocalTrack{
			MediaType: protocol.MediaVideo, Track: v.Track, Muted: s.muted[protocol.MediaVideo],
			Width: width, Height: height,
			Send: media.SendOptions{MaxBitrate: videoBitrate(width, height)},
		})
	}
	return tracks
}

// publishedOn remembers where the stream is to be heard and seen.
func (s *Stream) publishedOn(c *Client) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, known := range s.clients {
		if known == c {
			return
		}
	}
	s.clients = append(s.clients, c)
}
