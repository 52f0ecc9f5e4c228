package speaker_test

import (
	"math"
	"slices"
	"testing"

	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/internal/speaker"
)

func sound(uid string) speaker.Source {
	return speaker.Source{UID: uid, MediaType: protocol.MediaAudio}
}

// after is an account of a tone of an amplitude, so many seconds long, on top of another.
func after(a media.Sound, amplitude, seconds float64) media.Sound {
	return media.Sound{Energy: a.Energy + amplitude*amplitude*seconds, Duration: a.Duration + seconds}
}

func TestLevelsOfTones(t *testing.T) {
	for _, amplitude := range []float64{0, 0.001, 0.01, 0.0316, 0.25, 0.5, 1, 1.5} {
		var m speaker.Meter
		start := after(media.Sound{}, 0.7, 1)
		m.Measure(map[speaker.Source]media.Sound{sound("2"): start})
		got := m.Measure(map[speaker.Source]media.Sound{sound("2"): after(start, amplitude, 1.01)})
		want := min(100, 100*amplitude)
		if len(got) != 1 || math.Abs(got[0].Level-want) > 0.051 {
			t.Errorf("a tone of %v has %v, want %v", amplitude, got, want)
		}
	}
}

func TestAccounts(t *testing.T) {
	quiet := after(media.Sound{}, 0.1, 1)
	old := after(media.Sound{}, 0.1, 60)
	for _, c := range []struct {
		name     string
		accounts []media.Sound // one after the other
		want     []float64     // −1 where nothing is said
	}{
		{"new and fresh: from its beginning", []media.Sound{quiet}, []float64{10}},
		{"new and old: from the next time on", []media.Sound{old, after(old, 0.2, 1)}, []float64{-1, 20}},
		{"received, not decoded", []media.Sound{{}, {}}, []float64{0, 0}},
		{"decoding stands still", []media.Sound{quiet, quiet}, []float64{10, 0}},
		{"another account in its place", []media.Sound{old, quiet}, []float64{-1, 10}},
		{"less energy in more time", []media.Sound{quiet, {Energy: 0, Duration: 2}}, []float64{10, 0}},
		{"no numbers", []media.Sound{{Energy: math.NaN(), Duration: 1}, {Energy: 1, Duration: math.NaN()}}, []float64{0, 0}},
		{"infinite", []media.Sound{{Energy: math.Inf(1), Duration: 1}}, []float64{100}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var m speaker.Meter
			for i, a := range c.accounts {
				got := -1.0
				if levels := m.Measure(map[speaker.Source]media.Sound{sound("2"): a}); len(levels) == 1 {
					got = levels[0].Level
				}
				if got != c.want[i] {
					t.Errorf("account %d gives %v, want %v", i, got, c.want[i])
				}
			}
		})
	}
}

func TestWhoIsGoneIsForgotten(t *testing.T) {
	var m speaker.Meter
	old := after(media.Sound{}, 0.1, 60)
	m.Measure(map[speaker.Source]media.Sound{sound("2"): old})
	m.Measure(nil)
	if got := m.Measure(map[speaker.Source]media.Sound{sound("2"): after(old, 0.5, 1)}); len(got) != 0 {
		t.Errorf("an account that was away gives %v", got)
	}
}

func TestLouderFirst(t *testing.T) {
	at := func(uid string, level float64) speaker.Level { return speaker.Level{Source: sound(uid), Level: level} }
	levels := []speaker.Level{at("3", 0), at("5", 20), at("2", 0), at("4", 50.5), at("1", 20)}
	levels = append(levels, speaker.Level{Source: speaker.Source{UID: "1", MediaType: protocol.MediaAudioSlave}, Level: 20})
	speaker.Sort(levels)
	var uids []string
	for _, l := range levels {
		uids = append(uids, l.UID+" "+string(l.MediaType))
	}
	want := []string{"4 audio", "1 audio", "1 audioSlave", "5 audio", "2 audio", "3 audio"}
	if !slices.Equal(uids, want) {
		t.Errorf("got %v, want %v", uids, want)
	}
	for _, c := range []struct {
		levels []speaker.Level
		uid    string
	}{
		{levels, "4"}, {nil, ""}, {levels[4:], ""},
		{[]speaker.Level{at("8", speaker.SoundLevel)}, "8"}, {[]speaker.Level{at("8", speaker.SoundLevel-0.1)}, ""},
	} {
		if l, ok := speaker.Active(c.levels); l.UID != c.uid || ok != (c.uid != "") {
			t.Errorf("the active speaker of %v is %v, want %q", c.levels, l, c.uid)
		}
	}
}
