package quality_test

import (
	"testing"
	"time"

	"nertc/internal/quality"
)

// What a browser's estimate was, in kbit/s, a reading each second, while 964 kbit/s were wanted: a way of 500 kbit/s with a queue of
// 0.4 s, and then one without a limit. The machine was busy, so the estimate is shakier than most.
var (
	wide    = []int{1179, 1287, 1377, 1398, 1522, 1583, 1602, 1602, 1602}
	limited = []int{336, 342, 342, 342, 342, 342, 342, 376, 376, 241, 253, 253, 288, 298, 318, 318, 318, 318, 319, 332, 351, 365, 325, 325, 334, 358, 370}
	freed   = []int{386, 323, 323, 344, 373, 407, 437, 476, 504, 551, 582, 637, 684, 710, 776, 818, 911, 1023, 1112}
	again   = []int{375, 351, 358, 362, 362, 362, 362, 362, 362, 362, 371, 373, 317, 317, 326, 326, 326, 326, 326, 348, 386, 417, 327, 327, 333, 344, 349, 362}
	freed2  = []int{318, 318, 346, 380, 414, 442, 487, 530, 589, 628, 686, 726, 789, 865, 945, 1022, 1104}
)

// levels are those by which readings are told, two of them each time.
func levels(e *quality.Estimate, kbps []int) (all []quality.Level) {
	var before quality.Path
	for i, k := range kbps {
		now := quality.Path{Measured: true, Available: e.Limit(1000*k, 5*time.Millisecond), Wanted: 964_000}
		if i%2 == 1 {
			all = append(all, quality.OfTwo(before, now))
		}
		before = now
	}
	return all
}

func TestQualityFallsAndRecoversWithinSixSeconds(t *testing.T) {
	for shift := range 2 { // the readings may be told in pairs from either
		var e quality.Estimate
		for _, l := range levels(&e, wide) {
			if l != quality.Excellent {
				t.Errorf("on the wide way it has %d", l)
			}
		}
		for _, phase := range []struct {
			name          string
			narrow, after []int
		}{{"the first", limited, freed}, {"the second", again, freed2}} {
			fell := 0
			for i, l := range levels(&e, phase.narrow[shift:]) {
				if l >= quality.Poor {
					fell++
				} else if i == 0 {
					t.Errorf("%s time the first that is told is %d", phase.name, l)
				}
			}
			if told := len(phase.narrow[shift:]) / 2; fell < told-1 { // one peak may look like a recovery for a moment
				t.Errorf("%s time %d of %d are poor or worse", phase.name, fell, told)
			}
			for i, l := range levels(&e, phase.after[shift:]) {
				switch after := 2 * (i + 1); {
				case after < 4 && l <= quality.Good && shift == 0:
					t.Errorf("%s time it is %d again after %d s, in which nothing has shown it", phase.name, l, after)
				case after >= 6 && l != quality.Excellent:
					t.Errorf("%s time it has %d after %d s", phase.name, l, after)
				}
			}
		}
	}
}

func TestEstimate(t *testing.T) {
	for name, c := range map[string]struct{ readings, limits []int }{
		"none":                                 {[]int{0, 0}, []int{0, 0}},
		"one that stands":                      {[]int{500, 500, 505, 500, 502}, []int{500, 500, 505, 500, 502}},
		"one that grows from the start":        {[]int{300, 330, 360, 390, 420}, []int{300, 330, 0, 0, 0}},
		"and meets its limit":                  {[]int{300, 330, 360, 390, 335, 350, 360, 370}, []int{300, 330, 0, 0, 335, 350, 360, 370}},
		"and grows beyond that":                {[]int{390, 335, 350, 370, 390, 410, 430}, []int{390, 335, 350, 370, 390, 0, 0}},
		"and stands there":                     {[]int{390, 335, 350, 370, 390, 410, 410}, []int{390, 335, 350, 370, 390, 0, 410}},
		"and meets another":                    {[]int{390, 335, 350, 370, 390, 410, 360}, []int{390, 335, 350, 370, 390, 0, 360}},
		"as far as it was is not beyond":       {[]int{405, 335, 350, 370, 390, 405}, []int{405, 335, 350, 370, 390, 405}},
		"slow growth is none":                  {[]int{300, 303, 306, 309, 312}, []int{300, 303, 306, 309, 312}},
		"a way that becomes another":           {[]int{2000, 300, 330, 360, 390, 440}, []int{2000, 300, 330, 360, 390, 0}},
		"a missing reading changes nothing":    {[]int{300, 330, 0, 360, 390}, []int{300, 330, 0, 0, 0}},
		"what is no number of a browser's own": {[]int{-1, 300}, []int{0, 300}},
	} {
		var e quality.Estimate
		for i, r := range c.readings {
			if got := e.Limit(r, 0); got != c.limits[i] {
				t.Errorf("%s: reading %d of %d has the limit %d, want %d", name, i, r, got, c.limits[i])
			}
		}
	}
}

func TestQueueOnTheWayIsALimit(t *testing.T) {
	const ms = time.Millisecond
	var e quality.Estimate
	for i, r := range []struct {
		estimate int
		rtt      time.Duration
		limit    int
	}{
		{300, 20 * ms, 300}, {330, 25 * ms, 330}, {360, 51 * ms, 360}, {390, 50 * ms, 0}, {420, 51 * ms, 420}, {450, 30 * ms, 0},
		{480, 10 * ms, 0}, {510, 41 * ms, 510}, {540, 0, 0},
	} {
		if got := e.Limit(r.estimate, r.rtt); got != r.limit {
			t.Errorf("reading %d of %d at %v has the limit %d, want %d", i, r.estimate, r.rtt, got, r.limit)
		}
	}
}

func TestOfTwo(t *testing.T) {
	good, lossy := quality.Path{Measured: true}, quality.Path{Measured: true, Loss: 0.2}
	narrow := quality.Path{Measured: true, Available: 10, Wanted: 100}
	for _, c := range []struct {
		name        string
		before, now quality.Path
		want        quality.Level
	}{
		{"both good", good, good, quality.Excellent},
		{"loss in the first", lossy, good, quality.VeryBad},
		{"loss in the second", good, lossy, quality.VeryBad},
		{"narrow in the first", narrow, good, quality.Excellent},
		{"narrow in the second", good, narrow, quality.VeryBad},
		{"down in the first", quality.Path{Down: true}, good, quality.Down},
		{"nothing in both", quality.Path{}, quality.Path{}, quality.Unknown},
		{"nothing in the first", quality.Path{}, good, quality.Excellent},
	} {
		if got := quality.OfTwo(c.before, c.now); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}
