// Package address looks at the addresses that members give for live tasks, before anything is sent to them.
//
// Streams go to rtmp and rtmps, images come from http and https. A name is resolved here, every address of it is
// checked, and only checked addresses are dialled, so that a name which changes in between gains nothing. Errors never
// repeat what may be a secret: the stream key, a path, a query.
package address

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// MaxLength is the longest address that is taken, in bytes.
const MaxLength = 2048

// ErrSyntax is wrapped by what the parsers answer to an address that is none.
var ErrSyntax = errors.New("not a usable address")

func syntax(why string) error { return fmt.Errorf("%w: %s", ErrSyntax, why) }

// Stream is where a live stream goes: rtmp://host[:port]/app/key.
type Stream struct {
	// Secure is true for rtmps, RTMP over TLS.
	Secure bool
	// Host is a name or an IP address without brackets; Port is 1935, or 443 for rtmps, where none was given.
	Host string
	Port int
	// App is the first part of the path, or its first two where it has three or more.
	App string
	// Key is what follows, with the query. It is a secret: whoever knows it can publish there.
	Key string

	authority string // as it was written
}

// ParseStream takes the address of a stream apart. The path stays as it was written, percent signs and all, because
// servers compare it so.
func ParseStream(raw string) (Stream, error) {
	scheme, rest, err := split(raw)
	if err != nil {
		return Stream{}, err
	}
	s := Stream{Port: 1935}
	switch scheme {
	case "rtmp":
	case "rtmps":
		s.Secure, s.Port = true, 443
	default:
		return Stream{}, syntax("want rtmp:// or rtmps://")
	}
	authority, path, _ := strings.Cut(rest, "/")
	if s.Host, err = s.host(authority); err != nil {
		return Stream{}, err
	}
	s.authority = authority
	path, query, hasQuery := strings.Cut(path, "?")
	parts := strings.Split(path, "/")
	for _, p := range parts {
		if p == "" || p == "." || p == ".." {
			return Stream{}, syntax("want an application and a stream name behind the host: rtmp://host/app/stream")
		}
	}
	if len(parts) < 2 {
		return Stream{}, syntax("the name of the stream is missing: want rtmp://host/app/stream")
	}
	n := min(len(parts)-1, 2)
	s.App, s.Key = strings.Join(parts[:n], "/"), strings.Join(parts[n:], "/")
	if hasQuery {
		s.Key += "?" + query
	}
	return s, nil
}

// host takes the port off and checks what remains.
func (s *Stream) host(authority string) (string, error) {
	u := url.URL{Host: authority}
	host := u.Hostname()
	if port := u.Port(); port != "" || strings.HasSuffix(authority, ":") {
		n, err := strconv.Atoi(port)
		if err != nil || n < 1 || n > 65535 {
			return "", syntax("the port is not a number from 1 to 65535")
		}
		s.Port = n
	}
	return host, checkHost(authority, host)
}

// Address is host and port, as dialers take it.
func (s Stream) Address() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// TCURL is the address of the application, which the server is told when it is asked to connect.
func (s Stream) TCURL() string { return s.scheme() + "://" + s.authority + "/" + s.App }

// String is the address without its key, for logs and errors.
func (s Stream) String() string { return s.TCURL() + "/…" }

func (s Stream) scheme() string {
	if s.Secure {
		return "rtmps"
	}
	return "rtmp"
}

// ParseImage checks the address of an image.
func ParseImage(raw string) (*url.URL, error) {
	scheme, _, err := split(raw)
	if err != nil {
		return nil, err
	}
	if scheme != "http" && scheme != "https" {
		return nil, syntax("want http:// or https://")
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, syntax("it cannot be read") // the error of url.Parse repeats the address
	}
	return u, checkURL(u)
}

// checkURL checks what a redirect may have changed, too.
func checkURL(u *url.URL) error {
	if u.Scheme != "http" && u.Scheme != "https" {
		return syntax("want http:// or https://")
	}
	if u.User != nil {
		return syntax("a user name or password in it is not allowed")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return syntax("the port is not a number from 1 to 65535")
		}
	}
	return checkHost(u.Host, u.Hostname())
}

// split checks what all addresses have in common.
func split(raw string) (scheme, rest string, err error) {
	if len(raw) > MaxLength {
		return "", "", syntax(fmt.Sprintf("it is longer than %d bytes", MaxLength))
	}
	for i := range len(raw) {
		if c := raw[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			return "", "", syntax("it holds a character that is not allowed in an address")
		}
	}
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return "", "", syntax("the scheme is missing")
	}
	if strings.Contains(rest, "#") {
		return "", "", syntax("a fragment (#) is not allowed")
	}
	authority, _, _ := strings.Cut(rest, "/")
	if strings.Contains(authority, "@") {
		return "", "", syntax("a user name or password in it is not allowed")
	}
	return strings.ToLower(scheme), rest, nil
}

func checkHost(authority, host string) error {
	if host == "" {
		return syntax("the host is missing")
	}
	if strings.Contains(authority, "[") || strings.Contains(host, ":") {
		ip, err := netip.ParseAddr(host)
		if err != nil || !ip.Is6() || ip.Zone() != "" || !strings.HasPrefix(authority, "["+host+"]") {
			return syntax("the host is not an IPv6 address")
		}
		return nil
	}
	if len(host) > 253 {
		return syntax("the host's name is too long")
	}
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	for _, label := range labels {
		if !validLabel(label) {
			return syntax("the host is not a name; one with other letters than a to z has to be written as xn--…")
		}
	}
	// What ends in a number is an IPv4 address, and only its one common form is taken: 127.1 and 0x7f000001 are
	// 127.0.0.1 to some resolvers.
	if last := labels[len(labels)-1]; isNumber(last) {
		if ip, err := netip.ParseAddr(host); err != nil || !ip.Is4() {
			return syntax("the host is not an IPv4 address")
		}
	}
	return nil
}

func validLabel(label string) bool {
	if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	for i := range len(label) {
		c := label[i] | 0x20
		if (c < 'a' || c > 'z') && (label[i] < '0' || label[i] > '9') && label[i] != '-' && label[i] != '_' {
			return false
		}
	}
	return true
}

func isNumber(label string) bool {
	if hex, ok := strings.CutPrefix(strings.ToLower(label), "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(label, "0123456789") == ""
}
