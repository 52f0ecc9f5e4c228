package token

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

const permSecret = "9d1bf0f1a7a0498c"

func pack(t testing.TB, text string) string {
	t.Helper()
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return permkeyEncoding().EncodeToString(z.Bytes())
}

// The form, part by part, made here without the package's own code. The checksum is that
// of `printf 'appkey:…\n…' | openssl dgst -sha256 -hmac 9d1bf0f1a7a0498c -binary | base64`.
func TestPermkeyForm(t *testing.T) {
	text, err := NewPermkey(permSecret, vector, SendAudio|ReceiveAudio|JoinRoom, vectorTime, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(text, "+/=") {
		t.Errorf("not safe in an address: %s", text)
	}
	packed, err := permkeyEncoding().DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	raw, ok := inflate(packed)
	const want = `{"appkey":"c37bf7a8758a4ed00000000000000000","checksum":"R9p+sXKcNx3pStmjxvP+kW8rd4ku9krOKkDnaHTfDcg=",` +
		`"cname":"room1","curTime":1693968975,"expireTime":3600,"privilege":37,"uid":10000}`
	if !ok || string(raw) != want {
		t.Errorf("content\n%s\nwant\n%s", raw, want)
	}
	g, err := CheckPermkey(permSecret, vector, text, vectorTime)
	if err != nil || g.Privilege != 37 || !g.Expires.Equal(vectorTime.Add(time.Hour)) {
		t.Errorf("checked: %+v, %v", g, err)
	}
}

func TestPermkeyEncoding(t *testing.T) {
	if got := permkeyEncoding().EncodeToString([]byte{0xfb, 0xff, 0xfe, 0xff}); got != "*--*-w__" {
		t.Errorf("got %s", got)
	}
}

func TestPermkeyTime(t *testing.T) {
	text, err := NewPermkey(permSecret, vector, Everything, vectorTime, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		after time.Duration
		want  error
	}{
		{-MaxAhead - time.Second, ErrFuture}, {-MaxAhead, nil}, {0, nil}, {time.Hour, nil},
		{time.Hour + time.Millisecond, ErrExpired},
	} {
		if _, err := CheckPermkey(permSecret, vector, text, vectorTime.Add(tc.after)); !errors.Is(err, tc.want) {
			t.Errorf("%v after curTime: %v, want %v", tc.after, err, tc.want)
		}
	}
	// The longest one there is ends in 2091, and nothing overflows.
	text, err = NewPermkey(permSecret, vector, 0, vectorTime, (1<<31-1)*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if g, err := CheckPermkey(permSecret, vector, text, vectorTime); err != nil || g.Expires.Year() != 2091 || g.Privilege != 0 {
		t.Errorf("%+v, %v", g, err)
	}
}

func TestPermkeyMismatch(t *testing.T) {
	text, err := NewPermkey(permSecret, vector, Everything, vectorTime, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Subject, *string){
		"appkey":  func(s *Subject, _ *string) { s.AppKey += "0" },
		"channel": func(s *Subject, _ *string) { s.Channel = "room2" },
		"uid":     func(s *Subject, _ *string) { s.UID = "1" },
		"no uid":  func(s *Subject, _ *string) { s.UID = "" },
		"secret":  func(_ *Subject, k *string) { *k += "0" },
	} {
		s, secret := vector, permSecret
		change(&s, &secret)
		if _, err := CheckPermkey(secret, s, text, vectorTime); !errors.Is(err, ErrMismatch) {
			t.Errorf("another %s: %v", name, err)
		}
	}
}

// The uid is a number or a text in the key; for whoever has none it is 0 or nothing.
func TestPermkeyUID(t *testing.T) {
	content := func(written, signed string) string {
		k := permkey{AppKey: vector.AppKey, Channel: vector.Channel, CurTime: vectorTime.Unix(), ExpireTime: 60, Privilege: 63}
		return pack(t, fmt.Sprintf(`{"appkey":%q,"checksum":%q,"cname":%q,"curTime":%d,"expireTime":60,"privilege":63,"uid":%s}`,
			k.AppKey, k.sum(permSecret, signed), k.Channel, k.CurTime, written))
	}
	for _, tc := range []struct {
		written, signed, joined string
		want                    error
	}{
		{"10000", "10000", "10000", nil},
		{`"10000"`, "10000", "10000", nil},
		{`"alice"`, "alice", "alice", nil},
		{`"007"`, "007", "007", nil},
		{`"007"`, "007", "7", ErrMismatch},
		{"0", "0", "", nil},
		{`""`, "", "", nil},
		{`"0"`, "0", "", nil},
		{"0", "0", "1", ErrMismatch},
		{"1", "2", "1", ErrMismatch},
		{"1", "2", "2", ErrMismatch},
		{"1.5", "1.5", "1.5", ErrMalformed},
		{"-1", "-1", "-1", ErrMalformed},
		{"true", "true", "true", ErrMalformed},
		{`"1\ncurTime:0"`, "1\ncurTime:0", "1\ncurTime:0", ErrMalformed},
	} {
		s := vector
		s.UID = tc.joined
		if _, err := CheckPermkey(permSecret, s, content(tc.written, tc.signed), vectorTime); !errors.Is(err, tc.want) {
			t.Errorf("%+v: %v", tc, err)
		}
	}
	for _, uid := range []string{"", "0", "7", "007", "9007199254740993", "alice & <bob>", "用户"} {
		s := vector
		s.UID = uid
		text, err := NewPermkey(permSecret, s, Everything, vectorTime, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := CheckPermkey(permSecret, s, text, vectorTime); err != nil {
			t.Errorf("%q: %v", uid, err)
		}
	}
}

func TestPermkeyMalformed(t *testing.T) {
	const rest = `"appkey":"a","checksum":"c","cname":"r"`
	packed := pack(t, `{`+rest+`,"curTime":1,"expireTime":1,"privilege":1,"uid":1}`)
	if _, _, err := parsePermkey(packed); err != nil {
		t.Fatalf("the sound one: %v", err)
	}
	raw, err := permkeyEncoding().DecodeString(packed)
	if err != nil {
		t.Fatal(err)
	}
	recode := func(b []byte) string { return permkeyEncoding().EncodeToString(b) }
	for name, text := range map[string]string{
		"empty":               "",
		"not Base64":          "???",
		"standard Base64":     "eNq+",
		"too large":           strings.Repeat("A", MaxSize+4),
		"not zlib":            recode([]byte(`{"appkey":"a"}`)),
		"cut":                 recode(raw[:len(raw)-5]),
		"wrong sum of zlib":   recode(append(raw[:len(raw)-1:len(raw)-1], raw[len(raw)-1]^1)),
		"more behind":         recode(append(raw[:len(raw):len(raw)], 0)),
		"a bomb":              pack(t, `{`+rest+strings.Repeat(" ", 1<<20)+`}`),
		"not JSON":            pack(t, "appkey"),
		"null":                pack(t, "null"),
		"no appkey":           pack(t, `{"checksum":"c","cname":"r","curTime":1,"expireTime":1,"privilege":1,"uid":1}`),
		"appkey is a number":  pack(t, `{"appkey":1,"checksum":"c","cname":"r","curTime":1,"expireTime":1,"privilege":1,"uid":1}`),
		"appkey with a line":  pack(t, `{"appkey":"a\nb","checksum":"c","cname":"r","curTime":1,"expireTime":1,"privilege":1,"uid":1}`),
		"time is a text":      pack(t, `{`+rest+`,"curTime":"1","expireTime":1,"privilege":1,"uid":1}`),
		"time in ms overflow": pack(t, `{`+rest+`,"curTime":9007199254740991,"expireTime":1,"privilege":1,"uid":1}`),
		"no duration":         pack(t, `{`+rest+`,"curTime":1,"expireTime":0,"privilege":1,"uid":1}`),
		"duration too long":   pack(t, `{`+rest+`,"curTime":1,"expireTime":2147483648,"privilege":1,"uid":1}`),
		"no privilege":        pack(t, `{`+rest+`,"curTime":1,"expireTime":1,"uid":1}`),
		"privilege negative":  pack(t, `{`+rest+`,"curTime":1,"expireTime":1,"privilege":-1,"uid":1}`),
		"no uid":              pack(t, `{`+rest+`,"curTime":1,"expireTime":1,"privilege":1}`),
	} {
		if _, err := CheckPermkey(permSecret, vector, text, vectorTime); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPrivilege(t *testing.T) {
	for _, tc := range []struct {
		text string
		want Privilege
		back string
	}{
		{"send-audio", 1, "send-audio"}, {"send-video", 2, "send-video"}, {"receive-audio", 4, "receive-audio"},
		{"receive-video", 8, "receive-video"}, {"create-room", 16, "create-room"}, {"join", 32, "join"},
		{"join, send-audio,join", 33, "send-audio,join"}, {"none", 0, "none"},
		{"all", 63, "send-audio,send-video,receive-audio,receive-video,create-room,join"},
	} {
		p, err := ParsePrivilege(tc.text)
		if err != nil || p != tc.want || p.String() != tc.back {
			t.Errorf("%q: %d %s, %v", tc.text, p, p, err)
		}
	}
	for _, text := range []string{"", "sing", "send-audio,", "all,join"} {
		if _, err := ParsePrivilege(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
	if !Everything.Has(SendAudio|JoinRoom) || SendAudio.Has(SendAudio|JoinRoom) {
		t.Error("Has is wrong")
	}
}

func FuzzPermkey(f *testing.F) {
	text, err := NewPermkey(permSecret, vector, Everything, vectorTime, time.Hour)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add(pack(f, `{"appkey":"a","checksum":"c","cname":"r","curTime":1,"expireTime":1,"privilege":1,"uid":"1"}`))
	f.Add(pack(f, `[]`))
	f.Fuzz(func(t *testing.T, text string) {
		g, err := CheckPermkey(permSecret, vector, text, vectorTime)
		if err == nil {
			if g.Privilege != Everything || !g.Expires.Equal(vectorTime.Add(time.Hour)) {
				t.Errorf("%q grants %+v", text, g)
			}
			return
		}
		if what := checkError(err, permSecret); what != "" || g != (Grant{}) {
			t.Errorf("%v %s", err, what)
		}
	})
}
