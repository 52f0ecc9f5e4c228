package room

import (
	"context"
	"errors"

	"nertc/gateway/engine"
	"nertc/gateway/live"
	"nertc/internal/errcode"
	"nertc/internal/protocol"
)

// What the operator sees of live tasks, and may do to them.

// Tasks lists the live tasks of a room that this gateway carries out, in the order in which they were added.
func (h *Handler) Tasks(app, channel string) []live.Info {
	return h.tasks.List(engine.RoomName(app, channel))
}

// EndTask ends a live task and returns when nothing is left of it. It fails with live.ErrNoTask
// where there is none; any other error leaves it as it is.
func (h *Handler) EndTask(ctx context.Context, app, channel, id string) error {
	answered := make(chan *protocol.Error, 1)
	ref := live.RoomRef{Name: engine.RoomName(app, channel), App: app, Channel: channel}
	h.tasks.Delete(ref, "the operator", []string{id}, func(e *protocol.Error) { answered <- e })
	select {
	case e := <-answered:
		switch {
		case e == nil:
			return nil
		case e.Code == protocol.CodeTaskUnknown || e.Code == int(errcode.InvalidTaskToDelete):
			return live.ErrNoTask
		}
		return errors.New("the task is not ended: " + e.Reason)
	case <-ctx.Done():
		return ctx.Err()
	}
}
