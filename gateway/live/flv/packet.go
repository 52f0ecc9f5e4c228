// Package flv reads and writes the packets of live tasks in the container in which ffmpeg and RTMP carry them.
//
// Of the format (Adobe Flash Video File Format Specification 10.1, annex E) it knows what live tasks need: H.264 and
// AAC, and the description of the stream. A packet's body is the same in a file and in an RTMP message.
package flv

import "time"

// Kind says what a packet carries.
type Kind uint8

const (
	// Video is H.264.
	Video Kind = iota + 1
	// Audio is AAC.
	Audio
)

// String names the kind in lower case.
func (k Kind) String() string {
	switch k {
	case Video:
		return "video"
	case Audio:
		return "audio"
	}
	return "unknown"
}

// Packet is one frame of picture or sound, or what a decoder needs before the first.
//
// Whoever gets a packet keeps its Data unchanged: several places hold the same bytes.
type Packet struct {
	Kind Kind
	// Config says that Data is no frame but the AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1) of a
	// picture or the AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1) of a sound.
	Config bool
	// Key marks a picture with which a decoder can begin. A sound has none.
	Key bool
	// DTS and PTS are times of the stream from its own beginning, in whole milliseconds once they were in the
	// container. A sound's are equal.
	DTS, PTS time.Duration
	// Data is a raw AAC frame, or H.264 NAL units, each behind its length in as many bytes as the config says (ffmpeg: 4).
	Data []byte
}

// The types of tags, which are those of RTMP messages too.
const (
	TypeAudio  = 8
	TypeVideo  = 9
	TypeScript = 18
)

const (
	codecAVC = 7
	codecAAC = 10

	sequenceHeader = 0
	frame          = 1
)

// Type is the packet's type of tag and of RTMP message.
func (p Packet) Type() byte {
	if p.Kind == Audio {
		return TypeAudio
	}
	return TypeVideo
}

// AppendBody appends the body of the packet's tag, which is also the payload of its RTMP message.
func (p Packet) AppendBody(to []byte) []byte {
	unit := byte(frame)
	if p.Config {
		unit = sequenceHeader
	}
	if p.Kind == Audio {
		// AAC is always marked as 44.1 kHz, 16 bits and stereo: the truth is in its config.
		to = append(to, codecAAC<<4|3<<2|1<<1|1, unit)
		return append(to, p.Data...)
	}
	frameType := byte(2)
	if p.Key || p.Config {
		frameType = 1
	}
	var shift int32
	if !p.Config {
		shift = int32((p.PTS - p.DTS) / time.Millisecond)
	}
	to = append(to, frameType<<4|codecAVC, unit, byte(shift>>16), byte(shift>>8), byte(shift))
	return append(to, p.Data...)
}
