package bot

import (
	"encoding/binary"
	"errors"
)

// The aggregation header, the first byte of a packet's payload,
// https://aomediacodec.github.io/av1-rtp-spec/#44-av1-aggregation-header
const (
	av1Continues = 0x80 // Z: the first element goes on with what the last packet ended with
	av1GoesOn    = 0x40 // Y: so does the next packet with the last element
	av1Count     = 0x30 // W: of the elements; 0 for not said, and then the last one has its size before it too
	av1Sequence  = 0x08 // N: a coded video sequence begins, with a key frame
)

// The header of a unit, https://aomediacodec.github.io/av1-spec/#obu-header-syntax
const (
	obuForbidden = 0x80
	obuType      = 0x78
	obuExtension = 0x04 // a byte of layers follows
	obuHasSize   = 0x02

	obuTemporalDelimiter = 2 << 3
	obuTileList          = 8 << 3
)

var errAV1 = errors.New("no valid payload of AV1")

// av1 makes the units of a picture of its packets, in time that grows as their bytes do: pion's depacketizer copies the
// beginning of a unit with every fragment, and a picture that fills maxFrame with one unit had it copy 33 GB.
// How much it keeps is bounded by who hands it the packets of one picture.
type av1 struct {
	begun bool   // a unit goes on in the next packet
	unit  []byte // what has come of it
}

// push takes the next packet and gives the units that it completes, each with its size, as decoders want them. Behind an
// error the rest of the picture is of no use.
func (a *av1) push(payload []byte) (data []byte, err error) {
	if len(payload) < 2 {
		return nil, errAV1
	}
	header, rest := payload[0], payload[1:]
	continues, count := header&av1Continues != 0, int(header&av1Count>>4)
	if continues != a.begun || continues && header&av1Sequence != 0 {
		return nil, errAV1 // something is missing
	}
	for n := 1; len(rest) > 0; n++ {
		element := rest
		if n == count {
			rest = nil
		} else if element, rest, err = sized(rest); err != nil {
			return nil, err
		}
		last := len(rest) == 0
		if last && count != 0 && n != count {
			return nil, errAV1
		}
		switch {
		case n == 1 && continues:
			a.unit = append(a.unit, element...)
		case last && header&av1GoesOn != 0:
			a.unit = append([]byte(nil), element...) // the packet's bytes are not kept
		default:
			if data, err = appendUnit(data, element); err != nil {
				return nil, err
			}
			continue
		}
		if a.begun = last && header&av1GoesOn != 0; a.begun {
			break
		}
		if data, err = appendUnit(data, a.unit); err != nil {
			return nil, err
		}
		a.unit = nil
	}
	return data, nil
}

// sized cuts off what has its size before it, in leb128: https://aomediacodec.github.io/av1-spec/#leb128
func sized(b []byte) (element, rest []byte, err error) {
	const longest = 8
	size, n := binary.Uvarint(b[:min(len(b), longest)])
	if n <= 0 || size > uint64(len(b)-n) {
		return nil, nil, errAV1
	}
	return b[n : n+int(size)], b[n+int(size):], nil
}

// appendUnit appends a whole unit with its size. Those that receivers have to ignore are left out,
// https://aomediacodec.github.io/av1-rtp-spec/#5-packetization-rules
func appendUnit(to, unit []byte) ([]byte, error) {
	if len(unit) == 0 {
		return to, nil
	}
	head := 1
	if unit[0]&obuExtension != 0 {
		head = 2
	}
	if len(unit) < head || unit[0]&obuForbidden != 0 {
		return nil, errAV1
	}
	if t := unit[0] & obuType; t == obuTemporalDelimiter || t == obuTileList {
		return to, nil
	}
	body := unit[head:]
	if unit[0]&obuHasSize != 0 {
		var err error
		if body, _, err = sized(body); err != nil {
			return nil, err
		}
	}
	to = append(to, unit[0]|obuHasSize)
	to = append(to, unit[1:head]...)
	to = binary.AppendUvarint(to, uint64(len(body)))
	return append(to, body...), nil
}
