package framecrypt

import (
	"bytes"
	"testing"
)

// FuzzDecrypt: whatever arrives, nothing panics, and nothing that no key holder made is taken under GCM.
func FuzzDecrypt(f *testing.F) {
	for _, mode := range []Mode{ECB, GCM} {
		for _, c := range codecs {
			frame := append([]byte{0, 0, 0, 1, 0x65, 0xb8}, make([]byte, 40)...)
			sent, err := newCipher(f, mode, 1, 1, nil).NewSender().Encrypt(nil, frame, c)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(mode == GCM, sent)
		}
	}
	f.Fuzz(func(t *testing.T, gcm bool, frame []byte) {
		mode := ECB
		if gcm {
			mode = GCM
		}
		before := bytes.Clone(frame)
		_, err := newCipher(t, mode, 7, 1, nil).Decrypt(nil, frame)
		if gcm && err == nil {
			t.Error("taken without the key")
		}
		if !bytes.Equal(before, frame) {
			t.Error("the frame was changed")
		}
	})
}

// FuzzRoundTrip: what is encrypted is decrypted, and an H.264 frame stays free of start codes.
func FuzzRoundTrip(f *testing.F) {
	f.Add(uint8(5), []byte{0, 0, 0, 1, 0x65, 0xb1, 0, 0, 0, 0, 1, 0, 0, 3})
	f.Add(uint8(1), []byte{0xfc, 0, 0})
	f.Add(uint8(2), []byte{0x10, 0, 0})
	f.Fuzz(func(t *testing.T, codec uint8, frame []byte) {
		c := Codec(codec % 6)
		for _, mode := range []Mode{ECB, GCM} {
			sent, err := newCipher(t, mode, 1, 1, nil).NewSender().Encrypt(nil, frame, c)
			if err != nil {
				if c != H264 {
					t.Fatal(err)
				}
				return
			}
			got, err := newCipher(t, mode, 1, 2, nil).Decrypt(nil, sent)
			if err != nil || !bytes.Equal(got, frame) {
				t.Fatalf("%s: %x became %x, %v", mode, frame, got, err)
			}
		}
	})
}

// FuzzEscape: emulation prevention and its opposite, and what the first leaves no trace of.
func FuzzEscape(f *testing.F) {
	f.Add(uint8(0), []byte{0, 0, 0, 0, 1, 0, 0, 3, 0, 0})
	f.Add(uint8(2), []byte{0, 0, 0, 0, 1, 0, 0, 3, 0, 0})
	f.Fuzz(func(t *testing.T, front uint8, b []byte) {
		c := &Cipher{}
		n := min(int(front), len(b))
		whole := bytes.Clone(c.escape(bytes.Clone(b), n))
		escaped := whole[n:]
		if got := c.unescape(b[:n], escaped); !bytes.Equal(got, b[n:]) {
			t.Fatalf("%x became %x", b[n:], got)
		}
		// Not what the front may have had already.
		escaped = whole[max(0, n-min(n, trailingZeros(b[:n]))):]
		for _, bad := range [][]byte{{0, 0, 0}, {0, 0, 1}, {0, 0, 2}} {
			if bytes.Contains(escaped, bad) {
				t.Fatalf("%x holds %x", escaped, bad)
			}
		}
	})
}
