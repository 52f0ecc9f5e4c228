package mix_test

import (
	"math"
	"testing"

	"nertc/gateway/live/mix"
)

// tone are n samples of a tone from a position on.
func tone(at int64, n int, hertz, level float64) []int16 {
	out := make([]int16, n*mix.Channels)
	for i := range n {
		v := int16(level * math.Sin(2*math.Pi*hertz*float64(at+int64(i))/mix.Rate))
		out[2*i], out[2*i+1] = v, v
	}
	return out
}

// strength is how much of a frequency is in the left channel of PCM: its amplitude.
func strength(pcm []int16, hertz float64) float64 {
	var re, im float64
	n := len(pcm) / mix.Channels
	for i := range n {
		a := 2 * math.Pi * hertz * float64(i) / mix.Rate
		re += float64(pcm[2*i]) * math.Cos(a)
		im += float64(pcm[2*i]) * math.Sin(a)
	}
	return 2 * math.Hypot(re, im) / float64(n)
}

const block = mix.Rate / 25

func TestSoundsAreAddedUp(t *testing.T) {
	var a, b mix.Sound
	a.Write(1000, tone(1000, mix.Rate/2, 440, 8000))
	b.Write(-70000, tone(0, mix.Rate/2, 1000, 6000))
	var all []int16
	var l mix.Limiter
	for i := range int64(10) {
		sum := make([]int32, block*mix.Channels)
		if !a.Mix(sum, 1000+i*block) || !b.Mix(sum, -70000+i*block) {
			t.Fatal("nothing heard")
		}
		pcm := make([]int16, len(sum))
		l.Limit(pcm, sum)
		all = append(all, pcm...)
	}
	if s := strength(all, 440); math.Abs(s-8000) > 200 {
		t.Errorf("440 Hz at %.0f", s)
	}
	if s := strength(all, 1000); math.Abs(s-6000) > 200 {
		t.Errorf("1 kHz at %.0f", s)
	}
	if s := strength(all, 700); s > 200 {
		t.Errorf("700 Hz at %.0f", s)
	}
}

func TestALoudSumIsTurnedDownNotCutOff(t *testing.T) {
	var l mix.Limiter
	sum := make([]int32, block*mix.Channels)
	pcm := make([]int16, len(sum))
	for i := range 20 {
		for j := range sum {
			sum[j] = int32(60000 * math.Sin(2*math.Pi*1000*float64(j/2)/mix.Rate))
		}
		l.Limit(pcm, sum)
		if third := strength(pcm, 3000); i > 0 && third > 100 { // what is cut off has harmonics
			t.Fatalf("block %d: third harmonic at %.0f", i, third)
		}
	}
	if s := strength(pcm, 1000); s < 29000 || s > 31500 {
		t.Errorf("loud tone at %.0f", s)
	}
	for i := range 30 { // and comes back
		for j := range sum {
			sum[j] = int32(10000 * math.Sin(2*math.Pi*1000*float64(j/2)/mix.Rate))
		}
		l.Limit(pcm, sum)
		if s := strength(pcm, 1000); i == 0 && s > 7000 || i == 29 && math.Abs(s-10000) > 100 {
			t.Errorf("block %d: soft tone at %.0f", i, s)
		}
	}
	sum[7] = math.MaxInt32
	l.Limit(pcm, sum) // must not wrap around
	if pcm[7] < 30000 {
		t.Errorf("a peak became %d", pcm[7])
	}
}

// For minutes of a clock that is 300 ppm off, which is more than a sound card's, the reader stays with the
// writer, and what is heard is the tone without a click.
func TestTheReaderFollowsAClockThatDrifts(t *testing.T) {
	const period = mix.Rate / 100
	wave := tone(0, 3*period, 100, 10000)
	for _, drift := range []float64{1 + 300e-6, 1 - 300e-6} {
		var s mix.Sound
		written, jumps := int64(0), 0
		last := 0.0
		for i := range 25 * 200 {
			at := int64(float64(i*block) * drift)
			for written < at+3*block {
				s.Write(written, wave[written%period*mix.Channels:][:960*mix.Channels])
				written += 960
			}
			sum := make([]int32, block*mix.Channels)
			s.Mix(sum, at)
			for j := range block {
				v := float64(sum[2*j])
				if i > 0 && math.Abs(v-last) > 200 { // 100 Hz at 10,000 climbs 131 a sample
					jumps++
				}
				last = v
			}
		}
		if jumps > 0 {
			t.Errorf("drift %v: %d clicks", drift, jumps)
		}
		// At the end a mark is heard where it was put.
		at := int64(float64(25*200*block) * drift)
		mark := make([]int16, 2*block*mix.Channels)
		mark[2*100] = 20000
		s.Write(at, mark)
		sum := make([]int32, block*mix.Channels)
		s.Mix(sum, at)
		heard := -1
		for j := range block {
			if sum[2*j] > 5000 {
				heard = j
			}
		}
		if heard < 0 || math.Abs(float64(heard-100)) > mix.Rate/100 {
			t.Errorf("drift %v: a mark at sample 100 is heard at %d", drift, heard)
		}
	}
}

func TestTheReaderJumpsWhereItIsFarOff(t *testing.T) {
	var s mix.Sound
	s.Write(0, tone(0, mix.Rate, 440, 8000))
	sum := make([]int32, block*mix.Channels)
	s.Mix(sum, 0)
	clear(sum)
	at := int64(mix.Rate / 2)
	s.Mix(sum, at)
	want := tone(at, block, 440, 8000)
	for i := range sum {
		if math.Abs(float64(sum[i])-float64(want[i])) > 1 {
			t.Fatalf("sample %d is %d, want %d", i, sum[i], want[i])
		}
	}
	clear(sum)
	if s.Mix(sum, 10*mix.Rate); sum[len(sum)-1] != 0 {
		t.Error("something is heard behind the end")
	}
	s.Clear()
	if clear(sum); s.Mix(sum, 0) || sum[0] != 0 {
		t.Error("something is heard of what was forgotten")
	}
	// A gap in between is silence, and another timeline begins anew.
	s.Write(100*mix.Rate, tone(0, 960, 440, 8000))
	s.Write(100*mix.Rate+1920, tone(0, 960, 440, 8000))
	clear(sum)
	s.Mix(sum, 100*mix.Rate)
	if sum[2*100] == 0 || sum[2*1000] != 0 || sum[2*1919] != 0 {
		t.Error("the gap is not where it was left")
	}
}

func BenchmarkMixTwo(b *testing.B) {
	var x, y mix.Sound
	x.Write(0, tone(0, mix.Rate, 440, 8000))
	y.Write(0, tone(0, mix.Rate, 440, 8000))
	sum := make([]int32, block*mix.Channels)
	pcm := make([]int16, len(sum))
	var l mix.Limiter
	for b.Loop() {
		clear(sum)
		x.Mix(sum, 0)
		y.Mix(sum, 0)
		l.Limit(pcm, sum)
	}
}
