package stats

import (
	"nertc/internal/media"
	"nertc/internal/protocol"
)

func (c *Collector) updateReceived(r media.Report, call Call) {
	c.remoteAudio = map[Source]RemoteAudio{}
	c.remoteVideo = map[Source]RemoteVideo{}
	inbound := entries{} // by section
	for i := range r.Stats {
		s := &r.Stats[i]
		// A section whose codec changed has an entry for each; the one that receives is the current one.
		if s.Type == media.StatInbound && s.MID != "" && (inbound[s.MID] == nil || c.since(s, received) != 0) {
			inbound[s.MID] = s
		}
	}
	for _, track := range call.Received {
		source := Source{track.UID, track.MediaType}
		s := inbound.of(track.MID) // zero where nothing has come yet
		totals := c.played[source]
		if totals == nil || totals.subscription != track.Subscription {
			totals = &playing{subscription: track.Subscription}
			c.played[source] = totals
		}
		switch track.MediaType {
		case protocol.MediaAudio, protocol.MediaAudioSlave:
			c.remoteAudio[source] = c.heard(track, s, totals)
		default:
			c.remoteVideo[source] = c.seen(track, s, totals)
		}
	}
	for source := range c.played {
		_, heard := c.remoteAudio[source]
		_, seen := c.remoteVideo[source]
		if !heard && !seen {
			delete(c.played, source)
		}
	}
}

func (c *Collector) heard(track Received, s *media.Stat, totals *playing) RemoteAudio {
	played := c.since(s, func(s *media.Stat) float64 { return s.TotalSamplesDuration })
	energy := c.since(s, func(s *media.Stat) float64 { return s.TotalAudioEnergy })
	samples := c.since(s, func(s *media.Stat) float64 { return s.TotalSamplesReceived })
	concealed := c.since(s, func(s *media.Stat) float64 { return s.ConcealedSamples })
	if !track.Muted {
		totals.duration += played
		if samples > 0 {
			totals.freeze += played * min(1, concealed/samples)
		}
	}
	a := RemoteAudio{
		Delays: c.delays(s, samples), CodecType: c.codec(s), MuteState: track.Muted,
		PacketLossRate: c.lossRate(s), RecvBitrate: c.rate(c.since(s, receivedBytes)),
		TotalFreezeTime: tenths(totals.freeze), TotalPlayDuration: tenths(totals.duration),
	}
	if !track.Muted && played > 0 {
		a.RecvLevel = level(sqrt(energy / played))
	}
	return a
}

func (c *Collector) seen(track Received, s *media.Stat, totals *playing) RemoteVideo {
	switch freeze := c.since(s, func(s *media.Stat) float64 { return s.TotalFreezesDuration }); {
	case track.Muted || track.Off:
		totals.halted, totals.run = true, 0
	case s.FramesDecoded > 0:
		if totals.halted { // a short halt is a freeze to the browser, which tells it when it is over
			freeze = min(freeze, totals.run)
		}
		totals.run += c.span()
		totals.duration += c.span()
		totals.freeze += freeze
	}
	v := RemoteVideo{
		Delays:    c.delays(s, c.since(s, func(s *media.Stat) float64 { return s.FramesDecoded })),
		CodecName: c.codec(s), MuteState: track.Muted, PacketLossRate: c.lossRate(s),
		RecvBitrate:         c.rate(c.since(s, receivedBytes)),
		RecvResolutionWidth: whole(s.FrameWidth), RecvResolutionHeight: whole(s.FrameHeight),
		RenderResolutionWidth: whole(s.FrameWidth), RenderResolutionHeight: whole(s.FrameHeight),
		TotalFreezeTime: tenths(totals.freeze), TotalPlayDuration: tenths(totals.duration),
	}
	if span := c.span(); span > 0 {
		v.RenderFrameRate = tenths(c.since(s, shown) / span)
	}
	return v
}

// shown are the frames that were decoded, without those that were dropped behind the decoder.
func shown(s *media.Stat) float64 {
	return max(0, min(s.FramesDecoded, max(s.FramesReceived, s.FramesDecoded)-s.FramesDropped))
}

// delays of what was played meanwhile; units are frames of pictures and samples of sound.
func (c *Collector) delays(s *media.Stat, units float64) Delays {
	d := Delays{TransportDelay: tenths(c.transport.TxRtt / 2)}
	if s.ID == "" {
		return d
	}
	// Of pictures the browser measures the whole way from the first packet to the decoded frame;
	// of sound it measures the jitter buffer, behind which decoding takes next to nothing.
	wait := mean(c.since(s, func(s *media.Stat) float64 { return s.TotalProcessingDelay }), units)
	if s.Kind == media.Audio || wait == 0 {
		wait = mean(
			c.since(s, func(s *media.Stat) float64 { return s.JitterBufferDelay }),
			c.since(s, func(s *media.Stat) float64 { return s.JitterBufferEmittedCount }))
	}
	d.End2EndDelay = tenths(d.TransportDelay + wait)
	return d
}

// lossRate in percent. A packet that comes late takes its loss back, so that the counter may fall:
// none was then lost on balance.
// https://www.w3.org/TR/webrtc-stats/#dom-rtcreceivedrtpstreamstats-packetslost
func (c *Collector) lossRate(s *media.Stat) float64 {
	lost, got := c.lost(s), c.since(s, received)
	if lost <= 0 || lost+got <= 0 {
		return 0
	}
	return tenths(100 * lost / (lost + got))
}

// lost is the growth of the loss, which may be negative.
func (c *Collector) lost(s *media.Stat) float64 {
	l, ok := c.last.stats[s.ID]
	if !ok || s.PacketsReceived < l.PacketsReceived {
		return s.PacketsLost
	}
	return s.PacketsLost - l.PacketsLost
}

func received(s *media.Stat) float64 { return s.PacketsReceived }

func receivedBytes(s *media.Stat) float64 { return s.BytesReceived + s.HeaderBytesReceived }
