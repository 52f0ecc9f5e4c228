package embedded

import (
	"fmt"
	"net/netip"

	"github.com/livekit/livekit-server/pkg/service"

	"nertc/gateway/engine"
)

// turnDomain stands in for a relay's name that LiveKit does not take, localhost for example. It only writes
// it into what it tells clients, and the gateway writes that anew: LiveKit takes port 443 for granted there.
const turnDomain = "relay.invalid"

// turnConfig is the part of LiveKit's configuration that makes it a TURN server.
func turnConfig(c engine.ChildConfig) (map[string]any, error) {
	if !c.TURN.Enabled() {
		return map[string]any{"enabled": false}, nil
	}
	node, err := netip.ParseAddr(c.NodeIP)
	if err != nil || !node.Is4() {
		return nil, fmt.Errorf("the relay needs an IPv4 address of the node")
	}
	bind := "0.0.0.0"
	if c.Loopback {
		bind = "127.0.0.1"
	}
	turn := map[string]any{
		"enabled":           true,
		"bind_addresses":    []string{bind},
		"relay_range_start": c.TURN.FirstPort,
		"relay_range_end":   c.TURN.LastPort,
		"ttl_seconds":       int(engine.CredentialTime.Seconds()),
		// It relays to the engine and to nobody else: whoever is in a room could otherwise reach
		// through it what only this machine can. The first list is asked for private addresses alone,
		// to which the engine's may belong; what the second has is refused in any case.
		"allow_restricted_peer_cidrs": []string{netip.PrefixFrom(node, 32).String()},
		"deny_peer_cidrs":             append(allBut(node), "::/0"),
	}
	if c.TURN.UDP {
		turn["udp_port"] = c.TURN.UDPPort
	}
	if c.TURN.TLS() {
		turn["tls_port"] = c.TURN.TLSPort
		turn["domain"] = turnDomain
		if service.IsValidDomain(c.TURN.Domain) {
			turn["domain"] = c.TURN.Domain
		}
		turn["external_tls"] = c.TURN.ExternalTLS
		turn["cert_file"], turn["key_file"] = c.TURN.Cert, c.TURN.Key
	}
	return turn, nil
}

// allBut are the networks that have every IPv4 address but one: for each length of a prefix, those
// that agree with it up to the last bit and not in that.
func allBut(ip netip.Addr) []string {
	out := make([]string, 0, 32)
	for bits := 1; bits <= 32; bits++ {
		b := ip.As4()
		b[(bits-1)/8] ^= 0x80 >> ((bits - 1) % 8)
		out = append(out, netip.PrefixFrom(netip.AddrFrom4(b), bits).Masked().String())
	}
	return out
}
