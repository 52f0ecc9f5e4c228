package peer

import "testing"

func TestNameTracks(t *testing.T) {
	const in = "v=0\r\ns=-\r\na=msid-semantic: WMS\r\n" +
		"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:1\r\na=msid:stream first\r\na=ssrc:7 cname:c\r\na=ssrc:7 msid:stream first\r\n" +
		"m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:2\r\na=msid:- other\r\n"
	const want = "v=0\r\ns=-\r\na=msid-semantic: WMS\r\n" +
		"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:1\r\na=msid:stream second\r\na=ssrc:7 cname:c\r\na=ssrc:7 msid:stream second\r\n" +
		"m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:2\r\na=msid:- other\r\n"
	if got := nameTracks(in, map[string]string{"1": "second"}); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := nameTracks(in, nil); got != in {
		t.Errorf("an offer that sends nothing was changed: %q", got)
	}
}
