// Package nativemedia is pion's native peer connection behind the core's media
// interfaces: with it a client runs without a browser, for tests, load and bots.
package nativemedia

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/rtcp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"nertc/internal/media"
	"nertc/internal/serial"
)

// Options of the peer connections that a factory makes.
type Options struct {
	// Loopback adds the loopback interface to the candidates.
	Loopback bool
	// RelayTLS says how to speak to relays over TLS; nil is as the machine does it by itself. Where
	// it is set, relays over TCP without TLS cannot be used.
	RelayTLS *tls.Config
	// Wrap puts something around the socket for media, such as a bad network; nil is nothing.
	Wrap func(net.PacketConn) net.PacketConn
}

// Factory gives a factory of native peer connections.
func Factory(o Options) media.Factory {
	return func(observer media.Observer) (media.PeerConnection, error) {
		api, gate, err := NewAPI(o)
		if err != nil {
			return nil, err
		}
		pc, err := api.NewPeerConnection(webrtc.Configuration{})
		if err != nil {
			_ = gate.Close()
			return nil, fmt.Errorf("new peer connection: %w", err)
		}
		p := &peer{pc: pc, gate: gate, arrived: map[arrival]*RemoteTrack{}}
		// The media server opens its data channels on this one.
		if _, err := pc.CreateDataChannel("_reliable", nil); err != nil {
			_ = p.Close()
			return nil, fmt.Errorf("create data channel: %w", err)
		}
		pc.OnICECandidate(func(c *webrtc.ICECandidate) {
			if c == nil || observer.Candidate == nil {
				return
			}
			if b, err := json.Marshal(c.ToJSON()); err == nil {
				p.events.Post(func() { observer.Candidate(string(b)) })
			}
		})
		pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
			if observer.State != nil {
				p.events.Post(func() { observer.State(media.ConnectionState(s.String())) })
			}
		})
		pc.OnTrack(p.onTrack)
		return p, nil
	}
}

// NewAPI is pion with its usual interceptors, on a socket whose Gate keeps early media out. The Gate
// is told of each remote description and closed after the peer connection, of which there can be one.
func NewAPI(o Options) (*webrtc.API, *Gate, error) {
	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(o.Loopback)
	// As in browsers: when the other side closes, signalling says why, and that may come a little later.
	settings.DisableCloseByDTLS(true)
	if o.RelayTLS != nil {
		settings.SetICEProxyDialer(relayDialer{o.RelayTLS})
	}
	// What matters comes as an error or a state; pion's own lines would go to the process's output.
	settings.LoggerFactory = &logging.DefaultLoggerFactory{DefaultLogLevel: logging.LogLevelDisabled}
	codecs := &webrtc.MediaEngine{}
	if err := codecs.RegisterDefaultCodecs(); err != nil {
		return nil, nil, fmt.Errorf("register codecs: %w", err)
	}
	interceptors := &interceptor.Registry{}
	for what, err := range map[string]error{
		"retransmission":     webrtc.ConfigureNack(codecs, interceptors),
		"reports":            webrtc.ConfigureRTCPReports(interceptors),
		"bandwidth feedback": webrtc.ConfigureTWCCSender(codecs, interceptors),
	} {
		if err != nil {
			return nil, nil, fmt.Errorf("configure %s: %w", what, err)
		}
	}
	gate, err := openGate(o, &settings)
	if err != nil {
		return nil, nil, err
	}
	return webrtc.NewAPI(webrtc.WithSettingEngine(settings), webrtc.WithMediaEngine(codecs),
		webrtc.WithInterceptorRegistry(interceptors)), gate, nil
}

// Track is a local track of pion's.
type Track struct{ Local webrtc.TrackLocal }

// ID is the track's id in the offer's msid line.
func (t Track) ID() string { return t.Local.ID() }

// Kind is audio or video.
func (t Track) Kind() media.Kind { return media.Kind(t.Local.Kind().String()) }

// RemoteTrack is what arrives on one media section.
type RemoteTrack struct {
	arrival
	kind media.Kind
	peer *peer

	once     sync.Once
	ready    chan struct{}
	remote   *webrtc.TrackRemote
	receiver *webrtc.RTPReceiver
}

