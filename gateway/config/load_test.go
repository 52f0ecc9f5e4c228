package config

import (
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"nertc/gateway/app"
)

// load writes a file (none when empty) and loads it with flags and environment over it.
func load(t *testing.T, yaml string, env, args []string) (*Config, string, error) {
	t.Helper()
	fs := flag.NewFlagSet("serve", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	f := Register(fs)
	name := ""
	if yaml != "" {
		name = filepath.Join(t.TempDir(), "gateway.yaml")
		if err := os.WriteFile(name, []byte(yaml), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append([]string{"--config", name}, args...)
	}
	if err := fs.Parse(args); err != nil {
		t.Fatal(err)
	}
	c, err := Load(f, env)
	return c, name, err
}

func TestWithoutFile(t *testing.T) {
	c, _, err := load(t, "", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:8080" || !c.Debug() || !c.Loopback() || !c.EngineLoopback() {
		t.Errorf("got %+v, want debug mode on loopback", c)
	}
}

const full = `# every key
listen: 0.0.0.0:8443
tls:
  cert: /etc/nertc/cert.pem
  key: /etc/nertc/key.pem
  selfSigned: false
engine:
  port: 7880
  udpPort: 7882
  tcpPort: 7881
  nodeIP: 203.0.113.7
  logLevel: error
  key: APIkey
  secret: engine-secret-engine-secret-engine-secret
  external: {url: "wss://livekit.example.com", key: k, secret: s}
apps:
  - appkey: 0123456789abcdef
    name: Shop
    appSecret: app-secret
    permSecret: "*perm-secret"
    requirePermkey: true
    allowedOrigins: ["https://Shop.example.com"]
  - appkey: 4567
    appSecret: 0123
    secureMode: false
  - appkey: open
allowedOrigins: ["https://App.example.com:443", "http://localhost:3000/"]
debugOpen: false
logLevel: debug
logFormat: json
`

func TestFullFile(t *testing.T) {
	c, _, err := load(t, full, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "0.0.0.0:8443" || c.TLS.Cert != "/etc/nertc/cert.pem" || c.TLS.Key != "/etc/nertc/key.pem" ||
		c.Engine.Port != 7880 || c.Engine.UDPPort != 7882 || c.Engine.TCPPort != 7881 || c.Engine.NodeIP != "203.0.113.7" ||
		c.Engine.LogLevel != "error" || c.Engine.Key != "APIkey" || c.Engine.External.URL != "wss://livekit.example.com" ||
		c.LogLevel != "debug" || c.LogFormat != LogJSON {
		t.Errorf("got %+v", c)
	}
	global := []string{"https://app.example.com", "http://localhost:3000"}
	want := []app.App{
		{AppKey: "0123456789abcdef", Name: "Shop", AppSecret: "app-secret", PermSecret: "*perm-secret", SecureMode: true,
			RequirePermkey: true, AllowedOrigins: []string{"https://shop.example.com"}},
		{AppKey: "4567", AppSecret: "0123", AllowedOrigins: global},
		{AppKey: "open", AllowedOrigins: global},
	}
	if !reflect.DeepEqual(c.Apps, want) {
		t.Errorf("apps: %+v", c.Apps)
	}
	if len(c.Warnings) != 2 || !strings.Contains(c.Warnings[0], `"4567"`) || !strings.Contains(c.Warnings[1], `"open"`) {
		t.Errorf("warnings %q, want one for each app without secure mode", c.Warnings)
	}
	if strings.Join(c.AllowedOrigins, " ") != "https://app.example.com http://localhost:3000" {
		t.Errorf("origins: %q", c.AllowedOrigins)
	}
	if c.EngineLoopback() {
		t.Error("a public node address counts as loopback")
	}
}

func TestPrecedence(t *testing.T) {
	yaml := "listen: 127.0.0.1:1001\nengine:\n  udpPort: 1\n  tcpPort: 2\napps:\n  - appkey: file\nallowedOrigins: [https://file.example]\n"
	env := []string{"NERTC_LISTEN=127.0.0.1:1002", "NERTC_ENGINE_UDP_PORT=11", "NERTC_APPS=env1, env2", "NERTC_LOG_LEVEL=", "HOME=/root"}
	c, _, err := load(t, yaml, env, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:1002" || c.Engine.UDPPort != 11 || c.Engine.TCPPort != 2 || c.LogLevel != "info" ||
		len(c.Apps) != 2 || c.Apps[1].AppKey != "env2" || c.AllowedOrigins[0] != "https://file.example" {
		t.Errorf("environment over file: %+v", c)
	}
	c, _, err = load(t, yaml, env, []string{"--listen", "127.0.0.1:1003", "--app", "flag", "--engine-udp-port=5", "--engine-udp-port=0", "--allowed-origin=*"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:1003" || c.Engine.UDPPort != 0 || c.Engine.TCPPort != 2 ||
		len(c.Apps) != 1 || c.Apps[0].AppKey != "flag" || c.AllowedOrigins[0] != "*" {
		t.Errorf("flags over both: %+v", c)
	}
}

func TestConfigFromEnvironment(t *testing.T) {
	name := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(name, []byte("listen: 127.0.0.1:1009\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, _, err := load(t, "", []string{"NERTC_CONFIG=" + name, "NERTC_LISTN=x"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:1009" {
		t.Errorf("listen %s", c.Listen)
	}
	if len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], "NERTC_LISTN") {
		t.Errorf("warnings %q, want one for the mistyped variable", c.Warnings)
	}
}

// Every error of the file names file, line and key. FILE stands for its path.
func TestFileErrors(t *testing.T) {
	for name, tc := range map[string]struct{ yaml, want string }{
		"unknown key":         {"listen: 127.0.0.1:1\nlisten2: x\n", "FILE:2: listen2: unknown key"},
		"unknown nested key":  {"engine:\n  udpport: 1\n", "FILE:2: engine.udpport: unknown key; known here: port, udpPort"},
		"unknown app key":     {"apps:\n- appkey: a\n  secrets: b\n", "FILE:3: apps[0].secrets: unknown key; known here: appkey, name, appSecret"},
		"twice":               {"listen: 127.0.0.1:1\nlogLevel: info\nlisten: 127.0.0.1:2\n", "FILE:3: listen: is there twice, first in line 1"},
		"port too large":      {"engine:\n  port: 1\n  udpPort: 70000\n", `FILE:3: engine.udpPort: "70000" is not a port`},
		"port not a number":   {"engine:\n  tcpPort: many\n", "FILE:2: engine.tcpPort: want a whole number"},
		"port in quotes":      {"engine:\n  tcpPort: \"80\"\n", "FILE:2: engine.tcpPort: want a whole number"},
		"not a truth":         {"tls:\n  selfSigned: maybe\n", "FILE:2: tls.selfSigned: want true or false"},
		"no value":            {"\nlisten:\n", "FILE:2: listen: has no value"},
		"listen without port": {"listen: localhost\n", `FILE:1: listen: "localhost" is not an address`},
		"section is a text":   {"engine: here\n", "FILE:1: engine: want keys and values (port, udpPort"},
		"external is a text":  {"engine:\n  external: wss://x\n", "FILE:2: engine.external: want keys and values (url, key, secret)"},
		"scalar is a map":     {"listen: {a: b}\n", "FILE:1: listen: want a single value"},
		"apps not a list":     {"apps:\n  appkey: a\n", "FILE:2: apps: want a list of apps"},
		"app not a map":       {"apps:\n  - a\n", "FILE:2: apps[0]: want keys and values (appkey, name, appSecret"},
		"app without key":     {"apps:\n  - name: a\n", "FILE:2: apps[0].appkey: is missing"},
		"app twice":           {"apps:\n  - appkey: a\n  - appkey: a\n", `FILE:3: apps[1].appkey: appkey "a" is there twice`},
		"app too long":        {"apps:\n  - appkey: " + strings.Repeat("k", 65) + "\n", "FILE:2: apps[0].appkey: an appkey has 1 to 64 bytes, this one has 65"},
		"origin with path":    {"allowedOrigins:\n  - https://a.example/x\n", "FILE:1: allowedOrigins: \"https://a.example/x\" is more than an origin"},
		"origin is nonsense":  {"allowedOrigins: [a.example]\n", "FILE:1: allowedOrigins: \"a.example\" is not an origin"},
		"origins not a list":  {"allowedOrigins: https://a.example\n", "FILE:1: allowedOrigins: want a list"},
		"level":               {"logLevel: loud\n", `FILE:1: logLevel: "loud" is not a log level`},
		"node address":        {"engine:\n  nodeIP: 0.0.0.0\n", "FILE:2: engine.nodeIP:"},
		"cert without key":    {"tls:\n  cert: a.pem\n", "FILE:2: tls.cert: is given without tls.key"},
		"both certificates":   {"tls:\n  cert: a\n  key: b\n  selfSigned: true\n", "FILE:4: tls.selfSigned: cannot be used together with tls.cert"},
		"engine secret alone": {"engine:\n  secret: s\n", "FILE:2: engine.secret: is given without engine.key"},
		"external half":       {"engine:\n  external:\n    url: wss://x.example\n", "FILE:3: engine.external.url: is given without engine.external.key"},
		"external scheme":     {"engine:\n  external:\n    url: ftp://x.example\n", "FILE:3: engine.external.url: is not a URL"},
		"same port":           {"engine:\n  port: 7000\n  tcpPort: 7000\n", "FILE:3: engine.tcpPort: 7000 is engine.port already"},
		"open without app":    {"logLevel: info\nlisten: 0.0.0.0:8080\n", "FILE:2: listen: 0.0.0.0:8080 can be reached by others"},
		"alias":               {"listen: &a 127.0.0.1:1\nlogLevel: *a\n", "FILE:2: logLevel: YAML aliases are not taken"},
		"list at the top":     {"- listen\n", "FILE:1: want keys and values"},
		"two documents":       {"listen: 127.0.0.1:1\n---\nlisten: 127.0.0.1:2\n", "a second YAML document"},
		"not YAML":            {"listen: [\n", "FILE:1: not YAML: did not find expected node content"},
		"not text":            {"\x00\x01\x02", "FILE: not YAML"},
	} {
		t.Run(name, func(t *testing.T) {
			_, file, err := load(t, tc.yaml, nil, nil)
			if err == nil {
				t.Fatal("accepted")
			}
			if want := strings.ReplaceAll(tc.want, "FILE", file); !strings.Contains(err.Error(), want) {
				t.Errorf("error\n  %v\nwants\n  %s", err, want)
			}
			if _, ok := errors.AsType[*Error](err); !ok {
				t.Errorf("%T is no *Error", err)
			}
		})
	}
}

func TestAllErrorsAtOnce(t *testing.T) {
	_, _, err := load(t, "lisen: x\nlogLevel: loud\n", []string{"NERTC_ENGINE_PORT=x"}, []string{"--engine-tcp-port", "-1"})
	if n := len(strings.Split(err.Error(), "\n")); n != 4 {
		t.Errorf("%d errors, want 4:\n%v", n, err)
	}
}

func TestEnvironmentAndFlagErrors(t *testing.T) {
	for _, tc := range []struct{ env, flag, want string }{
		{env: "NERTC_ENGINE_UDP_PORT=x", want: `NERTC_ENGINE_UDP_PORT: engine.udpPort: "x" is not a port`},
		{env: "NERTC_TLS_SELF_SIGNED=maybe", want: `NERTC_TLS_SELF_SIGNED: tls.selfSigned: "maybe" is neither true nor false`},
		{env: "NERTC_ALLOWED_ORIGINS=https://a.example,b", want: `NERTC_ALLOWED_ORIGINS: allowedOrigins: "b" is not an origin`},
		{flag: "--listen=nowhere", want: `--listen: listen: "nowhere" is not an address`},
		{flag: "--listen=:8080", want: "--listen: listen: :8080 can be reached by others"},
		{flag: "--app=", want: "--app: apps: an appkey has 1 to 64 bytes"},
		{flag: "--livekit-url=ws://127.0.0.1:7880", want: "--livekit-url: engine.external.url: is given without engine.external.key"},
		{flag: "--config=/does/not/exist.yaml", want: "/does/not/exist.yaml: cannot open it: no such file or directory"},
	} {
		var env, args []string
		if tc.env != "" {
			env = []string{tc.env}
		}
		if tc.flag != "" {
			args = []string{tc.flag}
		}
		_, _, err := load(t, "", env, args)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s%s: error %v, want %q", tc.env, tc.flag, err, tc.want)
		}
	}
}

func TestDebugOpen(t *testing.T) {
	c, _, err := load(t, "", nil, []string{"--listen=0.0.0.0:8443", "--tls-self-signed", "--debug-open"})
	if err != nil {
		t.Fatal(err)
	}
	if !c.Debug() || c.Loopback() || c.EngineLoopback() || !c.TLS.SelfSigned {
		t.Errorf("got %+v", c)
	}
	if _, _, err := load(t, "", nil, []string{"--listen=0.0.0.0:8443", "--app=k"}); err != nil {
		t.Errorf("with an app: %v", err)
	}
	for _, ok := range []string{"localhost:1", "127.1.2.3:1", "[::1]:1"} {
		if _, _, err := load(t, "", nil, []string{"--listen", ok}); err != nil {
			t.Errorf("%s: %v", ok, err)
		}
	}
}

// A secret's value appears in no error, whatever else is wrong with it.
func TestSecretsStayOutOfErrors(t *testing.T) {
	const s = "hunter2hunter2"
	for _, tc := range []struct {
		yaml string
		args []string
	}{
		{yaml: "engine:\n  secret: " + s + "\n"},
		{yaml: "engine:\n  secret: [" + s + "]\n"},
		{yaml: "engine:\n  external:\n    secret: " + s + "\n    url: 'https://u:" + s + "@x.example'\n"},
		{yaml: "engine:\n  secret: *" + s + "\n"},
		{yaml: "apps:\n- appkey: a\n  appSecret: *" + s + "\n"},
		{yaml: "apps:\n- appkey: a\n  appSecret: [" + s + "]\n"},
		{yaml: "apps:\n- appkey: a\n  appSecret: " + s + "\n  permSecret: " + s + "\n  secret: 1\n"},
		{yaml: "apps:\n- appkey: a\n  appSecret: \"" + s + "\\t\"\n"},
		{yaml: "apps:\n- appkey: a\n  appSecret: " + strings.Repeat(s, 20) + "\n"},
		{yaml: "apps:\n- appkey: a\n  appSecretFile: " + s + "\n"},
		{yaml: "apps:\n- appkey: a\n  appSecretEnv: " + s + "\n"},
		{args: []string{"--livekit-secret", s}},
		{args: []string{"--livekit-url", "::" + s, "--livekit-secret", s}},
	} {
		_, _, err := load(t, tc.yaml, nil, tc.args)
		if err == nil {
			t.Fatalf("%+v accepted", tc)
		}
		if strings.Contains(err.Error(), s) {
			t.Errorf("the secret is in %q", err)
		}
	}
}

func TestEmptyFile(t *testing.T) {
	for _, yaml := range []string{"# nothing\n", "---\n", "\n"} {
		if c, _, err := load(t, yaml, nil, nil); err != nil || !c.Debug() {
			t.Errorf("%q: %v", yaml, err)
		}
	}
}

func TestNames(t *testing.T) {
	want := map[string]string{
		"tls.selfSigned": "NERTC_TLS_SELF_SIGNED", "engine.udpPort": "NERTC_ENGINE_UDP_PORT", "engine.nodeIP": "NERTC_ENGINE_NODE_IP",
		"engine.external.url": "NERTC_ENGINE_EXTERNAL_URL", "allowedOrigins": "NERTC_ALLOWED_ORIGINS", "listen": "NERTC_LISTEN",
	}
	for _, s := range settings() {
		if w, ok := want[s.path]; ok && s.env() != w {
			t.Errorf("%s: %s, want %s", s.path, s.env(), w)
		}
	}
}

// docs/gateway.md lists each key with its flag and its environment variable.
func TestDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/gateway.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range appKeys() {
		if row := "| `" + key + "` |"; !strings.Contains(string(doc), row) {
			t.Errorf("docs/gateway.md has no row for an app's %s", key)
		}
	}
	for _, s := range settings() {
		if row := "| `" + s.path + "` | `--" + s.flag + "` | `" + s.env() + "` |"; !strings.Contains(string(doc), row) {
			t.Errorf("docs/gateway.md has no row that begins %s", row)
		}
	}
}

func FuzzFile(f *testing.F) {
	f.Add([]byte(full))
	f.Add([]byte("apps: [{appkey: a}, 1, {? [a]: b}]\ntls: *x\n<<: {listen: 1}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l := newLoader(nil)
		l.file("f.yaml", data)
		l.check()
	})
}
