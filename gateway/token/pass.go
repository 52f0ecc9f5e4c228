package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
	"time"
)

// PassTTL is how long a pass is good for.
const PassTTL = 10 * time.Minute

const (
	// passLabel keeps the key of passes apart from everything else that a secret signs.
	passLabel = "nertc pass 1"
	// passFixed are the bytes before the signature: the form's number, the end of the pass, the
	// rights and the end of the rights.
	passFixed = 1 + 8 + 4 + 8
	passForm  = 1
)

// passEncoding is strict: nobody can write a pass in two ways.
func passEncoding() *base64.Encoding { return base64.RawURLEncoding.Strict() }

// NewPass makes a pass: the statement that somebody was let in with these rights, good for
// PassTTL. It is between gateways of the same applications only, which know by it who was
// in a room before without having to remember. Times are kept in milliseconds.
func NewPass(secret string, s Subject, g Grant, now time.Time) (string, error) {
	switch err := s.check(); {
	case err != nil:
		return "", err
	case s.UID == "" || s.UID == "0":
		return "", fmt.Errorf("%w: a pass is for somebody with a uid", ErrSubject)
	case secret == "":
		return "", fmt.Errorf("%w: no secret", ErrSubject)
	}
	b := make([]byte, 0, passFixed+sha256.Size)
	b = append(b, passForm)
	b = binary.BigEndian.AppendUint64(b, uint64(now.Add(PassTTL).UnixMilli()))
	b = binary.BigEndian.AppendUint32(b, uint32(g.Privilege))
	var end int64
	if !g.Expires.IsZero() {
		end = g.Expires.UnixMilli()
	}
	b = binary.BigEndian.AppendUint64(b, uint64(end))
	return passEncoding().EncodeToString(append(b, passSum(secret, s, b)...)), nil
}

// CheckPass checks a pass against who wants to come back, and gives the rights of it; its
// Expires is zero where they have no end. It takes the same time whatever is wrong with a
// signature. It fails with ErrMalformed, ErrMismatch, ErrFuture, or ErrExpired, which is
// also for rights that have ended.
func CheckPass(secret string, s Subject, text string, now time.Time) (Grant, error) {
	const size = passFixed + sha256.Size
	if len(text) != passEncoding().EncodedLen(size) {
		return Grant{}, fmt.Errorf("pass %w", ErrMalformed)
	}
	b, err := passEncoding().DecodeString(text)
	if err != nil || len(b) != size || b[0] != passForm { // the decoder passes over line breaks
		return Grant{}, fmt.Errorf("pass %w", ErrMalformed)
	}
	b, sum := b[:passFixed], b[passFixed:]
	if secret == "" || !hmac.Equal(passSum(secret, s, b), sum) {
		return Grant{}, fmt.Errorf("pass %w: another secret, app, room or user, or it was changed", ErrMismatch)
	}
	end := time.UnixMilli(int64(binary.BigEndian.Uint64(b[1:])))
	if err := checkTime(end.Add(-PassTTL), end, now); err != nil {
		return Grant{}, fmt.Errorf("pass %w", err)
	}
	g := Grant{Privilege: Privilege(binary.BigEndian.Uint32(b[9:])) & Everything}
	if ms := int64(binary.BigEndian.Uint64(b[13:])); ms != 0 {
		g.Expires = time.UnixMilli(ms)
		if now.After(g.Expires) {
			return Grant{}, fmt.Errorf("pass %w: the rights ended %v ago", ErrExpired, now.Sub(g.Expires).Round(time.Second))
		}
	}
	return g, nil
}

// passSum signs what a pass says of its subject. Each part has its length before it, so that
// nothing can move from one into another.
func passSum(secret string, s Subject, statement []byte) []byte {
	key := hmac.New(sha256.New, []byte(secret))
	_, _ = key.Write([]byte(passLabel)) // a hash takes all
	h := hmac.New(sha256.New, key.Sum(nil))
	for _, part := range []string{s.AppKey, s.Channel, s.UID, string(statement)} {
		_, _ = h.Write([]byte(strconv.Itoa(len(part)) + ":" + part))
	}
	return h.Sum(nil)
}
