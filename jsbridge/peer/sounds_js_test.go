package peer

import (
	"fmt"
	"math"
	"testing"
	"time"

	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/internal/speaker"
	"nertc/jsbridge/js"
)

// sends has the far end send a tone of an amplitude on the first audio section.
func (l *loop) sends(amplitude float64) (mid string) {
	l.t.Helper()
	tone := script(l.t, fmt.Sprintf(`
		const a = new AudioContext(), o = new OscillatorNode(a, {frequency: 440}), g = new GainNode(a, {gain: %v});
		const d = a.createMediaStreamDestination();
		o.connect(g).connect(d); o.start(); return d.stream.getAudioTracks()[0];`, amplitude))
	sdp, err := l.near.Offer(l.ctx)
	if err != nil {
		l.t.Fatal(err)
	}
	set := func(pc js.Value, method string, args ...any) js.Value {
		l.t.Helper()
		v, err := l.scope.AwaitCall(l.ctx, pc, method, args...)
		if err != nil {
			l.t.Fatal(err)
		}
		return v
	}
	far := l.far.JSValue()
	set(far, "setRemoteDescription", map[string]any{"type": "offer", "sdp": sdp})
	transceivers, _ := js.Call(far, "getTransceivers")
	for _, t := range js.Items(transceivers) {
		if js.TextOr(js.Property(js.Property(js.Property(t, "receiver"), "track"), "kind"), "") == "audio" {
			set(js.Property(t, "sender"), "replaceTrack", tone)
			_ = js.Set(t, "direction", "sendonly")
			mid = js.TextOr(js.Property(t, "mid"), "")
			break
		}
	}
	answer := set(far, "createAnswer")
	set(far, "setLocalDescription", answer)
	if err := l.near.Answer(l.ctx, js.TextOr(js.Property(answer, "sdp"), "")); err != nil {
		l.t.Fatal(err)
	}
	return mid
}

func TestSoundsAgreeWithATone(t *testing.T) {
	const amplitude = 0.4
	l := newLoop(t)
	if err := l.near.AddReceivers(l.ctx, 1, 1); err != nil {
		t.Fatal(err)
	}
	l.trickle()
	mid := l.sends(amplitude)
	l.waitConnected()
	track, ok := l.near.Receiver(mid)
	if !ok {
		t.Fatal("nothing is received")
	}
	element, _ := js.New(js.Global("Audio"))
	stream, _ := js.New(js.Global("MediaStream"), js.Array(track.(*RemoteTrack).JSValue()))
	_ = js.Set(element, "srcObject", stream)
	if _, err := l.scope.AwaitCall(l.ctx, element, "play"); err != nil {
		t.Fatal(err)
	}
	meter, source := speaker.Meter{}, speaker.Source{UID: "2", MediaType: protocol.MediaAudio}
	// The beginning has a jitter buffer that fills, and a machine that is busy leaves gaps that the receiver fills with
	// sound of its own: what counts is a second without either.
	var level, from, concealed float64
	for done := false; !done; time.Sleep(50 * time.Millisecond) {
		report, err := l.near.(media.Reporter).Report(l.ctx)
		if err != nil {
			t.Fatal(err)
		}
		sounds := report.Sounds()
		s, ok := sounds[mid]
		if now := concealedOn(report, mid); now > concealed {
			concealed, from = now, 0
		}
		switch {
		case len(sounds) > 1:
			t.Fatalf("got %v", sounds)
		case !ok || s.Energy == 0:
		case from == 0 && s.Duration > 1.5:
			from = s.Duration
			meter.Measure(map[speaker.Source]media.Sound{source: s})
		case from > 0 && s.Duration >= from+1:
			level = meter.Measure(map[speaker.Source]media.Sound{source: s})[0].Level
			done = true
		}
	}
	if math.Abs(level-100*amplitude) > 10*amplitude {
		t.Errorf("a tone of %v has the level %v", amplitude, level)
	}
}

func concealedOn(r media.Report, mid string) float64 {
	for _, s := range r.Stats {
		if s.Type == media.StatInbound && s.MID == mid {
			return s.ConcealedSamples
		}
	}
	return 0
}
