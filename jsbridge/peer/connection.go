//go:build js && wasm

package peer

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/pion/webrtc/v4"

	"nertc/internal/media"
	"nertc/internal/serial"
	"nertc/jsbridge/js"
)

// dataChannel is the label of the channel that the media engine wants in the first offer.
const dataChannel = "_reliable"

// connection is a media.PeerConnection.
type connection struct {
	pc       *webrtc.PeerConnection
	scope    *js.Scope
	observer serial.Queue // pion's own callbacks come unordered, one goroutine for each
	sections []*section
	// transformer encrypts and decrypts all frames; nil where nothing does.
	transformer Transformer

	mu             sync.Mutex
	names, glances js.Value // of the members of statistics, all and few, once they were read
}

// NewFactory gives a factory whose connections' functions belong to the scope.
func NewFactory(owner *js.Scope) media.Factory { return newFactory(owner, nil) }

func newFactory(owner *js.Scope, t Transformer) media.Factory {
	return func(o media.Observer) (media.PeerConnection, error) {
		c := &connection{transformer: t}
		err := c.construct()
		if err != nil {
			return nil, fmt.Errorf("make an RTCPeerConnection: %w", err)
		}
		pc := c.pc
		c.scope = owner.Child()
		c.listen(o)
		if t != nil && o.State != nil {
			c.scope.OnClose(t.Broken(func() { c.observer.Post(func() { o.State(media.StateClosed) }) }))
		}
		ordered := true
		if _, err := pc.CreateDataChannel(dataChannel, &webrtc.DataChannelInit{Ordered: &ordered}); err != nil {
			_ = c.Close()
			return nil, fmt.Errorf("make the data channel: %w", err)
		}
		return c, nil
	}
}

func (c *connection) construct() (err error) {
	build := func() error {
		// One transport for everything: the engine bundles anyway, and nothing is gathered twice.
		c.pc, err = webrtc.NewPeerConnection(webrtc.Configuration{BundlePolicy: webrtc.BundlePolicyMaxBundle})
		return err
	}
	if c.transformer != nil && c.transformer.NeedsInsertable() {
		return insertable(build)
	}
	return build()
}

func (c *connection) listen(o media.Observer) {
	v := c.pc.JSValue()
	c.scope.Listen(v, "icecandidate", func(event js.Value) {
		candidate := js.Property(event, "candidate")
		// Null and the empty candidate end a gathering; the engine needs neither.
		if !js.IsObject(candidate) || js.TextOr(js.Property(candidate, "candidate"), "") == "" {
			return
		}
		// The browser's own JSON, because pion's ICECandidate loses mid, line and ufrag.
		text, err := js.Call(js.Global("JSON"), "stringify", candidate)
		if err != nil || o.Candidate == nil {
			return
		}
		s := text.String()
		c.observer.Post(func() { o.Candidate(s) })
	})
	c.scope.Listen(v, "connectionstatechange", func(js.Value) {
		state := media.ConnectionState(js.TextOr(js.Property(v, "connectionState"), ""))
		if state == "" || o.State == nil {
			return
		}
		c.observer.Post(func() { o.State(state) })
	})
}

// await runs a blocking call of pion's, but waits no longer than the context or the
// connection lives: a promise of a closed RTCPeerConnection may stay pending for ever.
// https://www.w3.org/TR/webrtc/#dfn-chain
func (c *connection) await(ctx context.Context, f func() error) error {
	result := make(chan error, 1)
	go func() { result <- f() }()
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-c.scope.Done():
		return js.ErrClosed
	}
}

// Offer makes an offer and sets it as the local description.
func (c *connection) Offer(ctx context.Context) (string, error) {
	var sdp string
	err := c.await(ctx, func() error {
		offer, err := c.pc.CreateOffer(nil)
		if err != nil {
			return fmt.Errorf("create an offer: %w", exception(err))
		}
		offer.SDP = receiveStereo(offer.SDP)
		if err := c.pc.SetLocalDescription(offer); err != nil {
			return fmt.Errorf("set the local offer: %w", exception(err))
		}
		sdp = offer.SDP
		return nil
	})
	if err != nil {
		return "", err
	}
	return nameTracks(sdp, c.sending()), nil
}

