package api

import (
	"testing"

	"nertc/internal/errcode"
	"nertc/internal/protocol"
	"nertc/jsbridge/js"
)

// Whatever a stream opens and closes, nothing of it stays behind.
func TestOpenAndCloseLeaveNothing(t *testing.T) {
	g := newGateway(t)
	p := newPage(t, g.dial)
	client := p.client()
	p.mustCall(client, "join", object(map[string]any{"channelName": "room"}))
	s := p.stream(map[string]any{})
	p.mustCall(s, "init")
	p.mustCall(client, "publish", s)
	kind := func(t string) js.Value { return object(map[string]any{"type": t}) }
	settled := 0
	for round := range 3 {
		for _, m := range []string{"audio", "video", "screen"} {
			p.mustCall(s, "open", kind(m))
			if err := p.call(s, "open", kind(m)); errcode.Of(err).Code != openCodes[protocol.MediaType(m)] {
				t.Errorf("%s twice: %v", m, err)
			}
		}
		p.get(s, "setCaptureVolume", 50, js.Null())
		p.get(s, "getAudioLevel", "audio")
		p.get(s, "setVideoProfile", object(map[string]any{"resolution": 2}))
		p.mustCall(s, "close", "screen")
		p.mustCall(s, "close", "video")
		p.mustCall(s, "close", "audio")
		if v := p.get(s, "getTrack", "audio"); !v.IsNull() {
			t.Error("a track stays behind")
		}
		if round == 0 {
			settled = p.live()
		}
	}
	p.awaitTrue("the functions of later rounds released", func() bool { return p.live() <= settled })
	p.get(s, "destroy")
	p.mustCall(client, "destroy")
	p.awaitTrue("all functions released", func() bool { return p.live() == p.base })
}
