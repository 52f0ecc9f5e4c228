package client_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"nertc/internal/client"
	"nertc/internal/errcode"
	"nertc/internal/framecrypt"
	"nertc/internal/journal"
	"nertc/internal/media"
	"nertc/internal/protocol"
)

// TestSecretsAreForgotten: of a secret that is of no use any more nothing is left that a key can be made of.
func TestSecretsAreForgotten(t *testing.T) { synctest.Test(t, secretsAreForgotten) }

func secretsAreForgotten(t *testing.T) {
	w, e := newCryptWorld(t)
	left := func(when string, want int) {
		t.Helper()
		synctest.Wait() // a root is computed, and overwritten, beside the calls
		if n := e.left(); n != want {
			t.Fatalf("%s: %d roots and keys are left, want %d", when, n, want)
		}
	}
	w.encrypt(framecrypt.GCM, "mistyped")
	left("with a secret", 1)
	w.encrypt(framecrypt.GCM, "secret")
	left("with another", 1)
	w.enterRoom()
	left("in the room, where the root is for a rejoin", 1)
	rotate := func(secret string, answer protocol.Type, data any) {
		t.Helper()
		result := make(chan error, 1)
		go func() { result <- w.c.RotateEncryptionSecret(w.ctx, secret) }()
		w.pipe.Say(answer, w.request(protocol.TypeRekey, nil).ID, data)
		if err := <-result; (err == nil) != (answer == protocol.TypeOK) {
			t.Error(err)
		}
		left("after a change to "+secret, 1)
	}
	rotate("refused", protocol.TypeError, protocol.Error{Code: 10008, Reason: "another change"})
	rotate("new", protocol.TypeOK, nil)
	if j := w.comeBack(protocol.Joined{}); j.CryptCheck == "" {
		t.Error("came back clear")
	}
	if err := leave(w); err != nil {
		t.Fatal(err)
	}
	left("after the room", 0)
}

// TestASecretForARoomThatWasLeft: the next room does not get it.
func TestASecretForARoomThatWasLeft(t *testing.T) {
	w, e := newCryptWorld(t)
	w.encrypt(framecrypt.GCM, "secret")
	w.enterRoom()
	slow, quick := make(chan struct{}), e.root
	e.asked, e.root = make(chan struct{}, 8), slow
	result := make(chan error, 1)
	go func() { result <- w.c.RotateEncryptionSecret(w.ctx, "late") }()
	<-e.asked
	if err := leave(w); err != nil {
		t.Fatal(err)
	}
	w.expect("CONNECTED→DISCONNECTING", "DISCONNECTING→DISCONNECTED")
	e.mu.Lock()
	e.root = quick
	e.mu.Unlock()
	w.connect()
	w.encrypt(framecrypt.GCM, "other")
	w.enterRoom()
	e.noted()
	close(slow)
	if err := <-result; code(err) != errcode.InvalidOperation {
		t.Error(err)
	}
	if l := e.noted(); len(l) != 0 {
		t.Errorf("the key of the next room: %q", l)
	}
	_, check := keysOf(t, "other", framecrypt.GCM)
	if j := w.comeBack(protocol.Joined{}); j.CryptCheck != check { // and the gateway was told of no other
		t.Errorf("came back with %q", j.CryptCheck)
	}
}

// TestFramesThatDoNotPassMeanAnotherConnection: what encrypts them has stopped, which is no end of the call.
func TestFramesThatDoNotPassMeanAnotherConnection(t *testing.T) {
	w, e := newCryptWorld(t)
	w.encrypt(framecrypt.GCM, "secret")
	w.enterRoom()
	w.peer().Observer.State(media.StateConnected)
	begun := e.noted()
	w.connect()
	w.peer().Observer.State(media.StateClosed)
	w.expect("CONNECTED→CONNECTING again")
	w.letIn(bob)
	w.expect("PeerOnline{2}", "StreamAdded{2 audio}", "StreamAdded{2 video}", "MuteChanged{2 video true}")
	w.peer().Observer.State(media.StateConnected)
	w.expect("CONNECTING→CONNECTED again")
	if l := e.noted(); !slices.Equal(l, begun) {
		t.Errorf("%q, then %q", begun, l)
	}
}

// TestAModeWithoutASecretIsWarnedOf: documented, and easily overlooked.
func TestAModeWithoutASecretIsWarnedOf(t *testing.T) {
	for _, mode := range []framecrypt.Mode{framecrypt.None, framecrypt.GCM} {
		var mu sync.Mutex
		warned := 0
		log := journal.New(journal.Debug, func(l journal.Level, _, text string) {
			mu.Lock()
			defer mu.Unlock()
			if l == journal.Warning && strings.HasPrefix(text, "nothing is encrypted") {
				warned++
			}
		})
		w := newWorld(t, func(o *client.Options) { o.Log = log })
		if err := w.c.SetEncryptionMode(mode); err != nil {
			t.Fatal(err)
		}
		w.enterRoom()
		mu.Lock()
		if want := map[framecrypt.Mode]int{framecrypt.GCM: 1}[mode]; warned != want {
			t.Errorf("%s: warned %d times", mode, warned)
		}
		mu.Unlock()
	}
}
