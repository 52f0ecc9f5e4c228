package program

import (
	"testing"

	"nertc/gateway/live/bot"
	"nertc/gateway/live/ffmpeg"
)

// A browser sends a key frame when it is asked for one, and hardly ever else: what is passed on as it comes has one every two seconds
// all the same, or nobody could begin to watch, and a server that was away would wait for minutes.
func TestWhatIsPassedOnHasKeyFrames(t *testing.T) {
	asked := 0
	v := &picture{refresh: func() { asked++ }, pass: true}
	const frame = ffmpeg.VideoClock / 25
	at := int64(0)
	send := func(frames int) {
		for range frames {
			v.keep(bot.Unit{At: at, Codec: ffmpeg.H264, Data: []byte{0, 0, 1, 0x41}})
			at += frame
			v.units = nil // they are due
		}
	}
	key := func() {
		v.keep(bot.Unit{At: at, Codec: ffmpeg.H264, Key: true, Data: []byte{0, 0, 1, 0x65}})
		at += frame
	}
	send(3)
	if asked != 3 || v.keyed {
		t.Fatalf("before the first key frame it is asked for %d times", asked)
	}
	key()
	asked = 0
	send(48)
	if asked != 0 {
		t.Errorf("asked for %d key frames within two seconds of one", asked)
	}
	send(10)
	if asked == 0 {
		t.Error("none is asked for after two seconds")
	}
	key()
	asked = 0
	send(48)
	if asked != 0 {
		t.Errorf("asked for %d more after it had come", asked)
	}
	at = 0 // the sender has begun anew
	send(1)
	if asked != 1 {
		t.Error("none is asked for where times begin anew")
	}
}