// ID is the track's id in the answer's msid line.
func (t *RemoteTrack) ID() string { return t.id }

// Kind is audio or video.
func (t *RemoteTrack) Kind() media.Kind { return t.kind }

// MID is the media section.
func (t *RemoteTrack) MID() string { return t.mid }

// Wait waits for the first packet and gives the track to read from.
func (t *RemoteTrack) Wait(ctx context.Context) (*webrtc.TrackRemote, *webrtc.RTPReceiver, error) {
	select {
	case <-t.ready:
		return t.remote, t.receiver, nil
	case <-ctx.Done():
		return nil, nil, fmt.Errorf("wait for media on section %s: %w", t.mid, ctx.Err())
	}
}

// Refresh asks the sender of a picture for a key frame; before the first packet it does nothing.
// https://www.rfc-editor.org/rfc/rfc4585#section-6.3.1
func (t *RemoteTrack) Refresh() error {
	select {
	case <-t.ready:
		return t.peer.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: uint32(t.remote.SSRC())}})
	default:
		return nil
	}
}

// arrival is one track on one media section; another may come there later.
type arrival struct{ mid, id string }

type peer struct {
	pc     *webrtc.PeerConnection
	gate   *Gate
	events serial.Queue

	mu      sync.Mutex
	answer  string // the SDP of the last
	restart bool   // ICE, with the next offer
	arrived map[arrival]*RemoteTrack
}

func (p *peer) onTrack(remote *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	t := receiver.RTPTransceiver()
	if t == nil {
		return
	}
	track := p.track(arrival{t.Mid(), remote.ID()}, media.Kind(remote.Kind().String()))
	track.once.Do(func() {
		track.remote, track.receiver = remote, receiver
		close(track.ready)
	})
}

func (p *peer) track(a arrival, kind media.Kind) *RemoteTrack {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.arrived[a]
	if t == nil {
		t = &RemoteTrack{arrival: a, kind: kind, peer: p, ready: make(chan struct{})}
		p.arrived[a] = t
	}
	return t
}

func (p *peer) Offer(context.Context) (string, error) {
	p.mu.Lock()
	restart := p.restart
	p.restart = false
	p.mu.Unlock()
	o, err := p.pc.CreateOffer(&webrtc.OfferOptions{ICERestart: restart})
	if err != nil {
		return "", fmt.Errorf("create offer: %w", err)
	}
	if err := p.pc.SetLocalDescription(o); err != nil {
		return "", fmt.Errorf("set local description: %w", err)
	}
	return o.SDP, nil
}

func (p *peer) Answer(_ context.Context, answer string) error {
	p.mu.Lock()
	p.answer = answer
	p.mu.Unlock()
	if err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		return err
	}
	p.gate.Declare(answer)
	p.forget()
	return nil
}

