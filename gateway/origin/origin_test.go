package origin

import "testing"

func TestNormal(t *testing.T) {
	for in, want := range map[string]string{
		"*": "*", "https://App.Example:443": "https://app.example", "http://localhost:3000/": "http://localhost:3000",
		"HTTP://A.example:80": "http://a.example", "https://a.example:80": "https://a.example:80", "http://[::1]:8080": "http://[::1]:8080",
		"null": "", "a.example": "", "https://a.example/x": "", "https://a.example?x": "", "https://u@a.example": "",
		"https://*.example": "", "://": "", "": "",
	} {
		if got, err := Normal(in); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v, want %q", in, got, err, want)
		}
	}
}

func TestListed(t *testing.T) {
	list := []string{"https://a.example", "http://b.example:8080"}
	for _, tc := range []struct {
		list   []string
		header string
		want   bool
	}{
		{list, "https://a.example", true}, {list, "https://A.example:443", true}, {list, "http://a.example", false},
		{list, "http://b.example", false}, {list, "https://a.example.evil.example", false}, {list, "null", false},
		{list, "*", false}, {nil, "https://a.example", false}, {[]string{Any}, "null", true}, {[]string{Any}, "x", true},
	} {
		if got := Listed(tc.list, tc.header); got != tc.want {
			t.Errorf("%v %q: %v", tc.list, tc.header, got)
		}
	}
}

func TestOwn(t *testing.T) {
	for _, tc := range []struct {
		header, host string
		want         bool
	}{
		{"https://g.example", "g.example", true}, {"http://G.example:8080", "g.example:8080", true},
		{"https://g.example", "g.example:8443", false}, {"https://evil.example", "g.example", false},
		{"null", "", false}, {"null", "null", false},
		{"https://g.example/x", "g.example", false}, {"*", "", false}, {"*", "*", false},
	} {
		if got := Own(tc.header, tc.host); got != tc.want {
			t.Errorf("%q on %q: %v", tc.header, tc.host, got)
		}
	}
}
