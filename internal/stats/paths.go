package stats

import (
	"math"
	"time"

	"nertc/internal/media"
	"nertc/internal/quality"
)

// paths measures both directions since the report before: the way up by what the server's receiver
// reports say of what is sent, the way down by what is received.
func (c *Collector) paths(r media.Report, call Call) (up, down quality.Path) {
	var lost, got, sentPackets, upLost, wanted float64
	var upJitter, downJitter jitter
	rtt := time.Duration(c.transport.TxRtt * float64(time.Millisecond))
	sent := map[string]bool{} // sections on which something was sent
	var longest float64       // round trip that was measured since the report before, in seconds
	var bytes float64         // that were sent since
	for i := range r.Stats {
		s := &r.Stats[i]
		switch s.Type {
		case media.StatInbound:
			lost += max(0, c.lost(s))
			n := c.since(s, received)
			got += n
			if n > 0 {
				downJitter.add(s.Kind, s.Jitter)
			}
		case media.StatOutbound:
			n := c.since(s, func(s *media.Stat) float64 { return s.PacketsSent })
			sentPackets += n
			bytes += c.since(s, sentBytes)
			sent[s.MID] = sent[s.MID] || n > 0
			if remote, ok := c.now.stats[s.RemoteID]; ok && n > 0 {
				// A picture's, of which there is one each second. A sound's begins at a report that may be five seconds old.
				if s.Kind == media.Video && c.since(remote, func(s *media.Stat) float64 { return s.RoundTripTimeMeasurements }) > 0 {
					longest = max(longest, remote.RoundTripTime)
				}
				upLost = max(upLost, remote.FractionLost)
				upJitter.add(s.Kind, remote.Jitter)
			}
		}
	}
	for _, s := range call.Sent {
		if s.MID != "" && c.sentLately(s.MID, sent[s.MID]) && !s.Muted {
			wanted += float64(s.MaxBitrate)
		}
	}
	if pair, ok := c.pair(r); ok {
		if c.since(pair, func(s *media.Stat) float64 { return s.ResponsesReceived }) > 0 {
			longest = max(longest, pair.CurrentRoundTripTime)
		}
		up.Available = c.estimate.Limit(int(whole(pair.AvailableOutgoingBitrate)), int(1000*c.rate(bytes)), time.Duration(milliseconds(longest)*float64(time.Millisecond)))
	}
	up.Jitter, down.Jitter = upJitter.path(), downJitter.path()
	up.Measured, up.RTT, up.Loss = sentPackets > 0 || rtt > 0, rtt, upLost
	up.Wanted = int(whole(wanted))
	down.Measured, down.RTT = got > 0 || rtt > 0, rtt
	if lost+got > 0 {
		down.Loss = lost / (lost + got)
	}
	return up, down
}

// lately is for how many readings after its last packet something still counts as being sent: an encoder that has no bits
// left may send no picture for seconds.
const lately = 5

// sentLately notes whether something was sent on a section since the last reading, and says whether it was lately.
func (c *Collector) sentLately(mid string, now bool) bool {
	if now {
		c.lately[mid] = lately
	} else if c.lately[mid] > 0 {
		c.lately[mid]--
	}
	return c.lately[mid] > 0
}

// jitter is the worst of each kind of track, in seconds.
type jitter struct {
	sound, picture float64
	heard          bool // there is sound
}

func (j *jitter) add(kind media.Kind, s float64) {
	if kind == media.Audio {
		j.heard, j.sound = true, max(j.sound, s)
		return
	}
	j.picture = max(j.picture, s)
}

// path is that of the network: of sound, where there is any. The packets of a picture have one timestamp and are sent one after the other,
// the slower the less bandwidth there is, and that counts as jitter too.
// https://www.rfc-editor.org/rfc/rfc3550#section-6.4.4
func (j *jitter) path() time.Duration {
	if j.heard {
		return seconds(j.sound)
	}
	return seconds(j.picture)
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func sqrt(f float64) float64 {
	if !(f > 0) {
		return 0
	}
	return math.Sqrt(f)
}
