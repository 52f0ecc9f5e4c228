package token

import (
	"bytes"
	"compress/zlib"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"time"
)

// Grant is what a permission key permits.
type Grant struct {
	Privilege Privilege
	// Expires is when the rights end and the user has to go.
	Expires time.Time
}

// permkey is the content of a permission key. The order of the fields is part of the form.
type permkey struct {
	AppKey     string          `json:"appkey"`
	Checksum   string          `json:"checksum"`
	Channel    string          `json:"cname"`
	CurTime    int64           `json:"curTime"`    // Unix time in seconds
	ExpireTime int64           `json:"expireTime"` // a duration in seconds
	Privilege  int64           `json:"privilege"`
	UID        json.RawMessage `json:"uid"` // a number, or a string where it is none
}

// permkeyEncoding is Base64 with + / = written * - _, safe in an address.
func permkeyEncoding() *base64.Encoding {
	return base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-").WithPadding('_')
}

// NewPermkey makes a permission key that is valid from now for ttl, 1 s to 68 years in
// whole seconds. It fails with ErrSubject.
func NewPermkey(secret string, s Subject, p Privilege, now time.Time, ttl time.Duration) (string, error) {
	if err := s.check(); err != nil {
		return "", err
	}
	switch {
	case secret == "":
		return "", fmt.Errorf("%w: the permission secret is empty", ErrSubject)
	case ttl < time.Second || ttl/time.Second > math.MaxInt32 || ttl%time.Second != 0:
		return "", fmt.Errorf("%w: the ttl must be 1 to %d whole seconds", ErrSubject, math.MaxInt32)
	case now.Unix() < 0 || now.UnixMilli() > maxSafe:
		return "", fmt.Errorf("%w: the time is out of range", ErrSubject)
	}
	uid := s.uids()[0]
	k := permkey{
		AppKey: s.AppKey, Channel: s.Channel, CurTime: now.Unix(), ExpireTime: int64(ttl / time.Second), Privilege: int64(p),
	}
	k.Checksum = k.sum(secret, uid)
	k.UID = json.RawMessage(uid)
	if n, ok := whole(k.UID, 0, maxSafe); !ok || strconv.FormatInt(n, 10) != uid {
		k.UID, _ = json.Marshal(uid) // a string can always be encoded
	}
	text, err := json.Marshal(k)
	if err != nil {
		return "", fmt.Errorf("encode the permission key: %w", err)
	}
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	_, _ = w.Write(text) // a bytes.Buffer takes all
	if err := w.Close(); err != nil {
		return "", fmt.Errorf("encode the permission key: %w", err)
	}
	return permkeyEncoding().EncodeToString(z.Bytes()), nil
}

// CheckPermkey checks a permission key against who wants to join, and gives what it
// permits. It takes the same time whatever is wrong with a checksum. It fails with
// ErrMalformed, ErrMismatch, ErrExpired or ErrFuture.
func CheckPermkey(secret string, s Subject, text string, now time.Time) (Grant, error) {
	k, uid, err := parsePermkey(text)
	if err != nil {
		return Grant{}, err
	}
	match := subtle.ConstantTimeCompare([]byte(k.sum(secret, uid)), []byte(k.Checksum))
	if match != 1 || k.AppKey != s.AppKey || k.Channel != s.Channel || !slices.Contains(s.uids(), uid) {
		return Grant{}, fmt.Errorf("permission key %w: another secret, app, room or user, or it was changed", ErrMismatch)
	}
	begin := time.Unix(k.CurTime, 0)
	end := begin.Add(time.Duration(k.ExpireTime) * time.Second)
	if err := checkTime(begin, end, now); err != nil {
		return Grant{}, fmt.Errorf("permission key %w", err)
	}
	return Grant{Privilege: Privilege(k.Privilege) & Everything, Expires: end}, nil
}

// sum gives the checksum over the key's other fields.
func (k *permkey) sum(secret, uid string) string {
	h := hmac.New(sha256.New, []byte(secret))
	_, _ = fmt.Fprintf(h, "appkey:%s\nuid:%s\ncurTime:%d\nexpireTime:%d\ncname:%s\nprivilege:%d\n", // a hash takes all
		k.AppKey, uid, k.CurTime, k.ExpireTime, k.Channel, k.Privilege)
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// parsePermkey reads a permission key and its uid. Its errors have nothing of it in them.
func parsePermkey(text string) (*permkey, string, error) {
	malformed := func(what string) (*permkey, string, error) {
		return nil, "", fmt.Errorf("permission key %w: %s", ErrMalformed, what)
	}
	if len(text) > MaxSize {
		return malformed("larger than " + strconv.Itoa(MaxSize) + " bytes")
	}
	packed, ok := decode(permkeyEncoding(), text)
	if !ok {
		return malformed("not Base64 with * - _")
	}
	raw, ok := inflate(packed)
	if !ok {
		return malformed("not zlib, or too large")
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return malformed("not a JSON object")
	}
	var k permkey
	for name, at := range map[string]*string{"appkey": &k.AppKey, "checksum": &k.Checksum, "cname": &k.Channel} {
		if json.Unmarshal(fields[name], at) != nil || *at == "" {
			return malformed(name + " is no text")
		}
	}
	if k.CurTime, ok = whole(fields["curTime"], 0, maxSafe/1000); !ok {
		return malformed("curTime is no time in seconds")
	}
	if k.ExpireTime, ok = whole(fields["expireTime"], 1, math.MaxInt32); !ok {
		return malformed("expireTime is no duration in seconds")
	}
	if k.Privilege, ok = whole(fields["privilege"], 0, math.MaxInt32); !ok {
		return malformed("privilege is no set of bits")
	}
	var uid string
	if n, ok := whole(fields["uid"], 0, maxSafe); ok {
		uid = strconv.FormatInt(n, 10)
	} else if json.Unmarshal(fields["uid"], &uid) != nil {
		return malformed("uid is neither a number nor a text")
	}
	// A line break in one of these could stand for the next line of what is signed.
	if !printable(k.AppKey) || !printable(uid) {
		return malformed("control characters")
	}
	return &k, uid, nil
}

// inflate unpacks at most MaxSize bytes: a few bytes of zlib can stand for megabytes.
func inflate(packed []byte) ([]byte, bool) {
	in := bytes.NewReader(packed)
	z, err := zlib.NewReader(in)
	if err != nil {
		return nil, false
	}
	out, err := io.ReadAll(io.LimitReader(z, MaxSize+1))
	if err != nil || len(out) > MaxSize {
		return nil, false
	}
	return out, z.Close() == nil && in.Len() == 0
}
