package config

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
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
func (c *Config) AllowOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	if slices.Contains(c.AllowedOrigins, "*") {
		return true
	}
	normal, err := normalOrigin(origin)
	if err != nil || normal == "*" {
		return false
	}
	if slices.Contains(c.AllowedOrigins, normal) {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil {
		return false
	}
	if c.Debug() && loopbackHost(u.Hostname()) {
		return true
	}
	if c.Debug() && c.Loopback() {
		return false
	}
	// The scheme is not compared: behind a proxy that ends TLS it is not known here.
	return strings.EqualFold(u.Host, r.Host)
}

// normalOrigin checks an origin and gives it the form in which browsers send it: in
// lower case, without the scheme's own port.
func normalOrigin(o string) (string, error) {
	if o == "*" {
		return o, nil
	}
	u, err := url.Parse(o)
	if err != nil || u.Scheme == "" || u.Host == "" || u.Hostname() == "" {
		return "", fmt.Errorf("%q is not an origin: want scheme://host[:port] or *", o)
	}
	if (u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", fmt.Errorf("%q is more than an origin: want scheme://host[:port] without a path", o)
	}
	if strings.Contains(u.Host, "*") {
		return "", fmt.Errorf("%q: a * stands alone, for every origin", o)
	}
	host := strings.ToLower(u.Host)
	switch u.Scheme {
	case "http":
		host = strings.TrimSuffix(host, ":80")
	case "https":
		host = strings.TrimSuffix(host, ":443")
	}
	return strings.ToLower(u.Scheme) + "://" + host, nil
}
