package nativemedia

import "testing"

func TestGate(t *testing.T) {
	g := &Gate{named: map[uint32]bool{}}
	rtp := func(ssrc byte) []byte { return []byte{0x80, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, ssrc} }
	g.Declare("v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=ssrc:7 cname:x\r\na=ssrc:8\r\na=ssrc:nonsense y\r\na=ssrc:99999999999 z\r\n")
	for name, c := range map[string]struct {
		packet []byte
		want   bool
	}{
		"a stream that was named":  {rtp(7), true},
		"another":                  {rtp(8), true},
		"one that was not":         {rtp(9), false},
		"the probe without stream": {rtp(0), false},
		"RTCP":                     {[]byte{0x80, 200, 0, 1, 0, 0, 0, 9, 0, 0, 0, 9}, true},
		"STUN":                     {[]byte{0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 0, 0, 0, 9}, true},
		"DTLS":                     {[]byte{22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 9}, true},
		"a few bytes":              {[]byte{0x80, 96}, true},
		"nothing":                  {nil, true},
	} {
		if got := g.admits(c.packet); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
