package token

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// The vector of the form's description.
const (
	vectorSecret = "c00000000000"
	vectorToken  = "eyJzaWduYXR1cmUiOiJlZjRmNGEwOGM1NmZiOWI5MDQ3OTE2YjZlYmZhZGY5NWFjZDc2OGViIiwiY3VyVGltZSI6MTY5Mzk2ODk3NTAwMCwidHRsIjoxODAwfQ=="
)

var (
	vector     = Subject{AppKey: "c37bf7a8758a4ed00000000000000000", Channel: "room1", UID: "10000"}
	vectorTime = time.UnixMilli(1693968975000)
)

func TestBasicVector(t *testing.T) {
	got, err := NewBasic(vectorSecret, vector, vectorTime, 1800*time.Second)
	if err != nil || got != vectorToken {
		t.Errorf("got %s, %v\nwant %s", got, err, vectorToken)
	}
	end, err := CheckBasic(vectorSecret, vector, vectorToken, vectorTime)
	if err != nil || !end.Equal(vectorTime.Add(1800*time.Second)) {
		t.Errorf("checked: %v, %v", end, err)
	}
}

func TestBasicTime(t *testing.T) {
	for _, tc := range []struct {
		after time.Duration // the token's curTime
		want  error
	}{
		{-24 * time.Hour, ErrFuture},
		{-MaxAhead - time.Millisecond, ErrFuture},
		{-MaxAhead, nil},
		{0, nil},
		{1800 * time.Second, nil},
		{1800*time.Second + time.Millisecond, ErrExpired},
		{10000 * time.Hour, ErrExpired},
	} {
		if _, err := CheckBasic(vectorSecret, vector, vectorToken, vectorTime.Add(tc.after)); !errors.Is(err, tc.want) {
			t.Errorf("%v after curTime: %v, want %v", tc.after, err, tc.want)
		}
	}
}

// A token is for one app, one room, one user and one secret.
func TestBasicMismatch(t *testing.T) {
	for name, change := range map[string]func(*Subject, *string){
		"appkey":              func(s *Subject, _ *string) { s.AppKey = "c37bf7a8758a4ed00000000000000001" },
		"channel":             func(s *Subject, _ *string) { s.Channel = "room2" },
		"channel's case":      func(s *Subject, _ *string) { s.Channel = "Room1" },
		"uid":                 func(s *Subject, _ *string) { s.UID = "10001" },
		"no uid":              func(s *Subject, _ *string) { s.UID = "" },
		"uid, another number": func(s *Subject, _ *string) { s.UID = "010000" },
		"secret":              func(_ *Subject, k *string) { *k = "c00000000001" },
		"no secret":           func(_ *Subject, k *string) { *k = "" },
	} {
		s, secret := vector, vectorSecret
		change(&s, &secret)
		if _, err := CheckBasic(secret, s, vectorToken, vectorTime); !errors.Is(err, ErrMismatch) {
			t.Errorf("another %s: %v", name, err)
		}
	}
}

