package playback

import (
	"testing"

	"nertc/internal/protocol"
	"nertc/jsbridge/js"
)

func TestVolume(t *testing.T) {
	ctx, scope := within(t), js.NewScope()
	p := New(scope, nil)
	defer p.Close()
	p.SetTrack(protocol.MediaAudio, sound(t))
	volume := func(of protocol.MediaType) float64 {
		v, _ := js.Number(js.Property(p.slots[of].element, "volume"))
		return v
	}
	p.SetVolume(0.25)
	if p.Silenced(protocol.MediaAudio) || p.Silenced(protocol.MediaScreen) {
		t.Error("nobody has silenced it")
	}
	if v := p.MeasuredVolume(protocol.MediaAudio); v != 1 {
		t.Errorf("what is not played is measured at %v", v)
	}
	if err := p.Play(js.Null(), protocol.MediaAudio, protocol.MediaAudioSlave)(ctx); err != nil {
		t.Fatal(err)
	}
	if v, m := volume(protocol.MediaAudio), p.MeasuredVolume(protocol.MediaAudio); v != 0.25 || m != 0.25 {
		t.Errorf("played at %v, measured at %v", v, m)
	}
	p.SetVolume(0.5)
	p.SetTrack(protocol.MediaAudioSlave, sound(t)) // a sound that comes later
	if a, b := volume(protocol.MediaAudio), volume(protocol.MediaAudioSlave); a != 0.5 || b != 0.5 {
		t.Errorf("played at %v and %v", a, b)
	}
	p.SetVolume(0)
	if v, m := volume(protocol.MediaAudio), p.MeasuredVolume(protocol.MediaAudio); v != 0 || m != 1 {
		t.Errorf("played at %v, measured at %v", v, m)
	}
	if !p.Silenced(protocol.MediaAudio) {
		t.Error("at volume 0 it is silenced")
	}
}
