package record

import (
	"encoding/binary"
	"math"
)

// The boxes of an MP4 file (ISO/IEC 14496-12): a size, four letters, contents.

// box appends a box around what fill appends.
func box(to []byte, name string, fill func([]byte) []byte) []byte {
	at := len(to)
	to = append(to, 0, 0, 0, 0)
	to = append(to, name...)
	to = fill(to)
	binary.BigEndian.PutUint32(to[at:], uint32(len(to)-at))
	return to
}

// full is a box with a version and flags.
func full(to []byte, name string, version byte, flags uint32, fill func([]byte) []byte) []byte {
	return box(to, name, func(to []byte) []byte { return fill(u32(to, uint32(version)<<24|flags)) })
}

func u16(to []byte, v uint16) []byte { return binary.BigEndian.AppendUint16(to, v) }
func u64(to []byte, v uint64) []byte { return binary.BigEndian.AppendUint64(to, v) }

func u32(to []byte, values ...uint32) []byte {
	for _, v := range values {
		to = binary.BigEndian.AppendUint32(to, v)
	}
	return to
}

// noTurn is the matrix of a picture that is shown as it is.
func noTurn(to []byte) []byte {
	return u32(to, 1<<16, 0, 0, 0, 1<<16, 0, 0, 0, 1<<30)
}

func fileType(to []byte) []byte {
	return box(to, "ftyp", func(to []byte) []byte {
		to = u32(append(to, "isom"...), 0x200)
		return append(to, "isomiso2avc1iso6mp41"...)
	})
}

// movie appends the description of the file: with samples for a finished file, else for one in fragments.
func movie(to []byte, tracks []*track, finished bool) []byte {
	var length uint64 // in milliseconds
	if finished {
		for _, t := range tracks {
			length = max(length, t.inMovie(t.first+t.length))
		}
	}
	return box(to, "moov", func(to []byte) []byte {
		to = full(to, "mvhd", 1, 0, func(to []byte) []byte {
			to = u64(u32(u64(u64(to, 0), 0), movieScale), length)
			to = u32(u16(u16(u32(to, 1<<16), 1<<8), 0), 0, 0) // rate 1, volume 1
			to = u32(noTurn(to), 0, 0, 0, 0, 0, 0)
			return u32(to, uint32(len(tracks)+1))
		})
		for _, t := range tracks {
			to = t.describe(to, finished)
		}
		if finished {
			return to
		}
		return box(to, "mvex", func(to []byte) []byte {
			for _, t := range tracks {
				to = full(to, "trex", 0, 0, func(to []byte) []byte { return u32(to, t.id, 1, 0, 0, 0) })
			}
			return to
		})
	})
}

// describe appends the track's box.
func (t *track) describe(to []byte, finished bool) []byte {
	var length uint64
	if finished {
		length = t.length
	}
	return box(to, "trak", func(to []byte) []byte {
		const enabled, inMovie = 1, 2
		to = full(to, "tkhd", 1, enabled|inMovie, func(to []byte) []byte {
			to = u32(u64(u64(to, 0), 0), t.id, 0)
			to = u32(u64(to, t.inMovie(t.first+length)), 0, 0)
			volume := uint16(1 << 8)
			if t.video {
				volume = 0
			}
			to = u16(u16(u16(u16(to, 0), 0), volume), 0)
			return u32(noTurn(to), uint32(t.width)<<16, uint32(t.height)<<16)
		})
		if finished {
			to = t.edits(to)
		}
		return box(to, "mdia", func(to []byte) []byte {
			to = full(to, "mdhd", 1, 0, func(to []byte) []byte {
				const undetermined = 0x55c4 // "und", five bits a letter
				return u16(u16(u64(u32(u64(u64(to, 0), 0), t.scale), length), undetermined), 0)
			})
			kind := "soun"
			if t.video {
				kind = "vide"
			}
			to = full(to, "hdlr", 0, 0, func(to []byte) []byte {
				return append(u32(append(u32(to, 0), kind...), 0, 0, 0), "nertc-gateway\x00"...)
			})
			return box(to, "minf", func(to []byte) []byte {
				if t.video {
					to = full(to, "vmhd", 0, 1, func(to []byte) []byte { return u64(to, 0) })
				} else {
					to = full(to, "smhd", 0, 0, func(to []byte) []byte { return u32(to, 0) })
				}
				to = box(to, "dinf", func(to []byte) []byte {
					return full(to, "dref", 0, 0, func(to []byte) []byte {
						const inThisFile = 1
						return full(u32(to, 1), "url ", 0, inThisFile, func(to []byte) []byte { return to })
					})
				})
				return t.samples(to, finished)
			})
		})
	})
}

