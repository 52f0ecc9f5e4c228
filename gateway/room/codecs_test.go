package room

import (
	"strings"
	"testing"

	"nertc/internal/errcode"
	"nertc/internal/protocol"
)

func TestCodecsOfNewTracks(t *testing.T) {
	for _, c := range []struct {
		name  string
		track protocol.NewTrack
		good  bool
	}{
		{"none", protocol.NewTrack{MediaType: protocol.MediaVideo}, true},
		{"one", protocol.NewTrack{MediaType: protocol.MediaScreen, Codecs: []string{"H264"}}, true},
		{"two", protocol.NewTrack{MediaType: protocol.MediaVideo, Codecs: []string{"VP8", "H264"}}, true},
		{"three", protocol.NewTrack{MediaType: protocol.MediaVideo, Codecs: []string{"VP8", "H264", "AV1"}}, false},
		{"the same twice", protocol.NewTrack{MediaType: protocol.MediaVideo, Codecs: []string{"VP8", "VP8"}}, false},
		{"one that nobody knows", protocol.NewTrack{MediaType: protocol.MediaVideo, Codecs: []string{"VP8", "SMELL"}}, false},
		{"an empty one", protocol.NewTrack{MediaType: protocol.MediaVideo, Codecs: []string{""}}, false},
		{"sound", protocol.NewTrack{MediaType: protocol.MediaAudio, Codecs: []string{"VP8"}}, false},
		{"a spare", protocol.NewTrack{MediaType: protocol.MediaVideo, Of: "TR_1", Codecs: []string{"H264"}}, true},
		{"a spare without a codec", protocol.NewTrack{MediaType: protocol.MediaVideo, Of: "TR_1"}, false},
		{"a spare in two codecs", protocol.NewTrack{MediaType: protocol.MediaVideo, Of: "TR_1", Codecs: []string{"VP8", "H264"}}, false},
		{"a spare of two sizes", protocol.NewTrack{MediaType: protocol.MediaVideo, Of: "TR_1", Codecs: []string{"H264"}, Layers: make([]protocol.Layer, 2)}, false},
		{"a spare of sound", protocol.NewTrack{MediaType: protocol.MediaAudio, Of: "TR_1", Codecs: []string{"H264"}}, false},
		{"a spare of nothing that can be", protocol.NewTrack{MediaType: protocol.MediaVideo, Of: strings.Repeat("x", 129), Codecs: []string{"H264"}}, false},
	} {
		e := checkCodecs(c.track)
		if (e == nil) != c.good || e != nil && e.Code != int(errcode.InvalidArgument) {
			t.Errorf("%s: %v", c.name, e)
		}
	}
}
