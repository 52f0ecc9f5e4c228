package room

import (
	"nertc/internal/errcode"
	"nertc/internal/protocol"
)

// handleQuality takes the wish for a quality of tracks of others. What the member has not been
// told of is left out: it has gone, or the client has made it up.
func (s *session) handleQuality(m protocol.Message) {
	up := s.member(m.ID)
	if up == nil {
		return
	}
	var w protocol.Wish
	if !decode(m.Data, &w) {
		s.refuse(m.ID, refuse(errcode.InvalidArgument, "quality has data of the wrong form"))
		return
	}
	if e := checkWish(w); e != nil {
		s.refuse(m.ID, e)
		return
	}
	tracks := s.rights.known(w.Tracks)
	if len(tracks) == 0 {
		s.confirm(m.ID, nil)
		return
	}
	s.confirm(m.ID, up.Quality(tracks, w.Quality))
}

func checkWish(w protocol.Wish) *protocol.Error {
	switch w.Quality {
	case protocol.QualityHigh, protocol.QualityLow, protocol.QualityOff:
	default:
		return refuse(errcode.InvalidArgument, "quality must be high, low or off")
	}
	return checkSubscribe(protocol.Subscribe{Tracks: w.Tracks})
}

// checkLayers takes no layers, or the two of a picture.
func checkLayers(t protocol.NewTrack) *protocol.Error {
	if len(t.Layers) == 0 {
		return nil
	}
	if len(t.Layers) != 2 || kindOf(t.MediaType) != "video" {
		return refuse(errcode.InvalidArgument, "new track must have two layers or none, and none if it is sound")
	}
	for _, l := range t.Layers {
		if l.Width <= 0 || l.Width > maxDimension || l.Height <= 0 || l.Height > maxDimension || l.Bitrate < 0 || l.Bitrate > maxBitrate {
			return refuse(errcode.InvalidArgument, "new track has a layer of an impossible size or bitrate")
		}
	}
	return nil
}

// known gives those of the tracks that the member has been told of and that are still there.
func (r *rights) known(ids []string) (out []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range ids {
		if _, ok := r.kinds[id]; ok {
			out = append(out, id)
		}
	}
	return out
}
