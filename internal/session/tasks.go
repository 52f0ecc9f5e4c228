package session

import (
	"context"

	"nertc/internal/protocol"
)

// AddTasks asks for live tasks of the room, and returns when they have begun.
func (s *Session) AddTasks(ctx context.Context, tasks []protocol.Task) error {
	return s.socket.Call(ctx, protocol.TypeTaskAdd, protocol.Tasks{Tasks: tasks}, nil)
}

// UpdateTasks puts tasks in the place of those with their IDs.
func (s *Session) UpdateTasks(ctx context.Context, tasks []protocol.Task) error {
	return s.socket.Call(ctx, protocol.TypeTaskUpdate, protocol.Tasks{Tasks: tasks}, nil)
}

// DeleteTasks ends tasks, and returns when nothing is left of them.
func (s *Session) DeleteTasks(ctx context.Context, ids []string) error {
	return s.socket.Call(ctx, protocol.TypeTaskDelete, protocol.TaskIDs{IDs: ids}, nil)
}
