package engine

import (
	"regexp"
	"strings"
)

// What the engine says at its finer levels has in it what is in no line of ours: the tokens that it renews, passwords of the
// relay and of ICE, and what members have given along.

const (
	hushed = "…"
	// secretNames are in the names of fields that give access to something, or have what is a member's own.
	secretNames = `token|password|secret|credential|attributes|metadata|grants`
)

var (
	secretName = regexp.MustCompile(`(?i)` + secretNames)
	// secretText is what gives access wherever it stands: a JSON Web Token, and the password in a description.
	secretText = regexp.MustCompile(`\beyJ[\w-]+\.[\w-]+\.[\w-]*|(a=ice-pwd:)[^\s\\"]+`)
	// secretField is a field of that kind in a line that is no JSON as a whole: one that was cut.
	secretField = regexp.MustCompile(`(?i)("[^"]*(?:` + secretNames + `)[^"]*\\?":\s*)(?:\\?"(?:[^"\\]|\\.)*|\{[^}]*)`)
)

// hush takes it out of a field of a line.
func hush(v any) any {
	switch v := v.(type) {
	case string:
		return hushText(v)
	case []any:
		for i := range v {
			v[i] = hush(v[i])
		}
	case map[string]any:
		for k, inner := range v {
			if secretName.MatchString(k) {
				v[k] = hushed
			} else {
				v[k] = hush(inner)
			}
		}
	}
	return v
}

func hushText(s string) string {
	return secretText.ReplaceAllString(s, "${1}"+hushed)
}

// hushLine takes it out of a line that is not understood.
func hushLine(s string) string {
	if strings.HasPrefix(s, "{") {
		s = secretField.ReplaceAllString(s, "${1}"+hushed)
	}
	return hushText(s)
}
