package app

import (
	"cmp"
	"time"

	"nertc/gateway/token"
	"nertc/internal/errcode"
)

// PassRenewal is the age at which a member is to have another pass, so that each is good
// for at least as long again.
const PassRenewal = token.PassTTL / 2

// Pass makes what lets a member back into its room with the rights that it has, whatever
// has become of its token and of this gateway meanwhile: the token may have been made for
// whoever has no uid yet, or its time may be over. Empty for an app that has no secret to
// sign with: it needs none.
func (a *Apps) Pass(appKey, channel, uid string, g Grant) string {
	app := a.byKey[appKey]
	secret := app.passSecret()
	if secret == "" {
		return ""
	}
	s := token.Subject{AppKey: appKey, Channel: channel, UID: uid}
	text, err := token.NewPass(secret, s, token.Grant{Privilege: g.Privilege, Expires: g.Expires}, a.now())
	if err != nil {
		return "" // a join with such names is refused before
	}
	return text
}

// checkPass takes a pass in the place of token and permission key. Whoever has one was in
// the room, so it may be made once more should it be gone. Without a good one the
// others decide.
func (a *App) checkPass(s token.Subject, text string, now time.Time) (Grant, bool) {
	if text == "" {
		return Grant{}, false
	}
	g, err := token.CheckPass(a.passSecret(), s, text, now)
	if err != nil || !g.Privilege.Has(token.JoinRoom) {
		return Grant{}, false
	}
	return Grant{Privilege: g.Privilege | token.CreateRoom, Expires: g.Expires}, true
}

func (a *App) passSecret() string { return string(cmp.Or(a.AppSecret, a.PermSecret)) }

// Permkey checks another permission key for a member who is in a room already, and gives
// what it permits; the error is a *Refusal. joinedAs is the uid that the member joined
// with, empty where the gateway has assigned uid: the key may be for either.
func (a *Apps) Permkey(appKey, channel, uid, joinedAs, permkey string) (Grant, error) {
	app := a.byKey[appKey]
	if permkey == "" {
		return Grant{}, badToken(token.ErrMalformed)
	}
	s := token.Subject{AppKey: appKey, Channel: channel, UID: uid}
	g, limited, err := app.checkPermkey(s, permkey, a.now())
	if err != nil && joinedAs != uid {
		s.UID = joinedAs
		if g2, limited2, err2 := app.checkPermkey(s, permkey, a.now()); err2 == nil {
			g, limited, err = g2, limited2, nil
		}
	}
	switch {
	case err != nil:
		return Grant{}, err
	case !limited:
		return Grant{Privilege: token.Everything}, nil
	case !g.Privilege.Has(token.JoinRoom):
		return Grant{}, &Refusal{Code: int(errcode.Unauthorized), Reason: ReasonNoJoin}
	}
	return g, nil
}
