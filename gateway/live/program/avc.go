package program

import (
	"bytes"
	"encoding/binary"
)

// The types of H.264's units that matter in a container, https://www.itu.int/rec/T-REC-H.264 table 7-1.
const (
	unitSPS       = 7
	unitPPS       = 8
	unitDelimiter = 9
	unitType      = 31
)

// toAVC makes what a container has of what RTP has: units behind their lengths instead of start codes, and the
// parameter sets, if there are any, in a configuration of their own (ISO/IEC 14496-15, 5.3.3.1).
func toAVC(annexB []byte) (config, data []byte) {
	var sps, pps []byte
	for _, unit := range units(annexB) {
		switch unit[0] & unitType {
		case unitSPS:
			sps = unit
		case unitPPS:
			pps = unit
		case unitDelimiter:
		default:
			data = binary.BigEndian.AppendUint32(data, uint32(len(unit)))
			data = append(data, unit...)
		}
	}
	if len(sps) < 4 || len(sps) > 1<<16-1 || len(pps) == 0 || len(pps) > 1<<16-1 {
		return nil, data
	}
	config = append(config, 1, sps[1], sps[2], sps[3], 0xff, 0xe1) // lengths of 4 bytes, one SPS
	config = binary.BigEndian.AppendUint16(config, uint16(len(sps)))
	config = append(append(config, sps...), 1)
	config = binary.BigEndian.AppendUint16(config, uint16(len(pps)))
	return append(config, pps...), data
}

// units are the units between start codes of three or four bytes, without the zeros behind them.
func units(annexB []byte) (out [][]byte) {
	code := []byte{0, 0, 1}
	i := bytes.Index(annexB, code)
	for i >= 0 {
		annexB = annexB[i+len(code):]
		unit := annexB
		if i = bytes.Index(annexB, code); i >= 0 {
			unit = annexB[:i]
		}
		if unit = bytes.TrimRight(unit, "\x00"); len(unit) > 0 {
			out = append(out, unit)
		}
	}
	return out
}
