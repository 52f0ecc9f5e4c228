package framecrypt

import "bytes"

// H.264 as browsers hand it over is a byte stream: NAL units behind start codes 00 00 01.
// https://www.itu.int/rec/T-REC-H.264, annex B and section 7.4.1

// startCode finds the next 00 00 01 at or behind from: where it begins, with the zero
// byte before it if there is one, and where the NAL unit behind it does. -1, -1 without one.
func startCode(b []byte, from int) (start, nal int) {
	zeros := 0
	for i := from; i < len(b); i++ {
		switch {
		case b[i] == 0:
			zeros++
		case b[i] == 1 && zeros >= 2:
			start := i - 2
			if zeros >= 3 {
				start--
			}
			return start, i + 1
		default:
			zeros = 0
		}
	}
	return -1, -1
}

const (
	nalSlice = 1 // to 5 are slices, https://www.itu.int/rec/T-REC-H.264, table 7-1
	nalIDR   = 5
	nalAUD   = 9 // access unit delimiter
)

func nalType(header byte) byte { return header & 0x1f }

// sliceData is where what is encrypted begins: behind the NAL header of the first slice and the
// first fields of its slice header, see sliceFields. -1 if the frame does not begin with a start
// code or has no slice.
func sliceData(frame []byte) int {
	start, nal := startCode(frame, 0)
	if start != 0 {
		return -1
	}
	for nal >= 0 && nal < len(frame) {
		if t := nalType(frame[nal]); t >= nalSlice && t <= nalIDR {
			n := sliceFields(frame[nal+1:])
			if n < 0 {
				return -1
			}
			return nal + 1 + n
		}
		_, nal = startCode(frame, nal)
	}
	return -1
}

// maxSliceFields is the longest that sliceFields may be, in bytes. The first slice of a picture
// begins with macroblock 0, so that browsers' need one or two.
const maxSliceFields = 4

// sliceFields is how many bytes of a slice header hold first_mb_in_slice, slice_type and
// pic_parameter_set_id, three numbers in Exp-Golomb code; -1 for what is longer than maxSliceFields. They stay clear
// because receivers look at them before the frame is decrypted: Chromium drops a key frame whose
// parameter set it does not know. The answer depends on nothing behind those bytes.
// https://www.itu.int/rec/T-REC-H.264, 7.3.3 and 9.1
func sliceFields(b []byte) int {
	b = b[:min(len(b), maxSliceFields)]
	at := 0
	bit := func() (v byte) {
		v = b[at/8] >> (7 - at%8) & 1
		at++
		return v
	}
	for range 3 {
		zeros := 0
		for {
			if at >= 8*len(b) {
				return -1
			}
			if bit() == 1 {
				break
			}
			zeros++
		}
		if at += zeros; at > 8*len(b) {
			return -1
		}
	}
	return (at + 7) / 8
}

// trailingZeros is how many zeros stand before what is escaped, up to the two that matter.
func trailingZeros(b []byte) (n int) {
	for n < 2 && n < len(b) && b[len(b)-1-n] == 0 {
		n++
	}
	return n
}

// appendNALs appends the NAL units of a clear prefix in the one form that survives
// packetizing: four bytes of start code before each, no zeros between them, no access unit
// delimiters, which packetizers may leave out.
func appendNALs(dst, prefix []byte) []byte {
	_, nal := startCode(prefix, 0)
	for nal >= 0 && nal < len(prefix) {
		start, next := startCode(prefix, nal)
		end := start
		if start < 0 {
			end = len(prefix)
		}
		unit := prefix[nal:end]
		for start >= 0 && len(unit) > 1 && unit[len(unit)-1] == 0 {
			unit = unit[:len(unit)-1]
		}
		if len(unit) > 0 && nalType(unit[0]) != nalAUD {
			dst = append(dst, 0, 0, 0, 1)
			dst = append(dst, unit...)
		}
		nal = next
	}
	return dst
}

// escape puts the emulation prevention into dst from start on: a 3 behind two zeros where
// a byte up to 3 follows.
func (c *Cipher) escape(dst []byte, start int) []byte {
	c.scratch = append(c.scratch[:0], dst[start:]...)
	dst = dst[:start]
	zeros := trailingZeros(dst)
	for rest := c.scratch; len(rest) > 0; rest = rest[1:] {
		if zeros == 0 {
			n := untilZero(rest)
			dst, rest = append(dst, rest[:n]...), rest[n:]
			if len(rest) == 0 {
				break
			}
		}
		b := rest[0]
		if zeros >= 2 && b <= 3 {
			dst = append(dst, 3)
			zeros = 0
		}
		if b == 0 {
			zeros++
		} else {
			zeros = 0
		}
		dst = append(dst, b)
	}
	return dst
}

// untilZero is how many bytes there are before the first zero. In ciphertext that is 256 on the average, which are copied at once.
func untilZero(b []byte) int {
	if n := bytes.IndexByte(b, 0); n >= 0 {
		return n
	}
	return len(b)
}

// unescape takes the emulation prevention out of what follows a prefix. The result is good until the next call.
func (c *Cipher) unescape(prefix, b []byte) []byte {
	out := c.scratch[:0]
	zeros := trailingZeros(prefix)
	for ; len(b) > 0; b = b[1:] {
		if zeros == 0 {
			n := untilZero(b)
			out, b = append(out, b[:n]...), b[n:]
			if len(b) == 0 {
				break
			}
		}
		v := b[0]
		if zeros >= 2 && v == 3 {
			zeros = 0
			continue
		}
		if v == 0 {
			zeros++
		} else {
			zeros = 0
		}
		out = append(out, v)
	}
	c.scratch = out
	return out
}
