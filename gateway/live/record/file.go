package record

import (
	"encoding/binary"
	"io"
	"time"

	"nertc/gateway/live/flv"
)

// sizeFollows as the size of a box says that the real one stands behind its name, in 8 bytes.
const sizeFollows = 1

// mostPending bytes and longestFragment bound what is lost when the gateway is killed.
const (
	mostPending     = 4 << 20
	longestFragment = 5 * time.Second
)

// file is an MP4 being written. Until it is finished it consists of fragments, which can be played however it ends:
//
//	ftyp free moov(empty) moof mdat moof mdat …
//
// At the end a description of all samples follows, and the header of free becomes that of an mdat that reaches to it. So it
// becomes an ordinary file, without a byte being copied:
//
//	ftyp mdat(…) moov
type file struct {
	w        disk
	at       int64
	free     int64 // where the header is that changes
	base     time.Duration
	tracks   []*track
	number   uint32
	fragment time.Duration // when it began
}

// disk is where a file is written.
type disk interface {
	io.WriterAt
	Sync() error
}

// begin writes what stands before the first fragment. base is the stream's time of the beginning.
func begin(w disk, tracks []*track, base time.Duration) (*file, error) {
	f := &file{w: w, base: base, tracks: tracks, fragment: base}
	head := fileType(nil)
	f.free = int64(len(head))
	head = unfinished(head)
	return f, f.write(movie(head, f.tracks, false))
}

// unfinished appends the box whose header becomes that of all fragments.
func unfinished(to []byte) []byte {
	return box(to, "free", func(to []byte) []byte { return u64(to, 0) })
}

func (f *file) write(b []byte) error {
	n, err := f.w.WriteAt(b, f.at)
	if err != nil {
		return err
	}
	f.at += int64(n)
	return nil
}

// add takes a frame. A key frame begins a new fragment.
func (f *file) add(p flv.Packet) error {
	since := p.DTS - f.base
	if since < 0 {
		return nil // sound from before the first picture
	}
	pending := 0
	for _, t := range f.tracks {
		pending += t.pendingBytes()
	}
	if p.Key || pending > mostPending || p.DTS-f.fragment > longestFragment {
		if p.Kind == flv.Video && f.tracks[0].video && f.tracks[0].begun {
			// It tells how long the picture before it is, which the fragment is to say.
			f.tracks[0].settle(uint32(max(1, int64(f.tracks[0].units(since))-int64(f.tracks[0].next))))
		}
		if err := f.flush(); err != nil {
			return err
		}
		f.fragment = p.DTS
	}
	for _, t := range f.tracks {
		if t.video == (p.Kind == flv.Video) {
			t.add(p, since)
		}
	}
	return nil
}

// flush writes what is pending as a fragment (ISO/IEC 14496-12, 8.8).
func (f *file) flush() error {
	var with []*track
	for _, t := range f.tracks {
		if len(t.pending) > 0 {
			with = append(with, t)
		}
	}
	if len(with) == 0 {
		return nil
	}
	f.number++
	offsets := make([]int, len(with)) // where the place of the track's data has to be filled in
	out := box(nil, "moof", func(to []byte) []byte {
		to = full(to, "mfhd", 0, 0, func(to []byte) []byte { return u32(to, f.number) })
		for i, t := range with {
			to = box(to, "traf", func(to []byte) []byte {
				const baseIsMoof = 0x20000
				to = full(to, "tfhd", 0, baseIsMoof, func(to []byte) []byte { return u32(to, t.id) })
				to = full(to, "tfdt", 1, 0, func(to []byte) []byte { return u64(to, t.pending[0].at) })
				const offset, span, size, flags, shift = 1, 0x100, 0x200, 0x400, 0x800
				return full(to, "trun", 1, offset|span|size|flags|shift, func(to []byte) []byte {
					to = u32(to, uint32(len(t.pending)))
					offsets[i] = len(to)
					to = u32(to, 0)
					for _, s := range t.pending {
						const needsNone, needsOthers = 0x02000000, 0x01010000
						depends := uint32(needsOthers)
						if s.key {
							depends = needsNone
						}
						to = u32(to, s.span, uint32(len(s.data)), depends, uint32(s.shift))
					}
					return to
				})
			})
		}
		return to
	})
	size := len(out)
	out = box(out, "mdat", func(to []byte) []byte {
		for i, t := range with {
			binary.BigEndian.PutUint32(to[offsets[i]:], uint32(len(to)))
			for _, s := range t.pending {
				to = append(to, s.data...)
			}
		}
		return to
	})
	begin := f.at
	if err := f.write(out); err != nil {
		return err
	}
	at := uint64(begin) + uint64(size) + 8
	for _, t := range with {
		n := t.pendingBytes()
		t.flushed(at)
		at += uint64(n)
	}
	return nil
}

// finish makes an ordinary file of it.
func (f *file) finish() error {
	if err := f.flush(); err != nil {
		return err
	}
	var all []*track
	for _, t := range f.tracks {
		t.settle(t.guess())
		if t.begun {
			all = append(all, t)
		}
	}
	end := f.at
	if err := f.write(movie(nil, all, true)); err != nil {
		return err
	}
	// The header hides the fragments: what is to take their place has to be on the disk before.
	if err := f.w.Sync(); err != nil {
		return err
	}
	header := u64(append(u32(nil, sizeFollows), "mdat"...), uint64(end-f.free))
	_, err := f.w.WriteAt(header, f.free)
	return err
}
