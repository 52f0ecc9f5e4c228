package media

import (
	"context"
	"slices"
	"time"

	"nertc/internal/protocol/wire"
)

// Reporter is what a PeerConnection can be besides: it gives its statistics.
type Reporter interface {
	// Report reads all statistics at once. It may be called at any time.
	Report(ctx context.Context) (Report, error)
}

// Report is what a peer connection's statistics were at a time.
// https://www.w3.org/TR/webrtc/#dom-rtcstatsreport
type Report struct {
	// Time is when it was read.
	Time time.Time
	// Stats are the entries, in no order.
	Stats []Stat
}

// Sounds gives the accounts of the sounds that are received, by media section; of one on which
// nothing has arrived yet there is none. In Chromium they are taken behind the volume with which
// a sound is played, and stand still while nothing plays it.
func (r Report) Sounds() map[string]Sound {
	sounds := map[string]Sound{}
	for _, s := range r.Stats {
		if s.Type == StatInbound && s.Kind == Audio && s.MID != "" {
			sounds[s.MID] = Sound{Energy: s.TotalAudioEnergy, Duration: s.TotalSamplesDuration}
		}
	}
	return sounds
}

// StatType says what an entry is about.
// https://www.w3.org/TR/webrtc-stats/#rtcstatstype-str*
type StatType string

// The types of entries that a report has; those of other types are left out.
const (
	StatCodec          StatType = "codec"
	StatInbound        StatType = "inbound-rtp"
	StatOutbound       StatType = "outbound-rtp"
	StatRemoteInbound  StatType = "remote-inbound-rtp"
	StatRemoteOutbound StatType = "remote-outbound-rtp"
	StatSource         StatType = "media-source"
	StatCandidatePair  StatType = "candidate-pair"
	StatLocalCandidate StatType = "local-candidate"
	StatTransport      StatType = "transport"
)

// Stat is one entry. It has the members of all types, in the standard's units (seconds, bytes,
// bit/s); what an entry's type has not, or a browser does not give, is zero.
// https://www.w3.org/TR/webrtc-stats/#summary
type Stat struct {
	ID        string
	Type      StatType
	Timestamp float64 // milliseconds since 1970
	Kind      Kind
	MID, RID  string // media section and layer

	// Ids of other entries.
	CodecID, RemoteID, MediaSourceID, LocalCandidateID, SelectedCandidatePairID string

	// Packets and bytes.
	PacketsReceived, PacketsLost, PacketsSent           float64
	BytesReceived, BytesSent                            float64
	HeaderBytesReceived, HeaderBytesSent                float64
	RetransmittedBytesSent, RetransmittedPacketsSent    float64
	Jitter, JitterBufferDelay, JitterBufferEmittedCount float64
	TotalProcessingDelay, TotalDecodeTime               float64
	TotalEncodeTime, TargetBitrate                      float64
	RoundTripTime, CurrentRoundTripTime, FractionLost   float64
	AvailableOutgoingBitrate, AvailableIncomingBitrate  float64

	// Pictures.
	FrameWidth, FrameHeight, FramesPerSecond     float64
	FramesReceived, FramesDecoded, FramesDropped float64
	FramesEncoded, FramesSent                    float64
	Width, Height                                float64
	FreezeCount, TotalFreezesDuration            float64

	// Sound.
	TotalSamplesReceived, ConcealedSamples             float64
	AudioLevel, TotalAudioEnergy, TotalSamplesDuration float64

	// Names.
	MimeType, NetworkType, Protocol, RelayProtocol string
	CandidateType, QualityLimitationReason         string
	ClockRate, Channels                            float64
	// Active says that a layer is sent, Nominated that a candidate pair may be the one in use.
	Active, Nominated bool
}

