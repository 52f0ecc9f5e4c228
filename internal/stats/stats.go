// Package stats makes the documented statistics of a call out of the reports of its peer connection.
//
// Bitrates are in kbit/s of the payload with its RTP headers, delays in ms, durations in seconds,
// levels from 0 to 100, losses in percent. What a figure says of a span of time, it says of the
// time between the last two reports, which is about a second.
package stats

import (
	"nertc/internal/protocol"
	"nertc/internal/protocol/wire"
	"nertc/internal/speaker"
)

// Session is what getSessionStats gives.
type Session struct {
	// Duration in whole seconds since the join.
	Duration int64
	// RecvBytes and SendBytes since the join, of everything that the connection carried. They never
	// fall, also where a lost connection was replaced.
	// https://www.w3.org/TR/webrtc-stats/#dom-rtctransportstats-bytessent
	RecvBytes, SendBytes int64
	// RecvBitrate and SendBitrate in kbit/s: what these counters have grown by.
	RecvBitrate, SendBitrate int64
	// UserCount is the number of those in the room who are visible, oneself included.
	UserCount int
}

// Fields names the members as the documented API does.
func (s *Session) Fields(f *wire.Fields) {
	f.Int64("Duration", &s.Duration, wire.Always)
	f.Int64("RecvBitrate", &s.RecvBitrate, wire.Always)
	f.Int64("RecvBytes", &s.RecvBytes, wire.Always)
	f.Int64("SendBitrate", &s.SendBitrate, wire.Always)
	f.Int64("SendBytes", &s.SendBytes, wire.Always)
	f.Int("UserCount", &s.UserCount, wire.Always)
}

// Transport is what getTransportStats gives.
type Transport struct {
	// TxRtt is the round-trip time in ms between page and server that STUN's checks of the selected
	// candidate pair took last. https://www.w3.org/TR/webrtc-stats/#dom-rtcicecandidatepairstats-currentroundtriptime
	TxRtt float64
	// RxRtt is that of the received streams' RTCP, and where the browser does not measure it, TxRtt.
	// https://www.w3.org/TR/webrtc-stats/#dom-rtcremoteoutboundrtpstreamstats-roundtriptime
	RxRtt float64
	// NetworkType is wifi, ethernet, cellular, vpn, bluetooth, wimax or unknown, as far as the browser tells.
	NetworkType string
	// OutgoingAvailableBandwidth in kbit/s is the browser's estimate for all it sends, or what arrived in the best of the last
	// eight seconds, if that is more; 0 while there is no estimate.
	// https://www.w3.org/TR/webrtc-stats/#dom-rtcicecandidatepairstats-availableoutgoingbitrate
	OutgoingAvailableBandwidth int64
}

// Fields names the members as the documented API does.
func (s *Transport) Fields(f *wire.Fields) {
	f.Float64("txRtt", &s.TxRtt, wire.Always)
	f.Float64("rxRtt", &s.RxRtt, wire.Always)
	f.String("NetworkType", &s.NetworkType, wire.Always)
	f.Int64("OutgoingAvailableBandwidth", &s.OutgoingAvailableBandwidth, wire.Always)
}

// LocalAudio is an element of what getLocalAudioStats gives.
type LocalAudio struct {
	// CodecType is the codec's name as in its MIME type, for example opus.
	// https://www.w3.org/TR/webrtc-stats/#dom-rtccodecstats-mimetype
	CodecType string
	MuteState bool
	// RecordingLevel is how loud the source is, and SendLevel what is sent, which is 0 while muted. A
	// browser gives silence for a track that is disabled, so that muted both are 0 there.
	// https://www.w3.org/TR/webrtc-stats/#dom-rtcaudiosourcestats-audiolevel
	RecordingLevel, SendLevel float64
	// Untold says that the browser does not tell how loud the source is, as Firefox: both are 0 then. MediaType is
	// that of the sound. The documented API has neither.
	Untold    bool
	MediaType protocol.MediaType
	// SamplingRate in Hz of what is sent. https://www.w3.org/TR/webrtc-stats/#dom-rtccodecstats-clockrate
	SamplingRate int64
	// SendBitrate in kbit/s of payload and RTP headers, of what is retransmitted too.
	// https://www.w3.org/TR/webrtc-stats/#dom-rtcsentrtpstreamstats-bytessent
	// https://www.w3.org/TR/webrtc-stats/#dom-rtcoutboundrtpstreamstats-headerbytessent
	SendBitrate int64
	// RTT in ms that the server's receiver reports tell.
	// https://www.w3.org/TR/webrtc-stats/#dom-rtcremoteinboundrtpstreamstats-roundtriptime
	RTT float64
}

