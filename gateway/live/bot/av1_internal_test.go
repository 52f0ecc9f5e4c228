package bot

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/pion/rtp/codecs"
)

func TestAV1(t *testing.T) {
	const (
		frame    = 6 << 3
		sequence = 1 << 3
	)
	long := bytes.Repeat([]byte{7}, 300)
	for name, c := range map[string]struct {
		packets [][]byte
		want    []byte // nil where the last packet is refused
	}{
		"one unit":                {[][]byte{{0x10, frame, 1, 2}}, []byte{frame | 2, 2, 1, 2}},
		"without a count":         {[][]byte{{0, 2, frame, 1, 3, sequence, 2, 3}}, []byte{frame | 2, 1, 1, sequence | 2, 2, 2, 3}},
		"counted":                 {[][]byte{{0x38, 2, sequence, 9, 1, frame, frame, 4}}, []byte{sequence | 2, 1, 9, frame | 2, 0, frame | 2, 1, 4}},
		"in three parts":          {[][]byte{{0x50, frame, 1}, {0xd0, 2, 3}, {0x90, 4}}, []byte{frame | 2, 4, 1, 2, 3, 4}},
		"then another":            {[][]byte{{0x60, 1, sequence, frame, 1}, {0xa0, 1, 2, frame, 3}}, []byte{sequence | 2, 0, frame | 2, 2, 1, 2, frame | 2, 1, 3}},
		"a header in two parts":   {[][]byte{{0x50, frame | 4}, {0x90, 0x28, 5}}, []byte{frame | 6, 0x28, 1, 5}},
		"an empty part":           {[][]byte{{0x40, 1, sequence, 0}, {0x90, frame, 1}}, []byte{sequence | 2, 0, frame | 2, 1, 1}},
		"with its size":           {[][]byte{{0x10, frame | 2, 2, 1, 2}}, []byte{frame | 2, 2, 1, 2}},
		"with less than its size": {[][]byte{{0x10, frame | 2, 3, 1, 2}}, nil},
		"with more than its size": {[][]byte{{0x10, frame | 2, 1, 1, 2}}, []byte{frame | 2, 1, 1}},
		"with layers":             {[][]byte{{0x10, frame | 4, 0x28, 1}}, []byte{frame | 6, 0x28, 1, 1}},
		"without its layers":      {[][]byte{{0x10, frame | 4}}, nil},
		"a long size":             {[][]byte{append([]byte{0, 0xad, 2, frame}, long...)}, append([]byte{frame | 2, 0xac, 2}, long...)},
		"a size in eight bytes":   {[][]byte{{0, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0, frame}}, []byte{frame | 2, 0}},
		"a size in nine bytes":    {[][]byte{{0, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0, frame}}, nil},
		"a size without end":      {[][]byte{{0, 0x81, 0x80}}, nil},
		"a huge size":             {[][]byte{{0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, frame}}, nil},
		"more than there is":      {[][]byte{{0, 3, frame, 1}}, nil},
		"fewer than counted":      {[][]byte{{0x20, 2, frame, 1}}, nil},
		"nothing":                 {[][]byte{{}}, nil},
		"a header alone":          {[][]byte{{0x10}}, nil},
		"the forbidden bit":       {[][]byte{{0x10, 0x80 | frame}}, nil},
		"what is to be ignored":   {[][]byte{{0x30, 1, 2 << 3, 2, 8 << 3, 1, frame, 1}}, []byte{frame | 2, 1, 1}},
		"the same at the end":     {[][]byte{{0x20, 2, frame, 1, 2 << 3}}, []byte{frame | 2, 1, 1}},
		"no beginning":            {[][]byte{{0x90, 1, 2}}, nil},
		"no end":                  {[][]byte{{0x50, frame, 1}, {0x10, frame, 1}}, nil},
		"a sequence within":       {[][]byte{{0x50, frame, 1}, {0x98, 1}}, nil},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			var a av1
			var got []byte
			for i, p := range c.packets {
				data, err := a.push(p)
				if refused := c.want == nil && i == len(c.packets)-1; (err != nil) != refused {
					t.Fatalf("packet %d: %v", i, err)
				}
				got = append(got, data...)
			}
			if c.want != nil && (!bytes.Equal(got, c.want) || a.begun) {
				t.Fatalf("% x, want % x; something is left: %v", got, c.want, a.begun)
			}
		})
	}
}

