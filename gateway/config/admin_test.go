package config

import (
	"fmt"
	"strings"
	"testing"
)

const adminSecret = "sixteen bytes ok"

func TestAdmin(t *testing.T) {
	c, _, err := load(t, "", nil, nil)
	if err != nil || c.Admin.Secret != "" || c.Admin.Listen != "" {
		t.Errorf("without settings: %+v, %v", c, err)
	}
	yaml := "admin:\n  secretFile: " + write(t, adminSecret+"\r\n") + "\n  listen: 127.0.0.1:9090\n"
	c, _, err = load(t, yaml, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Admin.Secret != adminSecret || c.Admin.Listen != "127.0.0.1:9090" || len(c.Warnings) != 0 {
		t.Errorf("%+v, warnings %q", c.Admin, c.Warnings)
	}
	if text := fmt.Sprintf("%v %+v %#v", c, c.Admin, c.Admin); strings.Contains(text, adminSecret) {
		t.Errorf("the secret shows: %s", text)
	}
	c, _, err = load(t, "admin: {secret: not this one at all}\n", []string{"NERTC_ADMIN_SECRET=" + adminSecret}, []string{"--admin-listen", "[::1]:0"})
	if err != nil || c.Admin.Secret != adminSecret || c.Admin.Listen != "[::1]:0" {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestAdminErrors(t *testing.T) {
	short := write(t, "too short\n")
	for name, tc := range map[string]struct{ yaml, want string }{
		"short":            {"secret: short", "FILE:2: admin.secret: the operator's secret has at least 16 bytes"},
		"empty":            {`secret: ""`, "FILE:2: admin.secret: a secret is not empty"},
		"long":             {"secret: " + strings.Repeat("s", 257), "FILE:2: admin.secret: a secret has at most 256 bytes"},
		"short file":       {"secretFile: " + short, "FILE:2: admin.secretFile: the operator's secret has at least 16 bytes"},
		"no file":          {"secretFile: /does/not/exist", "FILE:2: admin.secretFile: cannot open it: no such file or directory"},
		"twice":            {"secret: " + adminSecret + "\n  secretFile: " + short, "FILE:3: admin.secretFile: cannot be used together with admin.secret"},
		"listen alone":     {"listen: 127.0.0.1:1", "FILE:2: admin.listen: has no effect without admin.secret"},
		"listen is wrong":  {"secret: " + adminSecret + "\n  listen: here", `FILE:3: admin.listen: "here" is not an address`},
		"listen the same":  {"secret: " + adminSecret + "\n  listen: 127.0.0.1:8080", "FILE:3: admin.listen: 8080 is the port of listen already"},
		"nothing known":    {"token: a", "FILE:2: admin.token: unknown key; known here: secret, secretFile, listen"},
		"is only a secret": {"- " + adminSecret, "FILE:2: admin: want keys and values (secret, secretFile, listen)"},
	} {
		t.Run(name, func(t *testing.T) {
			_, file, err := load(t, "admin:\n  "+tc.yaml+"\n", nil, nil)
			if err == nil {
				t.Fatal("accepted")
			}
			if got, want := err.Error(), strings.Replace(tc.want, "FILE", file, 1); !strings.HasPrefix(got, want) {
				t.Errorf("says %q, want %q", got, want)
			}
			if strings.Contains(err.Error(), adminSecret) {
				t.Errorf("the secret is in %q", err)
			}
		})
	}
}

func TestAdminWarnings(t *testing.T) {
	const clear = "admin.secret travels in clear text"
	for args, warns := range map[string]bool{
		"--listen 127.0.0.1:0":                          false,
		"--listen 0.0.0.0:0":                            true,
		"--listen 0.0.0.0:0 --tls-self-signed":          false,
		"--listen 0.0.0.0:0 --admin-listen 127.0.0.1:0": false,
		"--listen 127.0.0.1:0 --admin-listen 0.0.0.0:0": true,
		"--tls-self-signed --admin-listen 0.0.0.0:0":    false,
	} {
		c, _, err := load(t, "", nil, append(strings.Fields(args), "--debug-open", "--admin-secret", adminSecret))
		if err != nil {
			t.Fatalf("%s: %v", args, err)
		}
		if got := strings.Contains(strings.Join(c.Warnings, "\n"), clear); got != warns {
			t.Errorf("%s: warnings %q", args, c.Warnings)
		}
	}
}
