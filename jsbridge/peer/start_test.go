package peer

import "testing"

func TestStartFast(t *testing.T) {
	const in = "v=0\r\ns=-\r\nm=audio 9 X 111\r\na=mid:1\r\na=rtpmap:111 opus/48000/2\r\n" +
		"m=video 9 X 96 97\r\na=mid:2\r\na=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n" +
		"m=video 9 X 102\r\na=mid:3\r\na=rtpmap:102 H264/90000\r\na=fmtp:102 packetization-mode=1\r\n" +
		"m=video 9 X 96\r\na=mid:4\r\na=rtpmap:96 VP8/90000\r\n"
	const want = "v=0\r\ns=-\r\nm=audio 9 X 111\r\na=mid:1\r\na=rtpmap:111 opus/48000/2\r\n" +
		"m=video 9 X 96 97\r\na=mid:2\r\na=rtpmap:96 VP8/90000\r\na=fmtp:96 x-google-start-bitrate=800\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n" +
		"m=video 9 X 102\r\na=mid:3\r\na=rtpmap:102 H264/90000\r\na=fmtp:102 packetization-mode=1;x-google-start-bitrate=800\r\n" +
		"m=video 9 X 96\r\na=mid:4\r\na=rtpmap:96 VP8/90000\r\n"
	if got := startFast(in, []string{"1", "2", "3"}); got != want {
		t.Errorf("got %q", got)
	}
	for _, odd := range []string{"", "x", "v=0\r\nm=\r\nm=video\r\na=mid:2", "v=0\r\nm=video 9 X 96\r\na=mid:2\r\n"} {
		if got := startFast(odd, []string{"2"}); got != odd {
			t.Errorf("%q became %q", odd, got)
		}
	}
}
