package engine

import (
	"testing"

	"github.com/livekit/protocol/livekit"

	"nertc/internal/protocol"
)

func TestPictureInTwoCodecs(t *testing.T) {
	layers := []protocol.Layer{{Width: 240, Height: 180}, {Width: 640, Height: 480}}
	r, ok := addTrack(protocol.NewTrack{CID: "c", MediaType: protocol.MediaVideo, Width: 640, Height: 480, Layers: layers, Codecs: []string{"VP8", "H264"}}, false)
	if !ok || r.Sid != "" || r.BackupCodecPolicy != livekit.BackupCodecPolicy_SIMULCAST || len(r.SimulcastCodecs) != 2 {
		t.Fatalf("announced as %v", r)
	}
	first, spare := r.SimulcastCodecs[0], r.SimulcastCodecs[1]
	if first.Codec != "vp8" || first.Cid != "c" || len(first.Layers) != 0 || len(r.Layers) != 2 {
		t.Errorf("the first codec is %v", first)
	}
	if spare.Codec != "h264" || spare.Cid != "" || len(spare.Layers) != 1 || spare.Layers[0].Width != 640 {
		t.Errorf("the spare codec is %v", spare)
	}

	r, _ = addTrack(protocol.NewTrack{CID: "d", MediaType: protocol.MediaVideo, Of: "TR_1", Codecs: []string{"H264"}}, false)
	if r.Sid != "TR_1" || len(r.SimulcastCodecs) != 1 || r.SimulcastCodecs[0].Cid != "d" || r.SimulcastCodecs[0].Codec != "h264" {
		t.Errorf("a spare is announced as %v", r)
	}
	if r, _ = addTrack(protocol.NewTrack{CID: "e", MediaType: protocol.MediaVideo}, false); len(r.SimulcastCodecs) != 0 {
		t.Errorf("without codecs it is announced as %v", r)
	}
}

func TestSpareOfATrack(t *testing.T) {
	codecs := func(mimes ...string) (out []*livekit.SimulcastCodecInfo) {
		for _, m := range mimes {
			out = append(out, &livekit.SimulcastCodecInfo{MimeType: m})
		}
		return out
	}
	for _, c := range []struct {
		kind livekit.TrackType
		mime string
		all  []*livekit.SimulcastCodecInfo
		want string
	}{
		{livekit.TrackType_VIDEO, "video/VP8", codecs("video/VP8", "video/H264"), "H264"},
		{livekit.TrackType_VIDEO, "", codecs("video/VP8", "video/H264"), "H264"},
		{livekit.TrackType_VIDEO, "video/H264", codecs("video/h264"), ""},
		{livekit.TrackType_VIDEO, "video/VP8", codecs("", "video/VP8", ""), ""},
		{livekit.TrackType_VIDEO, "video/VP8", nil, ""},
		{livekit.TrackType_AUDIO, "audio/red", codecs("audio/red", "audio/opus", "audio/G722"), ""},
	} {
		got := spareOf(&livekit.TrackInfo{Type: c.kind, MimeType: c.mime, Codecs: c.all})
		if got != c.want {
			t.Errorf("%s of %v: got %q, want %q", c.mime, c.all, got, c.want)
		}
	}
}

func TestWhoReceivesWhichCodec(t *testing.T) {
	s := &Session{}
	s.noteSpare(&livekit.TrackInfo{Sid: "v", Type: livekit.TrackType_VIDEO, Codecs: []*livekit.SimulcastCodecInfo{
		{MimeType: "video/VP8"}, {MimeType: "video/H264"},
	}})
	quality := func(codec string, low, high bool) *livekit.SubscribedCodec {
		return &livekit.SubscribedCodec{Codec: codec, Qualities: []*livekit.SubscribedQuality{
			{Quality: livekit.VideoQuality_LOW, Enabled: low}, {Quality: livekit.VideoQuality_MEDIUM, Enabled: high}, {Quality: livekit.VideoQuality_HIGH, Enabled: high},
		}}
	}
	for _, c := range []struct {
		name  string
		track string
		all   []*livekit.SubscribedCodec
		want  protocol.Watched
	}{
		{"the first alone", "v", []*livekit.SubscribedCodec{quality("vp8", true, true)}, protocol.Watched{Low: true, High: true}},
		{"both", "v", []*livekit.SubscribedCodec{quality("h264", true, true), quality("vp8", true, false)}, protocol.Watched{Low: true, Spare: true}},
		{"the spare alone", "v", []*livekit.SubscribedCodec{quality("vp8", false, false), quality("h264", true, false)}, protocol.Watched{Spare: true}},
		{"none", "v", []*livekit.SubscribedCodec{quality("vp8", false, false), quality("h264", false, false)}, protocol.Watched{}},
		{"no spare is known", "w", []*livekit.SubscribedCodec{quality("h264", true, true)}, protocol.Watched{Low: true, High: true}},
	} {
		c.want.Track = c.track
		got := watched(&livekit.SubscribedQualityUpdate{TrackSid: c.track, SubscribedCodecs: c.all}, s.spareCodec(c.track))
		if len(got) != 1 || got[0] != (Watched{c.want}) {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
	for i := range 2 * maxSpares { // whatever a client publishes
		id := string(rune(0x4e00 + i))
		for range 2 {
			s.noteSpare(&livekit.TrackInfo{Sid: id, Type: livekit.TrackType_VIDEO, Codecs: []*livekit.SimulcastCodecInfo{{MimeType: "video/VP8"}, {MimeType: "video/H264"}}})
		}
		if got := s.spareCodec(id); got != "H264" {
			t.Fatalf("the spare codec of picture %d is %q", i, got)
		}
	}
	if len(s.spares) > maxSpares {
		t.Errorf("%d tracks are remembered", len(s.spares))
	}
}