// Fields names the members as the documented API does.
func (s *LocalAudio) Fields(f *wire.Fields) {
	f.String("CodecType", &s.CodecType, wire.Always)
	f.Bool("MuteState", &s.MuteState, wire.Always)
	f.Float64("RecordingLevel", &s.RecordingLevel, wire.Always)
	f.Int64("SamplingRate", &s.SamplingRate, wire.Always)
	f.Int64("SendBitrate", &s.SendBitrate, wire.Always)
	f.Float64("SendLevel", &s.SendLevel, wire.Always)
	f.Float64("rtt", &s.RTT, wire.Always)
}

// Heard gives the statistics with a level from 0 to 1 that was measured otherwise, where the browser tells none.
func (s LocalAudio) Heard(loud float64) LocalAudio {
	if s.Untold && !s.MuteState {
		s.RecordingLevel = speaker.Bounded(speaker.MaxLevel * loud)
		s.SendLevel = s.RecordingLevel
	}
	return s
}

// The layers of a picture, as LayerType has them.
const (
	LayerLow  = 0
	LayerHigh = 1
)

// LocalVideo is an element of what getLocalVideoStats gives. Of a picture that is sent in two
// layers, resolution and frame rate are those of the highest that is sent, bitrates the sum.
type LocalVideo struct {
	// LayerType is that of the highest layer that is sent.
	LayerType int
	// CodecName as in the MIME type, for example VP8.
	CodecName string
	// CaptureFrameRate and resolution of the source, before it is encoded.
	// https://www.w3.org/TR/webrtc-stats/#dom-rtcvideosourcestats-width
	// https://www.w3.org/TR/webrtc-stats/#dom-rtcvideosourcestats-framespersecond
	CaptureFrameRate                                float64
	CaptureResolutionWidth, CaptureResolutionHeight int64
	// EncodeDelay in ms is the mean of the frames encoded meanwhile.
	// https://www.w3.org/TR/webrtc-stats/#dom-rtcoutboundrtpstreamstats-totalencodetime
	EncodeDelay float64
	MuteState   bool
	// SendBitrate in kbit/s as that of LocalAudio.
	SendBitrate int64
	// SendFrameRate and resolution of what is encoded and sent.
	// https://www.w3.org/TR/webrtc-stats/#dom-rtcoutboundrtpstreamstats-framespersecond
	// https://www.w3.org/TR/webrtc-stats/#dom-rtcoutboundrtpstreamstats-framewidth
	SendFrameRate                             float64
	SendResolutionWidth, SendResolutionHeight int64
	// TargetSendBitrate in kbit/s is what the encoder is told to aim at.
	// https://www.w3.org/TR/webrtc-stats/#dom-rtcoutboundrtpstreamstats-targetbitrate
	TargetSendBitrate int64
	// TotalDuration in seconds of the publication while it is not muted, and TotalFreezeTime within it, in which the source gave
	// frames, somebody wanted them, and none was sent; it is 0 in a browser that does not tell what is wanted (Firefox).
	// https://www.w3.org/TR/webrtc-stats/#dom-rtcoutboundrtpstreamstats-framessent
	// https://www.w3.org/TR/webrtc-stats/#dom-rtcoutboundrtpstreamstats-active
	TotalDuration, TotalFreezeTime float64
}

// Fields names the members as the documented API does.
func (s *LocalVideo) Fields(f *wire.Fields) {
	f.Int("LayerType", &s.LayerType, wire.Always)
	f.String("CodecName", &s.CodecName, wire.Always)
	f.Float64("CaptureFrameRate", &s.CaptureFrameRate, wire.Always)
	f.Int64("CaptureResolutionWidth", &s.CaptureResolutionWidth, wire.Always)
	f.Int64("CaptureResolutionHeight", &s.CaptureResolutionHeight, wire.Always)
	f.Float64("EncodeDelay", &s.EncodeDelay, wire.Always)
	f.Bool("MuteState", &s.MuteState, wire.Always)
	f.Int64("SendBitrate", &s.SendBitrate, wire.Always)
	f.Float64("SendFrameRate", &s.SendFrameRate, wire.Always)
	f.Int64("SendResolutionWidth", &s.SendResolutionWidth, wire.Always)
	f.Int64("SendResolutionHeight", &s.SendResolutionHeight, wire.Always)
	f.Int64("TargetSendBitrate", &s.TargetSendBitrate, wire.Always)
	f.Float64("TotalDuration", &s.TotalDuration, wire.Always)
	f.Float64("TotalFreezeTime", &s.TotalFreezeTime, wire.Always)
}

// Delays are what the statistics of a received stream say of its delay.
type Delays struct {
	// TransportDelay in ms is half the round trip between page and server.
	TransportDelay float64
	// End2EndDelay in ms is TransportDelay and the time from a packet's arrival to the moment when it
	// is played. How long the way from the sender to the server was, a receiver cannot measure.
	// https://www.w3.org/TR/webrtc-stats/#dom-rtcinboundrtpstreamstats-totalprocessingdelay
	// https://www.w3.org/TR/webrtc-stats/#dom-rtcinboundrtpstreamstats-jitterbufferdelay
	End2EndDelay float64
}

