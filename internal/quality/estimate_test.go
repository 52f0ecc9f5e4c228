package quality_test

import (
	"fmt"
	"testing"
	"time"

	"nertc/internal/quality"
)

// sample is a reading: an estimate in kbit/s and the longest round trip since the one before in ms.
type sample struct{ kbps, rtt int }

// What a browser's estimate was, a reading each second, while 964 kbit/s were wanted: a way of 500 kbit/s with a queue of
// 0.4 s, and then one without a limit. `calm` is from an idle machine, `busy` from one that had much to do, which makes both shakier.
var (
	wide = []sample{{1179, 5}, {1287, 69}, {1377, 6}, {1398, 3}, {1522, 1}, {1583, 2}, {1602, 21}, {1602, 2}, {1602, 5}}
	busy = [][2][]sample{
		{
			{{336, 350}, {342, 103}, {342, 103}, {342, 8}, {342, 64}, {342, 46}, {342, 5}, {376, 37}, {376, 27}, {241, 141}, {253, 166}, {253, 32}, {288, 31}, {298, 12}, {318, 28}, {318, 178}, {318, 36}, {318, 402}, {318, 109}, {319, 92}, {332, 47}, {351, 17}, {365, 132}, {325, 131}, {325, 198}, {334, 63}, {358, 68}, {370, 99}},
			{{386, 108}, {323, 217}, {323, 62}, {344, 1}, {373, 1}, {407, 7}, {437, 5}, {476, 3}, {504, 1}, {551, 1}, {582, 1}, {637, 20}, {684, 105}, {710, 5}, {776, 2}, {818, 2}, {911, 7}, {1023, 3}, {1112, 9}, {1239, 3}, {1302, 2}, {1395, 293}},
		},
		{
			{{375, 371}, {351, 180}, {358, 389}, {362, 389}, {362, 389}, {362, 17}, {362, 13}, {362, 13}, {362, 13}, {362, 12}, {371, 87}, {373, 18}, {317, 141}, {317, 127}, {326, 71}, {326, 22}, {326, 18}, {326, 55}, {326, 4}, {326, 17}, {348, 36}, {386, 29}, {417, 71}, {327, 212}, {327, 10}, {333, 37}, {344, 3}, {349, 4}, {362, 33}},
			{{318, 61}, {318, 55}, {346, 15}, {380, 3}, {414, 102}, {442, 13}, {487, 2}, {530, 1}, {589, 98}, {628, 1}, {686, 2}, {726, 37}, {789, 2}, {865, 15}, {945, 28}, {1022, 1}, {1104, 7}, {1161, 25}, {1272, 25}, {1376, 6}, {1424, 1}, {1452, 14}},
		},
	}
	calm = [][2][]sample{
		{
			{{347, 0}, {350, 396}, {353, 99}, {353, 3}, {353, 3}, {283, 3}, {353, 4}, {353, 31}, {353, 3}, {367, 41}, {374, 63}, {316, 4}, {316, 43}, {332, 5}, {360, 15}, {384, 6}, {409, 55}},
			{{316, 93}, {316, 2}, {329, 1}, {329, 2}, {354, 1}, {364, 1}, {384, 1}, {423, 3}, {451, 0}, {499, 1}, {541, 1}, {573, 1}, {618, 2}, {679, 6}, {731, 2}},
		},
		{
			{{354, 391}, {354, 383}, {354, 4}, {354, 39}, {376, 35}, {376, 77}, {324, 34}, {324, 58}, {349, 35}, {377, 4}, {390, 17}, {416, 96}, {325, 96}, {325, 10}, {325, 4}, {350, 15}, {376, 41}, {389, 40}},
			{{355, 4}, {355, 40}, {363, 1}, {379, 2}, {395, 1}, {409, 2}, {441, 1}, {494, 2}, {525, 1}, {569, 2}, {615, 2}, {664, 1}, {722, 3}, {771, 2}, {848, 2}},
		},
	}
)

// levels are those by which readings are told, two of them each time.
func levels(e *quality.Estimate, readings []sample) (all []quality.Level) {
	var before quality.Path
	for i, r := range readings {
		now := quality.Path{Measured: true, Available: e.Limit(1000*r.kbps, 1000*r.kbps, time.Duration(r.rtt)*time.Millisecond), Wanted: 964_000}
		if i%2 == 1 {
			all = append(all, quality.OfTwo(before, now))
		}
		before = now
	}
	return all
}

func TestQualityFallsAndRecoversWithinSixSeconds(t *testing.T) {
	for machine, cycles := range map[string][][2][]sample{"busy": busy, "calm": calm} {
		for shift := range 2 { // the readings may be told in pairs from either
			var e quality.Estimate
			for _, l := range levels(&e, wide) {
				if l != quality.Excellent {
					t.Errorf("on the wide way it has %d", l)
				}
			}
			for n, cycle := range cycles {
				name := fmt.Sprintf("%s machine, cycle %d from reading %d", machine, n, shift)
				narrow, after := cycle[0][shift:], cycle[1][shift:]
				fell := 0
				for i, l := range levels(&e, narrow) {
					if l >= quality.Poor {
						fell++
					} else if i == 0 {
						t.Errorf("%s: the first that is told is %d", name, l)
					}
				}
				if told := len(narrow) / 2; fell < told-1 { // one peak may look like a recovery for a moment
					t.Errorf("%s: %d of %d are poor or worse", name, fell, told)
				}
				for i, l := range levels(&e, after) {
					switch after := 2 * (i + 1); {
					case after < 4 && l <= quality.Good && shift == 0:
						t.Errorf("%s: it is %d again after %d s, in which nothing has shown it", name, l, after)
					case after >= 6 && l != quality.Excellent:
						t.Errorf("%s: it has %d after %d s", name, l, after)
					}
				}
			}
		}
	}
}

