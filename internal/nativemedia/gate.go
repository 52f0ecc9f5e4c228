package nativemedia

import (
	"encoding/binary"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"

	"github.com/pion/ice/v4"
	"github.com/pion/logging"
	"github.com/pion/webrtc/v4"
)

// Gate is the socket of one peer connection. It lets media in once the remote
// description has named its stream: on a fast network media often overtakes the answer, and
// pion then looks into the stream for simulcast at the same time as the receiver that the
// answer starts reads it, without a lock. What is kept out comes again: the receiver asks for a key frame.
type Gate struct {
	mux *ice.UDPMuxDefault

	mu    sync.RWMutex
	named map[uint32]bool
}

// gated is the socket as pion's mux sees it, which closes it.
type gated struct {
	net.PacketConn
	gate *Gate
}

// Declare lets the streams of a description in. It is called once pion has taken the description.
func (g *Gate) Declare(sdp string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for line := range strings.Lines(sdp) {
		// a=ssrc:<ssrc-id> <attribute>, https://www.rfc-editor.org/rfc/rfc5576#section-4.1
		id, ok := strings.CutPrefix(line, "a=ssrc:")
		if !ok {
			continue
		}
		id, _, _ = strings.Cut(id, " ")
		if n, err := strconv.ParseUint(strings.TrimSpace(id), 10, 32); err == nil {
			g.named[uint32(n)] = true
		}
	}
}

// ReadFrom passes over media that nobody has named.
func (c gated) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := c.PacketConn.ReadFrom(b)
		if err != nil || c.gate.admits(b[:n]) {
			return n, from, err
		}
	}
}

// admits takes everything but RTP of unknown streams.
// https://www.rfc-editor.org/rfc/rfc7983#section-7, https://www.rfc-editor.org/rfc/rfc5761#section-4
func (g *Gate) admits(packet []byte) bool {
	if len(packet) < 12 || packet[0]>>6 != 2 || packet[1] >= 192 && packet[1] <= 223 {
		return true
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.named[binary.BigEndian.Uint32(packet[8:12])]
}

// Close closes the socket, after the peer connection.
func (g *Gate) Close() error { return g.mux.Close() }

// openGate gives a peer connection to come its socket.
func openGate(o Options, settings *webrtc.SettingEngine) (*Gate, error) {
	address := ":0"
	if o.Loopback {
		address = "127.0.0.1:0"
	}
	conn, err := net.ListenPacket("udp4", address)
	if err != nil {
		return nil, fmt.Errorf("open a socket for media: %w", err)
	}
	if o.Wrap != nil {
		conn = o.Wrap(conn)
	}
	g := &Gate{named: map[uint32]bool{}}
	g.mux = ice.NewUDPMuxDefault(ice.UDPMuxParams{
		UDPConn: gated{conn, g},
		Logger:  (&logging.DefaultLoggerFactory{DefaultLogLevel: logging.LogLevelDisabled}).NewLogger("ice"),
	})
	settings.SetICEUDPMux(g.mux)
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	return g, nil
}
