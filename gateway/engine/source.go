package engine

import (
	"github.com/livekit/protocol/livekit"

	"nertc/internal/protocol"
)

// sourceOf is the engine's name for a media type, and the kind of track that it is.
func sourceOf(m protocol.MediaType) (livekit.TrackSource, livekit.TrackType, bool) {
	switch m {
	case protocol.MediaAudio:
		return livekit.TrackSource_MICROPHONE, livekit.TrackType_AUDIO, true
	case protocol.MediaAudioSlave:
		return livekit.TrackSource_SCREEN_SHARE_AUDIO, livekit.TrackType_AUDIO, true
	case protocol.MediaVideo:
		return livekit.TrackSource_CAMERA, livekit.TrackType_VIDEO, true
	case protocol.MediaScreen:
		return livekit.TrackSource_SCREEN_SHARE, livekit.TrackType_VIDEO, true
	default:
		return livekit.TrackSource_UNKNOWN, livekit.TrackType_DATA, false
	}
}

// mediaTypeOf is our name for a track's source. A track of somebody else's client
// may have no source: its kind then says which of the first two it is.
func mediaTypeOf(s livekit.TrackSource, t livekit.TrackType) (protocol.MediaType, bool) {
	switch s {
	case livekit.TrackSource_MICROPHONE:
		return protocol.MediaAudio, true
	case livekit.TrackSource_SCREEN_SHARE_AUDIO:
		return protocol.MediaAudioSlave, true
	case livekit.TrackSource_CAMERA:
		return protocol.MediaVideo, true
	case livekit.TrackSource_SCREEN_SHARE:
		return protocol.MediaScreen, true
	}
	switch t {
	case livekit.TrackType_AUDIO:
		return protocol.MediaAudio, true
	case livekit.TrackType_VIDEO:
		return protocol.MediaVideo, true
	}
	return "", false
}

// addTrack makes the engine's announcement of a new track. Of one that is encrypted end to end the engine
// must not take frames apart: redundancy puts several into one packet.
func addTrack(t protocol.NewTrack, encrypted bool) (*livekit.AddTrackRequest, bool) {
	source, kind, ok := sourceOf(t.MediaType)
	if !ok {
		return nil, false
	}
	r := &livekit.AddTrackRequest{
		Cid: t.CID, Name: string(t.MediaType), Type: kind, Source: source, Muted: t.Muted,
	}
	if kind == livekit.TrackType_AUDIO {
		// Discontinuous transmission takes quiet music for silence. Redundancy doubles the bitrate, which a
		// voice can afford.
		r.Stereo, r.DisableDtx, r.DisableRed = t.Stereo, t.Steady, t.Steady || encrypted
	}
	if encrypted {
		r.Encryption = livekit.Encryption_CUSTOM
	}
	if kind == livekit.TrackType_VIDEO {
		r.Width, r.Height = uint32(t.Width), uint32(t.Height)
		r.Layers = layersOf(t)
		addCodecs(r, t)
	}
	return r, true
}

// trackOf is our form of a published track; false for one that is not sound or picture.
func trackOf(t *livekit.TrackInfo) (protocol.Track, bool) {
	m, ok := mediaTypeOf(t.GetSource(), t.GetType())
	if !ok || t.GetSid() == "" {
		return protocol.Track{}, false
	}
	return protocol.Track{
		ID: t.GetSid(), MediaType: m, Muted: t.GetMuted(),
		Width: int(t.GetWidth()), Height: int(t.GetHeight()), Codec: codecOf(t), Spare: spareOf(t),
	}, true
}

// closeReasonOf says why the engine sends a member away.
func closeReasonOf(r livekit.DisconnectReason) protocol.CloseReason {
	switch r {
	case livekit.DisconnectReason_CLIENT_INITIATED:
		return protocol.CloseLeft
	case livekit.DisconnectReason_DUPLICATE_IDENTITY:
		return protocol.CloseDuplicate
	case livekit.DisconnectReason_PARTICIPANT_REMOVED:
		return protocol.CloseRemoved
	case livekit.DisconnectReason_ROOM_DELETED, livekit.DisconnectReason_ROOM_CLOSED:
		return protocol.CloseRoomClosed
	case livekit.DisconnectReason_SERVER_SHUTDOWN:
		return protocol.CloseEngineLost
	default:
		return protocol.CloseError
	}
}
