package engine

import (
	"fmt"
	"net"
	"strconv"
)

type ports struct{ http, udp, tcp, turnUDP, turnTLS int }

// pickPorts gives the configured ports, after a look whether they are free, and a
// free one for each 0. Somebody else may still take one before the child binds it.
func pickPorts(c Config) (ports, error) {
	for name, p := range map[string]int{"HTTP": c.Port, "UDP": c.UDPPort, "TCP": c.TCPPort, "TURN UDP": c.TURN.UDPPort, "TURN TLS": c.TURN.TLSPort} {
		if p < 0 || p > 65535 {
			return ports{}, fmt.Errorf("engine %s port %d is out of range", name, p)
		}
	}
	var p ports
	var held []interface{ Close() error }
	defer func() {
		for _, h := range held {
			_ = h.Close()
		}
	}()
	httpPort, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(c.Port)))
	if err != nil {
		return p, fmt.Errorf("engine HTTP port: %w", err)
	}
	held = append(held, httpPort)
	p.http = httpPort.Addr().(*net.TCPAddr).Port

	host := ""
	if c.Loopback {
		host = "127.0.0.1"
	}
	udp, err := net.ListenPacket("udp", net.JoinHostPort(host, strconv.Itoa(c.UDPPort)))
	if err != nil {
		return p, fmt.Errorf("engine UDP port: %w", err)
	}
	held = append(held, udp)
	p.udp = udp.LocalAddr().(*net.UDPAddr).Port

	if c.TCPPort != 0 || !c.Loopback {
		tcp, err := net.Listen("tcp", net.JoinHostPort("", strconv.Itoa(c.TCPPort)))
		if err != nil {
			return p, fmt.Errorf("engine TCP port: %w", err)
		}
		held = append(held, tcp)
		p.tcp = tcp.Addr().(*net.TCPAddr).Port
	}
	if c.TURN.UDP {
		turn, err := net.ListenPacket("udp", net.JoinHostPort(host, strconv.Itoa(c.TURN.UDPPort)))
		if err != nil {
			return p, fmt.Errorf("TURN UDP port: %w", err)
		}
		held = append(held, turn)
		p.turnUDP = turn.LocalAddr().(*net.UDPAddr).Port
	}
	if c.TURN.TLS() {
		turn, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(c.TURN.TLSPort)))
		if err != nil {
			return p, fmt.Errorf("TURN TLS port: %w", err)
		}
		held = append(held, turn)
		p.turnTLS = turn.Addr().(*net.TCPAddr).Port
	}
	return p, nil
}

// nodeIP is this machine's address on its default route. No packet is sent: a
// connected UDP socket only looks the route up.
func nodeIP(loopback bool) string {
	if !loopback {
		// 192.0.2.1 is of TEST-NET-1, RFC 5737: routed like any public address.
		if c, err := net.Dial("udp4", "192.0.2.1:9"); err == nil {
			defer func() { _ = c.Close() }()
			return c.LocalAddr().(*net.UDPAddr).IP.String()
		}
	}
	return "127.0.0.1"
}
