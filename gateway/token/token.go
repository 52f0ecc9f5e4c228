// Package token makes and checks what lets a user into a room: the basic token, by which
// the application's server says that a user may join, and the permission key, which limits
// what the user may do there. A pass is the gateway's own: by it a user who was in a room
// comes back.
//
// The first two are made by code of the applications themselves too, in other languages: the forms
// are fixed, docs/tokens.md describes them. The package depends on nothing of the gateway.
package token

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	// MaxSize is the size in bytes of the largest token or permission key that is looked at.
	MaxSize = 8 << 10
	// MaxTTL is the longest life of a basic token.
	MaxTTL = 24 * time.Hour
	// MaxAhead is how far the maker's clock may go before the checker's.
	MaxAhead = time.Minute

	maxAppKey  = 64 // bytes
	maxChannel = 64 // bytes
	maxUID     = 64 // characters
	maxSafe    = 1<<53 - 1
)

// Why a token or a permission key is not taken: errors.Is finds one of these in every error
// of a Check function. Their texts are for logs and hold nothing of the token or the secret;
// a client is told "check checksum error" and nothing else.
var (
	// ErrMalformed says that it has not the form of one, or a value out of range.
	ErrMalformed = errors.New("malformed")
	// ErrMismatch says that it was made with another secret, or for another app, room or user, or was changed.
	ErrMismatch = errors.New("does not match")
	// ErrExpired says that its time is over.
	ErrExpired = errors.New("expired")
	// ErrFuture says that it begins more than MaxAhead from now.
	ErrFuture = errors.New("from the future")
)

// ErrSubject says that nothing can be made for such an app, room or user; errors.Is finds it.
var ErrSubject = errors.New("cannot be made")

// Subject is who may join which room.
type Subject struct {
	// AppKey is the application, 1 to 64 bytes.
	AppKey string
	// Channel is the room's name, 1 to 64 bytes.
	Channel string
	// UID is the user: a positive number in decimal, or a string of up to 64 characters.
	// Empty and "0" are the same: whoever joins without a uid.
	UID string
}

// uids are the forms of the uid that a maker may have used. Who lets the server choose the
// uid signs 0 or nothing, by the language that the application's server is written in.
func (s Subject) uids() []string {
	if s.UID == "" || s.UID == "0" {
		return []string{"0", ""}
	}
	return []string{s.UID}
}

// check refuses a subject that no join can have.
func (s Subject) check() error {
	switch {
	case s.AppKey == "" || len(s.AppKey) > maxAppKey || !printable(s.AppKey):
		return fmt.Errorf("%w: the appkey must be 1 to %d bytes without control characters", ErrSubject, maxAppKey)
	case s.Channel == "" || len(s.Channel) > maxChannel || !utf8.ValidString(s.Channel):
		return fmt.Errorf("%w: the channel name must be 1 to %d bytes", ErrSubject, maxChannel)
	case utf8.RuneCountInString(s.UID) > maxUID || !printable(s.UID):
		return fmt.Errorf("%w: the uid must be a number or up to %d characters without control characters", ErrSubject, maxUID)
	}
	return nil
}

func printable(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0
}

// checkTime says whether now lies between begin and end, both included, give or take MaxAhead before begin.
func checkTime(begin, end, now time.Time) error {
	switch {
	case begin.After(now.Add(MaxAhead)):
		return fmt.Errorf("%w: it begins in %v", ErrFuture, begin.Sub(now).Round(time.Second))
	case now.After(end):
		return fmt.Errorf("%w: it ended %v ago", ErrExpired, now.Sub(end).Round(time.Second))
	}
	return nil
}

// whole reads a number of a token: digits alone, from low to high.
func whole(raw []byte, low, high int64) (int64, bool) {
	if len(raw) == 0 || len(raw) > len("9007199254740991") {
		return 0, false
	}
	var n int64
	for _, c := range raw {
		if c < '0' || c > '9' {
			return 0, false // 1e3, 1.0 and -1 are JSON, but no maker writes them
		}
		n = n*10 + int64(c-'0')
	}
	return n, n >= low && n <= high
}
