package mix

import "sync"

// Rate is that of all sound here, in samples/s; Channels is how many it has, one behind the other.
const (
	Rate     = 48000
	Channels = 2
)

const (
	kept     = 2 * Rate       // of a sound, in samples
	jump     = Rate * 6 / 100 // what a reader is off by when it goes to where it should be at once
	maxSteer = 200            // one sample in so many is left out or doubled where it is off by less
)

// Sound keeps the last two seconds of a sound whose samples have positions, and is read at the pace of
// another clock: a drift between the two is made up for without a break. Its methods may be called from
// several goroutines, Mix from one.
type Sound struct {
	mu   sync.Mutex
	ring []int16 // kept·Channels
	end  int64   // position behind the last sample; 0 of them are kept before the first Write
	have int64   // samples that are kept

	reading bool
	next    float64 // position of the next sample to read
	last    [Channels]int32
}

// Write puts samples at a position. What is missing before them is silence; what was written there before is replaced.
func (s *Sound) Write(at int64, pcm []int16) {
	n := int64(len(pcm) / Channels)
	if n == 0 || n > kept {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ring == nil {
		s.ring = make([]int16, kept*Channels)
	}
	if s.have == 0 || at > s.end+kept || at+n < s.end-kept {
		s.end, s.have = at, 0 // another timeline
	}
	for ; s.end < at; s.end++ {
		o := s.offset(s.end)
		clear(s.ring[o : o+Channels])
		s.have++
	}
	for i := range n {
		o := s.offset(at + i)
		copy(s.ring[o:o+Channels], pcm[i*Channels:])
	}
	if at+n > s.end {
		s.have += at + n - s.end
		s.end = at + n
	}
	s.have = min(s.have, kept)
}

// Clear forgets what was written.
func (s *Sound) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.have, s.reading = 0, false
}

func (s *Sound) offset(at int64) int64 {
	o := at % kept
	if o < 0 {
		o += kept
	}
	return o * Channels
}

// Mix adds to sum, Channels to a sample, what is to be heard from a position on. Successive calls go on
// where the last one ended, a little faster or slower where that is not the position, and with a jump
// where it is far from it. It reports whether anything was there.
func (s *Sound) Mix(sum []int32, at int64) bool {
	n := len(sum) / Channels
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.have == 0 {
		s.reading = false
		return false
	}
	off := float64(at) - s.next
	if !s.reading || off > jump || off < -jump {
		s.next, off, s.reading = float64(at), 0, true
	}
	// The whole difference in a second, within what nobody hears.
	steer := max(min(off/Rate, 1.0/maxSteer), -1.0/maxSteer)
	step, heard := 1+steer, false
	for i := range n {
		pos := int64(s.next)
		frac := int32((s.next - float64(pos)) * 256)
		s.next += step
		for c := range Channels {
			a, ok := s.sample(pos, c)
			if ok {
				b, there := s.sample(pos+1, c)
				if !there {
					b = a
				}
				a, heard = a+(b-a)*frac/256, true
			} else {
				a = s.last[c] * 63 / 64 // fades instead of clicking
			}
			s.last[c] = a
			sum[i*Channels+c] += a
		}
	}
	return heard
}

func (s *Sound) sample(at int64, c int) (int32, bool) {
	if at >= s.end || at < s.end-s.have {
		return 0, false
	}
	return int32(s.ring[s.offset(at)+int64(c)]), true
}

// Limiter turns sums of sounds into PCM: loud moments are turned down as a whole, and slowly up again,
// rather than cut off.
type Limiter struct {
	gain float64 // of the last sample; 0 is 1
}

// ceiling is where the limiter keeps peaks, 0.5 dB below full scale, so that the encoder's own do not clip.
const ceiling = 30900

// release is how far the gain comes back in one call of 40 ms: to unity in about half a second.
const release = 0.08

// Limit writes sums as PCM, as many as there are.
func (l *Limiter) Limit(pcm []int16, sum []int32) {
	peak := int32(0)
	for _, v := range sum {
		peak = max(peak, v, -v)
	}
	from := l.gain
	if from == 0 {
		from = 1
	}
	to := min(from+release, 1)
	if peak > ceiling {
		to = min(to, ceiling/float64(peak))
	}
	if to < from && peak > 0 {
		from = max(to, min(from, ceiling/float64(peak))) // a peak may be in the first sample
	}
	l.gain = to
	for i, v := range sum {
		g := from + (to-from)*float64(i)/float64(len(sum))
		pcm[i] = int16(max(min(float64(v)*g, 32767), -32768))
	}
}
