package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nertc/gateway/token"
)

const testSecret = "hunter2hunter2"

// makeOne runs a command and gives what it printed.
func makeOne(t *testing.T, environ []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(args, environ, strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

func file(t *testing.T, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// The secret comes from a file, the configuration or the environment, for both commands.
func TestTokenCommands(t *testing.T) {
	configuration := file(t, "apps:\n- {appkey: k, appSecret: "+testSecret+", permSecret: "+testSecret+"}\n- {appkey: other, appSecret: x}\n")
	secret := file(t, testSecret+"\n")
	for name, tc := range map[string]struct{ environ, args []string }{
		"secret file":              {nil, []string{"--secret-file", secret}},
		"configuration":            {nil, []string{"--config", configuration}},
		"environment":              {[]string{"NERTC_APP_SECRET=" + testSecret, "NERTC_PERM_SECRET=" + testSecret}, nil},
		"configuration by name":    {[]string{"NERTC_CONFIG=" + configuration}, nil},
		"file before environment":  {[]string{"NERTC_APP_SECRET=x", "NERTC_PERM_SECRET=x"}, []string{"--secret-file", secret}},
		"environment before named": {[]string{"NERTC_CONFIG=/none", "NERTC_APP_SECRET=" + testSecret, "NERTC_PERM_SECRET=" + testSecret}, nil},
	} {
		s := token.Subject{AppKey: "k", Channel: "room 1", UID: "7"}
		common := append([]string{"--app", "k", "--channel", "room 1", "--uid", "7", "--ttl", "60"}, tc.args...)

		code, out, errs := makeOne(t, tc.environ, append([]string{"token"}, common...)...)
		end, err := token.CheckBasic(testSecret, s, strings.TrimSuffix(out, "\n"), time.Now())
		if code != exitOK || errs != "" || err != nil || time.Until(end) > time.Minute {
			t.Errorf("token, %s: code %d, %q, %v, until %v", name, code, errs, err, end)
		}

		code, out, errs = makeOne(t, tc.environ, append([]string{"permkey", "--privileges", "join,receive-audio"}, common...)...)
		g, err := token.CheckPermkey(testSecret, s, strings.TrimSuffix(out, "\n"), time.Now())
		if code != exitOK || errs != "" || err != nil || g.Privilege != token.JoinRoom|token.ReceiveAudio || time.Until(g.Expires) > time.Minute {
			t.Errorf("permkey, %s: code %d, %q, %v, %+v", name, code, errs, err, g)
		}
	}
	// Without uid, ttl and privileges: for who joins without one, for an hour, with all rights.
	_, out, _ := makeOne(t, []string{"NERTC_PERM_SECRET=" + testSecret}, "permkey", "--app", "k", "--channel", "c")
	g, err := token.CheckPermkey(testSecret, token.Subject{AppKey: "k", Channel: "c"}, strings.TrimSpace(out), time.Now())
	if err != nil || g.Privilege != token.Everything || time.Until(g.Expires) < 59*time.Minute {
		t.Errorf("%+v, %v", g, err)
	}
}

func TestTokenCommandsRefuse(t *testing.T) {
	configuration := file(t, "apps:\n- {appkey: k}\n- {appkey: l, appSecret: "+testSecret+"}\n")
	env := []string{"NERTC_APP_SECRET=" + testSecret, "NERTC_PERM_SECRET=" + testSecret}
	common := []string{"--app", "k", "--channel", "c"}
	for name, tc := range map[string]struct {
		environ []string
		args    []string
		want    string
	}{
		"no app":                   {env, []string{"token", "--channel", "c"}, "needs --app and --channel"},
		"no channel":               {env, []string{"permkey", "--app", "k"}, "needs --app and --channel"},
		"no secret":                {nil, append([]string{"token"}, common...), "needs a secret: give --secret-file, --config, or the environment variable NERTC_APP_SECRET"},
		"no secret for the key":    {env[:1], append([]string{"permkey"}, common...), "NERTC_PERM_SECRET"},
		"a secret as an argument":  {env, append(append([]string{"token"}, common...), testSecret), "takes flags only"},
		"ttl 0":                    {env, append([]string{"token", "--ttl", "0"}, common...), "--ttl must be 1 to 86400 seconds"},
		"ttl above a day":          {env, append([]string{"token", "--ttl", "86401"}, common...), "--ttl must be 1 to 86400 seconds"},
		"ttl that overflows":       {env, append([]string{"permkey", "--ttl", "9223372036854775807"}, common...), "--ttl must be 1 to 2147483647 seconds"},
		"long channel":             {env, []string{"token", "--app", "k", "--channel", strings.Repeat("c", 65)}, "the channel name must be 1 to 64 bytes"},
		"privilege":                {env, append([]string{"permkey", "--privileges", "sing"}, common...), `there is no privilege "sing": want some of send-audio`},
		"secret file missing":      {env, append([]string{"token", "--secret-file", "/none"}, common...), "/none: cannot open it"},
		"two sources":              {env, append([]string{"token", "--secret-file", "a", "--config", "b"}, common...), "takes --secret-file or --config, not both"},
		"configuration is wrong":   {nil, append([]string{"token", "--config", "/none"}, common...), "the configuration is wrong:\n/none: cannot open it"},
		"app not configured":       {nil, []string{"token", "--config", configuration, "--app", "m", "--channel", "c"}, `has no app with the appkey "m"`},
		"app without the secret":   {nil, append([]string{"token", "--config", configuration}, common...), `the app "k" has no secret for it`},
		"app without that secret":  {nil, []string{"permkey", "--config", configuration, "--app", "l", "--channel", "c"}, `the app "l" has no secret for it`},
		"unknown flag":             {env, []string{"token", "--secret", "x"}, "flag provided but not defined"},
		"uid with a control":       {env, append([]string{"token", "--uid", "a\nb"}, common...), "the uid must be"},
		"secret of no text at all": {env, append([]string{"token", "--secret-file", file(t, "")}, common...), "a secret is not empty"},
	} {
		code, out, errs := makeOne(t, tc.environ, tc.args...)
		if code != exitUsage || out != "" || !strings.Contains(errs, tc.want) {
			t.Errorf("%s: code %d, stdout %q, stderr %q", name, code, out, errs)
		}
		if strings.Contains(errs, testSecret) {
			t.Errorf("%s: the secret is in %q", name, errs)
		}
	}
	for _, command := range []string{"token", "permkey"} {
		if code, _, errs := makeOne(t, nil, command, "-h"); code != exitOK || !strings.Contains(errs, "-secret-file") {
			t.Errorf("%s -h: code %d, %q", command, code, errs)
		}
	}
}
