package framecrypt

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// What the media server sends in the place of a muted or ended track, silence of Opus and a black key frame of VP8, ends in
// letters and digits that are others for each room. It is clear, whatever they are, and not a frame of somebody with another key.
func TestFillerOfTheServerIsClear(t *testing.T) {
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	random := rand.New(rand.NewPCG(1, 2))
	silence := append([]byte{0xf8, 0xff, 0xfe}, make([]byte, 77)...)
	black := []byte{
		0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 8, 0, 8, 0, 0x00, 0x47, 0x08, 0x85, 0x85, 0x88,
		0x85, 0x84, 0x88, 0x02, 0x02, 0x00, 0x0c, 0x0d, 0x60, 0x00, 0xfe, 0xff, 0xab, 0x50, 0x80,
	}
	for _, mode := range []Mode{GCM, ECB} {
		c, err := New(Options{Mode: mode, Key: make([]byte, KeyLength), Random: bytes.NewReader(nil)})
		if err != nil {
			t.Fatal(err)
		}
		for range 20_000 {
			end := make([]byte, 44)
			for i := range end {
				end[i] = letters[random.IntN(len(letters))]
			}
			for _, filler := range [][]byte{silence, black} {
				if _, err := c.Decrypt(nil, append(bytes.Clone(filler), end...)); err != ErrUnencrypted {
					t.Fatalf("%s: %d bytes and %q: %v", mode, len(filler), end, err)
				}
			}
		}
	}
}
