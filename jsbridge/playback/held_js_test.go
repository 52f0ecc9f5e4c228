package playback

import (
	"testing"
	"time"

	"nertc/internal/protocol"
	"nertc/jsbridge/js"
)

// A recording wants all of a picture that is small in the page, or not in sight.
func TestAHeldPictureCountsAsLarge(t *testing.T) {
	ctx, scope := within(t), js.NewScope()
	p := New(scope, nil)
	defer p.Close()
	told := make(chan Sight, 8)
	p.Watch(func(_ protocol.MediaType, s Sight) { told <- s })
	p.SetTrack(protocol.MediaVideo, picture(t))
	p.SetRenderMode(protocol.MediaVideo, RenderMode{Width: 60, Height: 40})
	if err := p.Play(newView(t), protocol.MediaVideo)(ctx); err != nil {
		t.Fatal(err)
	}
	next := func(want Sight) {
		t.Helper()
		select {
		case s := <-told:
			if s != want {
				t.Fatalf("told %d, not %d", s, want)
			}
		case <-ctx.Done():
			t.Fatalf("never told %d", want)
		}
	}
	next(Small)
	p.SetHeld(protocol.MediaVideo, true)
	next(Large)
	p.SetHeld(protocol.MediaVideo, true)
	select {
	case s := <-told:
		t.Fatalf("told %d while it is held", s)
	case <-time.After(sightDelay + 500*time.Millisecond):
	}
	p.SetHeld(protocol.MediaVideo, false)
	next(Small)
}
