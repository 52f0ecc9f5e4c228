package quality_test

import (
	"slices"
	"testing"
	"time"

	"nertc/internal/quality"
)

func TestDocumentedExceptions(t *testing.T) {
	for _, c := range []struct {
		kind quality.Exception
		code int
		msg  string
	}{
		{quality.VideoFramerateLow, 1002, "FRAMERATE_SENT_TOO_LOW"},
		{quality.VideoBitrateLow, 1003, "FRAMERATE_VIDEO_BITRATE_TOO_LOW"},
		{quality.VideoDecodeFailed, 1005, "RECV_VIDEO_DECODE_FAILED"},
		{quality.ScreenDecodeFailed, 1005, "RECV_SCREEN_DECODE_FAILED"},
		{quality.AudioInputSilent, 2001, "AUDIO_INPUT_LEVEL_TOO_LOW"},
		{quality.AudioOutputSilent, 2002, "AUDIO_OUTPUT_LEVEL_TOO_LOW"},
		{quality.AudioBitrateLow, 2003, "SEND_AUDIO_BITRATE_TOO_LOW"},
		{quality.AudioDecodeFailed, 2005, "RECV_AUDIO_DECODE_FAILED"},
	} {
		if c.kind.Code() != c.code || c.kind.String() != c.msg || c.kind.Hold() <= 0 {
			t.Errorf("got %d %s after %v, want %d %s", c.kind.Code(), c.kind, c.kind.Hold(), c.code, c.msg)
		}
	}
}

func TestWatch(t *testing.T) {
	silent := quality.Case{UID: "1", Kind: quality.AudioInputSilent}  // 10 s
	broken := quality.Case{UID: "2", Kind: quality.VideoDecodeFailed} // 4 s
	other := quality.Case{UID: "3", Kind: quality.VideoDecodeFailed}
	type at struct {
		second  int
		holding []quality.Case
		told    []quality.Case
	}
	both := []quality.Case{broken, silent}
	for _, c := range []struct {
		name  string
		steps []at
	}{
		{"after its time, once", []at{
			{0, []quality.Case{broken}, nil}, {3, []quality.Case{broken}, nil},
			{4, []quality.Case{broken}, []quality.Case{broken}}, {5, []quality.Case{broken}, nil}, {60, []quality.Case{broken}, nil},
		}},
		{"recovered before its time", []at{
			{0, []quality.Case{broken}, nil}, {3, nil, nil}, {4, []quality.Case{broken}, nil},
			{7, []quality.Case{broken}, nil}, {8, []quality.Case{broken}, []quality.Case{broken}},
		}},
		{"again after it recovered", []at{
			{0, []quality.Case{broken}, nil}, {4, []quality.Case{broken}, []quality.Case{broken}}, {5, nil, nil},
			{6, []quality.Case{broken}, nil}, {10, []quality.Case{broken}, []quality.Case{broken}},
		}},
		{"each in its own time", []at{
			{0, both, nil}, {4, both, []quality.Case{broken}}, {10, both, []quality.Case{silent}}, {20, both, nil},
		}},
		{"several at once, in order", []at{
			{0, []quality.Case{other, broken}, nil}, {9, []quality.Case{other, broken}, []quality.Case{broken, other}},
		}},
		{"named twice", []at{
			{0, []quality.Case{broken, broken}, nil}, {4, []quality.Case{broken, broken}, []quality.Case{broken}}, {5, []quality.Case{broken, broken}, nil},
		}},
		{"nothing", []at{{0, nil, nil}, {100, nil, nil}}},
		{"not seen for a minute", []at{
			{0, both, nil}, {60, both, nil}, {63, both, nil}, {64, both, []quality.Case{broken}}, {70, both, []quality.Case{silent}},
			{130, both, nil}, {140, both, nil},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var w quality.Watch
			start := time.Unix(1000, 0)
			for _, s := range c.steps {
				if got := w.Update(start.Add(time.Duration(s.second)*time.Second), s.holding); !slices.Equal(got, s.told) {
					t.Errorf("at %d s: told %v, want %v", s.second, got, s.told)
				}
			}
		})
	}
}

// TestBreak has a while in which nothing could be seen.
func TestBreak(t *testing.T) {
	told := quality.Case{UID: "1", Kind: quality.VideoDecodeFailed} // 4 s
	late := quality.Case{UID: "2", Kind: quality.VideoDecodeFailed}
	both := []quality.Case{told, late}
	var w quality.Watch
	start := time.Unix(1000, 0)
	at := func(second int, holding, want []quality.Case) {
		t.Helper()
		if got := w.Update(start.Add(time.Duration(second)*time.Second), holding); !slices.Equal(got, want) {
			t.Errorf("at %d s: told %v, want %v", second, got, want)
		}
	}
	at(0, []quality.Case{told}, nil)
	at(4, both, []quality.Case{told})
	w.Break()
	at(30, both, nil) // not seen to have recovered, and not seen for its time
	at(34, both, []quality.Case{late})
}
