package room

import "strings"

// How clients get back into their calls, the values of the label kind.
const (
	kindResume     = "resume"      // the same session on another connection
	kindICERestart = "ice-restart" // another path for the media of a session
	kindRejoin     = "rejoin"      // a new session of somebody who had one in the room
)

// How restarts of ICE end, the values of the label result. Whether media flows on the new path is
// between the client and the engine, and not known here.
const (
	restartOK      = "ok"      // the engine has answered the offer
	restartRefused = "refused" // the client offered something that it may not have
	restartFailed  = "failed"  // no answer
)

// countJoin counts how a join ended.
func (s *session) countJoin(result string) {
	if s.probes {
		s.h.metrics.probes.WithLabelValues(result).Inc()
		return
	}
	s.h.metrics.joins.WithLabelValues(result).Inc()
	if s.rejoins {
		s.h.metrics.reconnects.WithLabelValues(kindRejoin, result).Inc()
	}
}

// restarts says whether an offer restarts ICE for a path that was there: then it has other credentials than the last one.
// https://www.rfc-editor.org/rfc/rfc8839#section-4.4.1.1.1
func (s *session) restarts(sdp string) bool {
	ufrag := ufragOf(sdp)
	if ufrag == "" || ufrag == s.ufrag {
		return false
	}
	former := s.ufrag
	s.ufrag = ufrag
	if first := s.relay.wanted && !s.relay.tried; first {
		s.relay.tried = true
		return false // the servers for its first path came with the answer to its join
	}
	return former != "" && !s.probes
}

// countRestart counts how an offer ended that restarts ICE, and nothing for another.
func (s *session) countRestart(restart bool, result string) {
	if restart {
		s.h.metrics.reconnects.WithLabelValues(kindICERestart, result).Inc()
	}
}

// ufragOf is the first ICE user name of an SDP, empty if there is none. With one transport
// for all sections, as here, they all have the same.
func ufragOf(sdp string) string {
	_, rest, found := strings.Cut(sdp, "a=ice-ufrag:")
	if !found {
		return ""
	}
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(line)
}
