package room

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"nertc/gateway/engine"
	"nertc/internal/protocol"
)

// taken calls a function when the member is taken out of the engine's room, which is the last that happens to it.
type taken struct {
	devNull
	f func()
}

func (c taken) Close() { c.f() }

// Who has the answer to its leave may come in anew, also where it was the last and the room is another then.
func TestALeaveIsAnsweredWhenTheRoomIsLeft(t *testing.T) {
	var h *Handler
	l := newLine(nil, 16, nil)
	closed := false
	h = newHandler(Options{Log: slog.New(slog.DiscardHandler)}, func() bool { return true }, func(context.Context, engine.JoinOptions) (upstream, error) {
		return taken{f: func() {
			closed = true
			if frame, last := l.take(); frame != nil || last {
				t.Errorf("%s is sent before the member is out of the room", frame)
			}
			if rooms, members := h.rooms.count(); rooms != 0 || members != 0 {
				t.Errorf("%d are left in %d rooms", members, rooms)
			}
		}}, nil
	})
	s := h.newSession(httptest.NewRequest("GET", protocol.Path, nil))
	l.watchdog = time.NewTimer(time.Hour)
	defer l.watchdog.Stop()
	s.connect(l)
	for id, message := range []struct {
		t    protocol.Type
		data any
	}{{protocol.TypeJoin, joinAs("room", "1")}, {protocol.TypeLeave, nil}} {
		b, err := protocol.Encode(message.t, uint64(id+1), message.data)
		if err != nil {
			t.Fatal(err)
		}
		s.handle(true, b)
	}
	if !closed {
		t.Error("the member stays in the engine's room")
	}
	for _, want := range []protocol.Type{protocol.TypeOK, protocol.TypeClosed} {
		frame, _ := l.take()
		if m, err := protocol.Decode(frame); err != nil || m.Type != want || want == protocol.TypeOK && m.ID != 2 {
			t.Errorf("%s comes instead of %s: %v", frame, want, err)
		}
	}
}
