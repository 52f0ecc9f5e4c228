package stats

import (
	"slices"
	"strings"

	"nertc/internal/media"
	"nertc/internal/protocol/wire"
)

// entry is an entry of a report as it is read.
type entry media.Stat

// Fields names the members as the standard does. A Reporter that gives them in this order is read fastest.
func (s *entry) Fields(f *wire.Fields) {
	f.String("id", &s.ID, wire.Always)
	f.String("type", (*string)(&s.Type), wire.Always)
	f.Float64("timestamp", &s.Timestamp, wire.Always)
	f.String("kind", (*string)(&s.Kind), wire.Always)
	f.String("mid", &s.MID, wire.Always)
	f.String("rid", &s.RID, wire.Always)
	f.String("codecId", &s.CodecID, wire.Always)
	f.String("remoteId", &s.RemoteID, wire.Always)
	f.String("mediaSourceId", &s.MediaSourceID, wire.Always)
	f.String("trackIdentifier", &s.TrackIdentifier, wire.Always)
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
	f.Float64("roundTripTimeMeasurements", &s.RoundTripTimeMeasurements, wire.Always)
	f.Float64("responsesReceived", &s.ResponsesReceived, wire.Always)
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

// ReadReport reads the entries of a report from a JSON array of them, as the standard names their
// members; entries of types that a media.Report has not are left out. Text that is no such array is an error.
func ReadReport(text string) ([]media.Stat, error) {
	list := make([]media.Stat, 0, strings.Count(text, "{"))
	err := wire.ReadList([]byte(text), func() wire.Object {
		if n := len(list) - 1; n < 0 || slices.Contains(types[:], list[n].Type) {
			list = append(list, media.Stat{})
		} else { // nobody wants the one before
			list[n] = media.Stat{}
		}
		return (*entry)(&list[len(list)-1])
	})
	if err != nil {
		return nil, err
	}
	if n := len(list) - 1; n >= 0 && !slices.Contains(types[:], list[n].Type) {
		list = list[:n]
	}
	return list, nil
}

var types = [...]media.StatType{
	media.StatCodec, media.StatInbound, media.StatOutbound, media.StatRemoteInbound, media.StatRemoteOutbound,
	media.StatSource, media.StatCandidatePair, media.StatLocalCandidate, media.StatTransport,
}

// Template is the JSON of an entry with all members that are of use, for a Reporter that reads no others.
func Template() string { return string(wire.Append(nil, &entry{})) }
