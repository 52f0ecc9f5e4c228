package main

import (
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"

	"nertc/gateway"
	"nertc/gateway/config"
)

// pageURL is the address to open on this machine. The name localhost and not the
// number, because people know it and some browsers trust only it.
func pageURL(cfg *config.Config, addr *net.TCPAddr) string {
	host := "localhost"
	if !addr.IP.IsLoopback() && !addr.IP.IsUnspecified() {
		host = addr.IP.String()
	}
	return urlOf(cfg, host, addr.Port)
}

func urlOf(cfg *config.Config, host string, port int) string {
	scheme, usual := "http", 80
	if cfg.TLS != (config.TLS{}) {
		scheme, usual = "https", 443
	}
	if port == usual {
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		return scheme + "://" + host
	}
	return scheme + "://" + net.JoinHostPort(host, strconv.Itoa(port))
}

// announce tells a person on the console where to go and what to be careful about.
func announce(w io.Writer, cfg *config.Config, addr *net.TCPAddr) {
	var b strings.Builder
	b.WriteByte('\n')
	if cfg.Debug() {
		b.WriteString("  ****  DEBUG MODE: no app is configured, so any appkey is accepted and no token is asked for.  ****\n")
		if cfg.Loopback() {
			b.WriteString("  ****  Only this machine can reach the gateway. Configure apps before others may.           ****\n")
		} else {
			b.WriteString("  ****  EVERYBODY who can reach this machine can join every room (--debug-open).             ****\n")
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "  Open  %s\n", pageURL(cfg, addr))
	if addr.IP.IsUnspecified() {
		for _, ip := range gateway.Addresses() {
			fmt.Fprintf(&b, "        %s\n", urlOf(cfg, ip, addr.Port))
		}
	}
	secure := cfg.TLS != config.TLS{}
	if cfg.TLS.SelfSigned {
		b.WriteString("\n  The certificate is self-signed: the browser warns once, go on from there.\n")
	}
	if !secure && !cfg.Loopback() {
		b.WriteString("\n  Without TLS browsers give camera and microphone on localhost only: put a proxy with TLS in\n" +
			"  front, or use --tls-cert and --tls-key, or --tls-self-signed for a try.\n")
	}
	b.WriteByte('\n')
	// A console that is gone is no reason to stop.
	_, _ = io.WriteString(w, b.String())
}
