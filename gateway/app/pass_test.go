package app

import (
	"errors"
	"testing"
	"time"

	"nertc/gateway/token"
)

// Another gateway of the same apps, later: it remembers nothing.
func later(d time.Duration, change func(*App)) *Apps {
	a := apps(change)
	a.now = func() time.Time { return now.Add(d) }
	return a
}

func TestPassLetsBackIn(t *testing.T) {
	limited := Grant{Privilege: token.JoinRoom | token.ReceiveAudio, Expires: now.Add(time.Hour)}
	for name, tc := range map[string]struct {
		app    func(*App)
		grant  Grant
		change func(*Request)
		after  time.Duration
		want   token.Privilege // 0: the token decides, and there is none
	}{
		"a uid that the gateway assigned": {nil, Grant{Privilege: token.Everything}, nil, time.Minute, token.Everything},
		"the rights of a key, and to make the room": {nil, limited, nil, time.Minute,
			token.JoinRoom | token.ReceiveAudio | token.CreateRoom},
		"where a key is wanted": {func(a *App) { a.RequirePermkey = true }, limited, nil, time.Minute,
			token.JoinRoom | token.ReceiveAudio | token.CreateRoom},
		"beside a token that is over": {nil, Grant{Privilege: token.Everything}, func(r *Request) {
			r.Token = basic(t, secret, r.subject(), now.Add(-time.Hour), time.Minute)
		}, time.Minute, token.Everything},
		"to the end":           {nil, Grant{Privilege: token.Everything}, nil, token.PassTTL, token.Everything},
		"after it":             {nil, Grant{Privilege: token.Everything}, nil, token.PassTTL + time.Second, 0},
		"after the key's end":  {nil, Grant{token.Everything, now.Add(time.Minute)}, nil, 2 * time.Minute, 0},
		"another's":            {nil, Grant{Privilege: token.Everything}, func(r *Request) { r.UID = "8" }, 0, 0},
		"without a uid":        {nil, Grant{Privilege: token.Everything}, func(r *Request) { r.UID = "" }, 0, 0},
		"another room's":       {nil, Grant{Privilege: token.Everything}, func(r *Request) { r.Channel = "hall" }, 0, 0},
		"changed":              {nil, Grant{Privilege: token.Everything}, func(r *Request) { r.Pass = "B" + r.Pass[1:] }, 0, 0},
		"another secret's":     {func(a *App) { a.AppSecret = "other" }, Grant{Privilege: token.Everything}, nil, 0, 0},
		"of rights to nothing": {nil, Grant{}, nil, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := request()
			r.Pass = apps(nil).Pass(r.AppKey, r.Channel, r.UID, tc.grant)
			if tc.change != nil {
				tc.change(&r)
			}
			g, err := later(tc.after, tc.app).Authorize(r)
			if tc.want == 0 {
				var refusal *Refusal
				if !errors.As(err, &refusal) || refusal.Code != 403 {
					t.Fatalf("%+v, %v", g, err)
				}
				return
			}
			if err != nil || g.Privilege != tc.want || !g.Expires.Equal(tc.grant.Expires) {
				t.Errorf("%+v, %v", g, err)
			}
		})
	}
}

func TestBadPassLeavesItToTheToken(t *testing.T) {
	r := request()
	r.Pass, r.Token = "x", basic(t, secret, r.subject(), now, time.Hour)
	if g, err := apps(nil).Authorize(r); err != nil || g.Privilege != token.Everything {
		t.Errorf("%+v, %v", g, err)
	}
	r.Token = "x"
	var refusal *Refusal
	if g, err := apps(nil).Authorize(r); !errors.As(err, &refusal) || refusal.Code != 414 {
		t.Errorf("%+v, %v", g, err)
	}
}

func TestPassIsNoWayAroundTheOrigin(t *testing.T) {
	r := request()
	r.Pass, r.Origin, r.Host = apps(nil).Pass(r.AppKey, r.Channel, r.UID, Grant{Privilege: token.Everything}), "https://evil.example", "g.example"
	if g, err := apps(nil).Authorize(r); err == nil {
		t.Errorf("%+v", g)
	}
}

func TestPassWhereNobodySigns(t *testing.T) {
	for _, key := range []string{"open", "unknown"} {
		if p := apps(nil).Pass(key, "room", "7", Grant{Privilege: token.Everything}); p != "" {
			t.Errorf("%s has a pass: %s", key, p)
		}
	}
	if p := New(nil).Pass("any", "room", "7", Grant{Privilege: token.Everything}); p != "" {
		t.Errorf("without apps: %s", p)
	}
	// What nobody has signed opens nothing.
	r := Request{AppKey: "open", Channel: "room", UID: "7", Pass: "x", Permkey: "x"}
	if g, err := apps(nil).Authorize(r); err != nil || g.Privilege != token.Everything {
		t.Errorf("%+v, %v", g, err)
	}
}

func TestPermkeyOfAMember(t *testing.T) {
	key := func(uid string, p token.Privilege, ttl time.Duration) string {
		return permkey(t, permSecret, token.Subject{AppKey: "secure", Channel: "room", UID: uid}, p, now, ttl)
	}
	for name, tc := range map[string]struct {
		key, joinedAs string
		code          int
		want          token.Privilege
	}{
		"own":                       {key("7", 37, time.Hour), "7", 0, 37},
		"own, of an assigned uid":   {key("7", 37, time.Hour), "", 0, 37},
		"for whoever has no uid":    {key("", 37, time.Hour), "", 0, 37},
		"the same, with a uid":      {key("", 37, time.Hour), "7", 414, 0},
		"another's":                 {key("8", 37, time.Hour), "", 414, 0},
		"without the right to join": {key("7", 5, time.Hour), "7", 403, 0},
		"nothing":                   {"", "7", 414, 0},
		"nonsense":                  {"x", "7", 414, 0},
	} {
		t.Run(name, func(t *testing.T) {
			g, err := apps(nil).Permkey("secure", "room", "7", tc.joinedAs, tc.key)
			var refusal *Refusal
			errors.As(err, &refusal)
			if (refusal == nil) != (tc.code == 0) || refusal != nil && refusal.Code != tc.code || g.Privilege != tc.want {
				t.Errorf("%+v, %v", g, err)
			}
		})
	}
	if g, err := apps(nil).Permkey("open", "room", "7", "7", "x"); err != nil || g.Privilege != token.Everything {
		t.Errorf("where nobody can check: %+v, %v", g, err)
	}
}
