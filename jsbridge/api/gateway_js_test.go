package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"
	"testing"

	"github.com/pion/webrtc/v4"

	"nertc/internal/protocol"
	"nertc/internal/signal"
	"nertc/jsbridge/js"
)

// gateway is the other end of the protocol, with a peer connection of the same browser as
// its media engine. In its room is user 7, whose camera is a canvas.
type gateway struct {
	t      *testing.T
	scope  *js.Scope
	refuse *protocol.Error // answers the join, if set

	mu    sync.Mutex
	far   *webrtc.PeerConnection
	heard []protocol.Message // everything but candidates
	told  chan struct{}
}

func newGateway(t *testing.T) *gateway {
	g := &gateway{t: t, scope: js.NewScope(), told: make(chan struct{}, 1000)}
	t.Cleanup(func() {
		g.scope.Close()
		if g.far != nil {
			_ = g.far.Close()
		}
	})
	return g
}

type pipe struct {
	in, out chan []byte
	once    sync.Once
	closed  chan struct{}
}

func (p *pipe) Read(ctx context.Context) ([]byte, error) {
	select {
	case b := <-p.out:
		return b, nil
	default:
	}
	select {
	case b := <-p.out:
		return b, nil
	case <-p.closed:
		return nil, io.EOF
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipe) Write(_ context.Context, b []byte) error {
	select {
	case p.in <- b:
		return nil
	case <-p.closed:
		return errors.New("closed")
	}
}

func (p *pipe) Close(int, string) error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (g *gateway) dial(context.Context, string) (signal.Conn, error) {
	p := &pipe{in: make(chan []byte, 100), out: make(chan []byte, 100), closed: make(chan struct{})}
	go func() {
		for {
			select {
			case b := <-p.in:
				m, err := protocol.Decode(b)
				if err != nil {
					g.t.Errorf("the client sent %q", b)
					return
				}
				g.answer(p, m)
			case <-p.closed:
				return
			}
		}
	}()
	return p, nil
}

func (g *gateway) say(p *pipe, t protocol.Type, id uint64, data any) {
	b, err := protocol.Encode(t, id, data)
	if err != nil {
		g.t.Error(err)
	}
	select {
	case p.out <- b:
	case <-p.closed:
	}
}

func (g *gateway) answer(p *pipe, m protocol.Message) {
	if m.Type == protocol.TypeCandidate {
		var c protocol.Candidate
		_ = json.Unmarshal(m.Data, &c)
		init, _ := js.Call(js.Global("JSON"), "parse", c.Candidate)
		_, _ = g.scope.AwaitCall(context.Background(), g.far.JSValue(), "addIceCandidate", init)
		return
	}
	g.mu.Lock()
	g.heard = append(g.heard, m)
	g.mu.Unlock()
	switch m.Type {
	case protocol.TypeJoin:
		g.join(p, m)
	case protocol.TypeOffer:
		var o protocol.Offer
		_ = json.Unmarshal(m.Data, &o)
		g.say(p, protocol.TypeAnswer, m.ID, g.negotiate(o))
	case protocol.TypeSubscribe:
		g.say(p, protocol.TypeOK, m.ID, nil)
		g.say(p, protocol.TypeSections, 0, protocol.Sections{})
	case protocol.TypePing:
		g.say(p, protocol.TypePong, m.ID, protocol.Ping{})
	default:
		g.say(p, protocol.TypeOK, m.ID, nil)
	}
	g.told <- struct{}{}
}

func (g *gateway) join(p *pipe, m protocol.Message) {
	if g.refuse != nil {
		g.say(p, protocol.TypeError, m.ID, g.refuse)
		return
	}
	var j protocol.Join
	_ = json.Unmarshal(m.Data, &j)
	far, err := webrtc.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		g.t.Error(err)
		return
	}
	g.far = far
	g.scope.Listen(far.JSValue(), "icecandidate", func(event js.Value) {
		c := js.Property(event, "candidate")
		if !js.IsObject(c) {
			return
		}
		text, _ := js.Call(js.Global("JSON"), "stringify", c)
		s := text.String()
		go g.say(p, protocol.TypeCandidate, 0, protocol.Candidate{Candidate: s})
	})
	uid := j.UID
	if uid == "" {
		uid = "4711"
	}
	g.say(p, protocol.TypeJoined, m.ID, protocol.Joined{
		CID: 99, UID: uid, Answer: g.negotiate(j.Offer), PingInterval: 5000,
		Members: []protocol.Member{{UID: "7", Tracks: []protocol.Track{{ID: "TR7", MediaType: protocol.MediaVideo, Muted: true}}}},
	})
}

// negotiate answers an offer; the first free video section carries user 7.
func (g *gateway) negotiate(o protocol.Offer) protocol.Answer {
	a := protocol.Answer{Mids: map[string]string{}, Published: map[string]string{}}
	for _, t := range o.Tracks {
		a.Published[t.CID] = "TR-" + string(t.MediaType)
	}
	if err := g.far.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: o.SDP}); err != nil {
		g.t.Error(err)
	}
	transceivers, _ := js.Call(g.far.JSValue(), "getTransceivers")
	for _, t := range js.Items(transceivers) {
		receiver := js.Property(js.Property(t, "receiver"), "track")
		if js.TextOr(js.Property(receiver, "kind"), "") != "video" {
			continue
		}
		sender := js.Property(t, "sender")
		if js.IsNullish(js.Property(sender, "track")) {
			_, _ = g.scope.AwaitCall(context.Background(), sender, "replaceTrack", picture(g.t))
			_ = js.Set(t, "direction", "sendonly")
		}
		a.Mids[js.TextOr(js.Property(t, "mid"), "")] = "TR7"
		break
	}
	answer, err := g.far.CreateAnswer(nil)
	if err == nil {
		err = g.far.SetLocalDescription(answer)
	}
	if err != nil {
		g.t.Error(err)
	}
	a.SDP = answer.SDP
	return a
}

// wait waits until the client has said something that satisfies the test.
func (g *gateway) wait(ctx context.Context, what string, is func(protocol.Message) bool) {
	g.t.Helper()
	for {
		g.mu.Lock()
		for _, m := range g.heard {
			if is(m) {
				g.mu.Unlock()
				return
			}
		}
		g.mu.Unlock()
		select {
		case <-g.told:
		case <-ctx.Done():
			g.t.Fatalf("the gateway never heard %s", what)
		}
	}
}

// framesFromClient waits until the engine has decoded pictures of the client.
func (g *gateway) framesFromClient(ctx context.Context) {
	g.t.Helper()
	for ctx.Err() == nil {
		stats, err := g.scope.AwaitCall(ctx, g.far.JSValue(), "getStats")
		if err != nil {
			g.t.Fatal(err)
		}
		values, _ := js.Call(js.Global("Array"), "from", stats)
		for _, pair := range js.Items(values) {
			if n, _ := js.Integer(js.Property(js.Items(pair)[1], "framesDecoded")); n > 3 {
				return
			}
		}
		g.scope.Turn(ctx)
	}
	g.t.Fatal("no pictures of the client arrived")
}
