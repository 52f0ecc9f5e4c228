package room

import (
	"sync/atomic"
	"time"

	"nertc/gateway/engine"
	"nertc/internal/protocol"
)

// serverRenewal is after how long a client gets other credentials for its relay: its last ones
// must be good for long enough when it needs them, also if a message or two come late.
const serverRenewal = engine.CredentialTime * 2 / 5

// relay is what a member has to do with one.
type relay struct {
	wanted bool         // the join wants nothing else
	tried  bool         // it has looked for a path there
	last   atomic.Int64 // when the client last got credentials, in Unix nanoseconds; 0 if there are none
}

// given notes that a client has got servers.
func (r *relay) given(servers []protocol.ICEServer) {
	if protocol.HasRelay(servers) {
		r.last.Store(time.Now().UnixNano())
	}
}

func refuseRelay() *protocol.Error {
	return refuse(codeNoRelay, "there is no relay: this server has no TURN configured")
}

// renewServers gives the client fresh credentials once the last have become old.
func (s *session) renewServers() {
	last := s.relay.last.Load()
	if last == 0 || time.Since(time.Unix(0, last)) < serverRenewal {
		return
	}
	s.mu.Lock()
	up := s.up
	s.mu.Unlock()
	if up == nil {
		return
	}
	servers := up.ICEServers()
	s.relay.given(servers)
	s.send(protocol.TypeICEServers, 0, protocol.ICEServers{ICEServers: servers})
}
