package client_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"context"

	"nertc/internal/client"
	"nertc/internal/media"
	"nertc/internal/media/mediatest"
	"nertc/internal/protocol"
	"nertc/internal/signal"
	"nertc/internal/signal/signaltest"
)

// weather is a network, a gateway and a media engine whose condition changes at random.
type weather struct {
	t *testing.T

	mu       sync.Mutex
	dark     bool // nobody answers
	refusing int  // the code that joins are refused with, 0 for none
	forgets  bool // sessions are not resumed
	noMedia  bool
	pipes    []*signaltest.Pipe
	peers    []*mediatest.Peer
}

func (w *weather) dial(ctx context.Context, _ string) (signal.Conn, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.dark {
		return nil, errors.New("connection refused")
	}
	p := signaltest.New()
	w.pipes = append(w.pipes, p)
	go w.serve(p)
	return p, nil
}

// serve is the gateway's end of a connection.
func (w *weather) serve(p *signaltest.Pipe) {
	for {
		m, err := p.Next(w.t.Context())
		if err != nil {
			return
		}
		w.mu.Lock()
		refusing, forgets, noMedia := w.refusing, w.forgets, w.noMedia
		w.mu.Unlock()
		switch {
		case m.Type == protocol.TypeJoin && refusing != 0:
			p.Say(protocol.TypeError, m.ID, protocol.Error{Code: refusing, Reason: "so"})
		case m.Type == protocol.TypeJoin:
			p.Say(protocol.TypeJoined, m.ID, protocol.Joined{UID: "1", Resume: "secret", PingInterval: 1000})
			if !noMedia {
				w.report(media.StateConnected)
			}
		case m.Type == protocol.TypeResume && forgets:
			p.Say(protocol.TypeError, m.ID, protocol.Error{Code: 404, Reason: "session unknown"})
		case m.Type == protocol.TypeResume:
			p.Say(protocol.TypeResumed, m.ID, protocol.Resumed{})
		case m.Type == protocol.TypePing:
			p.Say(protocol.TypePong, m.ID, protocol.Ping{})
		case m.Type == protocol.TypeOffer:
			p.Say(protocol.TypeAnswer, m.ID, protocol.Answer{})
			if !noMedia {
				w.report(media.StateConnected)
			}
		case m.Type == protocol.TypeLeave:
			p.Say(protocol.TypeOK, m.ID, nil)
		}
	}
}

func (w *weather) newPeer(o media.Observer) (media.PeerConnection, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := &mediatest.Peer{}
	w.peers = append(w.peers, p)
	return p.Factory(o)
}

func (w *weather) report(s media.ConnectionState) {
	w.mu.Lock()
	p := w.peers[len(w.peers)-1]
	w.mu.Unlock()
	p.Observer.State(s)
}

// happen has one thing happen, and says what.
func (w *weather) happen(r *rand.Rand, c *client.Client) string {
	w.mu.Lock()
	last := w.pipes[len(w.pipes)-1]
	w.mu.Unlock()
	set := func(f func()) {
		w.mu.Lock()
		defer w.mu.Unlock()
		f()
	}
	coin := r.IntN(2) == 0
	switch r.IntN(12) {
	case 0, 1:
		_ = last.Close(1006, "")
		return "cut"
	case 2:
		set(func() { w.dark = coin })
		return fmt.Sprint("dark ", coin)
	case 3:
		set(func() { w.forgets = coin })
		return fmt.Sprint("forgets ", coin)
	case 4:
		code := []int{0, 0, 0, 503, 504, 429, 403}[r.IntN(7)]
		set(func() { w.refusing = code })
		return fmt.Sprint("refusing ", code)
	case 5:
		set(func() { w.noMedia = coin })
		return fmt.Sprint("no media ", coin)
	case 6:
		w.report(media.StateFailed)
		return "media failed"
	case 7:
		w.report(media.StateDisconnected)
		return "media disconnected"
	case 8:
		reason := []protocol.CloseReason{protocol.CloseEngineLost, protocol.CloseError, protocol.CloseShutdown}[r.IntN(3)]
		last.Say(protocol.TypeClosed, 0, protocol.Closed{Reason: reason})
		return "closed " + string(reason)
	case 9:
		c.SetOnline(coin)
		return fmt.Sprint("online ", coin)
	case 10:
		c.Changed()
		return "changed"
	default:
		c.Nudge()
		return "nudge"
	}
}

