package signal_test

import (
	"runtime"
	"testing"
	"time"
	"weak"

	"nertc/internal/protocol"
	"nertc/internal/signal"
	"nertc/internal/signal/signaltest"
)

// Whoever has made a client and destroyed it does not keep it until the next ping would be due.
func TestAClosedSocketIsHeldByNothing(t *testing.T) {
	lost := make(chan error, 1)
	socket := func() weak.Pointer[signal.Socket] {
		s := signal.NewSocket(signaltest.New(), signal.Handler{
			Pushed: func(protocol.Message) {}, Lost: func(err error) { lost <- err },
		})
		s.Keepalive(time.Hour)
		s.Close()
		return weak.Make(s)
	}()
	<-lost
	for deadline := time.Now().Add(10 * time.Second); socket.Value() != nil; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatal("the socket is still held")
		}
		runtime.GC()
	}
}
