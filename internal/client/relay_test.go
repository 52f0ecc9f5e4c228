package client_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nertc/internal/client"
	"nertc/internal/errcode"
	"nertc/internal/media"
	"nertc/internal/protocol"
)

// servers are a relay with a credential.
func servers(credential string) []protocol.ICEServer {
	return []protocol.ICEServer{{URLs: []string{"turn:h"}, Username: "u", Credential: credential}}
}

// joinNaming joins a gateway that names servers.
func (w *world) joinNaming(named []protocol.ICEServer) protocol.Join {
	w.t.Helper()
	result := w.startJoin()
	var j protocol.Join
	m := w.request(protocol.TypeJoin, &j)
	w.pipe.Say(protocol.TypeJoined, m.ID, protocol.Joined{
		UID: "1", Answer: protocol.Answer{SDP: "answer-1"}, ICEServers: named, PingInterval: 60_000,
	})
	if err := <-result; err != nil {
		w.t.Fatal(err)
	}
	w.expect("DISCONNECTED→CONNECTING", "CONNECTING→CONNECTED", "Joined{}")
	return j
}

// answer answers the offer that comes next, and gives it.
func (w *world) answer() (o protocol.Offer) {
	w.t.Helper()
	m := w.request(protocol.TypeOffer, &o)
	w.pipe.Say(protocol.TypeAnswer, m.ID, protocol.Answer{SDP: "answer to " + o.SDP})
	return o
}

// asked waits until these are the last things that the latest peer connection was asked for.
func (w *world) asked(want ...string) {
	w.t.Helper()
	var got []string
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if got = w.peer().Log(); len(got) >= len(want) && slices.Equal(got[len(got)-len(want):], want) {
			return
		}
	}
	w.t.Fatalf("the peer connection was asked for %q, want %q at the end", got, want)
}

func TestRelayFromTheFirstOfferOn(t *testing.T) {
	w := newWorld(t)
	if err := w.c.SetRelay(true); err != nil {
		t.Fatal(err)
	}
	if j := w.joinNaming(servers("one")); !j.Relay {
		t.Error("the gateway was not told")
	}
	w.answer()
	w.asked("servers only", "receivers 1 1", "offer", "answer answer-1",
		"servers [turn:h]uone only", "restart", "offer", "answer answer to offer-2")
	if err := w.c.SetRelay(false); code(err) != errcode.InvalidOperation {
		t.Errorf("in a room: %v", err)
	}

	// Until the new candidates have pairs there is no way; that is no interruption.
	for _, state := range []media.ConnectionState{media.StateFailed, media.StateConnecting, media.StateDisconnected, media.StateConnecting, media.StateConnected} {
		w.peer().Observer.State(state)
	}

	// Media breaks: the next path goes through the relay too, with the latest credentials.
	w.pipe.Say(protocol.TypeICEServers, 0, protocol.ICEServers{ICEServers: servers("two")})
	w.pipe.Say(protocol.TypeMemberJoined, 0, protocol.Member{UID: "2"})
	w.expect("PeerOnline{2}") // what was said before has arrived
	w.peer().Observer.State(media.StateFailed)
	w.expect("CONNECTED→CONNECTING again")
	w.answer()
	w.asked("servers [turn:h]utwo only", "restart", "offer", "answer answer to offer-3")
	w.peer().Observer.State(media.StateConnected)
	w.expect("CONNECTING→CONNECTED again")

	// And so it is after a rejoin.
	w.cut()
	w.expect("CONNECTED→CONNECTING again")
	w.connect()
	var j protocol.Join
	m := w.request(protocol.TypeJoin, &j)
	if !j.Relay {
		t.Error("the gateway was not told again")
	}
	w.pipe.Say(protocol.TypeJoined, m.ID, protocol.Joined{UID: "1", ICEServers: servers("three"), PingInterval: 60_000})
	w.expect("CONNECTING→CONNECTED again")
	w.answer()
	w.asked("servers only", "receivers 1 1", "offer", "answer ", "servers [turn:h]uthree only", "restart", "offer", "answer answer to offer-2")
}

func TestRelayThatIsNotThere(t *testing.T) {
	for name, answer := range map[string]func(w *world, id uint64){
		"refused by the gateway": func(w *world, id uint64) {
			w.pipe.Say(protocol.TypeError, id, protocol.Error{Code: protocol.CodeNoRelay, Reason: "there is no relay"})
		},
		"unknown to the gateway": func(w *world, id uint64) {
			w.pipe.Say(protocol.TypeJoined, id, protocol.Joined{UID: "1", ICEServers: []protocol.ICEServer{{URLs: []string{"stun:h"}}}})
			w.request(protocol.TypeLeave, nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if err := w.c.SetRelay(true); err != nil {
				t.Fatal(err)
			}
			result := w.startJoin()
			answer(w, w.request(protocol.TypeJoin, nil).ID)
			var e *errcode.Error
			if err := <-result; !errors.As(err, &e) || e.Code != errcode.RefusedByServer || e.ExtraCode != protocol.CodeNoRelay {
				t.Fatalf("join: %v", err)
			}
			w.expect("DISCONNECTED→CONNECTING", "CONNECTING→DISCONNECTED")
			if slices.ContainsFunc(w.peer().Log(), func(s string) bool { return strings.HasPrefix(s, "answer") }) {
				t.Error("media went directly")
			}
			// Without it the same client gets in.
			if err := w.c.SetRelay(false); err != nil {
				t.Fatal(err)
			}
			w.connect()
			if j := w.joinNaming(nil); j.Relay {
				t.Error("a relay is still wanted")
			}
		})
	}
}

// Where there is a relay, it is kept for when nothing else gets through.
func TestRelayAsTheLastResort(t *testing.T) {
	for name, connected := range map[string]bool{"media finds its way": true, "media does not": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				if j := w.joinNaming(servers("one")); j.Relay {
					t.Error("the gateway was told of a relay that nobody wants")
				}
				if connected {
					w.peer().Observer.State(media.StateConnected)
				}
				before := []string{"receivers 1 1", "offer", "answer answer-1"}
				time.Sleep(2500 * time.Millisecond)
				synctest.Wait()
				if got := w.peer().Log(); !slices.Equal(got, before) {
					t.Fatalf("asked for %q", got)
				}
				if connected {
					time.Sleep(5 * time.Second)
					synctest.Wait()
					if got := w.peer().Log(); !slices.Equal(got, before) {
						t.Fatalf("asked for %q", got)
					}
					return
				}
				w.answer()
				synctest.Wait()
				w.asked(append(before, "servers [turn:h]uone", "restart", "offer", "answer answer to offer-2")...)
				if len(w.events) != 0 || w.c.State() != client.Connected {
					t.Errorf("the page was told: %s", w.c.State())
				}
			})
		})
	}
}

func TestSetRelayOfADestroyedClient(t *testing.T) {
	w := newWorld(t)
	_ = w.c.Destroy(w.ctx)
	if err := w.c.SetRelay(true); code(err) != errcode.InvalidOperation {
		t.Error(err)
	}
}