// Who joins without a uid has a token over 0 or over nothing, by the language of who made it.
func TestBasicWithoutUID(t *testing.T) {
	none, zero := vector, vector
	none.UID, zero.UID = "", "0"
	b := basic{CurTime: vectorTime.UnixMilli(), TTL: 60}
	for _, signed := range []string{"", "0"} {
		b.Signature = b.sign(vectorSecret, vector, signed)
		text := encode(t, fmt.Sprintf(`{"signature":%q,"curTime":%d,"ttl":%d}`, b.Signature, b.CurTime, b.TTL))
		for _, s := range []Subject{none, zero} {
			if _, err := CheckBasic(vectorSecret, s, text, vectorTime); err != nil {
				t.Errorf("signed over %q, joined as %q: %v", signed, s.UID, err)
			}
		}
		if _, err := CheckBasic(vectorSecret, vector, text, vectorTime); !errors.Is(err, ErrMismatch) {
			t.Errorf("signed over %q, joined as %q: %v", signed, vector.UID, err)
		}
	}
	for _, s := range []Subject{none, zero} {
		text, err := NewBasic(vectorSecret, s, vectorTime, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := CheckBasic(vectorSecret, none, text, vectorTime); err != nil {
			t.Error(err)
		}
	}
}

// Whatever byte of a token is changed into whatever other byte: it is not taken.
func TestBasicEveryByteCounts(t *testing.T) {
	for i := range len(vectorToken) {
		for c := range 256 {
			if byte(c) == vectorToken[i] {
				continue
			}
			changed := vectorToken[:i] + string([]byte{byte(c)}) + vectorToken[i+1:]
			if _, err := CheckBasic(vectorSecret, vector, changed, vectorTime); err == nil {
				t.Fatalf("byte %d as %#x is taken", i, c)
			}
		}
	}
}

func encode(t *testing.T, json string) string {
	t.Helper()
	return base64.StdEncoding.EncodeToString([]byte(json))
}

func TestBasicMalformed(t *testing.T) {
	const sig = "ef4f4a08c56fb9b9047916b6ebfadf95acd768eb"
	for name, text := range map[string]string{
		"empty":                  "",
		"not Base64":             "§",
		"without padding":        strings.TrimRight(vectorToken, "="),
		"with a line break":      vectorToken[:76] + "\r\n" + vectorToken[76:],
		"URL Base64":             "_" + vectorToken[1:],
		"too large":              strings.Repeat("A", MaxSize+4),
		"not JSON":               encode(t, "signature"),
		"a list":                 encode(t, `["`+sig+`",1693968975000,1800]`),
		"null":                   encode(t, `null`),
		"more behind":            encode(t, `{"signature":"`+sig+`","curTime":1693968975000,"ttl":1800}{}`),
		"white space around it":  encode(t, `{"signature":"`+sig+`","curTime":1693968975000,"ttl":1800}`+"\r"),
		"a tab within":           encode(t, `{"signature":"`+sig+"\",\t"+`"curTime":1693968975000,"ttl":1800}`),
		"nested too deep":        encode(t, strings.Repeat("[", 6000)),
		"no signature":           encode(t, `{"curTime":1693968975000,"ttl":1800}`),
		"signature is a number":  encode(t, `{"signature":1,"curTime":1693968975000,"ttl":1800}`),
		"signature is short":     encode(t, `{"signature":"`+sig[1:]+`","curTime":1693968975000,"ttl":1800}`),
		"name in other case":     encode(t, `{"Signature":"`+sig+`","curTime":1693968975000,"ttl":1800}`),
		"no time":                encode(t, `{"signature":"`+sig+`","ttl":1800}`),
		"time is a text":         encode(t, `{"signature":"`+sig+`","curTime":"1693968975000","ttl":1800}`),
		"time has an exponent":   encode(t, `{"signature":"`+sig+`","curTime":1693968975e3,"ttl":1800}`),
		"time is negative":       encode(t, `{"signature":"`+sig+`","curTime":-1,"ttl":1800}`),
		"time overflows":         encode(t, `{"signature":"`+sig+`","curTime":9223372036854775808,"ttl":1800}`),
		"time is no safe number": encode(t, `{"signature":"`+sig+`","curTime":9007199254740992,"ttl":1800}`),
		"no ttl":                 encode(t, `{"signature":"`+sig+`","curTime":1693968975000}`),
		"ttl 0":                  encode(t, `{"signature":"`+sig+`","curTime":1693968975000,"ttl":0}`),
		"ttl above a day":        encode(t, `{"signature":"`+sig+`","curTime":1693968975000,"ttl":86401}`),
		"ttl null":               encode(t, `{"signature":"`+sig+`","curTime":1693968975000,"ttl":null}`),
	} {
		if _, err := CheckBasic(vectorSecret, vector, text, vectorTime); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The same content in the ways of other JSON writers is fine.
	for _, text := range []string{
		`{"signature": "` + sig + `", "curTime": 1693968975000, "ttl": 1800}`,
		`{"ttl":1800,"curTime":1693968975000,"signature":"` + sig + `","more":[1]}`,
	} {
		if _, err := CheckBasic(vectorSecret, vector, encode(t, text), vectorTime); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestBasicCannotBeMade(t *testing.T) {
	for name, tc := range map[string]struct {
		secret string
		s      Subject
		now    time.Time
		ttl    time.Duration
	}{
		"no secret":       {"", vector, vectorTime, time.Hour},
		"no appkey":       {"s", Subject{Channel: "c"}, vectorTime, time.Hour},
		"long appkey":     {"s", Subject{AppKey: strings.Repeat("k", 65), Channel: "c"}, vectorTime, time.Hour},
		"no channel":      {"s", Subject{AppKey: "k"}, vectorTime, time.Hour},
		"long channel":    {"s", Subject{AppKey: "k", Channel: strings.Repeat("é", 33)}, vectorTime, time.Hour},
		"broken channel":  {"s", Subject{AppKey: "k", Channel: "\xff"}, vectorTime, time.Hour},
		"long uid":        {"s", Subject{AppKey: "k", Channel: "c", UID: strings.Repeat("u", 65)}, vectorTime, time.Hour},
		"uid with a line": {"s", Subject{AppKey: "k", Channel: "c", UID: "1\n2"}, vectorTime, time.Hour},
		"no ttl":          {"s", vector, vectorTime, 0},
		"part of seconds": {"s", vector, vectorTime, 1500 * time.Millisecond},
		"ttl above a day": {"s", vector, vectorTime, MaxTTL + time.Second},
		"before 1970":     {"s", vector, time.UnixMilli(-1), time.Hour},
	} {
		if text, err := NewBasic(tc.secret, tc.s, tc.now, tc.ttl); !errors.Is(err, ErrSubject) || text != "" {
			t.Errorf("%s: %q, %v", name, text, err)
		}
		if tc.ttl > MaxTTL {
			continue // a permission key may last
		}
		if text, err := NewPermkey(tc.secret, tc.s, Everything, tc.now, tc.ttl); !errors.Is(err, ErrSubject) || text != "" {
			t.Errorf("permission key, %s: %q, %v", name, text, err)
		}
	}
}

// checkError says what is wrong with the error of a check: it has one of four kinds, and
// nothing of a secret.
func checkError(err error, secrets ...string) string {
	kinds := 0
	for _, k := range []error{ErrMalformed, ErrMismatch, ErrExpired, ErrFuture} {
		if errors.Is(err, k) {
			kinds++
		}
	}
	if kinds != 1 {
		return fmt.Sprintf("has %d kinds", kinds)
	}
	for _, s := range secrets {
		if s != "" && strings.Contains(err.Error(), s) {
			return "tells a secret"
		}
	}
	return ""
}

func FuzzBasic(f *testing.F) {
	f.Add(vectorToken, int64(0))
	f.Add(base64.StdEncoding.EncodeToString([]byte(`{"signature":null,"curTime":00,"ttl":{}}`)), int64(1800001))
	f.Fuzz(func(t *testing.T, text string, after int64) {
		now := vectorTime.Add(time.Duration(after%1e9) * time.Millisecond)
		end, err := CheckBasic(vectorSecret, vector, text, now)
		if err == nil {
			// Only another way to write the same three values passes.
			if b, err := parseBasic(text); err != nil || b.Signature != b.sign(vectorSecret, vector, vector.UID) || end.Before(now) {
				t.Errorf("%q is taken until %v", text, end)
			}
			return
		}
		if what := checkError(err, vectorSecret); what != "" || !end.IsZero() {
			t.Errorf("%v %s", err, what)
		}
	})
}
