package live_test

import (
	"testing"

	"nertc/gateway/live"
	"nertc/internal/protocol"
)

// curious looks at what the operator sees as soon as it is told of a state.
type curious struct {
	*host
	s    *stage
	seen chan []live.Info
}

func (c *curious) TellTask(s protocol.TaskState) {
	c.seen <- c.s.List(theRoom.Name)
	c.host.TellTask(s)
}

func TestWhoIsToldOfAStateAndLooksFindsItSo(t *testing.T) {
	s := newStage(t, live.Options{})
	c := &curious{newHost(), s, make(chan []live.Info, 64)}
	s.Enter(theRoom.Name, c, false)
	r := s.begin(theRoom, "a")
	for _, state := range []live.State{
		{Code: protocol.TaskPushing, Msg: "x"}, {Code: protocol.TaskFailed, Msg: "y"}, {Code: protocol.TaskRecordingFailed, Msg: "z"},
	} {
		r.tell(state)
		all := await(t, c.seen, "state")
		if len(all) != 1 {
			t.Fatalf("of %+v: %+v", state, all)
		}
		seen := live.State{Code: all[0].Code, Msg: all[0].Msg}
		if state.Code == protocol.TaskRecordingFailed { // the push goes on as before
			seen = live.State{Code: state.Code, Msg: all[0].Unrecorded}
		}
		if seen != state {
			t.Errorf("told %+v, sees %+v", state, all[0])
		}
	}
}
