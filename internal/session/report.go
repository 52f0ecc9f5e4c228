package session

import "nertc/internal/media"

// Reporter gives the statistics of the session's peer connection; nil if that cannot.
func (s *Session) Reporter() media.Reporter {
	r, _ := s.negotiator.pc.(media.Reporter)
	return r
}
