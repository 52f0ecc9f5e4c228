package ffmpeg

import "encoding/binary"

// ogg writes packets of one Opus stream, each on a page of its own.
// https://www.rfc-editor.org/rfc/rfc3533#section-6, https://www.rfc-editor.org/rfc/rfc7845
type ogg struct {
	table    [256]uint32
	sequence uint32
}

const (
	oggSerial  = 1
	oggFirst   = 2 // the flag of the first page
	maxSegment = 255
	maxPacket  = maxSegment * (maxSegment - 1) // on one page
)

func newOgg() *ogg {
	o := &ogg{}
	for i := range o.table {
		r := uint32(i) << 24
		for range 8 {
			if r&(1<<31) != 0 {
				r = r<<1 ^ 0x04c11db7
			} else {
				r <<= 1
			}
		}
		o.table[i] = r
	}
	return o
}

// appendHead appends the two pages before the sound: two channels, no samples to skip.
func (o *ogg) appendHead(b []byte) []byte {
	head := append([]byte("OpusHead"), 1, 2, 0, 0, 0x80, 0xbb, 0, 0, 0, 0, 0)
	tags := append([]byte("OpusTags"), 0, 0, 0, 0, 0, 0, 0, 0)
	return o.appendPage(o.appendPage(b, oggFirst, 0, head), 0, 0, tags)
}

// appendPage appends a page with one packet; granule is the position of its end in samples.
func (o *ogg) appendPage(b []byte, flags byte, granule int64, packet []byte) []byte {
	start := len(b)
	b = append(b, 'O', 'g', 'g', 'S', 0, flags)
	b = binary.LittleEndian.AppendUint64(b, uint64(granule))
	b = binary.LittleEndian.AppendUint32(b, oggSerial)
	b = binary.LittleEndian.AppendUint32(b, o.sequence)
	o.sequence++
	b = append(b, 0, 0, 0, 0, byte(len(packet)/maxSegment+1))
	for n := len(packet); ; n -= maxSegment {
		b = append(b, byte(min(n, maxSegment)))
		if n < maxSegment {
			break
		}
	}
	b = append(b, packet...)
	var crc uint32
	for _, v := range b[start:] {
		crc = crc<<8 ^ o.table[byte(crc>>24)^v]
	}
	binary.LittleEndian.PutUint32(b[start+22:], crc)
	return b
}

// opusSamples is how long a packet is, in samples at 48 kHz; 0 is no packet.
// https://www.rfc-editor.org/rfc/rfc6716#section-3.1
func opusSamples(packet []byte) int64 {
	if len(packet) == 0 || len(packet) > maxPacket {
		return 0
	}
	frame, config := int64(0), packet[0]>>3
	switch {
	case config < 12: // SILK: 10, 20, 40, 60 ms
		frame = [...]int64{480, 960, 1920, 2880}[config&3]
	case config < 16: // hybrid: 10, 20 ms
		frame = [...]int64{480, 960}[config&1]
	default: // CELT: 2.5, 5, 10, 20 ms
		frame = [...]int64{120, 240, 480, 960}[config&3]
	}
	n := int64(1)
	switch packet[0] & 3 {
	case 1, 2:
		n = 2
	case 3:
		if len(packet) < 2 {
			return 0
		}
		n = int64(packet[1] & 63)
	}
	if n *= frame; n > 5760 { // 120 ms at most
		return 0
	}
	return n
}
