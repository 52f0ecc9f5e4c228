package peer

import (
	"strings"
	"testing"
)

func TestReceiveStereo(t *testing.T) {
	section := func(kind, direction, more string) string {
		return "m=" + kind + " 9 UDP/TLS/RTP/SAVPF 111 63\r\na=mid:0\r\na=" + direction + "\r\n" + more
	}
	opus := "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n"
	stereo := strings.Replace(opus, "useinbandfec=1", "useinbandfec=1;stereo=1", 1)
	head := "v=0\r\n"
	for _, c := range []struct{ name, before, after string }{
		{"received", section("audio", "recvonly", opus), section("audio", "recvonly", stereo)},
		{"sent", section("audio", "sendonly", opus), section("audio", "sendonly", opus)},
		{"said already", section("audio", "recvonly", stereo), section("audio", "recvonly", stereo)},
		{"a picture", section("video", "recvonly", opus), section("video", "recvonly", opus)},
		{"no opus", section("audio", "recvonly", "a=fmtp:111 x=1\r\n"), section("audio", "recvonly", "a=fmtp:111 x=1\r\n")},
		{"the second", section("audio", "sendonly", opus) + section("audio", "recvonly", opus), section("audio", "sendonly", opus) + section("audio", "recvonly", stereo)},
		{"nothing", "", ""},
	} {
		if got := receiveStereo(head + c.before); got != head+c.after {
			t.Errorf("%s:\n%s", c.name, got)
		}
	}
}
