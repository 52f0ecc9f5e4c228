package config

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

const (
	// httpsPort is where clients look for TURN over TLS that somebody else ends.
	httpsPort = 443
	// leastRelayPorts is how many ports the relay has at least: each client that uses it takes one.
	leastRelayPorts = 8
)

// TURN configures the embedded engine's relay, for clients whose network lets nothing else through.
type TURN struct {
	// Enabled says whether there is a relay. Without a word on it there is one where media
	// stays on loopback, and where another of these settings is given.
	Enabled bool
	// UDP says whether clients may reach the relay over UDP.
	UDP bool
	// UDPPort and TLSPort are where clients reach it; 0 picks a free one.
	UDPPort, TLSPort int
	// Domain is the name in the certificate. Empty: the relay is not reached over TLS.
	Domain string
	// Cert and Key are paths of PEM files; without them those of TLS are taken.
	Cert, Key string
	// ExternalTLS says that somebody in front of TLSPort ends TLS.
	ExternalTLS bool
	// PublicPort is the port for TLS that clients are told; 0 is TLSPort or, with ExternalTLS, 443.
	PublicPort int
	// FirstPort and LastPort bound the UDP ports that relayed media leaves from.
	FirstPort, LastPort int
}

// turnSettings are the keys of the relay.
func turnSettings() []setting {
	port := func(path, flag, usage string, least int, at func(*TURN) *int) setting {
		return setting{path: path, flag: flag, kind: number, usage: usage, set: func(c *Config, v value) error {
			n, err := strconv.Atoi(v.one())
			switch {
			case err != nil || n < least || n > 65535:
				return fmt.Errorf("%q is not a port: want a whole number from %d to 65535", v.one(), least)
			case n > 0 && n < 1024 && n != 53 && n != 80 && n != httpsPort:
				return fmt.Errorf("browsers speak TURN to no port below 1024 but 53, 80 and 443, so not to %d", n)
			}
			*at(&c.TURN) = n
			return nil
		}}
	}
	truth := func(path, flag, usage string, at func(*TURN) *bool) setting {
		return setting{path: path, flag: flag, kind: boolean, usage: usage, set: func(c *Config, v value) error {
			b, err := strconv.ParseBool(v.one())
			if err != nil {
				return fmt.Errorf("%q is neither true nor false", v.one())
			}
			*at(&c.TURN) = b
			return nil
		}}
	}
	str := func(path, flag, usage string, check func(string) error, at func(*TURN) *string) setting {
		return setting{path: path, flag: flag, usage: usage, set: func(c *Config, v value) error {
			*at(&c.TURN) = v.one()
			return check(v.one())
		}}
	}
	return []setting{
		truth("turn.enabled", "turn", "relay media by TURN for clients that nothing else gets through to", func(t *TURN) *bool { return &t.Enabled }),
		truth("turn.udp", "turn-udp", "reach the relay over UDP", func(t *TURN) *bool { return &t.UDP }),
		port("turn.udpPort", "turn-udp-port", "UDP `port` of the relay; 0 picks a free one", 0, func(t *TURN) *int { return &t.UDPPort }),
		str("turn.domain", "turn-domain", "`name` in the relay's certificate; without one it is not reached over TLS", checkDomain, func(t *TURN) *string { return &t.Domain }),
		port("turn.tlsPort", "turn-tls-port", "TCP `port` of the relay over TLS; 0 picks a free one", 0, func(t *TURN) *int { return &t.TLSPort }),
		str("turn.cert", "turn-cert", "`file` with the relay's certificate chain, PEM; without one it is that of tls.cert", notEmpty, func(t *TURN) *string { return &t.Cert }),
		str("turn.key", "turn-key", "`file` with that certificate's private key, PEM", notEmpty, func(t *TURN) *string { return &t.Key }),
		truth("turn.externalTLS", "turn-external-tls", "a load balancer in front of the relay ends TLS", func(t *TURN) *bool { return &t.ExternalTLS }),
		port("turn.publicPort", "turn-public-port", "`port` for TLS that clients are told, where it is not the relay's own", 1, func(t *TURN) *int { return &t.PublicPort }),
		{path: "turn.relayPorts", flag: "turn-relay-ports", usage: "`range` of UDP ports that relayed media leaves from, first-last", set: setRelayPorts},
	}
}

