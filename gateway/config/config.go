// Package config is the gateway's configuration: a YAML file, environment variables
// over it, flags over both, all checked before anything starts.
package config

import (
	"net"
	"net/netip"
	"strings"

	"nertc/gateway/app"
	"nertc/gateway/limit"
)

// DefaultListen is where a gateway listens when nothing is configured.
const DefaultListen = "127.0.0.1:8080"

// Config is a checked configuration.
type Config struct {
	// Listen is the address of the HTTP server, host:port; an empty host is every
	// address of the machine, port 0 a free one.
	Listen string
	TLS    TLS
	Engine Engine
	// TURN is the relay of the embedded engine.
	TURN TURN
	// Apps are the applications that may join. None: debug mode, any appkey is accepted.
	Apps []app.App
	// AllowedOrigins are the origins, normalised, whose pages may use the gateway
	// besides its own; "*" is every origin.
	AllowedOrigins []string
	// Limits of addresses, apps, rooms and connections.
	Limits limit.Values
	// TrustedProxies are believed, in X-Forwarded-For, whom they connect for.
	TrustedProxies limit.Proxies
	// Admin is the operator's API.
	Admin Admin
	// Logs are the logs of calls that pages send.
	Logs Logs
	// Live are the live tasks.
	Live Live
	// DebugOpen permits debug mode on an address that is not loopback.
	DebugOpen bool
	// LogLevel of the gateway: debug, info, warn or error.
	LogLevel string
	// LogFormat is LogText or LogJSON.
	LogFormat string
	// Warnings are what is odd but no reason to refuse the start.
	Warnings []string
}

// How the log's lines are written.
const (
	LogText = "text" // key=value
	LogJSON = "json" // one object a line
)

// TLS says how the HTTP server gets its certificate. All zero: plain HTTP.
type TLS struct {
	// Cert and Key are paths of PEM files, both or none.
	Cert, Key string
	// SelfSigned makes a certificate in memory at each start.
	SelfSigned bool
}

// Engine configures the media engine.
type Engine struct {
	// Port (signalling, loopback only), UDPPort and TCPPort (media) of the embedded
	// engine; 0 picks a free one.
	Port, UDPPort, TCPPort int
	// NodeIP is the address that browsers send media to. Empty: the loopback address
	// where the gateway listens on loopback, otherwise the machine's own.
	NodeIP string
	// LogLevel of the embedded engine: debug, info, warn or error.
	LogLevel string
	// Key and Secret are the embedded engine's API key. Empty: made at random.
	Key, Secret string
	External    External
}

// External is a LiveKit deployment that is used instead of the embedded engine.
type External struct {
	// URL has the scheme ws, wss, http or https. Empty: the embedded engine is used.
	URL         string
	Key, Secret string
}

// Debug says whether the gateway runs in debug mode: no app is configured, so that
// any appkey is accepted.
func (c *Config) Debug() bool { return len(c.Apps) == 0 }

// Loopback says whether the gateway listens on this machine's loopback only.
func (c *Config) Loopback() bool {
	host, _, err := net.SplitHostPort(c.Listen)
	return err == nil && loopbackHost(host)
}

// EngineLoopback says whether media stays on this machine too.
func (c *Config) EngineLoopback() bool {
	if c.Engine.NodeIP != "" {
		return loopbackHost(c.Engine.NodeIP)
	}
	return c.Loopback()
}

// loopbackHost reports whether a host without port names this machine alone. Names
// under .localhost count: browsers resolve them to loopback themselves (RFC 6761, 6.3).
func loopbackHost(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.Unmap().IsLoopback()
}
