package media

import (
	"context"
	"time"
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

// Glancer is what a Reporter can be besides: it reads what Report.Incoming needs of one track, and no more.
type Glancer interface {
	// Glance costs a fraction of Report. It may be called at any time.
	Glance(ctx context.Context, t RemoteTrack) (Report, error)
}

// Incoming is how a picture fares on its way to here. The counts run on from the beginning.
type Incoming struct {
	// Packets of the picture that came, and that did not; its frames that were decoded.
	Received, Lost, Decoded float64
	// Bytes of all that came on the way.
	Bytes float64
	// Available is what the browser believes that can come in all, in bit/s; 0 where it does not say.
	// https://www.w3.org/TR/webrtc-stats/#dom-rtcicecandidatepairstats-availableincomingbitrate
	Available float64
}

// Incoming sums up what a glance has seen.
func (r Report) Incoming() Incoming {
	var in Incoming
	for _, s := range r.Stats {
		switch {
		case s.Type == StatInbound:
			in.Received += s.PacketsReceived
			in.Lost += s.PacketsLost
			in.Decoded += s.FramesDecoded
		case s.Type == StatCandidatePair && s.Nominated:
			in.Bytes += s.BytesReceived
			in.Available = max(in.Available, s.AvailableIncomingBitrate)
		}
	}
	return in
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
	// TrackIdentifier is the id of the track of a source.
	TrackIdentifier string

	// Packets and bytes.
	PacketsReceived, PacketsLost, PacketsSent           float64
	BytesReceived, BytesSent                            float64
	HeaderBytesReceived, HeaderBytesSent                float64
	RetransmittedBytesSent, RetransmittedPacketsSent    float64
	Jitter, JitterBufferDelay, JitterBufferEmittedCount float64
	TotalProcessingDelay, TotalDecodeTime               float64
	TotalEncodeTime, TargetBitrate                      float64
	RoundTripTime, CurrentRoundTripTime, FractionLost   float64
	RoundTripTimeMeasurements, ResponsesReceived        float64
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
