package session

import "nertc/internal/media"

// SoundMeter tells how loud is what the session receives; nil if its peer connection cannot.
func (s *Session) SoundMeter() media.SoundMeter {
	m, _ := s.negotiator.pc.(media.SoundMeter)
	return m
}
