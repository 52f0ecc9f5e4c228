// Package origin compares the origins of web pages with those that may use the gateway.
package origin

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Any in a list stands for every origin.
const Any = "*"

// Normal checks an origin, or Any, and gives it the form in which browsers send it: in
// lower case, without the scheme's own port.
func Normal(o string) (string, error) {
	if o == Any {
		return o, nil
	}
	u, err := url.Parse(o)
	if err != nil || u.Scheme == "" || u.Host == "" || u.Hostname() == "" {
		return "", fmt.Errorf("%q is not an origin: want scheme://host[:port] or *", o)
	}
	if (u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", fmt.Errorf("%q is more than an origin: want scheme://host[:port] without a path", o)
	}
	if strings.Contains(u.Host, Any) {
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

// Listed says whether a list of normal origins has the one of a request's header. The
// opaque one ("null": file:, sandboxed frames) is in it by Any only.
func Listed(list []string, header string) bool {
	if slices.Contains(list, Any) {
		return true
	}
	n, err := Normal(header)
	return err == nil && n != Any && slices.Contains(list, n)
}

// Own says whether an origin is that of the host the request went to. The scheme is not
// compared: behind a proxy that ends TLS it is not known.
func Own(header, host string) bool {
	if _, err := Normal(header); err != nil {
		return false
	}
	u, err := url.Parse(header)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, host)
}
