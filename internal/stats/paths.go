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
	rtt := time.Duration(c.transport.TxRtt * float64(time.Millisecond))
	sent := map[string]bool{}      // sections on which something was sent
	receiving := map[string]bool{} // sections of which packets are to come
	for _, t := range call.Received {
		receiving[t.MID] = !t.Muted
	}
	expecting := false
	for i := range r.Stats {
		s := &r.Stats[i]
		switch s.Type {
		case media.StatInbound:
			lost += max(0, c.lost(s))
			got += c.since(s, received)
			down.Jitter = max(down.Jitter, seconds(s.Jitter))
			expecting = expecting || receiving[s.MID] && s.Kind == media.Audio
		case media.StatOutbound:
			n := c.since(s, func(s *media.Stat) float64 { return s.PacketsSent })
			sentPackets += n
			sent[s.MID] = sent[s.MID] || n > 0
			if remote, ok := c.now.stats[s.RemoteID]; ok && n > 0 {
				upLost = max(upLost, remote.FractionLost)
				up.Jitter = max(up.Jitter, seconds(remote.Jitter))
			}
		}
	}
	for _, s := range call.Sent {
		if sent[s.MID] && !s.Muted {
			wanted += float64(s.MaxBitrate)
		}
	}
	if pair, ok := c.pair(r); ok {
		up.Available = int(whole(pair.AvailableOutgoingBitrate))
	}
	up.Measured, up.RTT, up.Loss = sentPackets > 0 || rtt > 0, rtt, upLost
	up.Wanted = int(whole(wanted))
	down.Measured, down.RTT = got > 0 || rtt > 0, rtt
	if lost+got > 0 {
		down.Loss = lost / (lost + got)
	}
	// Sound comes all the time, silence too; so if none does, nothing does.
	down.Down = expecting && got == 0 && c.span() > 0
	return up, down
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func sqrt(f float64) float64 {
	if !(f > 0) {
		return 0
	}
	return math.Sqrt(f)
}
