package native

import (
	"testing"

	"github.com/pion/webrtc/v4"

	"nertc/internal/client"
	"nertc/internal/nativemedia"
	"nertc/internal/protocol"
	"nertc/tests/gatewayproc"
)

// TestPublishAgainAtOnce publishes the same tracks again behind their end, of which the engine is not yet done.
func TestPublishAgainAtOnce(t *testing.T) {
	g := gatewayproc.Start(t)
	ann, bob := newUser(t, g), newUser(t, g)
	ann.join("1")
	bob.join("2")
	local := func(codec, id string) *webrtc.TrackLocalStaticSample {
		track, err := webrtc.NewTrackLocalStaticSample(webrtc.RTPCodecCapability{MimeType: codec}, id, "camera")
		if err != nil {
			t.Fatal(err)
		}
		return track
	}
	sound, picture := local(webrtc.MimeTypeOpus, "mic"), local(webrtc.MimeTypeVP8, "cam")
	ann.send(sound, picture, 0xa1)
	for round := range 5 {
		err := ann.Publish(ann.ctx, []client.LocalTrack{
			{MediaType: protocol.MediaAudio, Track: nativemedia.Track{Local: sound}},
			{MediaType: protocol.MediaVideo, Track: nativemedia.Track{Local: picture}, Width: 16, Height: 16},
		})
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		meet(bob, "1", 0xa1)
		if err := ann.Unpublish(ann.ctx, protocol.MediaAudio, protocol.MediaVideo); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
	}
}
