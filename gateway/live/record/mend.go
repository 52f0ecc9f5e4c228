package record

import (
	"encoding/binary"
	"fmt"
	"os"
)

// left is what there is of a file that was being written.
type left struct {
	whole     int64 // up to where it can be played
	sealed    int64 // where the fragments are hidden behind one header; 0: they are not
	described bool  // behind such a header all samples are
}

// mend cuts off what a killed gateway has left behind the last whole fragment, or behind the description of a file that was all but
// finished. kept is false where there is nothing to play.
func mend(f *os.File) (kept bool, err error) {
	l, err := look(f)
	if err != nil {
		return false, err
	}
	if l.sealed != 0 && !l.described { // only the machine's end can do that: the description was on the disk before the header
		if _, err := f.WriteAt(unfinished(nil), l.sealed); err != nil {
			return false, fmt.Errorf("record: mend: %w", err)
		}
		if l, err = look(f); err != nil {
			return false, err
		}
	}
	if l.whole == 0 {
		return false, nil
	}
	if err := f.Truncate(l.whole); err != nil {
		return false, fmt.Errorf("record: cut: %w", err)
	}
	return true, nil
}

// look goes through the boxes.
func look(f *os.File) (l left, err error) {
	info, err := f.Stat()
	if err != nil {
		return l, err
	}
	head := make([]byte, 8)
	for at := int64(0); at+8 <= info.Size(); {
		if _, err := f.ReadAt(head, at); err != nil {
			return l, err
		}
		name, size := string(head[4:]), int64(binary.BigEndian.Uint32(head))
		if size == sizeFollows && name == "mdat" {
			l.sealed = at
			if _, err := f.ReadAt(head, at+8); err != nil {
				return l, nil
			}
			size = int64(binary.BigEndian.Uint64(head))
		}
		if size < 8 || size > info.Size()-at {
			return l, nil
		}
		at += size
		switch {
		case l.sealed == 0 && name == "mdat":
			l.whole = at
		case l.sealed != 0 && name == "moov":
			l.whole, l.described = at, true
		}
	}
	return l, nil
}
