package peer

import (
	"context"
	"testing"

	"nertc/internal/media"
)

// TestReport reads what a sent picture has in the statistics of the browser.
func TestReport(t *testing.T) {
	l := newLoop(t)
	reporter := l.near.(media.Reporter)
	if r, err := reporter.Report(l.ctx); err != nil || r.Time.IsZero() {
		t.Errorf("before anything is sent: %+v, %v", r, err)
	}
	if _, err := l.near.Send(l.ctx, movingPicture(t), media.SendOptions{}); err != nil {
		t.Fatal(err)
	}
	l.trickle()
	l.negotiate()
	l.waitConnected()
	for {
		r, err := reporter.Report(l.ctx)
		if err != nil {
			t.Fatal(err)
		}
		byID := map[string]media.Stat{}
		var sent media.Stat
		for _, s := range r.Stats {
			byID[s.ID] = s
			if s.Type == media.StatOutbound && s.Kind == media.Video {
				sent = s
			}
		}
		if sent.FramesEncoded < 5 || sent.BytesSent == 0 {
			l.scope.Turn(l.ctx)
			continue
		}
		source, codec := byID[sent.MediaSourceID], byID[sent.CodecID]
		if sent.FrameWidth != 320 || sent.FrameHeight != 240 || source.Width != 320 || source.Type != media.StatSource ||
			codec.MimeType != "video/VP8" || codec.ClockRate != 90000 || sent.MID == "" || sent.Timestamp == 0 {
			t.Errorf("got %+v\nof %+v\nin %+v", sent, source, codec)
		}
		break
	}
	if err := l.near.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := reporter.Report(context.Background()); err == nil {
		t.Error("a closed connection has statistics")
	}
}
