// Package speaker tells how loud those are whose sound is received, and who is the loudest.
package speaker

import (
	"cmp"
	"math"
	"slices"

	"nertc/internal/media"
	"nertc/internal/protocol"
)

const (
	// MaxLevel is the level of a tone at full scale.
	MaxLevel = 100
	// SoundLevel is the level from which a sound counts as somebody speaking: −40 dB of full
	// scale. A quiet room behind a microphone stays below it, a low voice is above.
	SoundLevel = 1

	// fresh is the age in seconds up to which an account is taken from its beginning: the sound
	// of a new track is measured within little more than a second. An older one that was not
	// known yet only says something from the next time on.
	fresh = 3
)

// Source is one sound of one user.
type Source struct {
	UID       string
	MediaType protocol.MediaType
}

// Level is how loud a source was.
type Level struct {
	Source
	// Level from 0, silence, to MaxLevel: 100 times the linear audio level of the standard,
	// which is 1.0 for 0 dBov. A tone of the amplitude 0.5 has the level 50, half of that 25.
	// https://www.w3.org/TR/webrtc-stats/#dom-rtcinboundrtpstreamstats-audiolevel
	Level float64
}

// Meter makes levels of the accounts that receivers keep. The zero value is ready. It is not
// for several goroutines.
type Meter struct {
	last map[Source]media.Sound
}

// Measure gives the levels since it was called last, in no order. What is no longer among the
// accounts is forgotten.
//
// The level is the mean over that time as the standard defines it: the square root of the
// energy that came in, divided by the time that it took. Libwebrtc, which is in every browser,
// adds up the energy of the peaks of blocks of 10 ms, so that a tone's level is its amplitude
// and not its root mean square.
// https://www.w3.org/TR/webrtc-stats/#dom-rtcinboundrtpstreamstats-totalaudioenergy
func (m *Meter) Measure(now map[Source]media.Sound) []Level {
	levels := make([]Level, 0, len(now))
	for source, sound := range now {
		last, known := m.last[source]
		if sound.Energy < last.Energy || sound.Duration < last.Duration { // another account
			last, known = media.Sound{}, false
		}
		if !known && !(sound.Duration <= fresh) {
			continue
		}
		levels = append(levels, Level{source, level(sound.Energy-last.Energy, sound.Duration-last.Duration)})
	}
	m.last = now
	return levels
}

// level is that of an energy within a time in seconds; 0 where nothing was decoded.
func level(energy, duration float64) float64 {
	if !(energy > 0 && duration > 0) {
		return 0
	}
	return Bounded(MaxLevel * math.Sqrt(energy/duration))
}

// Bounded keeps a level within its range, rounded to tenths: quiet sounds differ in the digits
// behind the point. What is no number is 0.
func Bounded(level float64) float64 {
	if !(level > 0) {
		return 0
	}
	return math.Round(min(level, MaxLevel)*10) / 10
}

// Sort puts the louder first. Equally loud ones stand in the order of their uids, so that a
// list of silent users does not jump.
func Sort(levels []Level) {
	slices.SortFunc(levels, func(a, b Level) int {
		return cmp.Or(cmp.Compare(b.Level, a.Level), cmp.Compare(a.UID, b.UID), cmp.Compare(a.MediaType, b.MediaType))
	})
}

// Active gives the active speaker of sorted levels: the loudest, if it is to be heard at all.
func Active(sorted []Level) (l Level, ok bool) {
	if len(sorted) == 0 || sorted[0].Level < SoundLevel {
		return Level{}, false
	}
	return sorted[0], true
}
