package quality

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Exception is one of the documented kinds of `exception`.
type Exception int

// The kinds. The comment says when the condition holds; who measures sees to that.
const (
	// VideoFramerateLow: the camera's picture is sent at less than half the frame rate at which it is captured.
	VideoFramerateLow Exception = iota
	// VideoBitrateLow: the camera's picture is sent with less than a fifth of the bitrate it is meant to have, and not all of its frames.
	VideoBitrateLow
	// VideoDecodeFailed: a camera's picture is received and no frame of it decoded.
	VideoDecodeFailed
	// ScreenDecodeFailed: a shared screen is received and no frame of it decoded.
	ScreenDecodeFailed
	// AudioInputSilent: the published, unmuted microphone gives no sound at all.
	AudioInputSilent
	// AudioOutputSilent: a subscribed, unmuted microphone gives no sound at all although packets come in.
	AudioOutputSilent
	// AudioBitrateLow: the published, unmuted microphone is not sent.
	AudioBitrateLow
	// AudioDecodeFailed: sound is received and nothing of it decoded.
	AudioDecodeFailed
)

// kinds has what a page is told of each, and the time for which the condition must have held:
// longer where a pause is usual (people are silent, screens stand still), shorter where it is a fault.
var kinds = [...]struct {
	code int
	msg  string
	hold time.Duration
}{
	VideoFramerateLow:  {1002, "FRAMERATE_SENT_TOO_LOW", 6 * time.Second},
	VideoBitrateLow:    {1003, "FRAMERATE_VIDEO_BITRATE_TOO_LOW", 6 * time.Second},
	VideoDecodeFailed:  {1005, "RECV_VIDEO_DECODE_FAILED", 4 * time.Second},
	ScreenDecodeFailed: {1005, "RECV_SCREEN_DECODE_FAILED", 4 * time.Second},
	AudioInputSilent:   {2001, "AUDIO_INPUT_LEVEL_TOO_LOW", 10 * time.Second},
	AudioOutputSilent:  {2002, "AUDIO_OUTPUT_LEVEL_TOO_LOW", 10 * time.Second},
	AudioBitrateLow:    {2003, "SEND_AUDIO_BITRATE_TOO_LOW", 6 * time.Second},
	AudioDecodeFailed:  {2005, "RECV_AUDIO_DECODE_FAILED", 4 * time.Second},
}

// Code is the documented number.
func (e Exception) Code() int { return kinds[e].code }

// String is the documented text.
func (e Exception) String() string { return kinds[e].msg }

// Hold is how long the condition must have held before it is told.
func (e Exception) Hold() time.Duration { return kinds[e].hold }

// Case is an exception of one user.
type Case struct {
	UID  string
	Kind Exception
}

// Watch tells each case once: after its condition has held for its time, and not again until it
// has recovered. The zero value is ready. It is not for several goroutines.
type Watch struct {
	since map[Case]time.Time
	told  map[Case]bool
	last  time.Time
}

// unseen is a time between two readings of which they say nothing: the machine was asleep, or the browser held the timers of a
// hidden page back.
const unseen = 10 * time.Second

// Update takes all cases whose condition holds at a time and gives those that are to be told
// now, in the order of uid and kind. What is not among them has recovered.
func (w *Watch) Update(now time.Time, holding []Case) []Case {
	if now.Sub(w.last) > unseen {
		w.Break()
	}
	w.last = now
	since, told := make(map[Case]time.Time, len(holding)), map[Case]bool{}
	var tell []Case
	for _, c := range holding {
		if _, twice := since[c]; twice {
			continue
		}
		begin, known := w.since[c]
		if !known {
			begin = now
		}
		since[c] = begin
		switch {
		case w.told[c]:
			told[c] = true
		case now.Sub(begin) >= c.Kind.Hold():
			told[c] = true
			tell = append(tell, c)
		}
	}
	w.since, w.told = since, told
	slices.SortFunc(tell, func(a, b Case) int { return cmp.Or(cmp.Compare(a.UID, b.UID), cmp.Compare(a.Kind, b.Kind)) })
	return tell
}

// Break says that nothing could be seen for a while: what has not held for its time by now begins anew, and what was
// told is not told again before it was seen to have recovered.
func (w *Watch) Break() {
	maps.DeleteFunc(w.since, func(c Case, _ time.Time) bool { return !w.told[c] })
}
