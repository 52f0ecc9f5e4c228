package playback

import (
	"errors"
	"testing"

	"nertc/internal/errcode"
	"nertc/internal/protocol"
	"nertc/jsbridge/js"
)

func played(p *Player, t protocol.MediaType, property string) js.Value {
	return js.Property(p.slots[t].element, property)
}

func TestVolumeOfOneSoundMultipliesWithThatOfAll(t *testing.T) {
	ctx, scope := within(t), js.NewScope()
	p := New(scope, nil)
	defer p.Close()
	p.SetTrack(protocol.MediaAudio, sound(t))
	p.SetGain(protocol.MediaAudio, 0.5)
	p.SetVolume(0.5)
	if err := p.Play(js.Null(), protocol.MediaAudio, protocol.MediaAudioSlave)(ctx); err != nil {
		t.Fatal(err)
	}
	p.SetTrack(protocol.MediaAudioSlave, sound(t))
	want := func(audio, slave float64) {
		t.Helper()
		a, _ := js.Number(played(p, protocol.MediaAudio, "volume"))
		s, _ := js.Number(played(p, protocol.MediaAudioSlave, "volume"))
		if a != audio || s != slave {
			t.Errorf("played at %v and %v, not %v and %v", a, s, audio, slave)
		}
	}
	want(0.25, 0.5)
	if m := p.MeasuredVolume(protocol.MediaAudio); m != 0.25 {
		t.Errorf("measured at %v", m)
	}
	p.SetGain(protocol.MediaAudioSlave, 0)
	want(0.25, 0)
	p.SetVolume(1)
	want(0.5, 0)
	p.Stop(protocol.MediaAudio)
	if err := p.Play(js.Null(), protocol.MediaAudio)(ctx); err != nil { // an element of its own
		t.Fatal(err)
	}
	want(0.5, 0)
}

func TestLoudspeaker(t *testing.T) {
	ctx, scope := within(t), js.NewScope()
	p := New(scope, nil)
	defer p.Close()
	found := script(t, `return navigator.mediaDevices.getUserMedia({audio: true}).then(async (s) => {
		const all = await navigator.mediaDevices.enumerateDevices();
		s.getTracks().forEach((t) => t.stop());
		return all.filter((d) => d.kind === 'audiooutput' && d.deviceId !== 'default').map((d) => d.deviceId);
	})`)
	ids, err := scope.Await(ctx, found)
	if err != nil || len(js.Items(ids)) == 0 {
		t.Fatalf("no loudspeaker to try: %v", err)
	}
	id := js.TextOr(js.Items(ids)[0], "")
	p.SetTrack(protocol.MediaAudio, sound(t))
	if err := p.Play(js.Null(), protocol.MediaAudio, protocol.MediaAudioSlave)(ctx); err != nil {
		t.Fatal(err)
	}
	if err := p.SetSink(ctx, id); err != nil {
		t.Fatal(err)
	}
	at := func(of protocol.MediaType) string { return js.TextOr(played(p, of, "sinkId"), "?") }
	if got := at(protocol.MediaAudio); got != id {
		t.Errorf("played by %q", got)
	}
	p.SetTrack(protocol.MediaAudioSlave, sound(t)) // a sound that comes later
	waitPlaying(ctx, t, scope, p, protocol.MediaAudioSlave)
	for at(protocol.MediaAudioSlave) != id { // the browser moves it at its leisure
		if ctx.Err() != nil {
			t.Fatalf("a later sound is played by %q", at(protocol.MediaAudioSlave))
		}
		scope.Turn(ctx)
	}
	if err := p.SetSink(ctx, "no such device"); errcode.Of(err).Code != errcode.MediaDevice || !errors.Is(err, js.NotFoundError) {
		t.Errorf("got %v", err)
	}
	if got := at(protocol.MediaAudio); got != id {
		t.Errorf("after a refusal played by %q", got)
	}
	if err := p.SetSink(ctx, ""); err != nil || at(protocol.MediaAudio) != "" {
		t.Errorf("not back at the machine's own choice: %v, %q", err, at(protocol.MediaAudio))
	}
}

func TestLoudspeakerWhereTheBrowserHasNoChoice(t *testing.T) {
	ctx := within(t)
	restore := script(t, `
		const own = HTMLMediaElement.prototype.setSinkId; delete HTMLMediaElement.prototype.setSinkId;
		return () => { HTMLMediaElement.prototype.setSinkId = own; }`)
	defer func() { _, _ = js.Invoke(restore) }()
	p := New(js.NewScope(), nil)
	defer p.Close()
	if err := p.SetSink(ctx, ""); errcode.Of(err).Code != errcode.NotSupported {
		t.Errorf("got %v", err)
	}
}
