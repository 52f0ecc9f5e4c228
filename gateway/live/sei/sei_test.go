package sei_test

import (
	"bytes"
	"encoding/hex"
	"os/exec"
	"strings"
	"testing"

	"nertc/gateway/live/flv"
	"nertc/gateway/live/rtmptest"
	"nertc/gateway/live/sei"
)

// unit puts a length of 4 bytes before a NAL unit.
func unit(b ...byte) []byte { return append([]byte{0, 0, byte(len(b) >> 8), byte(len(b))}, b...) }

func TestItStandsBeforeTheFirstSlice(t *testing.T) {
	head := bytes.Join([][]byte{unit(9, 0xf0), unit(0x67, 1), unit(0x68, 2)}, nil)
	slices := bytes.Join([][]byte{unit(0x65, 3), unit(0x65, 4)}, nil)
	picture := append(bytes.Clone(head), slices...)
	// Zeros that could be taken for a start code are parted by a 3.
	got := sei.Insert(picture, 4, "a\x00\x00\x01b")
	want := bytes.Join([][]byte{head, unit(append(append([]byte{6, 5, 21}, sei.Owner...), 'a', 0, 0, 3, 1, 'b', 0x80)...), slices}, nil)
	if !bytes.Equal(got, want) {
		t.Errorf("got\n%x, want\n%x", got, want)
	}
	if len(sei.Owner) != 16 || hex.EncodeToString([]byte(sei.Owner)) != "0d908dc8c5784cc9a1b8e4bd2ce69232" {
		t.Errorf("the owner is %x", sei.Owner)
	}
	// More than 255 bytes are counted by bytes of 255.
	long := sei.Insert(picture, 4, strings.Repeat("x", 1000))
	if !bytes.Contains(long, append([]byte{6, 5, 255, 255, 255, 251}, sei.Owner...)) {
		t.Errorf("a long text is counted as %x", long[len(head)+4:len(head)+12])
	}
	for name, in := range map[string][]byte{"nothing": {}, "no slice": head, "cut short": picture[:len(picture)-7], "an empty unit": append(bytes.Clone(head), 0, 0, 0, 0)} {
		if got := sei.Insert(in, 4, "text"); name != "cut short" && !bytes.Equal(got, in) {
			t.Errorf("%s was changed to %x", name, got)
		}
	}
	if got := sei.Insert(picture, 4, ""); !bytes.Equal(got, picture) {
		t.Error("no text changed the picture")
	}
	if got := sei.Insert([]byte{0, 2, 0x65, 1}, 2, strings.Repeat("x", 70000)); len(got) != 4 {
		t.Error("a text was inserted that its length cannot say")
	}
}

// A decoder takes the pictures as before.
func TestDecodersDoNotMind(t *testing.T) {
	var b bytes.Buffer
	w := flv.NewWriter(&b)
	for _, p := range rtmptest.Programme(t, 320, 180, 25, 1) {
		if p.Kind == flv.Video && !p.Config {
			p.Data = sei.Insert(p.Data, 4, "zeros \x00\x00\x00 and more")
		}
		if err := w.Write(p); err != nil {
			t.Fatal(err)
		}
	}
	decoder := exec.Command("ffprobe", "-v", "warning", "-f", "flv", "-count_frames", "-select_streams", "v", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0", "-")
	decoder.Stdin = &b
	if said, err := decoder.CombinedOutput(); err != nil || strings.TrimSpace(string(said)) != "25" {
		t.Errorf("%v\n%s", err, said)
	}
}

func FuzzInsert(f *testing.F) {
	f.Add([]byte{0, 0, 0, 2, 0x65, 1}, 4, "text\x00\x00\x03")
	f.Fuzz(func(t *testing.T, picture []byte, units int, text string) {
		got := sei.Insert(picture, units, text)
		if len(got) < len(picture) {
			t.Fatalf("%d bytes became %d", len(picture), len(got))
		}
	})
}
