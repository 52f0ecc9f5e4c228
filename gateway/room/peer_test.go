package room

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"

	"nertc/internal/nativemedia"
	"nertc/internal/protocol"
)

// peer is a raw client with a native peer connection. Messages are read by whoever
// awaits one, so candidates are taken along the way.
type peer struct {
	*rawClient
	pc        *webrtc.PeerConnection
	gate      *nativemedia.Gate
	connected chan struct{}
	failed    chan struct{}
	arrived   chan *webrtc.TrackRemote
	trickle   chan string
	uid       string
	role      protocol.Role // to join as
	cid       int64
	members   []protocol.Member
}

func newPeer(t *testing.T, c *rawClient) *peer {
	t.Helper()
	api, gate, err := nativemedia.NewAPI(nativemedia.Options{Loopback: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = gate.Close() })
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pc.Close() })
	p := &peer{
		rawClient: c, pc: pc, gate: gate, connected: make(chan struct{}), failed: make(chan struct{}),
		arrived: make(chan *webrtc.TrackRemote, 8), trickle: make(chan string, 32),
	}
	if _, err := pc.CreateDataChannel("_reliable", nil); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo} {
		p.receiver(kind)
	}
	pc.OnICECandidate(func(c *webrtc.ICECandidate) {
		if c != nil {
			if b, err := json.Marshal(c.ToJSON()); err == nil {
				p.trickle <- string(b)
			}
		}
	})
	var connected, failed sync.Once // on a busy machine a connection may be lost and found again
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		switch s {
		case webrtc.PeerConnectionStateConnected:
			connected.Do(func() { close(p.connected) })
		case webrtc.PeerConnectionStateFailed:
			failed.Do(func() { close(p.failed) })
		}
	})
	pc.OnTrack(func(tr *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { p.arrived <- tr })
	return p
}

func (p *peer) receiver(kind webrtc.RTPCodecType) {
	p.t.Helper()
	if _, err := p.pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
		p.t.Fatal(err)
	}
}

func (p *peer) offer() string {
	p.t.Helper()
	o, err := p.pc.CreateOffer(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.pc.SetLocalDescription(o); err != nil {
		p.t.Fatal(err)
	}
	return o.SDP
}

func (p *peer) answered(a protocol.Answer) {
	p.t.Helper()
	if err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: a.SDP}); err != nil {
		p.t.Fatalf("answer: %v\n%s", err, a.SDP)
	}
	p.gate.Declare(a.SDP)
}

func (p *peer) candidate(s string) {
	p.t.Helper()
	var c webrtc.ICECandidateInit
	if err := json.Unmarshal([]byte(s), &c); err != nil {
		p.t.Fatal(err)
	}
	if err := p.pc.AddICECandidate(c); err != nil {
		p.t.Fatal(err)
	}
}

// enter joins and waits until media can flow.
func (p *peer) enter(channel, uid string) {
	p.t.Helper()
	j := joinAs(channel, uid)
	j.Offer.SDP, j.Role = p.offer(), p.role
	joined := ask[protocol.Joined](p.rawClient, protocol.TypeJoin, j, protocol.TypeJoined)
	p.uid, p.cid, p.members = joined.UID, joined.CID, joined.Members
	p.answered(joined.Answer)
	for _, c := range joined.Candidates {
		p.candidate(c)
	}
	if len(joined.Candidates) == 0 {
		p.candidate(pushed[protocol.Candidate](p.rawClient, protocol.TypeCandidate).Candidate)
	}
	ctx, cancel := context.WithTimeout(p.t.Context(), testTime)
	defer cancel()
	for {
		select {
		case c := <-p.trickle:
			p.say(protocol.TypeCandidate, protocol.Candidate{Candidate: c})
		case <-p.connected:
			return
		case <-p.failed:
			p.t.Fatal("no connection to the engine")
		case <-ctx.Done():
			p.t.Fatal("not connected in time")
		}
	}
}

