// Package avc reads what recorders and publishers need to know of H.264: how large the pictures are, and how their units
// are cut.
package avc

import "errors"

// ErrConfig is returned for what is no AVCDecoderConfigurationRecord, or holds a picture that nobody has.
var ErrConfig = errors.New("avc: not a usable configuration")

// Config is what an AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1) says.
type Config struct {
	Width, Height int // in pixels, as they are shown
	// LengthSize is how many bytes the length before each NAL unit has: 1, 2 or 4.
	LengthSize int
}

const largest = 16384

// ParseConfig reads a record.
func ParseConfig(record []byte) (Config, error) {
	if len(record) < 8 || record[0] != 1 || record[5]&31 == 0 {
		return Config{}, ErrConfig
	}
	c := Config{LengthSize: int(record[4]&3) + 1}
	n := int(record[6])<<8 | int(record[7])
	if c.LengthSize == 3 || n < 4 || n > len(record)-8 || record[8]&31 != 7 {
		return Config{}, ErrConfig
	}
	c.Width, c.Height = size(record[9 : 8+n])
	if c.Width < 2 || c.Height < 2 || c.Width > largest || c.Height > largest {
		return Config{}, ErrConfig
	}
	return c, nil
}

// size reads a sequence parameter set (ITU-T H.264, 7.3.2.1.1) up to where it says how large pictures are. 0 stands for
// one that cannot be read.
func size(sps []byte) (width, height int) {
	b := bits{data: unescape(sps)}
	profile := b.take(8)
	b.take(16) // constraints and level
	b.ue()     // its number
	chroma := uint32(1)
	switch profile {
	case 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135:
		chroma = b.ue()
		if chroma > 3 {
			return 0, 0
		}
		lists := 8
		if chroma == 3 {
			b.take(1)
			lists = 12
		}
		b.ue() // bits of luma and chroma
		b.ue()
		b.take(1)
		if b.take(1) == 1 {
			for i := range lists {
				if b.take(1) == 1 {
					b.scalingList(16 << (2 * min(i/6, 1)))
				}
			}
		}
	}
	b.ue() // frame numbers
	switch b.ue() {
	case 0:
		b.ue()
	case 1:
		b.take(1)
		b.ue() // two signed ones are as long as unsigned ones
		b.ue()
		n := b.ue()
		for i := uint32(0); i < n && !b.over; i++ {
			b.ue()
		}
	}
	b.ue() // reference frames
	b.take(1)
	columns, rows := b.ue()+1, b.ue()+1
	fields := 1 - b.take(1)
	if fields == 1 {
		b.take(1)
	}
	b.take(1)
	var left, right, top, bottom uint32
	if b.take(1) == 1 {
		left, right, top, bottom = b.ue(), b.ue(), b.ue(), b.ue()
	}
	if b.over || columns > largest/16 || rows > largest/16 || max(left, right, top, bottom) > largest {
		return 0, 0
	}
	// Table 6-1: how many samples a step of cropping is.
	stepX, stepY := uint32(1), 1+fields
	if chroma == 1 || chroma == 2 {
		stepX = 2
	}
	if chroma == 1 {
		stepY *= 2
	}
	return int(columns*16) - int(stepX*(left+right)), int(rows*16*(1+fields)) - int(stepY*(top+bottom))
}

// unescape takes out the 3 behind two zeros (7.4.1.1).
func unescape(in []byte) []byte {
	out := make([]byte, 0, len(in))
	zeros := 0
	for _, c := range in {
		if zeros >= 2 && c == 3 {
			zeros = 0
			continue
		}
		out = append(out, c)
		if c == 0 {
			zeros++
		} else {
			zeros = 0
		}
	}
	return out
}

// bits reads from the highest bit of each byte on. Beyond the end there are zeros, and over is set.
type bits struct {
	data []byte
	at   int
	over bool
}

func (b *bits) take(n int) (v uint32) {
	for range n {
		v <<= 1
		if b.at/8 >= len(b.data) {
			b.over = true
			continue
		}
		v |= uint32(b.data[b.at/8]>>(7-b.at%8)) & 1
		b.at++
	}
	return v
}

// ue reads an unsigned Exp-Golomb number (9.1).
func (b *bits) ue() uint32 {
	zeros := 0
	for b.take(1) == 0 {
		if zeros++; zeros > 31 || b.over {
			b.over = true
			return 0
		}
	}
	return 1<<zeros - 1 + b.take(zeros)
}

// scalingList passes one over (7.3.2.1.1.1).
func (b *bits) scalingList(n int) {
	last, next := int32(8), int32(8)
	for range n {
		if next != 0 {
			u := b.ue()
			delta := int32(u+1) / 2
			if u%2 == 0 {
				delta = -delta
			}
			next = (last + delta + 256) % 256
		}
		if next != 0 {
			last = next
		}
	}
}
