package config

import (
	"net/http"
	"net/url"

	"nertc/gateway/origin"
)

// AllowOrigin says whether the page that makes a request may use the gateway.
//
//   - no Origin header: not a browser's page; allowed, there is nobody to protect;
//   - an origin in AllowedOrigins, or "*" there: allowed;
//   - debug mode: every loopback origin is allowed;
//   - the gateway's own origin (the request's Host): allowed, but on loopback in debug
//     mode only where that host is a loopback name. Otherwise any web site could point
//     its own name at 127.0.0.1 and use the developer's rooms (DNS rebinding).
//
// An opaque origin ("null": file:, sandboxed frames) is allowed by "*" only.
//
// With apps configured this is only the first look, before it is known which app the
// page wants: an origin in any app's list passes, and app.Apps looks again.
func (c *Config) AllowOrigin(r *http.Request) bool {
	header := r.Header.Get("Origin")
	if header == "" || origin.Listed(c.AllowedOrigins, header) {
		return true
	}
	for _, a := range c.Apps {
		if origin.Listed(a.AllowedOrigins, header) {
			return true
		}
	}
	if _, err := origin.Normal(header); err != nil {
		return false
	}
	if c.Debug() {
		if u, err := url.Parse(header); err == nil && loopbackHost(u.Hostname()) {
			return true
		}
		if c.Loopback() {
			return false
		}
	}
	return origin.Own(header, r.Host)
}
