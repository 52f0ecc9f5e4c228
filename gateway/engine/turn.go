package engine

import (
	"crypto/sha256"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jxskiss/base62"
	"github.com/livekit/protocol/livekit"

	"nertc/internal/protocol"
)

// CredentialTime is how long clients can begin to use the relay with what they were given. What
// has begun goes on beyond it.
const CredentialTime = 5 * time.Minute

// TURN configures the relay of an embedded engine. It is reached over UDP, over TLS or both, and
// relays to the engine alone.
type TURN struct {
	// UDP says whether it is reached over UDP, on UDPPort; 0 picks a free one.
	UDP     bool `json:"udp"`
	UDPPort int  `json:"udpPort"`
	// Domain is the name that clients are told, and that of the certificate. Empty: no TLS.
	Domain string `json:"domain"`
	// TLSPort is where it is reached over TLS; 0 picks a free one.
	TLSPort int `json:"tlsPort"`
	// Cert and Key are paths of PEM files.
	Cert string `json:"cert"`
	Key  string `json:"key"`
	// ExternalTLS says that somebody in front of TLSPort ends TLS.
	ExternalTLS bool `json:"externalTLS"`
	// PublicPort is the port for TLS that clients are told; 0 is TLSPort.
	PublicPort int `json:"publicPort"`
	// FirstPort and LastPort bound the UDP ports that relayed media leaves from.
	FirstPort int `json:"firstPort"`
	LastPort  int `json:"lastPort"`
}

// TLS says whether the relay is reached over TLS.
func (t TURN) TLS() bool { return t.Domain != "" }

// Enabled says whether there is a relay.
func (t TURN) Enabled() bool { return t.UDP || t.TLS() }

func (t TURN) at(p ports) TURN {
	t.UDPPort, t.TLSPort = p.turnUDP, p.turnTLS
	return t
}

// relay is what an embedded engine's clients are told of its TURN server.
type relay struct {
	TURN
	host string
}

// urls are the relay's, UDP first: TLS is slower, and for where UDP does not get through.
func (r relay) urls(i Info) (urls []string) {
	if r.UDP {
		urls = append(urls, "turn:"+net.JoinHostPort(r.host, strconv.Itoa(i.TURNUDPPort))+"?transport=udp")
	}
	if r.TLS() {
		port := r.PublicPort
		if port == 0 {
			port = i.TURNTLSPort
		}
		urls = append(urls, "turns:"+net.JoinHostPort(r.Domain, strconv.Itoa(port))+"?transport=tcp")
	}
	return urls
}

// MayRelay says whether media of this engine may go through a relay. Of an external engine
// only the answer to a join tells: then it is true.
func (e *Engine) MayRelay() bool { return !e.embedded || e.relay.Enabled() }

// iceServers are those of the engine's answer to a join, as the client is to have them.
func (e *Engine) iceServers(given []*livekit.ICEServer) (out []protocol.ICEServer) {
	for _, i := range given {
		s := protocol.ICEServer{URLs: i.GetUrls(), Username: i.GetUsername(), Credential: i.GetCredential()}
		if e.embedded {
			// An embedded engine names public STUN servers here too, whatever its configuration
			// says, and for TLS always port 443.
			if !protocol.HasRelay([]protocol.ICEServer{s}) {
				continue
			}
			s.URLs = e.relay.urls(e.Info())
		}
		out = append(out, s)
	}
	return out
}

// renew gives the servers with credentials that are good for another CredentialTime, where they
// are of the form that LiveKit's own relay takes: the engine does not renew them by itself, but whoever
// has its key can. Others stay as they are.
func (e *Engine) renew(servers []protocol.ICEServer, now time.Time) []protocol.ICEServer {
	out := make([]protocol.ICEServer, len(servers))
	for i, s := range servers {
		out[i] = s
		text, err := base62.DecodeString(s.Username)
		if err != nil {
			continue
		}
		key, rest, _ := strings.Cut(string(text), "|")
		member, _, found := strings.Cut(rest, "|")
		if s.Username == "" || !found || key != e.key {
			continue
		}
		end := now.Add(CredentialTime).Unix()
		sum := sha256.Sum256(fmt.Appendf(nil, "%s|%s|%d", e.secret, member, end))
		out[i].Username = base62.EncodeToString(fmt.Appendf(nil, "%s|%s|%d", key, member, end))
		out[i].Credential = base62.EncodeToString(sum[:])
	}
	return out
}

// ICEServers gives the client's servers anew, with fresh credentials; none before Joined.
func (s *Session) ICEServers() []protocol.ICEServer {
	s.mu.Lock()
	servers := s.servers
	s.mu.Unlock()
	return s.engine.renew(servers, time.Now())
}