// Answer sets the remote answer.
func (c *connection) Answer(ctx context.Context, sdp string) error {
	sdp = startFast(pauseLayers(sdp, c.off()), slices.Collect(maps.Keys(c.sending())))
	err := c.await(ctx, func() error {
		err := c.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: sdp})
		if err != nil {
			return fmt.Errorf("set the remote answer: %w", exception(err))
		}
		return nil
	})
	if err == nil {
		c.settle(ctx)
	}
	return err
}

// AddCandidate adds a remote candidate.
func (c *connection) AddCandidate(ctx context.Context, candidate string) error {
	init, err := js.Call(js.Global("JSON"), "parse", candidate)
	if err != nil {
		return fmt.Errorf("read a candidate: %w", err)
	}
	if _, err := c.scope.AwaitCall(ctx, c.pc.JSValue(), "addIceCandidate", init); err != nil {
		return fmt.Errorf("add a candidate: %w", err)
	}
	return nil
}

// AddReceivers adds receive-only media sections.
func (c *connection) AddReceivers(_ context.Context, audio, video int) error {
	for _, want := range []struct {
		kind media.Kind
		n    int
	}{{media.Audio, audio}, {media.Video, video}} {
		for range want.n {
			transceiver, err := js.Call(c.pc.JSValue(), "addTransceiver", string(want.kind), map[string]any{"direction": "recvonly"})
			if err != nil {
				return fmt.Errorf("add a receive section: %w", err)
			}
			if _, err := c.transform(transceiver, want.kind, false, ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// Receiver gives the track that arrives on a media section.
func (c *connection) Receiver(mid string) (media.RemoteTrack, bool) {
	transceivers, err := js.Call(c.pc.JSValue(), "getTransceivers")
	if err != nil {
		return nil, false
	}
	for _, t := range js.Items(transceivers) {
		if js.TextOr(js.Property(t, "mid"), "") != mid {
			continue
		}
		track, err := NewTrack(js.Property(js.Property(t, "receiver"), "track"))
		if err != nil {
			return nil, false
		}
		return &RemoteTrack{Track: *track, mid: mid}, true
	}
	return nil, false
}

// RestartICE makes the next offer look for a new path.
// https://www.w3.org/TR/webrtc/#dom-rtcpeerconnection-restartice
func (c *connection) RestartICE() error {
	if _, err := js.Call(c.pc.JSValue(), "restartIce"); err != nil {
		return fmt.Errorf("restart ICE: %w", err)
	}
	return nil
}

// SetICEServers sets the servers for the next gathering. Not through pion, whose
// SetConfiguration refuses TURN.
func (c *connection) SetICEServers(servers []media.ICEServer, relayOnly bool) error {
	list := make([]any, 0, len(servers))
	for _, s := range servers {
		urls := make([]any, 0, len(s.URLs))
		for _, u := range s.URLs {
			urls = append(urls, u)
		}
		server := map[string]any{"urls": urls}
		if s.Username != "" {
			server["username"] = s.Username
		}
		if s.Credential != "" {
			server["credential"] = s.Credential
		}
		list = append(list, server)
	}
	configuration, err := js.Call(c.pc.JSValue(), "getConfiguration")
	if err == nil {
		err = js.Set(configuration, "iceServers", js.Array(list...))
	}
	if err == nil {
		policy := "all"
		if relayOnly {
			policy = "relay"
		}
		err = js.Set(configuration, "iceTransportPolicy", policy)
	}
	if err == nil {
		_, err = js.Call(c.pc.JSValue(), "setConfiguration", configuration)
	}
	if err != nil {
		return fmt.Errorf("set the ICE servers: %w", err)
	}
	return nil
}

// Close ends the connection and releases what belongs to it.
func (c *connection) Close() error {
	c.scope.Close()
	c.observer.Close()
	return c.pc.Close()
}
