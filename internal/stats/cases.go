package stats

import (
	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/internal/quality"
)

// What counts as too low.
const (
	framerateShare = 0.5 // of the frame rate that is captured
	allFrames      = 0.9 // of them, to say that they are all sent
	bitrateShare   = 0.2 // of the bitrate that the encoder aims at
	concealedShare = 0.95
	enoughPackets  = 5 // a second, to say that something is received
)

// Cases gives the exceptions whose conditions held in the time between the last two reports; self
// is the own uid.
func (c *Collector) Cases(r media.Report, call Call, self string) []quality.Case {
	var cases []quality.Case
	hold := func(holds bool, uid string, kind quality.Exception) {
		if holds {
			cases = append(cases, quality.Case{UID: uid, Kind: kind})
		}
	}
	if c.span() == 0 {
		return nil
	}
	for _, s := range call.Sent {
		if s.Muted || s.MID == "" {
			continue
		}
		switch s.MediaType {
		case protocol.MediaAudio:
			a := c.localAudio[s.MediaType]
			hold(a.RecordingLevel == 0 && !a.Untold, self, quality.AudioInputSilent)
			hold(!c.sending(r, s.MID), self, quality.AudioBitrateLow)
		case protocol.MediaVideo:
			v := c.localVideo[s.MediaType]
			if !c.watched(r, s.MID) || v.CaptureFrameRate == 0 {
				continue // nobody wants it, or there is nothing to send
			}
			hold(v.SendFrameRate < framerateShare*v.CaptureFrameRate, self, quality.VideoFramerateLow)
			// A picture that is simple, or stands still, needs few bits, and all of its frames are sent.
			some := v.SendFrameRate < allFrames*v.CaptureFrameRate
			hold(some && float64(v.SendBitrate) < bitrateShare*float64(v.TargetSendBitrate), self, quality.VideoBitrateLow)
		}
	}
	for _, t := range call.Received {
		if t.Muted || t.MID == "" {
			continue
		}
		s, ok := c.receiving(r, t.MID)
		if !ok {
			continue
		}
		switch t.MediaType {
		case protocol.MediaAudio:
			samples := c.since(s, func(s *media.Stat) float64 { return s.TotalSamplesReceived })
			concealed := c.since(s, func(s *media.Stat) float64 { return s.ConcealedSamples })
			failed := samples > 0 && concealed > concealedShare*samples
			hold(failed, t.UID, quality.AudioDecodeFailed)
			played := c.since(s, func(s *media.Stat) float64 { return s.TotalSamplesDuration }) > 0
			hold(!failed && played && c.remoteAudio[Source{t.UID, t.MediaType}].RecvLevel == 0, t.UID, quality.AudioOutputSilent)
		case protocol.MediaVideo, protocol.MediaScreen:
			kind := quality.VideoDecodeFailed
			if t.MediaType == protocol.MediaScreen {
				kind = quality.ScreenDecodeFailed
			}
			hold(c.since(s, func(s *media.Stat) float64 { return s.FramesDecoded }) == 0, t.UID, kind)
		}
	}
	return cases
}

// sending says whether any packet was sent on a section. Of a silent microphone two or three a second are, of a few
// bytes each, that say so. https://www.rfc-editor.org/rfc/rfc7587#section-3.1.3
func (c *Collector) sending(r media.Report, mid string) bool {
	for i := range r.Stats {
		s := &r.Stats[i]
		if s.Type == media.StatOutbound && s.MID == mid && c.since(s, func(s *media.Stat) float64 { return s.PacketsSent }) > 0 {
			return true
		}
	}
	return false
}

// watched says whether any layer of a section is to be sent: those that nobody wants are not. Not every browser says it of a
// layer; one of which frames are sent is.
func (c *Collector) watched(r media.Report, mid string) bool {
	for i := range r.Stats {
		s := &r.Stats[i]
		if s.Type == media.StatOutbound && s.MID == mid && (s.Active || c.since(s, func(s *media.Stat) float64 { return s.FramesSent }) > 0) {
			return true
		}
	}
	return false
}

// receiving is the entry of a section on which packets come.
func (c *Collector) receiving(r media.Report, mid string) (*media.Stat, bool) {
	for i := range r.Stats {
		s := &r.Stats[i]
		if s.Type == media.StatInbound && s.MID == mid && c.since(s, received) >= enoughPackets*max(1, c.span()) {
			return s, true
		}
	}
	return nil, false
}