func (p *peer) negotiate(tracks ...protocol.NewTrack) protocol.Answer {
	p.t.Helper()
	a := ask[protocol.Answer](p.rawClient, protocol.TypeOffer, protocol.Offer{SDP: p.offer(), Tracks: tracks}, protocol.TypeAnswer)
	p.answered(a)
	return a
}

// publish sends a track until the test ends, and gives its id in the room.
func (p *peer) publish(m protocol.MediaType) (id string, sender *webrtc.RTPSender) {
	p.t.Helper()
	codec, sample, tick := webrtc.MimeTypeOpus, []byte{0xf8, 0xff, 0xfe}, 20*time.Millisecond
	if m == protocol.MediaVideo || m == protocol.MediaScreen {
		// The start of a VP8 key frame of 64×64, which is all that an SFU looks at. RFC 7741, section 4.3.
		codec, sample = webrtc.MimeTypeVP8, append([]byte{0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x00, 0x40, 0x00}, make([]byte, 200)...)
	}
	cid := "cid-" + string(m) + "-" + p.uid
	tr, err := webrtc.NewTrackLocalStaticSample(webrtc.RTPCodecCapability{MimeType: codec}, cid, "stream-"+p.uid)
	if err != nil {
		p.t.Fatal(err)
	}
	tv, err := p.pc.AddTransceiverFromTrack(tr, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil {
		p.t.Fatal(err)
	}
	nt := protocol.NewTrack{CID: cid, MediaType: m}
	if codec == webrtc.MimeTypeVP8 {
		nt.Width, nt.Height, nt.Bitrate = 64, 64, 100_000
	}
	a := p.negotiate(nt)
	id = a.Published[cid]
	if id == "" {
		p.t.Fatalf("answer does not name the new track: %v", a.Published)
	}
	stop := make(chan struct{})
	p.t.Cleanup(func() { close(stop) })
	go func() {
		t := time.NewTicker(tick)
		defer t.Stop()
		for {
			select {
			case <-stop:
				return
			case <-t.C:
				if tr.WriteSample(media.Sample{Data: sample, Duration: tick}) != nil {
					return
				}
			}
		}
	}()
	return id, tv.Sender()
}

// subscribe asks for tracks and negotiates until an answer names each.
func (p *peer) subscribe(tracks ...string) {
	p.t.Helper()
	ask[struct{}](p.rawClient, protocol.TypeSubscribe, protocol.Subscribe{Tracks: tracks, Subscribe: true}, protocol.TypeOK)
	for {
		need := pushed[protocol.Sections](p.rawClient, protocol.TypeSections)
		for range need.Audio {
			p.receiver(webrtc.RTPCodecTypeAudio)
		}
		for range need.Video {
			p.receiver(webrtc.RTPCodecTypeVideo)
		}
		mids := p.negotiate().Mids
		got := map[string]bool{}
		for _, id := range mids {
			got[id] = true
		}
		all := true
		for _, id := range tracks {
			all = all && got[id]
		}
		if all {
			return
		}
	}
}

// hears waits for so many packets of each of so many tracks.
func (p *peer) hears(tracks, packets int) {
	p.t.Helper()
	heard := make(chan error, tracks)
	ctx, cancel := context.WithTimeout(p.t.Context(), testTime)
	defer cancel()
	for range tracks {
		select {
		case tr := <-p.arrived:
			go func() {
				for range packets {
					if err := tr.SetReadDeadline(time.Now().Add(testTime)); err != nil {
						heard <- err
						return
					}
					if _, _, err := tr.ReadRTP(); err != nil {
						heard <- err
						return
					}
				}
				heard <- nil
			}()
		case <-ctx.Done():
			p.t.Fatal("no track arrives")
		}
	}
	for range tracks {
		if err := <-heard; err != nil {
			p.t.Fatalf("track arrives without sound or picture: %v", err)
		}
	}
}
