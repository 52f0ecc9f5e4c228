package record

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"
)

func element(id []byte, body []byte) []byte {
	return append(append(append([]byte{}, id...), 0x80|byte(len(body))), body...)
}

var (
	header   = element([]byte{0x1A, 0x45, 0xDF, 0xA3}, []byte{0x42, 0x86, 0x81, 1})
	segment  = []byte{0x18, 0x53, 0x80, 0x67, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	scale    = element([]byte{0x2A, 0xD7, 0xB1}, []byte{0x0F, 0x42, 0x40}) // a million: ticks are milliseconds
	app      = element([]byte{0x4D, 0x80}, []byte("app"))
	info     = element([]byte{0x15, 0x49, 0xA9, 0x66}, append(append([]byte{}, scale...), app...))
	duration = append([]byte{0x44, 0x89, 0x88}, make([]byte, 8)...)
	tracks   = element([]byte{0x16, 0x54, 0xAE, 0x6B}, []byte("tracks"))
	cluster  = []byte{0x1F, 0x43, 0xB6, 0x75, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xe7, 0x81, 0}
)

func file(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func TestDurationIsWrittenIntoTheHead(t *testing.T) {
	for name, head := range map[string][]byte{
		"info first":  file(header, segment, info, tracks, cluster),
		"info second": file(header, segment, tracks, info, cluster),
		"no scale":    file(header, segment, element([]byte{0x15, 0x49, 0xA9, 0x66}, app), cluster),
	} {
		fixed, replaced, ok := withDuration(head, 2.5)
		if !ok {
			t.Errorf("%s: refused", name)
			continue
		}
		whole := append(append([]byte{}, fixed...), head[replaced:]...)
		at := bytes.Index(whole, []byte{0x44, 0x89, 0x88})
		if at < 0 {
			t.Errorf("%s: no duration in % x", name, whole)
			continue
		}
		if d := math.Float64frombits(binary.BigEndian.Uint64(whole[at+3:])); d != 2500 {
			t.Errorf("%s: %v ticks", name, d)
		}
		if !bytes.HasSuffix(whole, cluster) || !bytes.HasPrefix(whole, file(header, segment)) {
			t.Errorf("%s: the rest has changed: % x", name, whole)
		}
		// What was made can be read again, and says that it has its length now.
		if _, _, again := withDuration(whole, 9); again {
			t.Errorf("%s: a second duration", name)
		}
	}
}

func TestHeadsThatAreLeftAsTheyAre(t *testing.T) {
	good := file(header, segment, info, tracks, cluster)
	known := append(append([]byte{}, segment[:4]...), 0x90)
	for name, head := range map[string][]byte{
		"nothing":         nil,
		"no WebM":         []byte("RIFF....WAVE"),
		"a duration":      file(header, segment, element([]byte{0x15, 0x49, 0xA9, 0x66}, append(append([]byte{}, scale...), duration...)), cluster),
		"a known size":    file(header, known, info, cluster),
		"cluster first":   file(header, segment, cluster),
		"scale zero":      file(header, segment, element([]byte{0x15, 0x49, 0xA9, 0x66}, element([]byte{0x2A, 0xD7, 0xB1}, []byte{0}))),
		"info of no end":  file(header, segment, []byte{0x15, 0x49, 0xA9, 0x66, 0xff}, scale),
		"a long id":       file(header, segment, []byte{0x08, 1, 2, 3, 4, 5, 6, 7}),
		"an endless vint": file(header, segment, []byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0}),
	} {
		if _, _, ok := withDuration(head, 1); ok {
			t.Errorf("%s was taken", name)
		}
	}
	end := len(good) - len(cluster) - len(tracks)
	for n := range end { // cut anywhere before the end of the info
		if _, _, ok := withDuration(good[:n], 1); ok {
			t.Errorf("cut at %d was taken", n)
		}
	}
}

func FuzzDuration(f *testing.F) {
	f.Add(file(header, segment, info, tracks, cluster))
	f.Fuzz(func(t *testing.T, head []byte) {
		if fixed, replaced, ok := withDuration(head, 1); ok && (replaced > len(head) || len(fixed) < replaced) {
			t.Errorf("%d bytes stand for %d of %d", len(fixed), replaced, len(head))
		}
	})
}
