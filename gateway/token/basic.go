package token

import (
	"bytes"
	"crypto/sha1" // not our choice: the form is fixed by who makes tokens already
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// basic is the content of a basic token.
type basic struct {
	Signature string `json:"signature"`
	CurTime   int64  `json:"curTime"` // Unix time in milliseconds
	TTL       int64  `json:"ttl"`     // seconds
}

// NewBasic makes a basic token that is valid from now for ttl, 1 s to MaxTTL in whole
// seconds. It fails with ErrSubject.
func NewBasic(secret string, s Subject, now time.Time, ttl time.Duration) (string, error) {
	if err := s.check(); err != nil {
		return "", err
	}
	switch {
	case secret == "":
		return "", fmt.Errorf("%w: the app secret is empty", ErrSubject)
	case ttl < time.Second || ttl > MaxTTL || ttl%time.Second != 0:
		return "", fmt.Errorf("%w: the ttl must be 1 to %d whole seconds", ErrSubject, MaxTTL/time.Second)
	case now.UnixMilli() < 0 || now.UnixMilli() > maxSafe:
		return "", fmt.Errorf("%w: the time is out of range", ErrSubject)
	}
	b := basic{CurTime: now.UnixMilli(), TTL: int64(ttl / time.Second)}
	b.Signature = b.sign(secret, s, s.uids()[0])
	text, err := json.Marshal(b)
	if err != nil {
		return "", fmt.Errorf("encode the token: %w", err)
	}
	return base64.StdEncoding.EncodeToString(text), nil
}

// CheckBasic checks a basic token against who wants to join, and gives the end of its time.
// It takes the same time whatever is wrong with a signature. It fails with ErrMalformed,
// ErrMismatch, ErrExpired or ErrFuture.
func CheckBasic(secret string, s Subject, text string, now time.Time) (end time.Time, err error) {
	b, err := parseBasic(text)
	if err != nil {
		return time.Time{}, err
	}
	match := 0
	for _, uid := range s.uids() {
		match |= subtle.ConstantTimeCompare([]byte(b.sign(secret, s, uid)), []byte(b.Signature))
	}
	if match != 1 {
		return time.Time{}, fmt.Errorf("token %w: another secret, app, room or user, or it was changed", ErrMismatch)
	}
	end = time.UnixMilli(b.CurTime + b.TTL*1000)
	if err := checkTime(time.UnixMilli(b.CurTime), end, now); err != nil {
		return time.Time{}, fmt.Errorf("token %w", err)
	}
	return end, nil
}

// sign gives the signature: the parts stand one behind the other with nothing in between.
func (b *basic) sign(secret string, s Subject, uid string) string {
	h := sha1.New()
	for _, part := range []string{
		s.AppKey, uid, strconv.FormatInt(b.CurTime, 10), strconv.FormatInt(b.TTL, 10), s.Channel, secret,
	} {
		_, _ = h.Write([]byte(part)) // a hash takes all
	}
	return hex.EncodeToString(h.Sum(nil))
}

// parseBasic reads a token. Its errors have nothing of it in them.
func parseBasic(text string) (*basic, error) {
	malformed := func(what string) (*basic, error) { return nil, fmt.Errorf("token %w: %s", ErrMalformed, what) }
	if len(text) > MaxSize {
		return malformed("larger than " + strconv.Itoa(MaxSize) + " bytes")
	}
	raw, ok := decode(base64.StdEncoding, text)
	if !ok {
		return malformed("not padded Base64")
	}
	// JSON can be written in many ways; the fewer are taken, the fewer changed tokens pass.
	// So no white space around it or but for spaces within, and a map instead of the
	// struct, for which encoding/json would take Signature as signature.
	var fields map[string]json.RawMessage
	if !bytes.HasPrefix(raw, []byte("{")) || !bytes.HasSuffix(raw, []byte("}")) ||
		bytes.ContainsAny(raw, "\r\n\t") || json.Unmarshal(raw, &fields) != nil {
		return malformed("not a JSON object")
	}
	var b basic
	if json.Unmarshal(fields["signature"], &b.Signature) != nil || len(b.Signature) != 2*sha1.Size {
		return malformed("no signature of 40 digits")
	}
	if b.CurTime, ok = whole(fields["curTime"], 0, maxSafe); !ok {
		return malformed("curTime is no time in milliseconds")
	}
	if b.TTL, ok = whole(fields["ttl"], 1, int64(MaxTTL/time.Second)); !ok {
		return malformed("ttl is not from 1 to 86400 seconds")
	}
	return &b, nil
}

// decode reads Base64 as makers write it: Go's decoder alone would pass over line breaks
// and the unused bits of the last digit, so that a changed text could pass.
func decode(e *base64.Encoding, text string) ([]byte, bool) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, false
	}
	b, err := e.Strict().DecodeString(text)
	return b, err == nil
}
