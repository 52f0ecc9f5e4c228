package native

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nertc/internal/client"
	"nertc/internal/errcode"
	"nertc/tests/gatewayproc"
)

// The command's token joins an app in secure mode, one with a byte changed gets 414, none
// gets 403, in an error that pages of every release understand.
func TestTokens(t *testing.T) {
	const noToken, badToken = "netcall.g2 unsafe mode is closed, please contact business!", "check checksum error"
	dir := t.TempDir()
	config, wrong := filepath.Join(dir, "gateway.yaml"), filepath.Join(dir, "wrong")
	for name, content := range map[string]string{
		config: "apps:\n- {appkey: app, appSecret: 5ec2e7, permSecret: pe2m}\n- {appkey: debug}\n", wrong: "another\n",
	} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	g := gatewayproc.Start(t, "--config", config)
	make := func(channel, uid string, more ...string) string {
		args := append([]string{"token", "--app", "app", "--channel", channel, "--ttl", "600"}, more...)
		if uid != "" {
			args = append(args, "--uid", uid)
		}
		if len(more) == 0 {
			args = append(args, "--config", config)
		}
		return strings.TrimSuffix(gatewayproc.Run(t, nil, args...), "\n")
	}
	good, noUID := make("room", "7"), make("room", "")
	changed := []byte(good)
	changed[20] ^= 1

	for name, tc := range map[string]struct {
		app, uid, token string
		code            errcode.Code // 0: joins
		reason          string
	}{
		"the command's token":   {"app", "7", good, 0, ""},
		"for nobody's uid":      {"app", "", noUID, 0, ""},
		"none":                  {"app", "7", "", 403, noToken},
		"a byte changed":        {"app", "7", string(changed), 414, badToken},
		"not a token":           {"app", "7", "token", 414, badToken},
		"another uid's":         {"app", "8", good, 414, badToken},
		"a uid's, without one":  {"app", "", good, 414, badToken},
		"nobody's, with a uid":  {"app", "7", noUID, 414, badToken},
		"another room's":        {"app", "7", make("lounge", "7"), 414, badToken},
		"another secret's":      {"app", "7", make("room", "7", "--secret-file", wrong), 414, badToken},
		"debug mode, none":      {"debug", "7", "", 0, ""},
		"debug mode, whatever":  {"debug", "7", "token", 0, ""},
		"an app that is not":    {"other", "7", good, errcode.RefusedByServer, "appkey unknown"},
		"an appkey's beginning": {"ap", "7", good, errcode.RefusedByServer, "appkey unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			u := newUser(t, g, func(o *client.Options) { o.AppKey = tc.app })
			o := client.JoinOptions{Server: u.server, Channel: "room", UID: tc.uid, Token: tc.token}
			err := u.Join(u.ctx, o)
			if tc.code == 0 {
				if err != nil || u.State() != client.Connected || u.ChannelInfo().Token != tc.token {
					t.Fatalf("%v, %s, %+v", err, u.State(), u.ChannelInfo())
				}
				return
			}
			if err == nil || u.State() != client.Disconnected {
				t.Fatalf("%v, %s", err, u.State())
			}
			e := errcode.Of(err)
			if e.Code != tc.code || e.Reason != tc.reason || !strings.Contains(err.Error(), fmt.Sprintf("code: %d, reason: %s", tc.code, tc.reason)) {
				t.Errorf("refused with %v (%+v)", err, e)
			}
			if tc.code < 1000 && e.ExtraCode != int(tc.code) {
				t.Errorf("extra code %d", e.ExtraCode)
			}
			if tc.app != "app" {
				return
			}
			// The same client joins with what is right.
			o.UID, o.Token = "7", good
			if err := u.Join(u.ctx, o); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}
