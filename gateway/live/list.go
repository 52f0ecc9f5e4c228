package live

import (
	"errors"
	"time"
)

// ErrNoTask says that a room has no such task on this gateway.
var ErrNoTask = errors.New("the room has no such live task")

// Info is a task as the operator sees it.
type Info struct {
	ID string `json:"taskId"`
	// Target is where it is pushed to, without what may be a secret.
	Target  string    `json:"target"`
	HostUID string    `json:"hostUid"`
	Begun   time.Time `json:"begun"`
	Width   int       `json:"width"`
	Height  int       `json:"height"`
	Record  bool      `json:"record"`
	// Code and Msg are of the last state that was told; a Code of 0 is none.
	Code int    `json:"code,omitempty"`
	Msg  string `json:"msg,omitempty"`
	// Unrecorded says why nothing is recorded any more, where Record says that it should be.
	Unrecorded string `json:"unrecorded,omitempty"`
}

// List gives the tasks of a room, in the order in which they were added.
func (t *Tasks) List(room string) []Info {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := []Info{}
	r := t.rooms[room]
	if r == nil {
		return out
	}
	for _, k := range r.tasks {
		out = append(out, info(k))
	}
	return out
}

func info(k *task) Info {
	c := k.Layout.Canvas
	return Info{
		ID: k.ID, Target: target(k.StreamURL), HostUID: k.HostUID, Begun: k.begun.UTC(),
		Width: c.Width, Height: c.Height, Record: k.Record, Unrecorded: k.unrecorded, Code: k.told.Code, Msg: k.told.Msg,
	}
}
