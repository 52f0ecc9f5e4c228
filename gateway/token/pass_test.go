package token

import (
	"errors"
	"strings"
	"testing"
	"time"
)

const passSecret = "c00000000000"

func newPass(t testing.TB, s Subject, g Grant, at time.Time) string {
	t.Helper()
	text, err := NewPass(passSecret, s, g, at)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestPassThereAndBack(t *testing.T) {
	for _, uid := range []string{"10000", "007", "alice & <bob>", "用户"} {
		s := vector
		s.UID = uid
		for _, g := range []Grant{
			{Privilege: Everything},
			{Privilege: JoinRoom | ReceiveAudio, Expires: vectorTime.Add(time.Hour)},
			{Privilege: Everything, Expires: vectorTime},
			{},
		} {
			got, err := CheckPass(passSecret, s, newPass(t, s, g, vectorTime), vectorTime)
			if err != nil || got.Privilege != g.Privilege || !got.Expires.Equal(g.Expires) {
				t.Errorf("%s: %+v came back as %+v, %v", uid, g, got, err)
			}
		}
	}
}

func TestPassTime(t *testing.T) {
	unlimited := newPass(t, vector, Grant{Privilege: Everything}, vectorTime)
	limited := newPass(t, vector, Grant{Privilege: Everything, Expires: vectorTime.Add(time.Minute)}, vectorTime)
	for _, tc := range []struct {
		text  string
		after time.Duration
		want  error
	}{
		{unlimited, -MaxAhead - time.Second, ErrFuture}, {unlimited, -MaxAhead, nil}, {unlimited, PassTTL, nil},
		{unlimited, PassTTL + time.Millisecond, ErrExpired},
		{limited, time.Minute, nil}, {limited, time.Minute + time.Millisecond, ErrExpired},
	} {
		if _, err := CheckPass(passSecret, vector, tc.text, vectorTime.Add(tc.after)); !errors.Is(err, tc.want) {
			t.Errorf("%v later: %v, want %v", tc.after, err, tc.want)
		}
	}
}

func TestPassOfSomebodyElse(t *testing.T) {
	text := newPass(t, vector, Grant{Privilege: Everything}, vectorTime)
	for name, change := range map[string]func(*Subject, *string){
		"appkey":  func(s *Subject, _ *string) { s.AppKey += "0" },
		"channel": func(s *Subject, _ *string) { s.Channel = "room2" },
		"uid":     func(s *Subject, _ *string) { s.UID = "1" },
		"no uid":  func(s *Subject, _ *string) { s.UID = "" },
		// What signs a pass and what signs a token or a permission key never mix.
		"secret":    func(_ *Subject, k *string) { *k += "0" },
		"no secret": func(_ *Subject, k *string) { *k = "" },
		// Nothing moves over from one part to the next.
		"shifted": func(s *Subject, _ *string) { s.AppKey, s.Channel = s.AppKey[:31], s.AppKey[31:]+s.Channel },
	} {
		s, secret := vector, passSecret
		change(&s, &secret)
		if _, err := CheckPass(secret, s, text, vectorTime); !errors.Is(err, ErrMismatch) {
			t.Errorf("another %s: %v", name, err)
		}
	}
}

// No byte of it can be another.
func TestPassChanged(t *testing.T) {
	text := newPass(t, vector, Grant{Privilege: JoinRoom, Expires: vectorTime.Add(time.Hour)}, vectorTime)
	for i := range text {
		other := byte('A')
		if text[i] == other {
			other = 'B'
		}
		if _, err := CheckPass(passSecret, vector, text[:i]+string(other)+text[i+1:], vectorTime); err == nil {
			t.Errorf("changed at %d and still good", i)
		}
	}
}

func TestPassMalformed(t *testing.T) {
	text := newPass(t, vector, Grant{}, vectorTime)
	for _, bad := range []string{"", "x", text[1:], text[:len(text)-1], text + "A", text + "\n", "\n" + text[1:], strings.Repeat(text, 1000)} {
		if _, err := CheckPass(passSecret, vector, bad, vectorTime); !errors.Is(err, ErrMalformed) {
			t.Errorf("%.80q: %v", bad, err)
		}
	}
}

func TestPassForNobody(t *testing.T) {
	for _, s := range []Subject{{}, {AppKey: "a", Channel: "c"}, {AppKey: "a", Channel: "c", UID: "0"}} {
		if _, err := NewPass(passSecret, s, Grant{}, vectorTime); !errors.Is(err, ErrSubject) {
			t.Errorf("%+v: %v", s, err)
		}
	}
	if _, err := NewPass("", vector, Grant{}, vectorTime); !errors.Is(err, ErrSubject) {
		t.Errorf("without a secret: %v", err)
	}
}

func FuzzPass(f *testing.F) {
	f.Add(newPass(f, vector, Grant{Privilege: Everything}, vectorTime))
	f.Add("")
	good := newPass(f, vector, Grant{Privilege: Everything}, vectorTime)
	f.Fuzz(func(t *testing.T, text string) {
		g, err := CheckPass(passSecret, vector, text, vectorTime)
		if err == nil && text != good || err != nil && g != (Grant{}) {
			t.Errorf("%q grants %+v, %v", text, g, err)
		}
	})
}
