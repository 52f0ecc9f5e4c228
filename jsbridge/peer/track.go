//go:build js && wasm

// Package peer is the browser's media.PeerConnection: pion's JS backend, and through
// its JSValue what that lacks (tracks, encodings, candidates as they are).
package peer

import (
	"nertc/internal/errcode"
	"nertc/internal/media"
	"nertc/jsbridge/js"
)

// Track is a local MediaStreamTrack.
// https://www.w3.org/TR/mediacapture-streams/#mediastreamtrack
type Track struct {
	value js.Value
	id    string
	kind  media.Kind
}

// NewTrack wraps a MediaStreamTrack; anything else is an InvalidArgument.
func NewTrack(v js.Value) (*Track, error) {
	if !js.IsInstance(v, "MediaStreamTrack") {
		return nil, errcode.New(errcode.InvalidArgument, "not a MediaStreamTrack")
	}
	id, kind := js.TextOr(js.Property(v, "id"), ""), js.TextOr(js.Property(v, "kind"), "")
	if id == "" || (kind != string(media.Audio) && kind != string(media.Video)) {
		return nil, errcode.New(errcode.InvalidArgument, "not a MediaStreamTrack")
	}
	return &Track{value: v, id: id, kind: media.Kind(kind)}, nil
}

// ID is the track's id.
func (t *Track) ID() string { return t.id }

// Kind is audio or video.
func (t *Track) Kind() media.Kind { return t.kind }

// Layered says that a picture can be sent in two sizes.
func (t *Track) Layered() bool { return t.kind == media.Video }

// JSValue is the MediaStreamTrack.
func (t *Track) JSValue() js.Value { return t.value }

// RemoteTrack is the track that a receiver gives.
type RemoteTrack struct {
	Track
	mid string
}

// MID is the media section that the track arrives on.
func (t *RemoteTrack) MID() string { return t.mid }

// valueOf gives the MediaStreamTrack behind a track of this package.
func valueOf(t media.Track) (js.Value, error) {
	if own, ok := t.(interface{ JSValue() js.Value }); ok {
		return own.JSValue(), nil
	}
	return js.Undefined(), errcode.New(errcode.InvalidArgument, "a track that is not the browser's")
}
