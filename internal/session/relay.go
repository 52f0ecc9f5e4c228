package session

import (
	"time"

	"nertc/internal/media"
	"nertc/internal/protocol"
)

// pathTime is what media gets to find its way without a relay before it is looked for with one
// too. Where UDP or the engine's TCP port gets through, that takes a few round trips.
const pathTime = 3 * time.Second

// connectTime is what it gets in all, from then on where a relay is there. The slowest handshakes are far below.
const connectTime = 10 * time.Second

// findPath sees to it that media finds its way once the first answer is there. The first offer
// was made before the servers were known. Where a relay is wanted the next one follows at once. Otherwise
// it can wait until it turns out that nothing else gets through: new servers mean a restart of ICE, and
// each relay that a client takes costs the server a port.
func (s *Session) findPath(servers []protocol.ICEServer) {
	s.renewServers(servers)
	if s.recovery.found {
		return
	}
	if !s.o.Relay && protocol.HasRelay(servers) {
		s.after(pathTime, func() {
			if r := &s.recovery; !r.media && !r.signalling {
				s.o.Log.Info("media looks for a path through a relay")
				s.seek(false)
			}
			s.after(connectTime, s.noPath)
		})
		return
	}
	if s.o.Relay {
		s.seek(true)
	}
	s.after(connectTime, s.noPath)
}

// seek looks for the first path with the servers that are known by now.
func (s *Session) seek(relayOnly bool) {
	s.recovery.sought = time.Now()
	s.negotiator.restart(s.servers, relayOnly)
}

// noPath takes media that never found its way for lost. Browsers say so too, but only
// after a quarter of a minute or two.
func (s *Session) noPath() {
	r := &s.recovery
	if !r.media {
		s.o.Log.Warning("media has found no path")
		r.media, r.since = true, time.Now()
		s.restartMedia()
		s.tellRecovery()
	}
}

// renewServers takes servers with other credentials, for the next gathering.
func (s *Session) renewServers(servers []protocol.ICEServer) {
	s.servers = make([]media.ICEServer, len(servers))
	for i, v := range servers {
		s.servers[i] = media.ICEServer(v)
		s.o.Log.Hide(v.Credential)
	}
}
