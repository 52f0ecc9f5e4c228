package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"nertc/gateway/app"
)

// Environment variables with the secrets of the only app.
const (
	AppSecretVariable  = "NERTC_APP_SECRET"
	PermSecretVariable = "NERTC_PERM_SECRET"
)

// secretLimit is the size in bytes of the longest secret of an app.
const secretLimit = 256

// appKeys are the keys of an app; docs/gateway.md is checked against them.
func appKeys() []string {
	return []string{
		"appkey", "name", "appSecret", "appSecretFile", "appSecretEnv", "permSecret", "permSecretFile", "permSecretEnv",
		"secureMode", "requirePermkey", "allowedOrigins",
	}
}

// appList reads apps, the one list of mappings.
func (l *loader) appList(name string, n *yaml.Node) {
	if n.Kind != yaml.SequenceNode {
		l.fail(place(name, n), "apps", errors.New("want a list of apps, each with an appkey"))
		return
	}
	for i, e := range n.Content {
		a := &fileApp{l: l, name: name, path: fmt.Sprintf("apps[%d]", i), places: map[string]string{}}
		l.each(name, a.path, e, appKeys(), a.key)
		if e.Kind == yaml.MappingNode && a.places["appkey"] == "" {
			l.fail(place(name, e), a.path+".appkey", errors.New("is missing"))
		}
		l.listed[a.AppKey] = a
		l.config.Apps = append(l.config.Apps, a.App)
	}
	l.from["apps"] = place(name, n)
}

// fileApp is an app as the file has it.
type fileApp struct {
	app.App
	l          *loader
	name, path string
	places     map[string]string // key to where it stands, right or wrong
}

func (a *fileApp) fail(key, format string, args ...any) {
	a.l.fail(a.places[key], join(a.path, key), fmt.Errorf(format, args...))
}

// key reads one of the app's keys.
func (a *fileApp) key(key string, k, v *yaml.Node) {
	a.places[key] = place(a.name, k)
	full := join(a.path, key)
	if key == "allowedOrigins" {
		texts, ok := a.l.texts(a.name, full, v)
		if !ok {
			return
		}
		var err error
		if a.AllowedOrigins, err = normalOrigins(texts); err != nil {
			a.fail(key, "%w", err)
		}
		return
	}
	want := text
	if key == "secureMode" || key == "requirePermkey" {
		want = boolean
	}
	t, ok := a.l.scalar(a.name, full, want, v)
	if !ok {
		return
	}
	var err error
	switch key {
	case "appkey":
		if err = checkAppKey(t); err == nil && a.l.listed[t] != nil {
			err = fmt.Errorf("appkey %q is there twice", t)
		}
		a.AppKey = t
	case "name":
		a.Name = t
	case "secureMode":
		a.SecureMode, err = strconv.ParseBool(t)
	case "requirePermkey":
		a.RequirePermkey, err = strconv.ParseBool(t)
	case "appSecret", "appSecretFile", "appSecretEnv":
		a.AppSecret, err = a.secret("appSecret", key, t)
	case "permSecret", "permSecretFile", "permSecretEnv":
		a.PermSecret, err = a.secret("permSecret", key, t)
	}
	if err != nil {
		a.fail(key, "%w", err)
	}
}

// secret takes a secret: itself, from a file or from the environment. Its errors repeat
// no name: the secret itself may stand there by mistake.
func (a *fileApp) secret(kind, key, given string) (app.Secret, error) {
	for _, other := range []string{kind, kind + "File", kind + "Env"} {
		if other != key && a.places[other] != "" {
			return "", fmt.Errorf("cannot be used together with %s", other)
		}
	}
	switch key {
	case kind + "File":
		return ReadSecret(given)
	case kind + "Env":
		a.l.named[given] = true
		if a.l.env[given] == "" {
			return "", errors.New("this environment variable is not set")
		}
		return checkSecret(a.l.env[given])
	}
	return checkSecret(given)
}

