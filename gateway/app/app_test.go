package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"nertc/gateway/token"
)

const (
	secret     = "hunter2hunter2"
	permSecret = "swordfish"
)

var now = time.UnixMilli(1693968975000)

// secure is the app that most tests are about.
var secure = App{AppKey: "secure", AppSecret: secret, PermSecret: permSecret, SecureMode: true}

func apps(change func(*App)) *Apps {
	s := secure
	if change != nil {
		change(&s)
	}
	a := New([]App{s, {AppKey: "open"}, {AppKey: "listed", AllowedOrigins: []string{"https://good.example"}}})
	a.now = func() time.Time { return now }
	return a
}

func request() Request { return Request{AppKey: "secure", Channel: "room", UID: "7"} }

func (r Request) subject() token.Subject {
	return token.Subject{AppKey: r.AppKey, Channel: r.Channel, UID: r.UID}
}

func basic(t *testing.T, secret string, s token.Subject, at time.Time, ttl time.Duration) string {
	t.Helper()
	text, err := token.NewBasic(secret, s, at, ttl)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func permkey(t *testing.T, secret string, s token.Subject, p token.Privilege, at time.Time, ttl time.Duration) string {
	t.Helper()
	text, err := token.NewPermkey(secret, s, p, at, ttl)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Every way in which a join can be refused, with what the client is told and what the log is.
func TestRefusals(t *testing.T) {
	good := basic(t, secret, request().subject(), now, time.Hour)
	goodKey := permkey(t, permSecret, request().subject(), token.Everything, now, time.Hour)
	of := func(change func(*token.Subject)) token.Subject {
		s := request().subject()
		change(&s)
		return s
	}
	otherUID := of(func(s *token.Subject) { s.UID = "8" })
	otherRoom := of(func(s *token.Subject) { s.Channel = "Room" })
	otherApp := of(func(s *token.Subject) { s.AppKey = "open" })
	for name, tc := range map[string]struct {
		app    func(*App)
		change func(*Request)
		code   int
		reason string
		cause  error
	}{
		"unknown appkey":        {nil, func(r *Request) { r.AppKey = "other" }, 404, "appkey unknown", nil},
		"appkey in other case":  {nil, func(r *Request) { r.AppKey = "Secure" }, 404, "appkey unknown", nil},
		"no token":              {nil, func(*Request) {}, 403, "netcall.g2 unsafe mode is closed, please contact business!", nil},
		"permission key alone":  {nil, func(r *Request) { r.Permkey = goodKey }, 403, "netcall.g2 unsafe mode is closed, please contact business!", nil},
		"nonsense":              {nil, func(r *Request) { r.Token = "x" }, 414, "check checksum error", token.ErrMalformed},
		"a byte changed":        {nil, func(r *Request) { r.Token = good[:30] + "A" + good[31:] }, 414, "check checksum error", token.ErrMismatch},
		"too large":             {nil, func(r *Request) { r.Token = strings.Repeat("A", token.MaxSize+4) }, 414, "check checksum error", token.ErrMalformed},
		"expired":               {nil, func(r *Request) { r.Token = basic(t, secret, r.subject(), now.Add(-time.Hour), time.Minute) }, 414, "check checksum error", token.ErrExpired},
		"from the future":       {nil, func(r *Request) { r.Token = basic(t, secret, r.subject(), now.Add(61*time.Second), time.Minute) }, 414, "check checksum error", token.ErrFuture},
		"another uid's":         {nil, func(r *Request) { r.Token = basic(t, secret, otherUID, now, time.Hour) }, 414, "check checksum error", token.ErrMismatch},
		"a uid's, without one":  {nil, func(r *Request) { r.Token, r.UID = good, "" }, 414, "check checksum error", token.ErrMismatch},
		"another room's":        {nil, func(r *Request) { r.Token = basic(t, secret, otherRoom, now, time.Hour) }, 414, "check checksum error", token.ErrMismatch},
		"another app's":         {nil, func(r *Request) { r.Token = basic(t, secret, otherApp, now, time.Hour) }, 414, "check checksum error", token.ErrMismatch},
		"another secret's":      {nil, func(r *Request) { r.Token = basic(t, permSecret, r.subject(), now, time.Hour) }, 414, "check checksum error", token.ErrMismatch},
		"permission key for it": {nil, func(r *Request) { r.Token = goodKey }, 414, "check checksum error", token.ErrMalformed},
		"checked in debug mode": {func(a *App) { a.SecureMode = false }, func(r *Request) { r.Token = "x" }, 414, "check checksum error", token.ErrMalformed},
		"secure without secret": {func(a *App) { a.AppSecret = "" }, func(r *Request) { r.Token = good }, 414, "check checksum error", nil},

		"permission key nonsense":       {nil, func(r *Request) { r.Token, r.Permkey = good, "x" }, 414, "check checksum error", token.ErrMalformed},
		"permission key in debug mode":  {func(a *App) { a.SecureMode = false }, func(r *Request) { r.Permkey = "x" }, 414, "check checksum error", token.ErrMalformed},
		"permission key of app secret":  {nil, func(r *Request) { r.Token, r.Permkey = good, permkey(t, secret, r.subject(), 63, now, time.Hour) }, 414, "check checksum error", token.ErrMismatch},
		"permission key of another uid": {nil, func(r *Request) { r.Token, r.Permkey = good, permkey(t, permSecret, otherUID, 63, now, time.Hour) }, 414, "check checksum error", token.ErrMismatch},
		"permission key expired": {nil, func(r *Request) {
			r.Token, r.Permkey = good, permkey(t, permSecret, r.subject(), 63, now.Add(-time.Hour), time.Minute)
		}, 414, "check checksum error", token.ErrExpired},
		"permission key from the future": {nil, func(r *Request) {
			r.Token, r.Permkey = good, permkey(t, permSecret, r.subject(), 63, now.Add(time.Hour), time.Minute)
		}, 414, "check checksum error", token.ErrFuture},
		"permission key that nobody can check": {func(a *App) { a.PermSecret = "" }, func(r *Request) { r.Token, r.Permkey = good, goodKey }, 414, "check checksum error", nil},
		"permission key missing":               {func(a *App) { a.RequirePermkey = true }, func(r *Request) { r.Token = good }, 403, "the app wants a permission key", nil},
		"permission key without join": {nil, func(r *Request) {
			r.Token, r.Permkey = good, permkey(t, permSecret, r.subject(), token.Everything&^token.JoinRoom, now, time.Hour)
		}, 403, "the permission key does not permit to join", nil},

		"origin":        {nil, func(r *Request) { r.AppKey, r.Origin, r.Host = "listed", "https://evil.example", "g.example" }, 403, "this origin may not use the app", nil},
		"opaque origin": {nil, func(r *Request) { r.AppKey, r.Origin, r.Host = "listed", "null", "g.example" }, 403, "this origin may not use the app", nil},
		"no list":       {nil, func(r *Request) { r.AppKey, r.Origin, r.Host = "open", "https://good.example", "g.example" }, 403, "this origin may not use the app", nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := request()
			tc.change(&r)
			g, err := apps(tc.app).Authorize(r)
			var refusal *Refusal
			if !errors.As(err, &refusal) || g != (Grant{}) {
				t.Fatalf("%+v, %v", g, err)
			}
			if refusal.Code != tc.code || refusal.Reason != tc.reason || !errors.Is(err, tc.cause) && tc.cause != nil {
				t.Errorf("%v (%v), want %d, %s (%v)", refusal, refusal.Cause, tc.code, tc.reason, tc.cause)
			}
			for _, s := range []string{secret, permSecret, r.Token, r.Permkey} {
				if len(s) > 1 && strings.Contains(err.Error(), s) {
					t.Errorf("%q tells too much", err)
				}
			}
		})
	}
}

func TestGrants(t *testing.T) {
	everything := Grant{Privilege: token.Everything}
	for name, tc := range map[string]struct {
		app    func(*App)
		change func(*Request)
		want   Grant
	}{
		"token": {nil, func(r *Request) { r.Token = basic(t, secret, r.subject(), now, time.Hour) }, everything},
		"clock a little behind": {nil, func(r *Request) {
			r.Token = basic(t, secret, r.subject(), now.Add(time.Minute), time.Hour)
		}, everything},
		"without uid":       {nil, func(r *Request) { r.UID = ""; r.Token = basic(t, secret, r.subject(), now, time.Hour) }, everything},
		"secure mode off":   {func(a *App) { a.SecureMode = false }, func(*Request) {}, everything},
		"no secret":         {nil, func(r *Request) { r.AppKey = "open" }, everything},
		"no secret, token":  {nil, func(r *Request) { r.AppKey, r.Token = "open", "whatever" }, everything},
		"no secret, key":    {nil, func(r *Request) { r.AppKey, r.Permkey = "open", "whatever" }, everything},
		"listed origin":     {nil, func(r *Request) { r.AppKey, r.Origin = "listed", "https://good.example" }, everything},
		"gateway's origin":  {nil, func(r *Request) { r.AppKey, r.Origin, r.Host = "listed", "https://g.example", "g.example" }, everything},
		"no browser":        {nil, func(r *Request) { r.AppKey = "listed" }, everything},
		"full key":          {nil, both(t, token.Everything), Grant{token.Everything, now.Add(time.Hour)}},
		"audience's key":    {nil, both(t, token.JoinRoom|token.ReceiveAudio|token.ReceiveVideo), Grant{44, now.Add(time.Hour)}},
		"key that does it":  {func(a *App) { a.RequirePermkey = true }, both(t, token.JoinRoom), Grant{32, now.Add(time.Hour)}},
		"key in debug mode": {func(a *App) { a.SecureMode = false }, keyOnly(t, token.JoinRoom), Grant{32, now.Add(time.Hour)}},
	} {
		t.Run(name, func(t *testing.T) {
			r := request()
			tc.change(&r)
			g, err := apps(tc.app).Authorize(r)
			if err != nil || g.Privilege != tc.want.Privilege || !g.Expires.Equal(tc.want.Expires) {
				t.Errorf("%+v, %v, want %+v", g, err, tc.want)
			}
		})
	}
	if g, err := New(nil).Authorize(Request{AppKey: "any", Origin: "https://any.example", Token: "x", Permkey: "x"}); err != nil || g != everything {
		t.Errorf("without apps: %+v, %v", g, err)
	}
}

func both(t *testing.T, p token.Privilege) func(*Request) {
	return func(r *Request) {
		r.Token = basic(t, secret, r.subject(), now, time.Hour)
		keyOnly(t, p)(r)
	}
}

func keyOnly(t *testing.T, p token.Privilege) func(*Request) {
	return func(r *Request) { r.Permkey = permkey(t, permSecret, r.subject(), p, now, time.Hour) }
}

// However an app is printed, its secrets are not.
func TestSecretsAreNotPrinted(t *testing.T) {
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "app", secure, "secret", secure.AppSecret)
	j, err := json.Marshal(secure)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		log.String(), string(j), fmt.Sprint(secure), fmt.Sprintf("%+v %#v %s %q", secure, secure, secure.AppSecret, secure.AppSecret),
	} {
		if strings.Contains(text, secret) || strings.Contains(text, permSecret) {
			t.Errorf("the secret is in %s", text)
		}
	}
}
