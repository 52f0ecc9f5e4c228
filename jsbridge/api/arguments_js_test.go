package api

import "testing"

func TestSocketAddress(t *testing.T) {
	for in, want := range map[string]string{
		"https://rtc.example":              "wss://rtc.example/nertc/v1",
		"http://127.0.0.1:8080/":           "ws://127.0.0.1:8080/nertc/v1",
		"wss://rtc.example/nertc/v1":       "wss://rtc.example/nertc/v1",
		"WSS://rtc.example/other?region=x": "wss://rtc.example/other?region=x",
		"ws://[::1]:9?region=x#part":       "ws://[::1]:9/nertc/v1?region=x",
		"rtc.example":                      "",
		"ftp://rtc.example":                "",
		"https://":                         "",
		"https:///path":                    "",
	} {
		got, err := socketAddress(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: got %q, %v", in, got, err)
		}
	}
}

func TestUIDsInTheTypeOfTheOwn(t *testing.T) {
	for _, c := range []struct {
		uid     string
		numeric bool
		want    any
	}{
		{"7", true, 7.0}, {"7", false, "7"}, {"07", true, "07"}, {"9007199254740991", true, 9007199254740991.0},
		{"9007199254740992", true, "9007199254740992"}, {"anna", true, "anna"}, {"-1", true, "-1"}, {"1e3", true, "1e3"}, {"", true, nil},
	} {
		if got := uidValue(c.uid, c.numeric); got != c.want {
			t.Errorf("%q: got %v", c.uid, got)
		}
	}
}

func TestBitrateGrowsWithThePicture(t *testing.T) {
	for _, c := range []struct{ width, height, want int }{
		{640, 480, 900_000}, {480, 640, 900_000}, {1280, 720, 1_700_000}, {1920, 1080, 3_000_000}, {0, 0, 900_000}, {3840, 2160, 4_500_000}, {160, 90, 250_000},
	} {
		if got := videoBitrate(c.width, c.height); got != c.want {
			t.Errorf("%d by %d: got %d", c.width, c.height, got)
		}
	}
}