var domainForm = regexp.MustCompile(`^(?i)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)

func checkDomain(v string) error {
	if len(v) > 253 || !domainForm.MatchString(v) {
		return fmt.Errorf("%q is not a host name", v)
	}
	return nil
}

func setRelayPorts(c *Config, v value) error {
	a, b, found := strings.Cut(v.one(), "-")
	first, err1 := strconv.Atoi(strings.TrimSpace(a))
	last, err2 := strconv.Atoi(strings.TrimSpace(b))
	if !found || err1 != nil || err2 != nil || first < 1024 || last > 65535 || last-first+1 < leastRelayPorts {
		return fmt.Errorf("%q is not a range of at least %d ports from 1024 to 65535, 30000-40000 for example", v.one(), leastRelayPorts)
	}
	c.TURN.FirstPort, c.TURN.LastPort = first, last
	return nil
}

// turn completes and checks the relay once every source has been read.
func (l *loader) turn() {
	c, t := l.config, &l.config.TURN
	given := ""
	for _, s := range turnSettings() {
		if s.path != "turn.enabled" && l.from[s.path] != "" {
			given = s.path
			break
		}
	}
	_, decided := l.from["turn.enabled"]
	external := c.Engine.External.URL != ""
	if !decided {
		t.Enabled = !external && (given != "" || c.EngineLoopback() && !ipv6(c.Engine.NodeIP))
	}
	if !t.Enabled || external {
		if given != "" || t.Enabled {
			why := "turn.enabled is false"
			if external {
				why = "an external LiveKit has a relay of its own or none"
			}
			c.Warnings = append(c.Warnings, "the settings of turn have no effect: "+why)
		}
		t.Enabled = false
		return
	}
	if ipv6(c.Engine.NodeIP) {
		l.fail(l.place("turn.enabled", given), "turn", errors.New("the relay needs an IPv4 address as engine.nodeIP"))
	}
	if !t.UDP && t.Domain == "" {
		l.failKey("turn.udp", "is false and there is no turn.domain: nobody could reach the relay")
	}
	l.turnTLS()
	l.turnPorts()
}

// place is where the first of two keys was set, or else the second.
func (l *loader) place(a, b string) string {
	if p := l.from[a]; p != "" {
		return p
	}
	return l.from[b]
}

func ipv6(ip string) bool {
	a, err := netip.ParseAddr(ip)
	return err == nil && a.Unmap().Is6()
}

func (l *loader) turnTLS() {
	t := &l.config.TURN
	l.both("turn.cert", t.Cert, "turn.key", t.Key)
	if t.Domain == "" {
		for _, key := range []string{"turn.tlsPort", "turn.cert", "turn.externalTLS", "turn.publicPort"} {
			if l.from[key] != "" {
				l.failKey(key, "has no effect without turn.domain")
			}
		}
		return
	}
	if t.ExternalTLS {
		if t.Cert != "" {
			l.failKey("turn.externalTLS", "cannot be used together with turn.cert")
		}
		if t.PublicPort == 0 {
			t.PublicPort = httpsPort
		}
		return
	}
	if t.Cert == "" {
		t.Cert, t.Key = l.config.TLS.Cert, l.config.TLS.Key
	}
	if t.Cert == "" || t.Key == "" {
		if l.from["turn.cert"] == "" && l.from["turn.key"] == "" {
			l.failKey("turn.domain", "needs turn.cert and turn.key, tls.cert and tls.key, or turn.externalTLS")
		}
		return
	}
	pair, err := tls.LoadX509KeyPair(t.Cert, t.Key)
	if err != nil {
		l.fail(l.place("turn.cert", "tls.cert"), "turn.cert", fmt.Errorf("cannot be used: %w", bare(err)))
		return
	}
	if err := pair.Leaf.VerifyHostname(t.Domain); err != nil {
		l.failKey("turn.domain", "the certificate is not for it: %w", err)
	}
}

// turnPorts refuses one port for two listeners.
func (l *loader) turnPorts() {
	c := l.config
	t, e := c.TURN, c.Engine
	_, p, _ := net.SplitHostPort(c.Listen)
	listen, _ := strconv.Atoi(p)
	for _, taken := range []struct {
		key   string
		other string
		own   int
		port  int
	}{
		{"turn.tlsPort", "the port of listen", t.TLSPort, listen},
		{"turn.tlsPort", "engine.port", t.TLSPort, e.Port},
		{"turn.tlsPort", "engine.tcpPort", t.TLSPort, e.TCPPort},
		{"turn.udpPort", "engine.udpPort", t.UDPPort, e.UDPPort},
	} {
		if taken.own != 0 && taken.own == taken.port {
			l.failKey(taken.key, "%d is %s already", taken.own, taken.other)
		}
	}
	for key, port := range map[string]int{"turn.udpPort": t.UDPPort, "engine.udpPort": e.UDPPort} {
		if l.from["turn.relayPorts"] != "" && port >= t.FirstPort && port <= t.LastPort {
			l.failKey("turn.relayPorts", "%s, %d, is among them", key, port)
		}
	}
}
