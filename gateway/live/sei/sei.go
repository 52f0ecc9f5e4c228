// Package sei puts a text of the application's into H.264 pictures, where players find it at the very frame.
//
// It is supplemental enhancement information of type 5, "user data unregistered" (ITU-T H.264, D.1.7): sixteen bytes that say
// whose it is, then the data.
package sei

import (
	"encoding/binary"
	"slices"
)

// Owner is the UUID before the text, 0d908dc8-c578-4cc9-a1b8-e4bd2ce69232: the extraInfo of a live task follows, in UTF-8.
const Owner = "\x0d\x90\x8d\xc8\xc5\x78\x4c\xc9\xa1\xb8\xe4\xbd\x2c\xe6\x92\x32"

const (
	typeSEI          = 6
	typeUnregistered = 5
)

// unit makes the NAL unit with the text.
func unit(text string) []byte {
	size := len(Owner) + len(text)
	raw := []byte{typeUnregistered}
	for ; size >= 255; size -= 255 {
		raw = append(raw, 255)
	}
	raw = append(raw, byte(size))
	raw = append(append(raw, Owner...), text...)
	raw = append(raw, 0x80) // a one ends the payload, zeros fill the byte
	return escape([]byte{typeSEI}, raw)
}

// escape puts a 3 behind two zeros where what follows could be taken for a start code (7.4.1.1).
func escape(to, raw []byte) []byte {
	zeros := 0
	for _, b := range raw {
		if zeros == 2 && b <= 3 {
			to = append(to, 3)
			zeros = 0
		}
		to = append(to, b)
		if b == 0 {
			zeros++
		} else {
			zeros = 0
		}
	}
	return to
}

// Insert returns a copy of the picture with the text before its first slice. A picture that cannot be read is returned as it
// is, and so is one for which there is no text.
func Insert(picture []byte, lengthSize int, text string) []byte {
	if text == "" || lengthSize < 1 || lengthSize > 4 {
		return picture
	}
	at, ok := firstSlice(picture, lengthSize)
	if !ok {
		return picture
	}
	u := unit(text)
	if uint64(len(u)) >= 1<<(8*lengthSize) {
		return picture
	}
	var length [4]byte
	binary.BigEndian.PutUint32(length[:], uint32(len(u)))
	return slices.Concat(picture[:at], length[4-lengthSize:], u, picture[at:])
}

// firstSlice finds where the first unit of coded picture begins.
func firstSlice(picture []byte, lengthSize int) (int, bool) {
	for at := 0; at+lengthSize < len(picture); {
		n := 0
		for _, b := range picture[at : at+lengthSize] {
			n = n<<8 | int(b)
		}
		if n == 0 || n > len(picture)-at-lengthSize {
			return 0, false
		}
		if kind := picture[at+lengthSize] & 31; kind >= 1 && kind <= 5 {
			return at, true
		}
		at += lengthSize + n
	}
	return 0, false
}
