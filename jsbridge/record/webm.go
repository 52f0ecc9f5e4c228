package record

import (
	"encoding/binary"
	"math"
)

// The elements of a WebM file's beginning that matter here.
// https://www.matroska.org/technical/elements.html
const (
	idHeader   = 0x1A45DFA3
	idSegment  = 0x18538067
	idInfo     = 0x1549A966
	idDuration = 0x4489
	idScale    = 0x2AD7B1
	idCluster  = 0x1F43B675

	// durationBytes is a whole Duration element: its id, the size 8, and a float of 64 bits.
	durationBytes = 2 + 1 + 8
)

// withDuration gives the beginning of a recording with its length in it: browsers write files as if
// they were live, without one, and players then show none. head is the file's first kilobytes, seconds its
// length; fixed stands for the first `replaced` bytes of the file. ok is false for a file that is built
// differently, or has its length already: it is fine as it is.
func withDuration(head []byte, seconds float64) (fixed []byte, replaced int, ok bool) {
	b := reader{data: head}
	if id, size := b.id(), b.size(); id != idHeader || !b.skip(size) {
		return nil, 0, false
	}
	// The segment must be of unknown size, or it would have to be corrected too.
	if b.id() != idSegment || b.size() != unknown || b.broken {
		return nil, 0, false
	}
	for !b.broken {
		id := b.id()
		sizeAt := b.at
		size := b.size()
		body := b.at
		if id == idCluster || !b.skip(size) {
			return nil, 0, false
		}
		if id != idInfo {
			continue
		}
		scale, found := scaleOf(head[body:b.at])
		if !found {
			return nil, 0, false
		}
		fixed = append(fixed, head[:sizeAt]...)
		fixed = append(fixed, sizeOf8(uint64(b.at-body+durationBytes))...)
		fixed = append(fixed, head[body:b.at]...)
		fixed = append(fixed, idDuration>>8, idDuration&0xff, 0x88)
		fixed = binary.BigEndian.AppendUint64(fixed, math.Float64bits(seconds*1e9/float64(scale)))
		return fixed, b.at, true
	}
	return nil, 0, false
}

// scaleOf gives the nanoseconds of a tick of an Info element without a Duration.
func scaleOf(info []byte) (scale uint64, ok bool) {
	b := reader{data: info}
	scale = 1_000_000 // https://www.matroska.org/technical/elements.html#TimestampScale
	for b.at < len(info) {
		id, size := b.id(), b.size()
		body := b.at
		if id == idDuration || !b.skip(size) {
			return 0, false
		}
		if id == idScale {
			scale = 0
			for _, c := range info[body:b.at] {
				scale = scale<<8 | uint64(c)
			}
		}
	}
	return scale, scale > 0 && !b.broken
}

// sizeOf8 is a size in eight bytes.
func sizeOf8(n uint64) []byte {
	return binary.BigEndian.AppendUint64(nil, n|1<<56)
}

// unknown is the size of an element that ends with the file.
const unknown = math.MaxUint64

// reader reads EBML. What is cut off or wrong makes it broken and everything else 0.
// https://www.rfc-editor.org/rfc/rfc8794#section-4
type reader struct {
	data   []byte
	at     int
	broken bool
}

// vint reads a number whose length is in its first byte, with or without the bit that says so.
func (r *reader) vint(marker bool) (value uint64, length int) {
	if r.broken || r.at >= len(r.data) {
		r.broken = true
		return 0, 0
	}
	first := r.data[r.at]
	length = 1
	for mask := byte(0x80); mask != 0 && first&mask == 0; mask >>= 1 {
		length++
	}
	if length > 8 || r.at+length > len(r.data) {
		r.broken = true
		return 0, 0
	}
	value = uint64(first)
	if !marker {
		value &= 1<<(8-length) - 1
	}
	for _, c := range r.data[r.at+1 : r.at+length] {
		value = value<<8 | uint64(c)
	}
	r.at += length
	return value, length
}

func (r *reader) id() uint64 {
	id, length := r.vint(true)
	if length > 4 {
		r.broken = true
		return 0
	}
	return id
}

func (r *reader) size() uint64 {
	size, length := r.vint(false)
	if length > 0 && size == 1<<(7*length)-1 {
		return unknown
	}
	return size
}

func (r *reader) skip(n uint64) bool {
	if r.broken || n > uint64(len(r.data)-r.at) {
		r.broken = true
		return false
	}
	r.at += int(n)
	return true
}
