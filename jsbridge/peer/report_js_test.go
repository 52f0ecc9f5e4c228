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
	picture := movingPicture(t)
	if _, err := l.near.Send(l.ctx, picture, media.SendOptions{}); err != nil {
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
		if sent.FramesEncoded < 5 || sent.BytesSent == 0 || sent.FrameWidth != 320 { // an encoder may begin smaller
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
	// A glance reads what belongs to one track, and of that the way.
	r, err := l.near.(media.Glancer).Glance(l.ctx, &RemoteTrack{Track: *picture})
	if in := r.Incoming(); err != nil || in.Bytes == 0 || in.Received != 0 {
		t.Errorf("got %+v of %+v, %v", in, r, err)
	}
	for _, s := range r.Stats {
		if s.ID != "" || s.FramesEncoded != 0 {
			t.Errorf("a glance reads %+v", s)
		}
	}
	if _, err := l.near.(media.Glancer).Glance(l.ctx, &RemoteTrack{Track: *movingPicture(t)}); err == nil {
		t.Error("a glance at a stranger")
	}
	if err := l.near.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := reporter.Report(context.Background()); err == nil {
		t.Error("a closed connection has statistics")
	}
}