// RemoteAudio is one user's member of what getRemoteAudioStats gives.
type RemoteAudio struct {
	Delays
	CodecType string
	MuteState bool
	// PacketLossRate in percent of the packets that were to come meanwhile.
	// https://www.w3.org/TR/webrtc-stats/#dom-rtcreceivedrtpstreamstats-packetslost
	PacketLossRate float64
	// RecvBitrate in kbit/s of payload and RTP headers.
	// https://www.w3.org/TR/webrtc-stats/#dom-rtcinboundrtpstreamstats-bytesreceived
	// https://www.w3.org/TR/webrtc-stats/#dom-rtcinboundrtpstreamstats-headerbytesreceived
	RecvBitrate int64
	// RecvLevel from 0 to 100: the mean of what was played meanwhile, 0 while muted.
	// https://www.w3.org/TR/webrtc-stats/#dom-rtcinboundrtpstreamstats-totalaudioenergy
	RecvLevel float64
	// TotalPlayDuration in seconds of what was played, and TotalFreezeTime within it, which was made up
	// for lost packets.
	// https://www.w3.org/TR/webrtc-stats/#dom-rtcinboundrtpstreamstats-totalsamplesduration
	// https://www.w3.org/TR/webrtc-stats/#dom-rtcinboundrtpstreamstats-concealedsamples
	TotalFreezeTime, TotalPlayDuration float64
}

// Fields names the members as the documented API does.
func (s *RemoteAudio) Fields(f *wire.Fields) {
	f.String("CodecType", &s.CodecType, wire.Always)
	f.Float64("End2EndDelay", &s.End2EndDelay, wire.Always)
	f.Bool("MuteState", &s.MuteState, wire.Always)
	f.Float64("PacketLossRate", &s.PacketLossRate, wire.Always)
	f.Int64("RecvBitrate", &s.RecvBitrate, wire.Always)
	f.Float64("RecvLevel", &s.RecvLevel, wire.Always)
	f.Float64("TotalFreezeTime", &s.TotalFreezeTime, wire.Always)
	f.Float64("TotalPlayDuration", &s.TotalPlayDuration, wire.Always)
	f.Float64("TransportDelay", &s.TransportDelay, wire.Always)
}

// RemoteVideo is one user's member of what getRemoteVideoStats gives.
type RemoteVideo struct {
	Delays
	CodecName string
	MuteState bool
	// PacketLossRate in percent and RecvBitrate in kbit/s as those of RemoteAudio.
	PacketLossRate float64
	RecvBitrate    int64
	// RecvResolution is that of the last decoded frame.
	// https://www.w3.org/TR/webrtc-stats/#dom-rtcinboundrtpstreamstats-framewidth
	RecvResolutionWidth, RecvResolutionHeight int64
	// RenderFrameRate is that of the frames which were decoded and not dropped. What is dropped may be so before or behind the decoder.
	// https://www.w3.org/TR/webrtc-stats/#dom-rtcinboundrtpstreamstats-framesdropped
	RenderFrameRate float64
	// RenderResolution is that of the decoded picture; how large the page shows it is the page's own.
	RenderResolutionWidth, RenderResolutionHeight int64
	// TotalPlayDuration in seconds since the first frame, TotalFreezeTime of the freezes in it. While the picture is muted,
	// or not received because nobody sees it, neither grows.
	// https://www.w3.org/TR/webrtc-stats/#dom-rtcinboundrtpstreamstats-totalfreezesduration
	TotalFreezeTime, TotalPlayDuration float64
}

// Fields names the members as the documented API does.
func (s *RemoteVideo) Fields(f *wire.Fields) {
	f.String("CodecName", &s.CodecName, wire.Always)
	f.Float64("End2EndDelay", &s.End2EndDelay, wire.Always)
	f.Bool("MuteState", &s.MuteState, wire.Always)
	f.Float64("PacketLossRate", &s.PacketLossRate, wire.Always)
	f.Int64("RecvBitrate", &s.RecvBitrate, wire.Always)
	f.Int64("RecvResolutionWidth", &s.RecvResolutionWidth, wire.Always)
	f.Int64("RecvResolutionHeight", &s.RecvResolutionHeight, wire.Always)
	f.Float64("RenderFrameRate", &s.RenderFrameRate, wire.Always)
	f.Int64("RenderResolutionWidth", &s.RenderResolutionWidth, wire.Always)
	f.Int64("RenderResolutionHeight", &s.RenderResolutionHeight, wire.Always)
	f.Float64("TotalFreezeTime", &s.TotalFreezeTime, wire.Always)
	f.Float64("TotalPlayDuration", &s.TotalPlayDuration, wire.Always)
	f.Float64("TransportDelay", &s.TransportDelay, wire.Always)
}
