package doctor

import (
	"net"
	"path/filepath"
	"testing"

	"nertc/gateway/config"
)

func TestRelay(t *testing.T) {
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	takenUDP, takenTCP := udp.LocalAddr().(*net.UDPAddr).Port, tcp.Addr().(*net.TCPAddr).Port
	cert, key := files(t, "h")
	missing := filepath.Join(t.TempDir(), "none")
	for name, tc := range map[string]struct {
		listen  string
		turn    config.TURN
		running server
		status  Status
		words   string
	}{
		"none":                  {"127.0.0.1:1", config.TURN{UDP: true}, server{}, Skipped, "startProxyServer"},
		"on loopback":           {"127.0.0.1:1", config.TURN{Enabled: true, UDP: true}, server{}, OK, "this machine"},
		"UDP taken":             {"127.0.0.1:1", config.TURN{Enabled: true, UDP: true, UDPPort: takenUDP}, server{}, Failed, "turn.udpPort"},
		"taken by a gateway":    {"127.0.0.1:1", config.TURN{Enabled: true, UDP: true, UDPPort: takenUDP}, server{answers: true}, OK, "in use"},
		"TCP taken":             {"127.0.0.1:1", config.TURN{Enabled: true, Domain: "h", ExternalTLS: true, TLSPort: takenTCP}, server{}, Failed, "turn.tlsPort"},
		"no certificate":        {"127.0.0.1:1", config.TURN{Enabled: true, Domain: "h", Cert: missing, Key: missing}, server{}, Failed, "turn.cert"},
		"vouched for by nobody": {"127.0.0.1:1", config.TURN{Enabled: true, Domain: "h", Cert: cert, Key: key}, server{}, Warning, "no authority"},
		"the same, in use":      {"127.0.0.1:1", config.TURN{Enabled: true, Domain: "h", Cert: cert, Key: key}, server{answers: true}, Warning, "no authority"},
		"and its port taken":    {"127.0.0.1:1", config.TURN{Enabled: true, Domain: "h", Cert: cert, Key: key, TLSPort: takenTCP}, server{}, Failed, "turn.tlsPort"},
		"for all, picked ports": {":1", config.TURN{Enabled: true, UDP: true}, server{}, Warning, "turn.udpPort"},
	} {
		c := &config.Config{Listen: tc.listen, TURN: tc.turn}
		expect(t, name, relay(t.Context(), c, tc.running), tc.status, tc.words)
	}
}
