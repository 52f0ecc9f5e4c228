package session

import (
	"nertc/internal/media"
	"nertc/internal/protocol"
)

// Reporter gives the statistics of the session's peer connection; nil if that cannot.
func (s *Session) Reporter() media.Reporter {
	r, _ := s.negotiator.pc.(media.Reporter)
	return r
}

// Sections are the media sections on which what is published is sent. It waits for the session's turn.
func (s *Session) Sections() map[protocol.MediaType]string {
	result := make(chan map[protocol.MediaType]string, 1)
	posted := s.loop.Post(func() {
		sections := map[protocol.MediaType]string{}
		for t, p := range s.publications {
			if p.sender == nil {
				continue
			}
			if mid := p.sender.MID(); mid != "" {
				sections[t] = mid
			}
		}
		result <- sections
	})
	if !posted {
		return nil
	}
	select {
	case sections := <-result:
		return sections
	case <-s.done:
		return nil
	}
}
