package main

import (
	"bytes"
	"net"
	"strings"
	"testing"

	"nertc/gateway/app"
	"nertc/gateway/config"
)

func TestCommands(t *testing.T) {
	for _, tc := range []struct {
		args           []string
		code           int
		stdout, stderr string
	}{
		{nil, exitOK, "nertc-gateway serve", ""},
		{[]string{"help"}, exitOK, "nertc-gateway serve", ""},
		{[]string{"version"}, exitOK, "protocol 1", ""},
		{[]string{"serve", "-h"}, exitOK, "", "-livekit-url"},
		{[]string{"doctor", "-h"}, exitOK, "", "says what to do"},
		{[]string{"doctor", "me"}, exitUsage, "", `"me" is no flag`},
		{[]string{"doctor", "--engine-udp-port", "x"}, exitUsage, "", "the configuration is wrong"},
		{[]string{"dance"}, exitUsage, "", `no command "dance"`},
	} {
		var stdout, stderr bytes.Buffer
		code := run(tc.args, nil, strings.NewReader(""), &stdout, &stderr)
		if code != tc.code || !strings.Contains(stdout.String(), tc.stdout) || !strings.Contains(stderr.String(), tc.stderr) {
			t.Errorf("%q: code %d, stdout %q, stderr %q", tc.args, code, stdout.String(), stderr.String())
		}
	}
}

func TestAddresses(t *testing.T) {
	plain, secure := &config.Config{}, &config.Config{TLS: config.TLS{SelfSigned: true}}
	for _, tc := range []struct {
		c    *config.Config
		ip   string
		port int
		want string
	}{
		{plain, "127.0.0.1", 8080, "http://localhost:8080"},
		{plain, "::1", 8080, "http://localhost:8080"},
		{plain, "0.0.0.0", 80, "http://localhost"},
		{secure, "::", 8443, "https://localhost:8443"},
		{secure, "203.0.113.7", 443, "https://203.0.113.7"},
		{secure, "2001:db8::1", 443, "https://[2001:db8::1]"},
		{plain, "2001:db8::1", 8080, "http://[2001:db8::1]:8080"},
	} {
		if got := pageURL(tc.c, &net.TCPAddr{IP: net.ParseIP(tc.ip), Port: tc.port}); got != tc.want {
			t.Errorf("%s port %d: %s, want %s", tc.ip, tc.port, got, tc.want)
		}
	}
}

func TestConsole(t *testing.T) {
	apps := []app.App{{AppKey: "k"}}
	for _, tc := range []struct {
		c         *config.Config
		ip        string
		want, not string
	}{
		{&config.Config{Listen: "127.0.0.1:1"}, "127.0.0.1", "Only this machine", "EVERYBODY"},
		{&config.Config{Listen: "0.0.0.0:1", DebugOpen: true, TLS: config.TLS{SelfSigned: true}}, "0.0.0.0", "EVERYBODY", "Without TLS"},
		{&config.Config{Listen: "0.0.0.0:1", Apps: apps}, "0.0.0.0", "Without TLS", "DEBUG MODE"},
		{&config.Config{Listen: "127.0.0.1:1", Apps: apps}, "127.0.0.1", "Open  http://localhost:1", "DEBUG MODE"},
	} {
		var b bytes.Buffer
		announce(&b, tc.c, &net.TCPAddr{IP: net.ParseIP(tc.ip), Port: 1})
		if !strings.Contains(b.String(), tc.want) || strings.Contains(b.String(), tc.not) {
			t.Errorf("%+v says\n%s", tc.c, b.String())
		}
	}
}
