package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nertc/gateway/app"
)

// write makes a file with a secret.
func write(t *testing.T, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestSecretsFromElsewhere(t *testing.T) {
	yaml := "apps:\n- appkey: a\n  appSecretFile: " + write(t, "from a file\r\n") + "\n  permSecretEnv: NERTC_A_PERM\n" +
		"- appkey: b\n  appSecretEnv: B_SECRET\n  permSecretFile: " + write(t, "no line break") + "\n"
	c, _, err := load(t, yaml, []string{"NERTC_A_PERM=from the environment", "B_SECRET=another"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	a, b := c.Apps[0], c.Apps[1]
	if a.AppSecret != "from a file" || a.PermSecret != "from the environment" || b.AppSecret != "another" || b.PermSecret != "no line break" {
		t.Errorf("%q %q %q %q", string(a.AppSecret), string(a.PermSecret), string(b.AppSecret), string(b.PermSecret))
	}
	if !a.SecureMode || !b.SecureMode || len(c.Warnings) != 0 {
		t.Errorf("secure %v and %v, warnings %q", a.SecureMode, b.SecureMode, c.Warnings)
	}
}

func TestSecretsOfTheOnlyApp(t *testing.T) {
	env := []string{"NERTC_APP_SECRET=s", "NERTC_PERM_SECRET=p"}
	for _, tc := range []struct {
		yaml string
		args []string
	}{
		{"", []string{"--app", "k"}},
		{"apps: [{appkey: k}]\n", nil},
		{"apps: [{appkey: k, appSecret: other}]\n", nil}, // the environment goes before the file
	} {
		c, _, err := load(t, tc.yaml, env, tc.args)
		if err != nil {
			t.Fatal(err)
		}
		if a := c.Apps[0]; a.AppSecret != "s" || a.PermSecret != "p" || !a.SecureMode {
			t.Errorf("%+v: %+v", tc, a)
		}
	}
	c, _, err := load(t, "", env, nil)
	if err != nil || len(c.Warnings) != 2 {
		t.Errorf("without an app: %v, warnings %q", err, c.Warnings)
	}
	for _, tc := range []struct{ yaml, env, want string }{
		{"apps: [{appkey: k}, {appkey: l}]\n", "NERTC_APP_SECRET=s", "NERTC_APP_SECRET: is for one app, and 2 are configured"},
		{"apps: [{appkey: k}]\n", "NERTC_PERM_SECRET=a\tb", "NERTC_PERM_SECRET: a secret is one line of text"},
	} {
		if _, _, err := load(t, tc.yaml, []string{tc.env}, nil); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v", tc.env, err)
		}
	}
}

// To name an app of the file by flag or environment leaves its secret and its mode.
func TestNamedAppKeepsItsSettings(t *testing.T) {
	yaml := "apps: [{appkey: k, appSecret: s, allowedOrigins: []}, {appkey: l, appSecret: t, secureMode: false}]\n"
	if c, _, err := load(t, yaml, []string{"NERTC_APPS=, ,", "NERTC_ALLOWED_ORIGINS=,"}, nil); err != nil || c.Debug() || c.Apps[0].AppKey != "k" {
		t.Errorf("commas without apps between them: %v, debug mode %v", err, err == nil && c.Debug())
	}
	c, _, err := load(t, yaml, []string{"NERTC_APPS=l"}, []string{"--app", "k", "--app", "m", "--allowed-origin", "https://x.example"})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Apps) != 2 || c.Apps[0].AppSecret != "s" || !c.Apps[0].SecureMode || len(c.Apps[0].AllowedOrigins) != 0 {
		t.Errorf("got %+v", c.Apps)
	}
	if m := c.Apps[1]; m.AppKey != "m" || m.SecureMode || m.AllowedOrigins[0] != "https://x.example" {
		t.Errorf("got %+v", m)
	}
}

func TestAppErrors(t *testing.T) {
	long, empty, lines := write(t, strings.Repeat("s", 257)+"\n"), write(t, "\n"), write(t, "a\nb\n")
	for name, tc := range map[string]struct{ app, want string }{
		"secure mode alone":    {"secureMode: true", "FILE:3: apps[0].secureMode: needs an appSecret"},
		"secure mode, words":   {"secureMode: yes", "FILE:3: apps[0].secureMode: want true or false"},
		"require alone":        {"requirePermkey: true", "FILE:3: apps[0].requirePermkey: needs a permSecret"},
		"require, number":      {"requirePermkey: 1", "FILE:3: apps[0].requirePermkey: want true or false"},
		"secret twice":         {"appSecret: a\n  appSecretEnv: PATH", "FILE:4: apps[0].appSecretEnv: cannot be used together with appSecret"},
		"perm secret twice":    {"permSecretFile: " + lines + "\n  permSecret: a", "FILE:4: apps[0].permSecret: cannot be used together with permSecretFile"},
		"secret empty":         {`appSecret: ""`, "FILE:3: apps[0].appSecret: a secret is not empty"},
		"secret null":          {"appSecret:", "FILE:3: apps[0].appSecret: has no value"},
		"secret long":          {"appSecret: " + strings.Repeat("s", 257), "FILE:3: apps[0].appSecret: a secret has at most 256 bytes"},
		"secret of lines":      {`permSecret: "a\nb"`, "FILE:3: apps[0].permSecret: a secret is one line"},
		"no such file":         {"appSecretFile: /does/not/exist", "FILE:3: apps[0].appSecretFile: cannot open it: no such file or directory"},
		"a folder":             {"appSecretFile: /", "FILE:3: apps[0].appSecretFile: cannot read it: is a directory"},
		"file empty":           {"permSecretFile: " + empty, "FILE:3: apps[0].permSecretFile: a secret is not empty"},
		"file long":            {"appSecretFile: " + long, "FILE:3: apps[0].appSecretFile: a secret has at most 256 bytes"},
		"file of lines":        {"appSecretFile: " + lines, "FILE:3: apps[0].appSecretFile: a secret is one line"},
		"variable not set":     {"permSecretEnv: NOT_SET", "FILE:3: apps[0].permSecretEnv: this environment variable is not set"},
		"origin":               {"allowedOrigins: [https://a.example, b]", `FILE:3: apps[0].allowedOrigins: "b" is not an origin`},
		"origins not a list":   {"allowedOrigins: https://a.example", "FILE:3: apps[0].allowedOrigins: want a list"},
		"key twice":            {"name: a\n  name: b", "FILE:4: apps[0].name: is there twice, first in line 3"},
		"secure mode is a map": {"secureMode: {}", "FILE:3: apps[0].secureMode: want a single value"},
	} {
		t.Run(name, func(t *testing.T) {
			_, file, err := load(t, "apps:\n- appkey: a\n  "+tc.app+"\n", nil, nil)
			if err == nil {
				t.Fatal("accepted")
			}
			if want := strings.ReplaceAll(tc.want, "FILE", file); !strings.Contains(err.Error(), want) {
				t.Errorf("error\n  %v\nwants\n  %s", err, want)
			}
		})
	}
}

func TestLoadFile(t *testing.T) {
	name := write(t, "apps: [{appkey: k, appSecret: s}]\n")
	if c, err := LoadFile(name, nil); err != nil || len(c.Apps) != 1 || c.Apps[0].AppSecret != app.Secret("s") {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := LoadFile(name+"x", nil); err == nil {
		t.Error("a file that is not there is no error")
	}
}
