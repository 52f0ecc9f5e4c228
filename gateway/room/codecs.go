package room

import (
	"slices"

	"nertc/internal/errcode"
	"nertc/internal/protocol"
)

// codecs are those in which pictures are taken.
var codecs = [...]string{"VP8", "H264", "VP9", "AV1"}

// checkCodecs takes no codecs, or those of a picture: one or two different ones, and one where
// it is a spare.
func checkCodecs(t protocol.NewTrack) *protocol.Error {
	if t.Of != "" && (!validTrackID(t.Of) || len(t.Codecs) != 1 || len(t.Layers) > 0) {
		return refuse(errcode.InvalidArgument, "new track in a spare codec must name its track and one codec")
	}
	if len(t.Codecs) == 0 {
		return nil
	}
	if kindOf(t.MediaType) != "video" || len(t.Codecs) > 2 || len(t.Codecs) == 2 && t.Codecs[0] == t.Codecs[1] {
		return refuse(errcode.InvalidArgument, "new track must have one or two codecs or none, and none if it is sound")
	}
	for _, c := range t.Codecs {
		if !slices.Contains(codecs[:], c) {
			return refuse(errcode.InvalidArgument, "new track has a codec that is not known")
		}
	}
	return nil
}