func TestEstimate(t *testing.T) {
	for name, c := range map[string]struct{ readings, limits []int }{
		"none":                                 {[]int{0, 0}, []int{0, 0}},
		"one that stands":                      {[]int{500, 500, 505, 500, 502}, []int{500, 500, 505, 500, 502}},
		"one that grows from the start":        {[]int{300, 330, 360, 390, 420}, []int{300, 330, 360, 0, 0}},
		"and meets its limit":                  {[]int{300, 330, 360, 390, 335, 350, 360, 370}, []int{300, 330, 360, 0, 335, 350, 360, 370}},
		"and grows beyond that":                {[]int{390, 335, 350, 370, 390, 410, 430}, []int{390, 335, 350, 370, 390, 0, 0}},
		"and stands there":                     {[]int{390, 335, 350, 370, 390, 410, 410}, []int{390, 335, 350, 370, 390, 0, 0}},
		"and meets another":                    {[]int{390, 335, 350, 370, 390, 410, 360}, []int{390, 335, 350, 370, 390, 0, 360}},
		"as far as it was is not beyond":       {[]int{390, 335, 350, 370, 390, 405}, []int{390, 335, 350, 370, 390, 405}},
		"slow growth is none":                  {[]int{300, 303, 306, 309, 312}, []int{300, 303, 306, 309, 312}},
		"a way that becomes another":           {[]int{2000, 300, 330, 360, 390, 440}, []int{2000, 300, 330, 360, 390, 0}},
		"a missing reading changes nothing":    {[]int{300, 330, 0, 360, 390}, []int{300, 330, 0, 360, 0}},
		"what is no number of a browser's own": {[]int{-1, 300}, []int{0, 300}},
	} {
		var e quality.Estimate
		for i, r := range c.readings {
			if got := e.Limit(r, r, 0); got != c.limits[i] {
				t.Errorf("%s: reading %d of %d has the limit %d, want %d", name, i, r, got, c.limits[i])
			}
		}
	}
}

func TestQueueOnTheWayIsALimit(t *testing.T) {
	for name, readings := range map[string][]struct{ estimate, rtt, limit int }{
		"growth beyond the limit": {{300, 20, 300}, {330, 25, 330}, {360, 51, 360}, {390, 50, 0}},
		"growth into a queue":     {{300, 20, 300}, {330, 25, 330}, {360, 31, 360}, {390, 51, 390}, {420, 50, 0}},
		"a queue behind growth":   {{300, 20, 300}, {330, 31, 330}, {360, 31, 360}, {390, 31, 0}, {420, 51, 0}, {450, 51, 450}, {480, 51, 480}, {510, 30, 0}},
		"one long round trip":     {{300, 20, 300}, {330, 31, 330}, {360, 31, 360}, {390, 31, 0}, {390, 51, 0}, {390, 20, 0}},
		"one that stands":         {{300, 20, 300}, {330, 31, 330}, {360, 31, 360}, {390, 31, 0}, {390, 20, 0}, {390, 20, 0}, {390, 20, 390}},
		"a fall":                  {{300, 20, 300}, {330, 31, 330}, {360, 31, 360}, {390, 31, 0}, {340, 31, 340}},
		"growth and no queue":     {{400, 20, 400}, {300, 90, 300}, {300, 30, 300}, {300, 30, 300}, {310, 30, 0}, {330, 30, 0}},
		"no queue, nor growth":    {{400, 20, 400}, {300, 90, 300}, {300, 20, 300}, {300, 20, 300}, {303, 20, 303}, {303, 20, 303}},
		"too much for no queue":   {{400, 20, 400}, {300, 90, 300}, {300, 20, 300}, {300, 31, 300}, {310, 20, 310}, {320, 20, 320}, {330, 20, 0}},
		"nothing measured":        {{400, 20, 400}, {300, 90, 300}, {300, 0, 300}, {300, 20, 300}, {310, 20, 310}, {310, 0, 310}, {320, 20, 0}},
	} {
		var e quality.Estimate
		for i, r := range readings {
			if got := e.Limit(r.estimate, r.estimate, time.Duration(r.rtt)*time.Millisecond); got != r.limit {
				t.Errorf("%s: reading %d of %d at %d ms has the limit %d, want %d", name, i, r.estimate, r.rtt, got, r.limit)
			}
		}
	}
}

func TestWhatIsNotUsedDoesNotGrow(t *testing.T) {
	for name, tc := range map[string]struct{ sent, limit int }{"all of it is sent": {330, 330}, "half of it": {165, 0}} {
		var e quality.Estimate
		for _, available := range []int{400, 300, 300, 310, 320, 330} {
			e.Limit(available, available, 20*time.Millisecond)
		}
		limit := 0
		for range 5 {
			limit = e.Limit(330, tc.sent, 20*time.Millisecond)
		}
		if limit != tc.limit {
			t.Errorf("%s: the limit is %d, want %d", name, limit, tc.limit)
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
