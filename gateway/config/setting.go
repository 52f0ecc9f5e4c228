package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"nertc/gateway/origin"
)

// kind is the form of a setting's value.
type kind int

const (
	text kind = iota
	number
	boolean
	list // several texts: a YAML sequence, commas in the environment, a repeated flag
)

// setting is one key: where it comes from and how it is put into a Config.
type setting struct {
	path   string // as in the file, with dots
	flag   string
	kind   kind
	secret bool
	usage  string
	set    func(c *Config, v value) error
}

// value is what was given: exactly one text, but for a list.
type value []string

func (v value) one() string { return v[0] }

// env is the name of the environment variable: tls.selfSigned is NERTC_TLS_SELF_SIGNED.
func (s *setting) env() string { return "NERTC_" + snake(s.path) }

func snake(path string) string {
	var b strings.Builder
	lower := false
	for _, r := range path {
		switch {
		case r == '.':
			b.WriteByte('_')
			lower = false
			continue
		case unicode.IsUpper(r) && lower:
			b.WriteByte('_')
		}
		lower = unicode.IsLower(r)
		b.WriteRune(unicode.ToUpper(r))
	}
	return b.String()
}

// settings is every key there is; docs/gateway.md is checked against it.
func settings() []setting {
	str := func(path, flag, usage string, at func(*Config) *string, check func(string) error) setting {
		return setting{path: path, flag: flag, usage: usage, set: func(c *Config, v value) error {
			if check != nil {
				if err := check(v.one()); err != nil {
					return err
				}
			}
			*at(c) = v.one()
			return nil
		}}
	}
	secret := func(path, flag, usage string, at func(*Config) *string) setting {
		s := str(path, flag, usage, at, notEmpty)
		s.secret = true
		return s
	}
	port := func(path, flag, usage string, at func(*Config) *int) setting {
		return setting{path: path, flag: flag, kind: number, usage: usage, set: func(c *Config, v value) error {
			n, err := strconv.Atoi(v.one())
			if err != nil || n < 0 || n > 65535 {
				return fmt.Errorf("%q is not a port: want a whole number from 0 to 65535", v.one())
			}
			*at(c) = n
			return nil
		}}
	}
	truth := func(path, flag, usage string, at func(*Config) *bool) setting {
		return setting{path: path, flag: flag, kind: boolean, usage: usage, set: func(c *Config, v value) error {
			b, err := strconv.ParseBool(v.one())
			if err != nil {
				return fmt.Errorf("%q is neither true nor false", v.one())
			}
			*at(c) = b
			return nil
		}}
	}
	return append([]setting{
		str("listen", "listen", "`address` to listen on, host:port; port 0 picks a free one", func(c *Config) *string { return &c.Listen }, checkListen),
		str("tls.cert", "tls-cert", "`file` with the TLS certificate chain, PEM", func(c *Config) *string { return &c.TLS.Cert }, notEmpty),
		str("tls.key", "tls-key", "`file` with the certificate's private key, PEM", func(c *Config) *string { return &c.TLS.Key }, notEmpty),
		truth("tls.selfSigned", "tls-self-signed", "serve HTTPS with a certificate made at start, for a phone on the LAN", func(c *Config) *bool { return &c.TLS.SelfSigned }),
		port("engine.port", "engine-port", "`port` of the embedded engine's signalling, loopback only; 0 picks a free one", func(c *Config) *int { return &c.Engine.Port }),
		port("engine.udpPort", "engine-udp-port", "UDP `port` of the embedded engine's media; 0 picks a free one", func(c *Config) *int { return &c.Engine.UDPPort }),
		port("engine.tcpPort", "engine-tcp-port", "TCP `port` of the embedded engine's media; 0 picks a free one", func(c *Config) *int { return &c.Engine.TCPPort }),
		str("engine.nodeIP", "engine-node-ip", "`IP` address that browsers send media to", func(c *Config) *string { return &c.Engine.NodeIP }, checkIP),
		str("engine.logLevel", "engine-log-level", "`level` of the embedded engine's log: debug, info, warn, error", func(c *Config) *string { return &c.Engine.LogLevel }, checkLevel),
		str("engine.key", "engine-key", "API `key` of the embedded engine; random when not given", func(c *Config) *string { return &c.Engine.Key }, notEmpty),
		secret("engine.secret", "engine-secret", "API `secret` of the embedded engine; random when not given", func(c *Config) *string { return &c.Engine.Secret }),
		str("engine.external.url", "livekit-url", "`URL` of a LiveKit deployment to use instead of the embedded engine", func(c *Config) *string { return &c.Engine.External.URL }, checkEngineURL),
		str("engine.external.key", "livekit-key", "API `key` of that deployment", func(c *Config) *string { return &c.Engine.External.Key }, notEmpty),
		secret("engine.external.secret", "livekit-secret", "API `secret` of that deployment", func(c *Config) *string { return &c.Engine.External.Secret }),
		{path: "apps", flag: "app", kind: list, usage: "`appkey` that may join; repeat for several", set: setApps},
		{path: "allowedOrigins", flag: "allowed-origin", kind: list, usage: "`origin` whose pages may use the gateway, or *; repeat for several", set: setOrigins},
		truth("debugOpen", "debug-open", "permit debug mode (any appkey) on an address that others can reach", func(c *Config) *bool { return &c.DebugOpen }),
		str("logLevel", "log-level", "`level` of the gateway's log: debug, info, warn, error", func(c *Config) *string { return &c.LogLevel }, checkLevel),
		str("logFormat", "log-format", "`form` of the gateway's log: text or json", func(c *Config) *string { return &c.LogFormat }, checkFormat),
	}, slices.Concat(limitSettings(), adminSettings(), turnSettings(), logSettings(), liveSettings())...)
}

func notEmpty(v string) error {
	if v == "" {
		return fmt.Errorf("is empty")
	}
	return nil
}

func checkListen(v string) error {
	_, port, err := net.SplitHostPort(v)
	if err != nil {
		return fmt.Errorf("%q is not an address: want host:port, for example %s", v, DefaultListen)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("%q has no port from 0 to 65535", v)
	}
	return nil
}

func checkIP(v string) error {
	if ip, err := netip.ParseAddr(v); err != nil || ip.IsUnspecified() || ip.Zone() != "" {
		return fmt.Errorf("%q is not the IP address of a machine", v)
	}
	return nil
}

func checkLevel(v string) error {
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, v) {
		return fmt.Errorf("%q is not a log level: want debug, info, warn or error", v)
	}
	return nil
}

func checkFormat(v string) error {
	if v != LogText && v != LogJSON {
		return fmt.Errorf("%q is not a form of a log: want text or json", v)
	}
	return nil
}

func checkEngineURL(v string) error {
	// The value is not repeated: it may hold a password, which is also why one is refused.
	u, err := url.Parse(v)
	if err != nil || u.Host == "" || !slices.Contains([]string{"ws", "wss", "http", "https"}, u.Scheme) {
		return fmt.Errorf("is not a URL with the scheme ws, wss, http or https")
	}
	if u.User != nil || u.RawQuery != "" {
		return fmt.Errorf("must not hold a user, a password or a query")
	}
	return nil
}

func setOrigins(c *Config, v value) error {
	origins, err := normalOrigins(v)
	if err != nil {
		return err
	}
	c.AllowedOrigins = origins
	return nil
}

func normalOrigins(v value) ([]string, error) {
	origins := make([]string, 0, len(v))
	for _, o := range v {
		n, err := origin.Normal(o)
		if err != nil {
			return nil, err
		}
		origins = append(origins, n)
	}
	return origins, nil
}
