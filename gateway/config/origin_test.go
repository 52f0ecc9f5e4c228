package config

import (
	"net/http/httptest"
	"testing"

	"nertc/gateway/app"
)

func TestAllowOrigin(t *testing.T) {
	debug := &Config{Listen: "127.0.0.1:8080"}
	open := &Config{Listen: "0.0.0.0:8443", DebugOpen: true}
	debugPlus := &Config{Listen: "127.0.0.1:8080", AllowedOrigins: []string{"https://dev.example"}}
	one := &Config{Listen: "0.0.0.0:443", Apps: []app.App{{AppKey: "k"}}, AllowedOrigins: []string{"https://shop.example"}}
	any := &Config{Listen: "0.0.0.0:443", Apps: []app.App{{AppKey: "k"}}, AllowedOrigins: []string{"*"}}
	own := &Config{Listen: "0.0.0.0:443", Apps: []app.App{
		{AppKey: "k", AllowedOrigins: []string{"https://k.example"}}, {AppKey: "l", AllowedOrigins: []string{"https://l.example"}},
	}}
	for _, tc := range []struct {
		name         string
		c            *Config
		host, origin string
		want         bool
	}{
		{"debug, no browser", debug, "localhost:8080", "", true},
		{"debug, own", debug, "localhost:8080", "http://localhost:8080", true},
		{"debug, other port", debug, "localhost:8080", "http://localhost:3000", true},
		{"debug, other loopback name", debug, "localhost:8080", "https://app.localhost:3000", true},
		{"debug, 127/8", debug, "localhost:8080", "http://127.0.0.2:5173", true},
		{"debug, IPv6", debug, "localhost:8080", "http://[::1]:5173", true},
		{"debug, stranger", debug, "localhost:8080", "https://evil.example", false},
		{"debug, looks like loopback", debug, "localhost:8080", "https://localhost.evil.example", false},
		{"debug, rebound name", debug, "evil.example:8080", "http://evil.example:8080", false},
		{"debug, opaque", debug, "localhost:8080", "null", false},
		{"debug, nonsense", debug, "localhost:8080", "*", false},
		{"debug, allowed", debugPlus, "localhost:8080", "https://dev.example", true},
		{"open, own", open, "192.168.1.5:8443", "https://192.168.1.5:8443", true},
		{"open, loopback page", open, "192.168.1.5:8443", "http://localhost:3000", true},
		{"open, stranger", open, "192.168.1.5:8443", "https://evil.example", false},
		{"app, own", one, "rtc.example", "https://RTC.example", true},
		{"app, allowed", one, "rtc.example", "https://shop.example:443", true},
		{"app, allowed name, other scheme", one, "rtc.example", "http://shop.example", false},
		{"app, loopback page", one, "rtc.example", "http://localhost:3000", false},
		{"app, stranger", one, "rtc.example", "https://evil.example", false},
		{"any, stranger", any, "rtc.example", "https://evil.example", true},
		{"apps' own, one's", own, "rtc.example", "https://l.example", true},
		{"apps' own, nobody's", own, "rtc.example", "https://m.example", false},
		{"any, opaque", any, "rtc.example", "null", true},
	} {
		r := httptest.NewRequest("GET", "/nertc/v1", nil)
		r.Host = tc.host
		if tc.origin != "" {
			r.Header.Set("Origin", tc.origin)
		}
		if got := tc.c.AllowOrigin(r); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}