// pack cuts units into packets somehow, as the payload format permits it.
func pack(r *rand.Rand, units [][]byte) (packets [][]byte) {
	header, elements := byte(0), [][]byte(nil)
	flush := func(goesOn bool) {
		if len(elements) == 0 {
			return
		}
		if goesOn {
			header |= av1GoesOn
		}
		count := len(elements)
		if count > 3 || r.IntN(2) == 0 {
			count = 0
		}
		p := []byte{header | byte(count)<<4}
		for i, e := range elements {
			if i+1 != count {
				p = binary.AppendUvarint(p, uint64(len(e)))
			}
			p = append(p, e...)
		}
		packets = append(packets, p)
		header, elements = 0, nil
		if goesOn {
			header = av1Continues
		}
	}
	for i, u := range units {
		if i == 0 {
			header = av1Sequence
		}
		for r.IntN(2) == 0 && len(u) > 1 {
			n := 1 + r.IntN(len(u)-1)
			elements = append(elements, u[:n])
			flush(true)
			u = u[n:]
		}
		elements = append(elements, u)
		if r.IntN(4) == 0 {
			flush(false)
		}
	}
	flush(false)
	return packets
}

// What comes of valid packets is to the byte what pion's depacketizer makes of them. (It refuses a packet with one of those to be
// ignored at its end.)
func TestAV1IsWhatPionMakesOfIt(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 500 {
		var units [][]byte
		for range 1 + r.IntN(8) {
			u := []byte{byte([]int{1, 3, 4, 5, 6, 7, 15}[r.IntN(7)]<<3 | r.IntN(2))}
			if r.IntN(3) == 0 {
				u[0] |= obuExtension
				u = append(u, byte(r.IntN(256)))
			}
			body := make([]byte, []int{r.IntN(4), r.IntN(200), r.IntN(40000)}[r.IntN(3)])
			for i := range body {
				body[i] = byte(r.Uint32())
			}
			if r.IntN(3) == 0 {
				u[0] |= obuHasSize
				u = binary.AppendUvarint(u, uint64(len(body)))
			}
			units = append(units, append(u, body...))
		}
		var ours av1
		var theirs codecs.AV1Depacketizer
		var got, want []byte
		for i, p := range pack(r, units) {
			g, err := ours.push(p)
			if err != nil {
				t.Fatalf("round %d: packet %d: %v", round, i, err)
			}
			w, err := theirs.Unmarshal(p)
			if err != nil {
				t.Fatalf("round %d: pion: packet %d: %v", round, i, err)
			}
			got, want = append(got, g...), append(want, w...)
		}
		if !bytes.Equal(got, want) || ours.begun {
			t.Fatalf("round %d: %d units in % x: % x, want % x", round, len(units), pack(r, units), got, want)
		}
	}
}

// What comes of any packets is whole units with their sizes, and no more than the packets had.
func FuzzAV1(f *testing.F) {
	f.Add([]byte{3, 0x50, 0x30, 1, 2, 0x90, 2})
	f.Add([]byte{7, 0, 2, 0x30, 1, 2, 0x0e, 0})
	f.Add([]byte{8, 0x38, 2, 8, 9, 1, 0x34, 0, 4, 4, 0x10, 0x32, 1, 5})
	f.Fuzz(func(t *testing.T, in []byte) {
		var a av1
		var data []byte
		for rest := in; len(rest) > 0; {
			n := min(int(rest[0]), len(rest)-1)
			got, err := a.push(rest[1 : 1+n])
			if err != nil {
				if len(got) > 0 {
					t.Fatalf("% x with %v", got, err)
				}
				a = av1{}
			}
			data, rest = append(data, got...), rest[1+n:]
		}
		if len(data)+len(a.unit) > len(in) {
			t.Fatalf("%d bytes of %d", len(data)+len(a.unit), len(in))
		}
		for len(data) > 0 {
			head := 1
			if data[0]&obuExtension != 0 {
				head = 2
			}
			if data[0]&(obuForbidden|obuHasSize) != obuHasSize || len(data) < head {
				t.Fatalf("no unit with its size: % x", data)
			}
			var err error
			if _, data, err = sized(data[head:]); err != nil {
				t.Fatalf("no size: % x", data)
			}
		}
	})
}
