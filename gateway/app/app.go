// Package app holds the applications of a gateway and decides who may join their rooms,
// and what with.
package app

import (
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"nertc/gateway/origin"
	"nertc/gateway/token"
	"nertc/internal/errcode"
)

// Reasons of refusals. The first two are documented: pages look for them.
const (
	ReasonNoToken    = "netcall.g2 unsafe mode is closed, please contact business!"
	ReasonBadToken   = "check checksum error"
	ReasonUnknown    = "appkey unknown"
	ReasonOrigin     = "this origin may not use the app"
	ReasonNoPermkey  = "the app wants a permission key"
	ReasonNoJoin     = "the permission key does not permit to join"
	ReasonNoCreation = "the permission key does not permit to create the room"
)

// Secret is a text that no log and no error shows.
type Secret string

// String stands in for the secret.
func (Secret) String() string { return "[secret]" }

// GoString stands in for the secret, for %#v.
func (s Secret) GoString() string { return s.String() }

// LogValue stands in for the secret.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText stands in for the secret, in JSON for example.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// App is an application.
type App struct {
	// AppKey is what a page gives createClient, 1 to 64 bytes.
	AppKey string
	// Name is for the operator only.
	Name string
	// AppSecret signs tokens. Empty: tokens cannot be checked and are taken as they come.
	AppSecret Secret
	// PermSecret signs permission keys. Empty: in secure mode none is taken, otherwise
	// they are taken as they come and limit nothing.
	PermSecret Secret
	// SecureMode wants a token of everybody who joins.
	SecureMode bool
	// RequirePermkey wants a permission key too. Without it a permission key limits only
	// those who bring theirs along.
	RequirePermkey bool
	// AllowedOrigins are the origins, normalised, whose pages may use the app besides the
	// gateway's own; "*" is every one.
	AllowedOrigins []string
}

// Request asks whether somebody may join.
type Request struct {
	AppKey, Channel string
	// UID as given at join; empty where the gateway is to assign one.
	UID            string
	Token, Permkey string
	// Pass is that of an earlier stay of the same user in the room, see Pass; may be empty.
	Pass string
	// Origin and Host are those headers of the request that opened the connection.
	Origin, Host string
}

// Grant is what a member may do.
type Grant struct {
	Privilege token.Privilege
	// Expires is when the member has to go; zero for never.
	Expires time.Time
}

// Refusal is why somebody may not join.
type Refusal struct {
	// Code is the documented code or an HTTP status, and Reason its text for the client.
	Code   int
	Reason string
	// Cause says more, for the gateway's log; nil where there is no more. It holds nothing
	// of a token or a secret.
	Cause error
}

func (r *Refusal) Error() string {
	if r.Cause != nil {
		return fmt.Sprintf("code %d, %s: %v", r.Code, r.Reason, r.Cause)
	}
	return fmt.Sprintf("code %d, %s", r.Code, r.Reason)
}

func (r *Refusal) Unwrap() error { return r.Cause }

// Apps are the applications of a gateway. It may be used from several goroutines.
type Apps struct {
	byKey map[string]App
	now   func() time.Time
}

// New takes the applications. Without any it is in debug mode: every appkey is known and
// everybody has all rights.
func New(apps []App) *Apps {
	a := &Apps{byKey: make(map[string]App, len(apps)), now: time.Now}
	for _, app := range apps {
		a.byKey[app.AppKey] = app
	}
	return a
}

// Authorize says what somebody may do who wants to join, or why not; the error is a *Refusal.
func (a *Apps) Authorize(r Request) (Grant, error) {
	all := Grant{Privilege: token.Everything}
	if len(a.byKey) == 0 {
		return all, nil
	}
	app, known := a.byKey[r.AppKey]
	if !known {
		return Grant{}, &Refusal{Code: http.StatusNotFound, Reason: ReasonUnknown}
	}
	if r.Origin != "" && !origin.Listed(app.AllowedOrigins, r.Origin) && !origin.Own(r.Origin, r.Host) {
		return Grant{}, &Refusal{Code: http.StatusForbidden, Reason: ReasonOrigin}
	}
	subject := token.Subject{AppKey: r.AppKey, Channel: r.Channel, UID: r.UID}
	if g, ok := app.checkPass(subject, r.Pass, a.now()); ok {
		return g, nil
	}
	if err := app.checkToken(subject, r.Token, a.now()); err != nil {
		return Grant{}, err
	}
	g, limited, err := app.checkPermkey(subject, r.Permkey, a.now())
	switch {
	case err != nil:
		return Grant{}, err
	case !limited:
		return all, nil
	case !g.Privilege.Has(token.JoinRoom):
		return Grant{}, &Refusal{Code: int(errcode.Unauthorized), Reason: ReasonNoJoin}
	}
	return g, nil
}

// checkToken takes what the app's mode asks for.
func (a *App) checkToken(s token.Subject, text string, now time.Time) error {
	switch {
	case text == "" && a.SecureMode:
		return &Refusal{Code: int(errcode.Unauthorized), Reason: ReasonNoToken}
	case text == "":
		return nil
	case a.AppSecret == "" && a.SecureMode: // the configuration does not permit it
		return badToken(fmt.Errorf("the app is in secure mode and has no appSecret"))
	case a.AppSecret == "":
		return nil
	}
	if _, err := token.CheckBasic(string(a.AppSecret), s, text, now); err != nil {
		return badToken(err)
	}
	return nil
}

// checkPermkey gives the limits that a permission key sets, if any.
func (a *App) checkPermkey(s token.Subject, text string, now time.Time) (g Grant, limited bool, err error) {
	switch {
	case text == "" && a.RequirePermkey:
		return Grant{}, false, &Refusal{Code: int(errcode.Unauthorized), Reason: ReasonNoPermkey}
	case text == "":
		return Grant{}, false, nil
	case a.PermSecret == "" && (a.SecureMode || a.RequirePermkey):
		// Somebody's server meant to limit this user: without a check nothing would.
		return Grant{}, false, badToken(fmt.Errorf("a permission key came and the app has no permSecret"))
	case a.PermSecret == "":
		return Grant{}, false, nil
	}
	k, err := token.CheckPermkey(string(a.PermSecret), s, text, now)
	if err != nil {
		return Grant{}, false, badToken(err)
	}
	return Grant{Privilege: k.Privilege, Expires: k.Expires}, true, nil
}

func badToken(cause error) error {
	return &Refusal{Code: int(errcode.BadToken), Reason: ReasonBadToken, Cause: cause}
}
