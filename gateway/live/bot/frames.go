package bot

import (
	"errors"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"

	"nertc/gateway/live/ffmpeg"
)

// maxFrame bounds a picture of many packets, in bytes.
const maxFrame = 8 << 20

// frames puts the packets of a picture together. It is used by one goroutine, for one codec.
type frames struct {
	codec ffmpeg.Codec
	h264  codecs.H264Packet // keeps what has come of a fragmented unit
	begun bool              // there is one
	av1   av1

	data   []byte
	size   int // of the packets so far; what has come of a unit waits in the fields above
	ts     uint32
	open   bool // a picture has begun and nothing of it is missing
	key    bool
	broken bool // what comes cannot be decoded before the next key frame
}

// picture is one that can be decoded.
type picture struct {
	ts   uint32
	key  bool
	data []byte
}

func newFrames(c ffmpeg.Codec) *frames { return &frames{codec: c, broken: true} }

// lost says that packets are missing before the next one.
func (f *frames) lost() {
	f.open, f.broken = false, true
	f.h264, f.begun, f.av1 = codecs.H264Packet{}, false, av1{}
}

// push takes the next packet and gives the picture that it completes.
func (f *frames) push(p *rtp.Packet) (picture, bool) {
	if len(p.Payload) == 0 {
		return picture{}, false // padding: the server looks how much comes through
	}
	if f.open && p.Timestamp != f.ts {
		f.lost() // its end never came
	}
	data, first, key, err := f.depacketize(p.Payload)
	if !f.open {
		f.size = 0
	}
	if f.size += len(p.Payload); err != nil || !f.open && !first || f.size > maxFrame {
		f.lost()
		return picture{}, false
	}
	if !f.open {
		f.open, f.ts, f.key, f.data = true, p.Timestamp, false, nil
	}
	f.key = f.key || key
	f.data = append(f.data, data...)
	if len(f.data) > maxFrame || p.Marker && (f.begun || f.av1.begun) { // the end of a unit never comes
		f.lost()
		return picture{}, false
	}
	if !p.Marker {
		return picture{}, false
	}
	f.open = false
	if f.broken && !f.key || len(f.data) == 0 {
		return picture{}, false
	}
	f.broken = false
	return picture{f.ts, f.key, f.data}, true
}

// depacketize gives what a decoder gets of a packet, whether a picture can begin with it, and whether it
// shows that this is a key frame. The rest of a unit whose beginning did not come is an error.
func (f *frames) depacketize(payload []byte) (data []byte, first, key bool, err error) {
	switch f.codec {
	case ffmpeg.VP8: // https://www.rfc-editor.org/rfc/rfc7741#section-4
		var p codecs.VP8Packet
		data, err = p.Unmarshal(payload)
		first = p.S == 1 && p.PID == 0
		return data, first, first && len(data) > 0 && data[0]&1 == 0, err
	case ffmpeg.VP9: // https://www.rfc-editor.org/rfc/rfc9628#section-4
		var p codecs.VP9Packet
		data, err = p.Unmarshal(payload)
		return data, p.B && p.SID == 0, p.B && !p.P && p.SID == 0, err
	case ffmpeg.AV1: // https://aomediacodec.github.io/av1-rtp-spec/#44-av1-aggregation-header
		data, err = f.av1.push(payload)
		return data, true, payload[0]&av1Sequence != 0, err
	default: // https://www.rfc-editor.org/rfc/rfc6184#section-5.2
		if !f.fragment(payload) {
			return nil, false, false, errFragment
		}
		data, err = f.h264.Unmarshal(payload)
		return data, true, hasKey(data), err
	}
}

const (
	fuA     = 28
	fuStart = 0x80
	fuEnd   = 0x40
	nalIDR  = 5
	nalSPS  = 7
	nalMask = 31
)

var errFragment = errors.New("fragments of different units")

// fragment notes whether a unit of H.264 goes on behind a packet. It is false where that is not what the last one said:
// the depacketizer would put it all together. https://www.rfc-editor.org/rfc/rfc6184#section-5.8
func (f *frames) fragment(payload []byte) bool {
	if payload[0]&nalMask != fuA || len(payload) < 2 {
		return !f.begun
	}
	goesOn := payload[1]&fuStart == 0
	if goesOn != f.begun {
		return false
	}
	f.begun = payload[1]&fuEnd == 0
	return true
}

// hasKey looks for the units of a key frame among those of a packet.
func hasKey(annexB []byte) bool {
	for i := 0; i+3 < len(annexB); i++ {
		if annexB[i] == 0 && annexB[i+1] == 0 && annexB[i+2] == 1 {
			if t := annexB[i+3] & nalMask; t == nalIDR || t == nalSPS {
				return true
			}
			i += 3
		}
	}
	return false
}