// forget drops what no longer arrives: the same track may come again on the same section, as another stream.
func (p *peer) forget() {
	here := map[arrival]bool{}
	for _, m := range p.sections() {
		if msid, ok := m.Attribute("msid"); ok {
			mid, _ := m.Attribute("mid")
			_, id, _ := strings.Cut(msid, " ")
			_, off := m.Attribute("inactive")
			_, receives := m.Attribute("recvonly")
			here[arrival{mid, id}] = !off && !receives
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for a := range p.arrived {
		if !here[a] {
			delete(p.arrived, a)
		}
	}
}

// sections are those of the last answer.
func (p *peer) sections() []*sdp.MediaDescription {
	// Our own copy: parsing pion's would write into what pion reads.
	p.mu.Lock()
	answer := webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: p.answer}
	p.mu.Unlock()
	parsed, err := answer.Unmarshal()
	if err != nil {
		return nil
	}
	return parsed.MediaDescriptions
}

func (p *peer) AddCandidate(_ context.Context, candidate string) error {
	var c webrtc.ICECandidateInit
	if err := json.Unmarshal([]byte(candidate), &c); err != nil {
		return fmt.Errorf("read candidate: %w", err)
	}
	return p.pc.AddICECandidate(c)
}

func (p *peer) AddReceivers(_ context.Context, audio, video int) error {
	add := func(kind webrtc.RTPCodecType, n int) error {
		for range n {
			_, err := p.pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
			if err != nil {
				return fmt.Errorf("add %s section: %w", kind, err)
			}
		}
		return nil
	}
	if err := add(webrtc.RTPCodecTypeAudio, audio); err != nil {
		return err
	}
	return add(webrtc.RTPCodecTypeVideo, video)
}

func (p *peer) Send(_ context.Context, t media.Track, o media.SendOptions) (media.Sender, error) {
	track, ok := t.(Track)
	if !ok {
		return nil, fmt.Errorf("a %T cannot be sent natively", t)
	}
	tr, err := p.pc.AddTransceiverFromTrack(name(track.Local, o.CID), webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil {
		return nil, fmt.Errorf("add %s track: %w", track.Kind(), err)
	}
	s := tr.Sender()
	go func() { // pion's interceptors work only while somebody reads
		buf := make([]byte, 1500)
		for {
			if _, _, err := s.Read(buf); err != nil {
				return
			}
		}
	}()
	return &sender{pc: p.pc, s: s, section: tr, cid: o.CID}, nil
}

func (p *peer) Receiver(mid string) (media.RemoteTrack, bool) {
	for _, m := range p.sections() {
		if v, _ := m.Attribute("mid"); v != mid {
			continue
		}
		// a=msid:<stream> <track>, https://www.rfc-editor.org/rfc/rfc8830#section-2
		msid, _ := m.Attribute("msid")
		_, id, found := strings.Cut(msid, " ")
		return p.track(arrival{mid, id}, media.Kind(m.MediaName.Media)), found
	}
	return nil, false
}

func (p *peer) RestartICE() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.restart = true
	return nil
}

// gatherTime is how long candidates that are still being gathered are waited for, those of servers out of reach too.
const gatherTime = 10 * time.Second

func (p *peer) SetICEServers(servers []media.ICEServer, relayOnly bool) error {
	if p.pc.ICEGatheringState() == webrtc.ICEGatheringStateGathering { // which reads them, in pion without a lock
		select {
		case <-webrtc.GatheringCompletePromise(p.pc):
		case <-time.After(gatherTime):
			return errors.New("the former servers are still asked for candidates")
		}
	}
	c := p.pc.GetConfiguration()
	c.ICEServers, c.ICETransportPolicy = nil, webrtc.ICETransportPolicyAll
	if relayOnly {
		c.ICETransportPolicy = webrtc.ICETransportPolicyRelay
	}
	for _, s := range servers {
		c.ICEServers = append(c.ICEServers, webrtc.ICEServer{URLs: s.URLs, Username: s.Username, Credential: s.Credential})
	}
	return p.pc.SetConfiguration(c)
}

func (p *peer) Close() error {
	p.events.Close()
	err := p.pc.Close()
	_ = p.gate.Close()
	return err
}

type sender struct {
	pc      *webrtc.PeerConnection
	s       *webrtc.RTPSender
	section *webrtc.RTPTransceiver
	cid     string
}

// named is a track with another id in the offer.
type named struct {
	webrtc.TrackLocal
	id string
}

func (n named) ID() string { return n.id }

func name(t webrtc.TrackLocal, id string) webrtc.TrackLocal {
	if id == "" {
		return t
	}
	return named{t, id}
}

func (s *sender) MID() string { return s.section.Mid() }

func (s *sender) Replace(_ context.Context, t media.Track) error {
	track, ok := t.(Track)
	if !ok {
		return fmt.Errorf("a %T cannot be sent natively", t)
	}
	return s.s.ReplaceTrack(name(track.Local, s.cid))
}

// Limit does nothing: what a native track sends is encoded already.
func (s *sender) Limit(context.Context, media.SendOptions) error { return nil }

func (s *sender) Stop(context.Context) error { return s.pc.RemoveTrack(s.s) }
