package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"nertc/internal/client"
	"nertc/internal/errcode"
	"nertc/internal/media"
	"nertc/internal/media/mediatest"
	"nertc/internal/protocol"
	"nertc/internal/signal"
	"nertc/internal/signal/signaltest"
)

// world is a client whose gateway is scripted by the test.
type world struct {
	t      *testing.T
	ctx    context.Context
	c      *client.Client
	pipe   *signaltest.Pipe // the first connection
	events chan string
	dials  chan *signaltest.Pipe // what the next dials get, nil a refusal
	told   int                   // how many events were expected so far, and came
	// refused gets a token for each refusal.
	refused chan struct{}

	mu    sync.Mutex
	peers []*mediatest.Peer
}

func newWorld(t *testing.T, change ...func(*client.Options)) *world {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	w := &world{t: t, ctx: ctx, pipe: signaltest.New(), events: make(chan string, 256), dials: make(chan *signaltest.Pipe, 64), refused: make(chan struct{}, 64)}
	w.dials <- w.pipe
	o := client.Options{
		AppKey: "app", SDK: "test", Dial: w.dial, NewPeer: w.newPeer,
		Handle: func(e client.Event) { w.events <- describe(e) },
		Policy: signal.Policy{First: time.Millisecond, Max: 5 * time.Millisecond, Factor: 2, GiveUp: 5 * time.Second},
		Return: time.Hour, Volumes: time.Hour, // what they tell would come between what a test expects
	}
	for _, f := range change {
		f(&o)
	}
	w.c = client.New(o)
	t.Cleanup(func() {
		go w.c.Leave(ctx)
		_ = w.pipe.Close(1000, "")
		_ = w.c.Destroy(ctx)
		cancel()
		for _, peer := range w.peers {
			for _, p := range peer.Problems() {
				t.Error(p)
			}
			if !peer.Closed() {
				t.Error("a peer connection was left open")
			}
		}
	})
	return w
}

func (w *world) dial(ctx context.Context, _ string) (signal.Conn, error) {
	select {
	case p := <-w.dials:
		if ctx.Err() != nil { // a select has no order: it is for the next dial
			w.dials <- p
			return nil, ctx.Err()
		}
		if p == nil {
			select {
			case w.refused <- struct{}{}:
			default:
			}
			return nil, errors.New("connection refused")
		}
		return p, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (w *world) newPeer(o media.Observer) (media.PeerConnection, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := &mediatest.Peer{}
	w.peers = append(w.peers, p)
	return p.Factory(o)
}

// peer is the latest.
func (w *world) peer() *mediatest.Peer {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.peers[len(w.peers)-1]
}

func describe(e client.Event) string {
	switch e := e.(type) {
	case client.StateChanged:
		if e.Reconnect {
			return fmt.Sprintf("%s→%s again", e.Prev, e.Cur)
		}
		return fmt.Sprintf("%s→%s", e.Prev, e.Cur)
	case client.TrackReplaced:
		return fmt.Sprintf("replaced %s %s on %s", e.UID, e.MediaType, e.Track.MID())
	case client.AudioVideoBanned:
		return fmt.Sprintf("AudioVideoBanned{%s %s %s %d}", e.UID, follow(e.Audio), follow(e.Video), e.Duration)
	case client.StreamSubscribed:
		return fmt.Sprintf("subscribed %s %s on %s", e.UID, e.MediaType, e.Track.MID())
	}
	return strings.TrimPrefix(fmt.Sprintf("%T%v", e, e), "client.")
}

func (w *world) expect(events ...string) {
	w.t.Helper()
	for _, want := range events {
		select {
		case got := <-w.events:
			if got != want {
				w.t.Fatalf("event %q, want %q", got, want)
			}
			w.told++
		case <-w.ctx.Done():
			w.t.Fatalf("event %q never came", want)
		}
	}
}

// request waits for the client's next message of a type; candidates and pings are passed over.
func (w *world) request(want protocol.Type, into any) protocol.Message {
	w.t.Helper()
	for {
		m, err := w.pipe.Next(w.ctx)
		if err != nil {
			w.t.Fatalf("waiting for %s: %v", want, err)
		}
		if m.Type == protocol.TypeCandidate || m.Type == protocol.TypePing {
			continue
		}
		if m.Type != want {
			w.t.Fatalf("client sent %s, want %s", m.Type, want)
		}
		if into != nil {
			if err := json.Unmarshal(m.Data, into); err != nil {
				w.t.Fatal(err)
			}
		}
		return m
	}
}

func (w *world) join(members ...protocol.Member) {
	w.t.Helper()
	result := w.startJoin()
	var j protocol.Join
	m := w.request(protocol.TypeJoin, &j)
	if j.Version != protocol.Version || j.AppKey != "app" || j.Channel != "room" || j.Offer.SDP != "offer-1" {
		w.t.Fatalf("join was %+v", j)
	}
	w.pipe.Say(protocol.TypeJoined, m.ID, protocol.Joined{
		CID: 7, UID: "1", Members: members, Answer: protocol.Answer{SDP: "answer-1"}, PingInterval: 60_000,
	})
	if err := <-result; err != nil {
		w.t.Fatal(err)
	}
	w.expect("DISCONNECTED→CONNECTING", "CONNECTING→CONNECTED", "Joined{}")
}

func (w *world) startJoin() <-chan error {
	result := make(chan error, 1)
	go func() { result <- w.c.Join(w.ctx, client.JoinOptions{Server: "ws://x", Channel: "room"}) }()
	return result
}

func code(err error) errcode.Code {
	if err == nil {
		return 0
	}
	return errcode.Of(err).Code
}

var bob = protocol.Member{UID: "2", Tracks: []protocol.Track{
	{ID: "v", MediaType: protocol.MediaVideo, Muted: true}, {ID: "a", MediaType: protocol.MediaAudio},
}}

func (w *world) publish(types ...protocol.MediaType) <-chan error {
	var tracks []client.LocalTrack
	for _, m := range types {
		tracks = append(tracks, client.LocalTrack{MediaType: m, Track: mediatest.Local("cid-" + m)})
	}
	result := make(chan error, 1)
	go func() { result <- w.c.Publish(w.ctx, tracks) }()
	return result
}