// edits says when the track begins, where that is not with the file, and which part of it is shown.
func (t *track) edits(to []byte) []byte {
	if t.first == 0 && t.shift == 0 {
		return to
	}
	return box(to, "edts", func(to []byte) []byte {
		return full(to, "elst", 1, 0, func(to []byte) []byte {
			const once = 1 << 16
			const nothing = math.MaxUint64
			if t.first > 0 {
				to = u32(u64(u64(u32(to, 2), t.inMovie(t.first)), nothing), once)
			} else {
				to = u32(to, 1)
			}
			return u32(u64(u64(to, t.inMovie(t.length)), t.shift), once)
		})
	})
}

// samples appends the tables of where each sample is, empty but for the codec where the file is in fragments.
func (t *track) samples(to []byte, finished bool) []byte {
	s := t.table
	if !finished {
		s = table{}
	}
	return box(to, "stbl", func(to []byte) []byte {
		to = full(to, "stsd", 0, 0, func(to []byte) []byte {
			if t.video {
				return t.picture(u32(to, 1))
			}
			return t.sound(u32(to, 1))
		})
		to = full(to, "stts", 0, 0, func(to []byte) []byte {
			to = u32(to, uint32(len(s.lengths)))
			for _, r := range s.lengths {
				to = u32(to, r.count, r.value)
			}
			return to
		})
		if len(s.shifts) > 1 || len(s.shifts) == 1 && s.shifts[0].value != 0 {
			to = full(to, "ctts", 1, 0, func(to []byte) []byte {
				to = u32(to, uint32(len(s.shifts)))
				for _, r := range s.shifts {
					to = u32(to, r.count, r.value)
				}
				return to
			})
		}
		if t.video && finished {
			to = full(to, "stss", 0, 0, func(to []byte) []byte { return u32(u32(to, uint32(len(s.keys))), s.keys...) })
		}
		to = full(to, "stsc", 0, 0, func(to []byte) []byte {
			to = u32(to, uint32(len(s.perChunk)))
			chunk := uint32(1)
			for _, r := range s.perChunk {
				to = u32(to, chunk, r.value, 1)
				chunk += r.count
			}
			return to
		})
		to = full(to, "stsz", 0, 0, func(to []byte) []byte { return u32(u32(to, 0, uint32(len(s.sizes))), s.sizes...) })
		return full(to, "co64", 0, 0, func(to []byte) []byte {
			to = u32(to, uint32(len(s.chunks)))
			for _, at := range s.chunks {
				to = u64(to, at)
			}
			return to
		})
	})
}

// picture appends the sample entry of H.264 (ISO/IEC 14496-15, 5.4.2).
func (t *track) picture(to []byte) []byte {
	return box(to, "avc1", func(to []byte) []byte {
		to = append(to, 0, 0, 0, 0, 0, 0, 0, 1)
		to = u32(to, 0, 0, 0, 0)
		to = u16(u16(to, uint16(t.width)), uint16(t.height))
		const dots = 72 << 16
		to = u16(u32(to, dots, dots, 0), 1)
		to = append(to, make([]byte, 32)...)
		to = u16(u16(to, 24), 0xffff)
		return box(to, "avcC", func(to []byte) []byte { return append(to, t.config...) })
	})
}

// sound appends the sample entry of AAC (ISO/IEC 14496-14, 5.6).
func (t *track) sound(to []byte) []byte {
	return box(to, "mp4a", func(to []byte) []byte {
		to = append(to, 0, 0, 0, 0, 0, 0, 0, 1)
		to = u16(u16(u32(to, 0, 0), t.channels), 16)
		to = u32(u32(to, 0), t.scale<<16)
		return full(to, "esds", 0, 0, func(to []byte) []byte {
			const es, decoder, specific, sync = 3, 4, 5, 6
			n := byte(len(t.config))
			to = append(to, es, 23+n, 0, 0, 0)
			to = append(to, decoder, 15+n, 0x40, 0x15, 0, 0, 0) // MPEG-4 audio, a sound
			to = u32(to, 0, 0)
			to = append(append(to, specific, n), t.config...)
			return append(to, sync, 1, 2)
		})
	})
}
