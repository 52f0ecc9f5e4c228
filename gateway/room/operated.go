package room

import (
	"context"

	"nertc/gateway/engine"
	"nertc/gateway/live"
	"nertc/internal/protocol"
)

// What the operator sees of live tasks, and may do to them.

// Tasks lists the live tasks of a room that this gateway carries out, in the order in which they were added.
func (h *Handler) Tasks(app, channel string) []live.Info {
	return h.tasks.List(engine.RoomName(app, channel))
}

// EndTask ends a live task and returns when nothing is left of it. It fails with live.ErrNoTask.
func (h *Handler) EndTask(ctx context.Context, app, channel, id string) error {
	answered := make(chan *protocol.Error, 1)
	ref := live.RoomRef{Name: engine.RoomName(app, channel), App: app, Channel: channel}
	h.tasks.Delete(ref, "the operator", []string{id}, func(e *protocol.Error) { answered <- e })
	select {
	case e := <-answered:
		if e != nil {
			return live.ErrNoTask
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
