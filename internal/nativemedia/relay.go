package nativemedia

import (
	"crypto/tls"
	"net"

	"github.com/pion/webrtc/v4"
)

// Path is how media goes.
type Path struct {
	// Local is the type of the own end: host, srflx, prflx or relay.
	Local string
	// Protocol is how the relay is reached: udp, tcp or tls; empty without one.
	Protocol string
}

// Path tells how media goes; false before it does.
func (p *peer) Path() (Path, bool) {
	report := p.pc.GetStats()
	for _, s := range report {
		if pair, ok := s.(webrtc.ICECandidatePairStats); ok && pair.Nominated {
			if c, ok := report[pair.LocalCandidateID].(webrtc.ICECandidateStats); ok {
				return Path{Local: c.CandidateType.String(), Protocol: c.RelayProtocol}, true
			}
		}
	}
	return Path{}, false
}

// relayDialer opens connections to relays over TLS. https://pkg.go.dev/golang.org/x/net/proxy#Dialer
type relayDialer struct{ config *tls.Config }

func (d relayDialer) Dial(network, address string) (net.Conn, error) {
	return tls.Dial(network, address, d.config)
}
