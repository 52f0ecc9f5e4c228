package peer

import (
	"testing"

	"nertc/internal/media"
	"nertc/jsbridge/js"
)

func TestLimitAndReplaceWhatIsSent(t *testing.T) {
	l := newLoop(t)
	sender, err := l.near.Send(l.ctx, movingPicture(t), media.SendOptions{MaxBitrate: 500_000})
	if err != nil {
		t.Fatal(err)
	}
	l.negotiate()
	if err := sender.Limit(l.ctx, media.SendOptions{MaxBitrate: 200_000, MaxFramerate: 7}); err != nil {
		t.Fatal(err)
	}
	browser := js.Property(sender.(*section).transceiver, "sender")
	parameters, _ := js.Call(browser, "getParameters")
	encodings := js.Items(js.Property(parameters, "encodings"))
	for key, want := range map[string]float64{"maxBitrate": 200_000, "maxFramerate": 7} {
		if got, _ := js.Number(js.Property(encodings[0], key)); got != want {
			t.Errorf("%s is %v, want %v", key, got, want)
		}
	}
	other := movingPicture(t)
	if err := sender.Replace(l.ctx, other); err != nil {
		t.Fatal(err)
	}
	if sent := js.Property(browser, "track"); !sent.Equal(other.JSValue()) {
		t.Error("another track is sent")
	}
	if err := sender.Replace(l.ctx, tone(t)); err == nil {
		t.Error("a sound is sent as a picture")
	}
	if err := sender.Stop(l.ctx); err != nil {
		t.Fatal(err)
	}
	_ = l.near.Close()
	if err := sender.Limit(l.ctx, media.SendOptions{MaxBitrate: 1}); err == nil {
		t.Error("limited after the end")
	}
}
