package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// keyPair is a certificate for turn.example.com with its key, in files.
func keyPair(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"turn.example.com"},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{
		cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: pkcs8},
	} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func TestTURN(t *testing.T) {
	cert, key := keyPair(t)
	files := "cert: " + cert + ", key: " + key
	public := "listen: 0.0.0.0:8443\napps: [{appkey: a}]\n"
	for name, tc := range map[string]struct {
		yaml string
		want TURN
	}{
		"on loopback without a word": {"", TURN{Enabled: true, UDP: true}},
		"elsewhere off":              {public, TURN{UDP: true}},
		"off on loopback":            {"turn: {enabled: false}\n", TURN{UDP: true}},
		"on elsewhere":               {public + "turn: {enabled: true}\n", TURN{Enabled: true, UDP: true}},
		"on by a port":               {public + "turn: {udpPort: 3478}\n", TURN{Enabled: true, UDP: true, UDPPort: 3478}},
		"TLS alone": {public + "turn: {udp: false, domain: turn.example.com, tlsPort: 443, " + files + "}\n",
			TURN{Enabled: true, Domain: "turn.example.com", TLSPort: 443, Cert: cert, Key: key}},
		"the gateway's certificate": {public + "tls: {" + files + "}\nturn: {domain: turn.example.com}\n",
			TURN{Enabled: true, UDP: true, Domain: "turn.example.com", Cert: cert, Key: key}},
		"TLS ended in front": {public + "turn: {domain: turn.example.com, tlsPort: 5349, externalTLS: true}\n",
			TURN{Enabled: true, UDP: true, Domain: "turn.example.com", TLSPort: 5349, ExternalTLS: true, PublicPort: 443}},
		"another port in public": {public + "turn: {domain: turn.example.com, externalTLS: true, publicPort: 8443}\n",
			TURN{Enabled: true, UDP: true, Domain: "turn.example.com", ExternalTLS: true, PublicPort: 8443}},
		"an engine elsewhere": {"engine: {external: {url: ws://h, key: k, secret: s}}\n", TURN{UDP: true}},
		"IPv6 on loopback":    {"engine: {nodeIP: \"::1\"}\n", TURN{UDP: true}},
	} {
		t.Run(name, func(t *testing.T) {
			c, _, err := load(t, tc.yaml, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			tc.want.FirstPort, tc.want.LastPort = 30000, 40000
			if c.TURN != tc.want {
				t.Errorf("got %+v, want %+v", c.TURN, tc.want)
			}
		})
	}
	c, _, err := load(t, "turn: {relayPorts: 50000-50100}\n", []string{"NERTC_TURN_UDP_PORT=3478"}, []string{"--turn-udp-port", "3479"})
	if err != nil || c.TURN.FirstPort != 50000 || c.TURN.LastPort != 50100 || c.TURN.UDPPort != 3479 {
		t.Errorf("%+v, %v", c, err)
	}
	c, _, err = load(t, "engine: {external: {url: ws://h, key: k, secret: s}}\nturn: {udpPort: 3478}\n", nil, nil)
	if err != nil || len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], "turn have no effect") {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestTURNErrors(t *testing.T) {
	cert, key := keyPair(t)
	for yaml, want := range map[string]string{
		"turn: {enabled: maybe}":                           "FILE:1: turn.enabled: want true or false",
		"turn: {udpPort: 70000}":                           `turn.udpPort: "70000" is not a port`,
		"turn: {udpPort: 100}":                             "turn.udpPort: browsers speak TURN to no port below 1024 but 53, 80 and 443, so not to 100",
		"turn: {udp: false}":                               "FILE:1: turn.udp: is false and there is no turn.domain: nobody could reach the relay",
		"turn: {tlsPort: 5349}":                            "turn.tlsPort: has no effect without turn.domain",
		"turn: {domain: \"a b\"}":                          `turn.domain: "a b" is not a host name`,
		"turn: {domain: turn.example.com}":                 "turn.domain: needs turn.cert and turn.key, tls.cert and tls.key, or turn.externalTLS",
		"turn: {domain: h, cert: " + cert + "}":            "turn.cert: is given without turn.key",
		"turn: {domain: h, cert: /no, key: /no}":           "turn.cert: cannot be used: cannot open it: no such file",
		"turn: {relayPorts: 30000}":                        `turn.relayPorts: "30000" is not a range of at least 8 ports`,
		"turn: {relayPorts: 40000-30000}":                  `turn.relayPorts: "40000-30000" is not a range`,
		"turn: {relayPorts: 80-1200}":                      `turn.relayPorts: "80-1200" is not a range`,
		"turn: {server: a}":                                "turn.server: unknown key; known here: enabled, udp, udpPort,",
		"engine: {nodeIP: \"::1\"}\nturn: {enabled: true}": "FILE:2: turn: the relay needs an IPv4 address",
		"turn: {domain: other.example.com, cert: " + cert + ", key: " + key + "}":                   "turn.domain: the certificate is not for it",
		"turn: {domain: turn.example.com, externalTLS: true, cert: " + cert + ", key: " + key + "}": "turn.externalTLS: cannot be used together with turn.cert",
		"listen: 127.0.0.1:8443\nturn: {domain: h, externalTLS: true, tlsPort: 8443}":               "turn.tlsPort: 8443 is the port of listen already",
		"engine: {udpPort: 7882}\nturn: {udpPort: 7882}":                                            "turn.udpPort: 7882 is engine.udpPort already",
		"engine: {udpPort: 50010}\nturn: {relayPorts: 50000-50100}":                                 "turn.relayPorts: engine.udpPort, 50010, is among them",
	} {
		_, file, err := load(t, yaml+"\n", nil, nil)
		if err == nil {
			t.Errorf("%q is accepted", yaml)
			continue
		}
		if want := strings.ReplaceAll(want, "FILE", file); !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", yaml, err, want)
		}
	}
}