// Fields names the members as the standard does.
func (s *Stat) Fields(f *wire.Fields) {
	f.String("id", &s.ID, wire.Always)
	f.String("type", (*string)(&s.Type), wire.Always)
	f.Float64("timestamp", &s.Timestamp, wire.Always)
	f.String("kind", (*string)(&s.Kind), wire.Always)
	f.String("mid", &s.MID, wire.Always)
	f.String("rid", &s.RID, wire.Always)
	f.String("codecId", &s.CodecID, wire.Always)
	f.String("remoteId", &s.RemoteID, wire.Always)
	f.String("mediaSourceId", &s.MediaSourceID, wire.Always)
	f.String("localCandidateId", &s.LocalCandidateID, wire.Always)
	f.String("selectedCandidatePairId", &s.SelectedCandidatePairID, wire.Always)
	f.String("mimeType", &s.MimeType, wire.Always)
	f.String("networkType", &s.NetworkType, wire.Always)
	f.String("protocol", &s.Protocol, wire.Always)
	f.String("relayProtocol", &s.RelayProtocol, wire.Always)
	f.String("candidateType", &s.CandidateType, wire.Always)
	f.String("qualityLimitationReason", &s.QualityLimitationReason, wire.Always)
	f.Bool("active", &s.Active, wire.Always)
	f.Bool("nominated", &s.Nominated, wire.Always)
	f.Float64("packetsReceived", &s.PacketsReceived, wire.Always)
	f.Float64("packetsLost", &s.PacketsLost, wire.Always)
	f.Float64("packetsSent", &s.PacketsSent, wire.Always)
	f.Float64("bytesReceived", &s.BytesReceived, wire.Always)
	f.Float64("bytesSent", &s.BytesSent, wire.Always)
	f.Float64("headerBytesReceived", &s.HeaderBytesReceived, wire.Always)
	f.Float64("headerBytesSent", &s.HeaderBytesSent, wire.Always)
	f.Float64("retransmittedBytesSent", &s.RetransmittedBytesSent, wire.Always)
	f.Float64("retransmittedPacketsSent", &s.RetransmittedPacketsSent, wire.Always)
	f.Float64("jitter", &s.Jitter, wire.Always)
	f.Float64("jitterBufferDelay", &s.JitterBufferDelay, wire.Always)
	f.Float64("jitterBufferEmittedCount", &s.JitterBufferEmittedCount, wire.Always)
	f.Float64("totalProcessingDelay", &s.TotalProcessingDelay, wire.Always)
	f.Float64("totalDecodeTime", &s.TotalDecodeTime, wire.Always)
	f.Float64("totalEncodeTime", &s.TotalEncodeTime, wire.Always)
	f.Float64("targetBitrate", &s.TargetBitrate, wire.Always)
	f.Float64("roundTripTime", &s.RoundTripTime, wire.Always)
	f.Float64("currentRoundTripTime", &s.CurrentRoundTripTime, wire.Always)
	f.Float64("fractionLost", &s.FractionLost, wire.Always)
	f.Float64("availableOutgoingBitrate", &s.AvailableOutgoingBitrate, wire.Always)
	f.Float64("availableIncomingBitrate", &s.AvailableIncomingBitrate, wire.Always)
	f.Float64("frameWidth", &s.FrameWidth, wire.Always)
	f.Float64("frameHeight", &s.FrameHeight, wire.Always)
	f.Float64("framesPerSecond", &s.FramesPerSecond, wire.Always)
	f.Float64("framesReceived", &s.FramesReceived, wire.Always)
	f.Float64("framesDecoded", &s.FramesDecoded, wire.Always)
	f.Float64("framesDropped", &s.FramesDropped, wire.Always)
	f.Float64("framesEncoded", &s.FramesEncoded, wire.Always)
	f.Float64("framesSent", &s.FramesSent, wire.Always)
	f.Float64("width", &s.Width, wire.Always)
	f.Float64("height", &s.Height, wire.Always)
	f.Float64("freezeCount", &s.FreezeCount, wire.Always)
	f.Float64("totalFreezesDuration", &s.TotalFreezesDuration, wire.Always)
	f.Float64("totalSamplesReceived", &s.TotalSamplesReceived, wire.Always)
	f.Float64("concealedSamples", &s.ConcealedSamples, wire.Always)
	f.Float64("audioLevel", &s.AudioLevel, wire.Always)
	f.Float64("totalAudioEnergy", &s.TotalAudioEnergy, wire.Always)
	f.Float64("totalSamplesDuration", &s.TotalSamplesDuration, wire.Always)
	f.Float64("clockRate", &s.ClockRate, wire.Always)
	f.Float64("channels", &s.Channels, wire.Always)
}

// ReadStats reads the entries of a report from a JSON array of them, as the standard names their
// members; entries of types that a Report has not are left out. Text that is no such array is an error.
func ReadStats(text string) ([]Stat, error) {
	var r rawReport
	if err := wire.Read([]byte(`{"stats":`+text+`}`), &r); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(r.stats, func(s Stat) bool { return !slices.Contains(statTypes[:], s.Type) }), nil
}

var statTypes = [...]StatType{
	StatCodec, StatInbound, StatOutbound, StatRemoteInbound, StatRemoteOutbound, StatSource, StatCandidatePair, StatLocalCandidate, StatTransport,
}

type rawReport struct{ stats []Stat }

func (r *rawReport) Fields(f *wire.Fields) { wire.List(f, "stats", &r.stats, wire.Always) }

// StatTemplate is the JSON of an entry with all members that are of use, for a Reporter that reads no others.
func StatTemplate() string { return string(wire.Append(nil, &Stat{})) }
