package stats

import "nertc/internal/media"

// silence is after how many seconds in which nothing has come from the server nothing passes. It answers what is sent with RTCP
// every second, and the checks of STUN, which the browser makes every 2.5 s where nothing else comes.
const silence = 3

// passing notes what came, and says of a path on which something should come whether it is dead: then neither way is known to
// carry anything. Somebody else's sound that does not come says nothing of the own way, as long as anything does.
func (c *Collector) passing(r media.Report, call Call) (dead bool) {
	sounds := map[string]bool{} // sections on which sound comes all the time, silence too
	for _, t := range call.Received {
		sounds[t.MID] = !t.Muted && t.MID != ""
	}
	came, expecting := 0.0, false
	for i := range r.Stats {
		switch s := &r.Stats[i]; s.Type {
		case media.StatTransport, media.StatCandidatePair:
			came += c.since(s, func(s *media.Stat) float64 { return s.BytesReceived + s.ResponsesReceived })
		case media.StatInbound:
			came += c.since(s, received)
			expecting = expecting || s.Kind == media.Audio && sounds[s.MID]
		case media.StatOutbound:
			c.unanswered = c.unanswered || c.since(s, func(s *media.Stat) float64 { return s.PacketsSent }) > 0
		}
	}
	if came > 0 || c.span() == 0 {
		c.unanswered, c.silent = false, 0
		return false
	}
	c.silent += min(c.span(), silence/2.) // a reading that comes late has not seen more
	return c.silent >= silence && (expecting || c.unanswered)
}
