package bot

import (
	"slices"
	"sync"
	"time"
)

// Delay is how long after its capture and the way here a picture or a sound is due: time to ask for lost packets
// again, to decode, and for what varies on the way. A live stream is seconds behind anyway.
const Delay = 300 * time.Millisecond

const (
	// window is how long the quickest way counts: a drift of clocks moves it by 3 ms in that time.
	window = 5 * time.Second
	// elsewhere is a step of timestamps that no network makes: the sender has begun anew.
	elsewhere = 3 * time.Second
	// maxSkew is what the sound and the picture of one user can be apart on their way; more is nonsense in a report.
	maxSkew = time.Second
	// maxReports of a track are looked at: one that is off, because its sender was busy when it made it, counts nothing.
	maxReports = 5
)

// clock relates the timestamps of one track to time here. All its times are since an instant of the bot.
//
// How the timestamps of a user's tracks relate to each other only the user knows, and says so in RTCP sender
// reports (https://www.rfc-editor.org/rfc/rfc3550#section-6.4.1); how long they need to come here shows
// when they do. Until the first reports are there, sound and picture are taken to need the same time.
type clock struct {
	rate int64 // timestamps per second

	begun     bool
	last      int64         // timestamp, extended
	base      [2]minimum    // of arrival − timestamp: of this window and the one before
	since     time.Duration // when this window began
	reported  bool
	reports   []time.Duration // sender's time − timestamp, of the last ones
	reportAdd time.Duration   // the one in the middle of these
}

// minimum is the smallest of some durations.
type minimum struct {
	any bool
	d   time.Duration
}

func (m *minimum) note(d time.Duration) {
	if !m.any || d < m.d {
		m.any, m.d = true, d
	}
}

func (c *clock) span(ts int64) time.Duration {
	// Seconds apart, so that a timestamp of weeks does not overflow.
	return time.Duration(ts/c.rate)*time.Second + time.Duration(ts%c.rate)*time.Second/time.Duration(c.rate)
}

// extend gives a timestamp the bits that are not sent.
func (c *clock) extend(ts uint32) int64 {
	if !c.begun {
		return int64(ts)
	}
	return c.last + int64(int32(ts-uint32(c.last)))
}

// arrived notes a packet's arrival.
func (c *clock) arrived(ts int64, now time.Duration) {
	d := now - c.span(ts)
	if c.begun {
		if off := d - c.way(); off > elsewhere || off < -elsewhere {
			c.base, c.reported, c.reports, c.since = [2]minimum{}, false, nil, now
		}
	} else {
		c.begun, c.since = true, now
	}
	c.last = ts
	if now-c.since > window {
		c.base[1], c.base[0], c.since = c.base[0], minimum{}, now
	}
	c.base[0].note(d)
}

// way is what a timestamp's time here is after its own: of the packets that came quickest.
func (c *clock) way() time.Duration {
	m := c.base[0]
	if c.base[1].any {
		m.note(c.base[1].d)
	}
	return m.d
}

// report takes a sender report.
func (c *clock) report(ntp uint64, ts uint32) {
	if !c.begun || ntp == 0 {
		return
	}
	sent := time.Duration(ntp>>32)*time.Second + time.Duration((ntp&0xffffffff)*1e9>>32)
	if len(c.reports) == maxReports {
		c.reports = slices.Delete(c.reports, 0, 1)
	}
	c.reports = append(c.reports, sent-c.span(c.extend(ts)))
	sorted := slices.Sorted(slices.Values(c.reports))
	c.reported, c.reportAdd = true, sorted[(len(sorted)-1)/2]
}

// ensemble are the clocks of one user's tracks, which are shown together.
type ensemble struct {
	mu     sync.Mutex
	clocks map[*clock]bool
}

// add is for a new track.
func (e *ensemble) add(rate int64) *clock {
	c := &clock{rate: rate}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.clocks == nil {
		e.clocks = map[*clock]bool{}
	}
	e.clocks[c] = true
	return c
}

func (e *ensemble) remove(c *clock) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.clocks, c)
}

// add is what the timestamps of a track are off time here, together with the user's other tracks: all wait for
// the one that needs longest.
func (e *ensemble) offset(c *clock) time.Duration {
	if !c.reported {
		return c.way()
	}
	own := c.way() - c.reportAdd // what the way here takes by the sender's clock
	most := own
	for o := range e.clocks {
		if o.reported {
			if w := o.way() - o.reportAdd; w > most && w < own+maxSkew {
				most = w
			}
		}
	}
	return c.reportAdd + most
}

// position is the timestamp of a track that is due at a time; false before anything has come.
func (e *ensemble) position(c *clock, now time.Duration) (int64, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !c.begun {
		return 0, false
	}
	d := now - Delay - e.offset(c)
	return int64(d/time.Second)*c.rate + int64(d%time.Second)*c.rate/int64(time.Second), true
}
