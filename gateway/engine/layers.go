package engine

import (
	"slices"
	"strings"

	"github.com/livekit/protocol/livekit"

	"nertc/internal/protocol"
)

// layersOf are the sizes in which a picture is announced. Two of them the engine knows by their
// rids: the first of its own names for the lower, the second for the higher. Which is which it reads from an offer again, but only from
// the sections behind the last that it knows: of one that takes the place of a closed section further in front it knows what is said here.
func layersOf(t protocol.NewTrack) []*livekit.VideoLayer {
	layer := func(q livekit.VideoQuality, l protocol.Layer, rid string, spatial int32) *livekit.VideoLayer {
		return &livekit.VideoLayer{
			Quality: q, Rid: rid, SpatialLayer: spatial, Width: uint32(l.Width), Height: uint32(l.Height), Bitrate: uint32(l.Bitrate),
		}
	}
	if len(t.Layers) != 2 {
		return []*livekit.VideoLayer{
			layer(livekit.VideoQuality_HIGH, protocol.Layer{Width: t.Width, Height: t.Height, Bitrate: t.Bitrate}, "", 0),
		}
	}
	return []*livekit.VideoLayer{
		layer(livekit.VideoQuality_LOW, t.Layers[0], protocol.RIDLow, 0),
		layer(livekit.VideoQuality_HIGH, t.Layers[1], protocol.RIDHigh, 1),
	}
}

// Quality says how much of tracks the member wants to receive, of those subscribed to now or later.
func (s *Session) Quality(tracks []string, q protocol.Quality) error {
	settings := &livekit.UpdateTrackSettings{TrackSids: tracks, Quality: livekit.VideoQuality_HIGH}
	switch q {
	case protocol.QualityLow:
		settings.Quality = livekit.VideoQuality_LOW
	case protocol.QualityOff:
		settings.Disabled = true
	}
	return s.write(&livekit.SignalRequest{Message: &livekit.SignalRequest_TrackSetting{TrackSetting: settings}})
}

// Size asks for the layer of a picture that is just large enough to be shown in w×h pixels.
func (s *Session) Size(track string, w, h int) error {
	return s.write(&livekit.SignalRequest{Message: &livekit.SignalRequest_TrackSetting{TrackSetting: &livekit.UpdateTrackSettings{
		TrackSids: []string{track}, Quality: livekit.VideoQuality_HIGH, Width: uint32(w), Height: uint32(h),
	}}})
}

// watched makes events of what the engine says of who receives an own track, which may have a spare codec.
func watched(u *livekit.SubscribedQualityUpdate, spare string) []Event {
	if u.GetTrackSid() == "" {
		return nil
	}
	w := protocol.Watched{Track: u.GetTrackSid()}
	note := func(qualities []*livekit.SubscribedQuality) {
		for _, q := range qualities {
			switch {
			case !q.GetEnabled():
			case q.GetQuality() == livekit.VideoQuality_LOW:
				w.Low = true
			default:
				w.High = true
			}
		}
	}
	if len(u.GetSubscribedCodecs()) == 0 {
		note(u.GetSubscribedQualities())
	}
	for _, c := range u.GetSubscribedCodecs() {
		if spare != "" && strings.EqualFold(c.GetCodec(), spare) {
			w.Spare = slices.ContainsFunc(c.GetQualities(), (*livekit.SubscribedQuality).GetEnabled)
			continue
		}
		note(c.GetQualities())
	}
	return []Event{Watched{w}}
}

// paused makes events of what the engine has paused or sends again.
func paused(u *livekit.StreamStateUpdate) []Event {
	var out []Event
	for _, i := range u.GetStreamStates() {
		out = append(out, Paused{protocol.Paused{
			Track: i.GetTrackSid(), Paused: i.GetState() == livekit.StreamState_PAUSED,
		}})
	}
	return out
}
