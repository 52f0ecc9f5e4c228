package engine

import (
	"slices"
	"strings"

	"github.com/livekit/protocol/livekit"

	"nertc/internal/protocol"
)

// A picture that can be sent in two codecs is announced so. The engine sends it on in the first,
// and asks for the second when somebody receives it who cannot decode the first: by the
// negotiated SDP it knows that best. The second comes as a track of its own that names the first.

// maxSpares bounds Session.spares of a client that publishes again and again.
const maxSpares = 64

// addCodecs announces the codecs of a picture, or that it comes in its spare codec.
func addCodecs(r *livekit.AddTrackRequest, t protocol.NewTrack) {
	if len(t.Codecs) == 0 {
		return
	}
	for i, codec := range t.Codecs {
		c := &livekit.SimulcastCodec{Codec: strings.ToLower(codec)}
		if t.Of != "" || i == 0 {
			c.Cid = t.CID
		}
		if t.Of != "" || i > 0 { // the spare is sent in one size
			c.Layers = layersOf(protocol.NewTrack{Width: t.Width, Height: t.Height, Bitrate: t.Bitrate})
		}
		r.SimulcastCodecs = append(r.SimulcastCodecs, c)
	}
	r.Sid = t.Of
	// Each gets the codec that it decodes. The engine's other way, to change all to the second, has no way back.
	r.BackupCodecPolicy = livekit.BackupCodecPolicy_SIMULCAST
}

// spare is the spare codec of an own track.
type spare struct{ track, codec string }

// noteSpare remembers the spare codec of an own track, for watched. Of too many the oldest goes: its track has gone long ago.
func (s *Session) noteSpare(t *livekit.TrackInfo) {
	now := spare{t.GetSid(), spareOf(t)}
	if now.codec == "" {
		return
	}
	s.spares = slices.DeleteFunc(s.spares, func(o spare) bool { return o.track == now.track })
	if len(s.spares) == maxSpares {
		s.spares = slices.Delete(s.spares, 0, 1)
	}
	s.spares = append(s.spares, now)
}

// spareCodec is the spare codec of an own track, empty if it has none.
func (s *Session) spareCodec(track string) string {
	if i := slices.IndexFunc(s.spares, func(o spare) bool { return o.track == track }); i >= 0 {
		return s.spares[i].codec
	}
	return ""
}

// codecOf names what a track is sent in, empty while the engine does not know it. Of a track
// with several it is the first, in which everybody gets it who can decode it.
func codecOf(t *livekit.TrackInfo) string {
	mime := t.GetMimeType()
	for _, c := range t.GetCodecs() {
		if mime == "" {
			mime = c.GetMimeType()
		}
	}
	return codecName(mime)
}

// spareOf names the codec in which those get a track who cannot decode its first.
func spareOf(t *livekit.TrackInfo) string {
	if t.GetType() != livekit.TrackType_VIDEO {
		return "" // sound that comes in two is opus with and without redundancy
	}
	first := codecOf(t)
	for _, c := range t.GetCodecs() {
		if name := codecName(c.GetMimeType()); name != "" && name != first {
			return name
		}
	}
	return ""
}

// codecName is the name in protocol.Track of a MIME type.
func codecName(mime string) string {
	_, codec, _ := strings.Cut(mime, "/")
	switch codec = strings.ToUpper(codec); codec {
	case "OPUS", "RED": // RED repeats opus, and goes as opus to those who cannot take it
		return "opus"
	}
	return codec
}
