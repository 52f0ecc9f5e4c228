package doctor

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strconv"
	"time"

	"nertc/gateway/config"
)

// relay judges the ports and the certificate of the embedded engine's relay.
func relay(_ context.Context, c *config.Config, running server) Finding {
	t := c.TURN
	if !t.Enabled {
		return Finding{Status: Skipped, Detail: "there is none; startProxyServer needs one, and so do users behind strict firewalls"}
	}
	var doubt Finding // which something worse goes before
	if t.Domain != "" && !t.ExternalTLS {
		pair, err := tls.LoadX509KeyPair(t.Cert, t.Key)
		if err != nil {
			return Finding{Status: Failed, Detail: err.Error(), Advice: "turn.cert and turn.key are PEM files, the certificate's chain first, readable by the gateway's user"}
		}
		switch f := judge(pair.Leaf, time.Now()); {
		case f.Status == Failed:
			return f
		case f.Status == Warning:
			doubt = f
		case !vouched(pair, nil):
			doubt = Finding{Status: Warning, Detail: "no authority that this machine knows vouches for the relay's certificate", Advice: unvouched}
		}
	}
	if running.answers {
		if doubt.Status == Warning {
			return doubt
		}
		return Finding{Status: OK, Detail: "in use by the gateway that serves"}
	}
	host := ""
	if c.EngineLoopback() {
		host = "127.0.0.1"
	}
	if t.UDP {
		l, err := net.ListenPacket("udp", net.JoinHostPort(host, strconv.Itoa(t.UDPPort)))
		if err != nil {
			return Finding{Status: Failed, Detail: err.Error(), Advice: "end what uses the port, or set another turn.udpPort"}
		}
		_ = l.Close()
	}
	if t.Domain != "" {
		l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(t.TLSPort)))
		if err != nil {
			return Finding{Status: Failed, Detail: err.Error(), Advice: "end what uses the port, or set another turn.tlsPort; ports below 1024 need root or CAP_NET_BIND_SERVICE"}
		}
		_ = l.Close()
	}
	switch {
	case doubt.Status == Warning:
		return doubt
	case c.EngineLoopback():
		return Finding{Status: OK, Detail: "there is one on this machine, for a try"}
	case t.UDP && t.UDPPort == 0 || t.Domain != "" && t.TLSPort == 0:
		return Finding{
			Status: Warning, Detail: "its ports are picked anew at each start",
			Advice: "set turn.udpPort and turn.tlsPort, and open them in the firewall for everybody",
		}
	case t.Domain == "":
		return Finding{
			Status: Warning, Detail: "it is reached over UDP alone",
			Advice: "networks that let no UDP out need it over TLS: set turn.domain and a certificate",
		}
	}
	return Finding{Status: OK, Detail: fmt.Sprintf("it is reached as %s, and the firewall must let its ports in", t.Domain)}
}
