package peer

import "testing"

func TestPauseLayers(t *testing.T) {
	const answer = "v=0\r\nm=video 9 X 96\r\na=mid:3\r\na=simulcast:recv q;h\r\nm=video 9 X 96\r\na=simulcast:recv ~q;h\r\na=mid:4\r\nm=audio 9 X 0\r\na=mid:5\r\n"
	for name, c := range map[string]struct {
		off  map[string][]string
		want string
	}{
		"nothing": {nil, answer},
		"the low layers": {map[string][]string{"3": {"q"}, "4": {"q"}},
			"v=0\r\nm=video 9 X 96\r\na=mid:3\r\na=simulcast:recv ~q;h\r\nm=video 9 X 96\r\na=simulcast:recv ~q;h\r\na=mid:4\r\nm=audio 9 X 0\r\na=mid:5\r\n"},
		"another layer than the answer has": {map[string][]string{"4": {"h"}, "5": {"q"}},
			"v=0\r\nm=video 9 X 96\r\na=mid:3\r\na=simulcast:recv q;h\r\nm=video 9 X 96\r\na=simulcast:recv q;~h\r\na=mid:4\r\nm=audio 9 X 0\r\na=mid:5\r\n"},
	} {
		if got := pauseLayers(answer, c.off); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}
