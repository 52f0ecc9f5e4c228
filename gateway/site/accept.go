package site

import (
	"strconv"
	"strings"
)

// Content codings that a file may be there in, the preferred first.
const (
	brotli   = "br"
	gzip     = "gzip"
	identity = "identity"
)

// negotiate chooses among the codings that a file has (identity is always one) by an
// Accept-Encoding header, RFC 9110 section 12.5.3. A coding that is named goes before
// identity that is not; among equals br goes before gzip before identity. Where
// nothing is acceptable the answer is identity: a file that a browser may not want
// serves better than a 406.
func negotiate(header string, have func(coding string) bool) string {
	q := weights(header)
	best, bestQ := identity, 0.0
	if v, ok := q[identity]; ok {
		bestQ = v
	}
	for _, coding := range []string{gzip, brotli} {
		v, ok := q[coding]
		if !ok {
			v = q["*"]
		}
		if v > 0 && v >= bestQ && have(coding) {
			best, bestQ = coding, v
		}
	}
	return best
}

// weights reads an Accept-Encoding header; what is malformed counts as refused.
func weights(header string) map[string]float64 {
	q := map[string]float64{}
	for part := range strings.SplitSeq(header, ",") {
		coding, params, _ := strings.Cut(part, ";")
		coding = strings.ToLower(strings.TrimSpace(coding))
		if coding == "" {
			continue
		}
		if coding == "x-gzip" {
			coding = gzip
		}
		q[coding] = quality(params)
	}
	return q
}

func quality(params string) float64 {
	params = strings.TrimSpace(params)
	if params == "" {
		return 1
	}
	name, v, ok := strings.Cut(params, "=")
	if !ok || !strings.EqualFold(strings.TrimSpace(name), "q") {
		return 0
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
	if err != nil || !(f >= 0 && f <= 1) { // so that NaN is refused too
		return 0
	}
	return f
}

// matches reports whether an If-None-Match header names an entity tag, compared
// weakly as RFC 9110 section 13.1.2 wants.
func matches(header, etag string) bool {
	for t := range strings.SplitSeq(header, ",") {
		t = strings.TrimSpace(t)
		if t == "*" || strings.TrimPrefix(t, "W/") == etag {
			return true
		}
	}
	return false
}
