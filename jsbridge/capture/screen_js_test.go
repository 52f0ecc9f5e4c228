package capture

import (
	"errors"
	"testing"

	"nertc/internal/errcode"
	"nertc/internal/protocol"
	"nertc/jsbridge/js"
)

// withScreen replaces the sharing of screens for a test.
func withScreen(t *testing.T, source string) {
	script(t, `navigator.mediaDevices.getDisplayMedia = `+source)
	t.Cleanup(func() { script(t, `delete navigator.mediaDevices.getDisplayMedia`) })
}

var share = []protocol.MediaType{protocol.MediaScreen, protocol.MediaAudioSlave}

func TestScreenWithItsSound(t *testing.T) {
	ctx, scope := within(t), js.NewScope()
	sources, err := Open(ctx, scope, Options{Types: share})
	if err != nil {
		t.Fatal(err)
	}
	screen, sound := sources[protocol.MediaScreen], sources[protocol.MediaAudioSlave]
	if screen == nil || sound == nil || !sound.SharedWith(screen) || screen.SharedWith(sound) {
		t.Fatalf("got %+v", sources)
	}
	if _, _, rate := screen.Settings(); rate > 5 {
		t.Errorf("%v frames/s", rate)
	}
	if err := screen.Reshape(ctx, scope, Options{Screen: Picture{320, 180, 20}}, true); err != nil {
		t.Fatal(err)
	}
	if w, h, rate := screen.Settings(); w > 320 || h > 180 || rate != 20 {
		t.Errorf("%d by %d at %v", w, h, rate)
	}
	sources.Stop()
	if !screen.Ended() || !sound.Ended() || scope.Live() != 0 {
		t.Error("not all was released")
	}
}

func TestScreenThatIsSharedWithoutSound(t *testing.T) {
	withScreen(t, `async () => {
		const s = document.createElement('canvas').captureStream(5);
		window.sharedTrack = s.getVideoTracks()[0];
		return s;
	}`)
	ctx, scope := within(t), js.NewScope()
	sources, err := Open(ctx, scope, Options{Types: share})
	if err != nil || sources[protocol.MediaScreen] == nil || len(sources) != 1 {
		t.Fatalf("got %v, %v", sources, err)
	}
	sources.Stop()
	_, err = Open(ctx, scope, Options{Types: share[1:]})
	var f *Failure
	if !errors.As(err, &f) || f.Event != "notFound" || f.Types[0] != protocol.MediaScreen {
		t.Errorf("got %v", err)
	}
	if s := script(t, `return sharedTrack.readyState`).String(); s != "ended" {
		t.Errorf("the screen is %s", s)
	}
}

func TestScreenThatFails(t *testing.T) {
	for name, want := range map[string]string{
		"NotAllowedError": "accessDenied", "NotFoundError": "notFound", "NotReadableError": "beOccupied", "InvalidStateError": "deviceError",
	} {
		withScreen(t, `async () => { throw new DOMException('', '`+name+`') }`)
		// A microphone besides: nothing may stay open.
		_, err := Open(within(t), js.NewScope(), Options{Types: []protocol.MediaType{protocol.MediaAudio, protocol.MediaScreen}})
		var f *Failure
		if !errors.As(err, &f) || f.Event != want || f.Types[0] != protocol.MediaScreen || errcode.Of(err).Code != errcode.MediaDevice {
			t.Errorf("%s: got %v", name, err)
		}
	}
	withScreen(t, `undefined`)
	if _, err := Open(within(t), js.NewScope(), Options{Types: share}); errcode.Of(err).Code != errcode.NotSupported {
		t.Errorf("got %v", err)
	}
}

func TestCameraThatFailsTakesTheScreenAlong(t *testing.T) {
	with(t, `d.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'));`)
	withScreen(t, `async () => {
		const s = document.createElement('canvas').captureStream(5);
		window.sharedTrack = s.getVideoTracks()[0];
		return s;
	}`)
	_, err := Open(within(t), js.NewScope(), Options{Types: []protocol.MediaType{protocol.MediaVideo, protocol.MediaScreen}})
	var f *Failure
	if !errors.As(err, &f) || f.Types[0] != protocol.MediaVideo {
		t.Fatalf("got %v", err)
	}
	if s := script(t, `return sharedTrack.readyState`).String(); s != "ended" {
		t.Errorf("the screen is %s", s)
	}
}

func TestTrackThatHasEndedIsNotTaken(t *testing.T) {
	ended := script(t, `const t = document.createElement('canvas').captureStream(5).getVideoTracks()[0]; t.stop(); return t`)
	_, err := Open(within(t), js.NewScope(), Options{
		Types: share[:1], Own: map[protocol.MediaType]js.Value{protocol.MediaScreen: ended},
	})
	if errcode.Of(err).Code != errcode.InvalidArgument {
		t.Errorf("got %v", err)
	}
}
