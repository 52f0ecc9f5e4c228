package program

import (
	"bytes"
	"testing"
)

func TestToAVC(t *testing.T) {
	sps, pps, idr := []byte{0x67, 0x42, 0xc0, 0x1f, 9}, []byte{0x68, 0xce}, []byte{0x65, 1, 2, 3}
	stream := func(units ...[]byte) (b []byte) {
		for i, u := range units {
			b = append(append(b, [][]byte{{0, 0, 0, 1}, {0, 0, 1}}[i%2]...), u...)
		}
		return b
	}
	config, data := toAVC(stream([]byte{9, 0xf0}, sps, pps, idr, []byte{0x41, 7}))
	if want := []byte{1, 0x42, 0xc0, 0x1f, 0xff, 0xe1, 0, 5, 0x67, 0x42, 0xc0, 0x1f, 9, 1, 0, 2, 0x68, 0xce}; !bytes.Equal(config, want) {
		t.Errorf("config is %x", config)
	}
	if want := []byte{0, 0, 0, 4, 0x65, 1, 2, 3, 0, 0, 0, 2, 0x41, 7}; !bytes.Equal(data, want) {
		t.Errorf("data is %x", data)
	}
	if config, data := toAVC(stream([]byte{0x41, 7, 0, 0, 0})); config != nil || !bytes.Equal(data, []byte{0, 0, 0, 2, 0x41, 7}) {
		t.Errorf("of a delta: %x, %x", config, data)
	}
	for _, in := range [][]byte{nil, {0}, {0, 0, 1}, {0, 0, 1, 0, 0, 1}, {7, 7}} {
		if config, data := toAVC(in); config != nil || data != nil {
			t.Errorf("%x: %x, %x", in, config, data)
		}
	}
}