// Whatever happens to a client on its way, it ends in CONNECTED or DISCONNECTED: by itself, and also when
// it is called off in the middle. Its moves are those that are allowed, and error is told once, last, or not at all.
func TestItAlwaysEndsInConnectedOrDisconnected(t *testing.T) {
	var all sync.WaitGroup
	defer all.Wait()
	for seed := range uint64(40) { // all at once: they mostly wait
		all.Go(func() {
			r := rand.New(rand.NewPCG(seed, 7))
			w := &weather{t: t}
			var mu sync.Mutex
			var told []string
			c := client.New(client.Options{
				AppKey: "app", Dial: w.dial, NewPeer: w.newPeer,
				Handle: func(e client.Event) {
					switch e.(type) {
					case client.StateChanged, client.Failed:
						mu.Lock()
						defer mu.Unlock()
						told = append(told, describe(e))
					}
				},
				Policy: signal.Policy{First: time.Millisecond, Max: 10 * time.Millisecond, Factor: 2, Jitter: 0.3, GiveUp: 700 * time.Millisecond},
				Return: 20 * time.Millisecond,
			})
			defer c.Destroy(context.Background())
			if err := c.Join(t.Context(), client.JoinOptions{Server: "ws://x", Channel: "room"}); err != nil {
				t.Error(err)
				return
			}
			var happened []string
			for range 3 + r.IntN(15) {
				happened = append(happened, w.happen(r, c))
				time.Sleep(time.Duration(r.IntN(20)) * time.Millisecond)
			}
			if r.IntN(4) == 0 {
				happened = append(happened, "leave")
				if err := c.Leave(t.Context()); err != nil {
					t.Error(err)
				}
				if s := c.State(); s != client.Disconnected {
					t.Errorf("%s after leave", s)
				}
			}
			if r.IntN(2) == 0 { // the sun comes out
				w.mu.Lock()
				w.dark, w.refusing, w.forgets, w.noMedia = false, 0, false, false
				w.mu.Unlock()
				c.SetOnline(true)
			}
			// At rest: the same for longer than a recovery may take.
			rest := func() (client.State, int) {
				mu.Lock()
				defer mu.Unlock()
				return c.State(), len(told)
			}
			deadline := time.Now().Add(30 * time.Second)
			before, n := rest()
			for {
				time.Sleep(1500 * time.Millisecond)
				after, m := rest()
				if after == before && n == m && after != client.Connecting || time.Now().After(deadline) {
					break
				}
				before, n = after, m
			}
			mu.Lock()
			defer mu.Unlock()
			story := fmt.Sprintf("\nseed %d happened: %s\ntold: %s", seed, strings.Join(happened, ", "), strings.Join(told, ", "))
			if before != client.Connected && before != client.Disconnected {
				t.Errorf("ends in %s%s", before, story)
			}
			state := string(client.Disconnected)
			for i, e := range told {
				if strings.HasPrefix(e, "Failed") {
					if i != len(told)-1 || state != string(client.Disconnected) {
						t.Errorf("%s out of place%s", e, story)
					}
					continue
				}
				from, to, _ := strings.Cut(strings.TrimSuffix(e, " again"), "→")
				if from != state || from == to {
					t.Errorf("%s from %s%s", e, state, story)
				}
				state = to
			}
			if slices.Contains(told, "Failed{}") {
				t.Errorf("an error without a name%s", story)
			}
		})
	}
}

// Who is told to go while the connection is broken hears of it when it is there again, and stays out.
func TestToldToGoWhileAway(t *testing.T) {
	for reason, want := range map[protocol.CloseReason]string{
		protocol.CloseDuplicate:      "UIDDuplicate{}",
		protocol.CloseRemoved:        "Banned{1}",
		protocol.CloseRoomClosed:     "ChannelClosed{}",
		protocol.ClosePermkeyTimeout: "PermkeyTimeout{}",
	} {
		t.Run(string(reason), func(t *testing.T) {
			d := &drawer{}
			w := newWorld(t, withPlaces(d))
			w.resumable()
			w.cut()
			w.expect("CONNECTED→CONNECTING again")
			w.connect()
			m := w.request(protocol.TypeResume, nil)
			w.pipe.Say(protocol.TypeResumed, m.ID, protocol.Resumed{})
			w.pipe.Say(protocol.TypeClosed, 0, protocol.Closed{Reason: reason})
			w.expect("CONNECTING→CONNECTED again", "CONNECTED→DISCONNECTED", want)
			d.holds(t)
			w.dials <- nil
			w.c.Nudge()
			w.c.Changed()
			select {
			case <-w.refused:
				t.Error("it dials")
			case e := <-w.events:
				t.Errorf("it tells %s", e)
			case <-time.After(100 * time.Millisecond):
			}
		})
	}
}