// ReadSecret gives the secret that a file has; a line break at its end does not count.
func ReadSecret(file string) (app.Secret, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", bare(err)
	}
	defer f.Close()
	// Two for the line break and one more, so that checkSecret sees that there is too much.
	b, err := io.ReadAll(io.LimitReader(f, secretLimit+3))
	if err != nil {
		return "", bare(err)
	}
	return checkSecret(strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r"))
}

// checkSecret does not repeat what it refuses.
func checkSecret(v string) (app.Secret, error) {
	switch {
	case v == "":
		return "", errors.New("a secret is not empty")
	case len(v) > secretLimit:
		return "", fmt.Errorf("a secret has at most %d bytes", secretLimit)
	case !utf8.ValidString(v) || strings.ContainsFunc(v, unicode.IsControl):
		return "", errors.New("a secret is one line of text without control characters")
	}
	return app.Secret(v), nil
}

// apps completes the apps once every source has been read.
func (l *loader) apps() {
	c := l.config
	for i := range c.Apps {
		// The environment and the flags name apps; one that the file has keeps its settings,
		// because to name an app must not switch off its secure mode.
		if a := l.listed[c.Apps[i].AppKey]; a != nil {
			c.Apps[i] = a.App
		}
	}
	l.onlyAppsSecret(AppSecretVariable, func(a *app.App) *app.Secret { return &a.AppSecret })
	l.onlyAppsSecret(PermSecretVariable, func(a *app.App) *app.Secret { return &a.PermSecret })
	for i := range c.Apps {
		a, listed := &c.Apps[i], l.listed[c.Apps[i].AppKey]
		switch {
		case listed == nil || listed.places["secureMode"] == "":
			a.SecureMode = a.AppSecret != ""
		case a.SecureMode && a.AppSecret == "":
			listed.fail("secureMode", "needs an appSecret, an appSecretFile or an appSecretEnv")
		}
		if a.RequirePermkey && a.PermSecret == "" {
			listed.fail("requirePermkey", "needs a permSecret, a permSecretFile or a permSecretEnv")
		}
		if a.AllowedOrigins == nil {
			a.AllowedOrigins = c.AllowedOrigins
		}
		if !a.SecureMode && !c.Loopback() {
			c.Warnings = append(c.Warnings, fmt.Sprintf("appkey %q: whoever knows it can join, because its secure mode is off", a.AppKey))
		}
	}
}

// onlyAppsSecret takes a secret that the environment has for the one app there is.
func (l *loader) onlyAppsSecret(variable string, at func(*app.App) *app.Secret) {
	v := l.env[variable]
	if v == "" {
		return
	}
	s, err := checkSecret(v)
	switch {
	case err != nil:
		l.fail(variable, "", err)
	case len(l.config.Apps) == 0:
		l.config.Warnings = append(l.config.Warnings, variable+" has no effect: no app is configured")
	case len(l.config.Apps) > 1:
		l.fail(variable, "", fmt.Errorf("is for one app, and %d are configured: name a variable for each in the file", len(l.config.Apps)))
	default:
		*at(&l.config.Apps[0]) = s
	}
}

func checkAppKey(v string) error {
	if v == "" || len(v) > 64 {
		return fmt.Errorf("an appkey has 1 to 64 bytes, this one has %d", len(v))
	}
	if strings.ContainsFunc(v, unicode.IsControl) {
		return fmt.Errorf("an appkey has no control characters")
	}
	return nil
}

// setApps takes a list of appkeys alone; loader.apps adds what the file says of them.
func setApps(c *Config, v value) error {
	apps := make([]app.App, 0, len(v))
	for _, key := range v {
		if err := checkAppKey(key); err != nil {
			return err
		}
		if slices.ContainsFunc(apps, func(a app.App) bool { return a.AppKey == key }) {
			return fmt.Errorf("appkey %q is there twice", key)
		}
		apps = append(apps, app.App{AppKey: key})
	}
	c.Apps = apps
	return nil
}
