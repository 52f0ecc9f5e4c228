package stats

import (
	"nertc/internal/media"
	"nertc/internal/protocol"
)

func (c *Collector) updateSent(r media.Report, call Call) {
	c.localAudio = map[protocol.MediaType]LocalAudio{}
	c.localVideo = map[protocol.MediaType]LocalVideo{}
	for _, sent := range call.Sent {
		var layers []*media.Stat
		for i := range r.Stats {
			s := &r.Stats[i]
			if s.Type == media.StatOutbound && s.MID == sent.MID && s.MID != "" {
				layers = append(layers, s)
			}
		}
		switch sent.MediaType {
		case protocol.MediaAudio, protocol.MediaAudioSlave:
			c.localAudio[sent.MediaType] = c.audio(r, sent, layers)
		default:
			c.localVideo[sent.MediaType] = c.video(r, sent, layers)
		}
	}
	for t := range c.sent { // what is published again begins again
		if _, ok := c.localVideo[t]; !ok {
			delete(c.sent, t)
		}
	}
}

func (c *Collector) audio(r media.Report, sent Sent, layers []*media.Stat) LocalAudio {
	a := LocalAudio{MuteState: sent.Muted, MediaType: sent.MediaType, Untold: true}
	var bytes float64
	for _, s := range layers {
		bytes += c.since(s, sentBytes)
		source, codec := c.source(r, sent, s), c.now.stats.of(s.CodecID)
		a.CodecType = c.codec(s)
		a.SamplingRate = whole(codec.ClockRate)
		a.RecordingLevel = level(source.AudioLevel)
		a.Untold = source.AudioLevel == 0 && source.TotalSamplesDuration == 0
		a.RTT = milliseconds(c.now.stats.of(s.RemoteID).RoundTripTime)
	}
	a.SendBitrate = c.rate(bytes)
	if !sent.Muted {
		a.SendLevel = a.RecordingLevel
	}
	return a
}

func (c *Collector) video(r media.Report, sent Sent, layers []*media.Stat) LocalVideo {
	v := LocalVideo{MuteState: sent.Muted, LayerType: LayerHigh}
	var bytes, target, encoding, frames, framesSent, ever, widest float64
	highest := 0.0 // width of the highest layer that there is
	low, wanted := false, false
	for _, s := range layers {
		bytes += c.since(s, sentBytes)
		encoding += c.since(s, func(s *media.Stat) float64 { return s.TotalEncodeTime })
		frames += c.since(s, func(s *media.Stat) float64 { return s.FramesEncoded })
		framesSent += c.since(s, func(s *media.Stat) float64 { return s.FramesSent })
		ever += s.FramesSent
		// A layer that nobody wants is not active. Firefox does not say it of any.
		wanted = wanted || s.Active && c.last.stats.of(s.ID).Active
		source := c.source(r, sent, s)
		v.CodecName = c.codec(s)
		v.CaptureFrameRate = tenths(source.FramesPerSecond)
		v.CaptureResolutionWidth, v.CaptureResolutionHeight = whole(source.Width), whole(source.Height)
		highest = max(highest, s.FrameWidth)
		sending := c.since(s, func(s *media.Stat) float64 { return s.FramesSent }) > 0 || len(layers) == 1
		if sending {
			target += s.TargetBitrate
		}
		if sending && s.FrameWidth >= widest {
			widest, low = s.FrameWidth, s.RID == protocol.RIDLow
			v.SendFrameRate = tenths(s.FramesPerSecond)
			v.SendResolutionWidth, v.SendResolutionHeight = whole(s.FrameWidth), whole(s.FrameHeight)
		}
	}
	if len(layers) > 1 && widest > 0 && (low || widest < highest) {
		v.LayerType = LayerLow
	}
	v.SendBitrate = c.rate(bytes)
	v.TargetSendBitrate = whole(target / 1000)
	v.EncodeDelay = mean(encoding, frames)

	totals := c.sent[sent.MediaType]
	if totals == nil {
		totals = &sending{}
		c.sent[sent.MediaType] = totals
	}
	if len(layers) > 0 && !sent.Muted {
		totals.duration += c.span()
		if framesSent == 0 && ever > 0 && wanted && v.CaptureFrameRate > 0 {
			totals.freeze += c.span()
		}
	}
	v.TotalDuration, v.TotalFreezeTime = tenths(totals.duration), tenths(totals.freeze)
	return v
}

// source is the entry of what is encoded. Firefox does not say which it is of a layer; it is that of the track then.
func (c *Collector) source(r media.Report, sent Sent, layer *media.Stat) *media.Stat {
	if s := c.now.stats[layer.MediaSourceID]; s != nil || sent.Track == "" {
		return c.now.stats.of(layer.MediaSourceID)
	}
	for i := range r.Stats {
		if s := &r.Stats[i]; s.Type == media.StatSource && s.TrackIdentifier == sent.Track {
			return s
		}
	}
	return &media.Stat{}
}

// sentBytes are those of payload and RTP headers.
// https://www.w3.org/TR/webrtc-stats/#dom-rtcsentrtpstreamstats-bytessent
func sentBytes(s *media.Stat) float64 { return s.BytesSent + s.HeaderBytesSent }
