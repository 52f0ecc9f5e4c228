package client

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"nertc/internal/errcode"
	"nertc/internal/livetask"
	"nertc/internal/protocol"
	"nertc/internal/session"
)

// Live tasks are the room's, and the gateway keeps them: here is only what was told of them, so that
// nothing is told twice after a rejoin.

// AddTasks begins a live task of the room, the only one of the list. It returns when the task has begun; how it
// goes on is told by TaskChanged. NotJoinedForTasks, TasksNeedHost, InvalidTaskToAdd, AddTaskFailed.
func (c *Client) AddTasks(ctx context.Context, tasks []protocol.Task) error {
	if err := livetask.CheckAll(tasks, 1); err != nil {
		return errcode.New(errcode.InvalidTaskToAdd, "%s", err.Error())
	}
	c.hideTargets(tasks)
	again := false
	return c.withTasks(ctx, "addTasks", errcode.AddTaskFailed, func(ctx context.Context, s *session.Session) error {
		err := s.AddTasks(ctx, tasks)
		if again && err != nil && errcode.Of(err).ExtraCode == protocol.CodeTaskTaken {
			// The session that was asked first has ended before its answer came, and not before it was carried out.
			err = s.UpdateTasks(ctx, tasks)
		}
		again = true
		return err
	})
}

// UpdateTasks puts live tasks in the place of those with their IDs. NotJoinedForTasks, TasksNeedHost,
// InvalidTaskToUpdate, UpdateTaskFailed.
func (c *Client) UpdateTasks(ctx context.Context, tasks []protocol.Task) error {
	if err := livetask.CheckAll(tasks, livetask.PerRoom); err != nil {
		return errcode.New(errcode.InvalidTaskToUpdate, "%s", err.Error())
	}
	c.hideTargets(tasks)
	return c.withTasks(ctx, "updateTasks", errcode.UpdateTaskFailed, func(ctx context.Context, s *session.Session) error {
		return s.UpdateTasks(ctx, tasks)
	})
}

// DeleteTasks ends live tasks. NotJoinedForTasks, TasksNeedHost, InvalidTaskToDelete, DeleteTaskFailed.
func (c *Client) DeleteTasks(ctx context.Context, ids []string) error {
	if err := livetask.CheckIDs(ids); err != nil {
		return errcode.New(errcode.InvalidTaskToDelete, "%s", err.Error())
	}
	again := false
	return c.withTasks(ctx, "deleteTasks", errcode.DeleteTaskFailed, func(ctx context.Context, s *session.Session) error {
		err := s.DeleteTasks(ctx, ids)
		if again && err != nil && errcode.Of(err).ExtraCode == protocol.CodeTaskUnknown {
			err = nil
		}
		again = true
		return err
	})
}

// withTasks asks something of the room's live tasks, if this client may. failed is the code for what the gateway refuses.
func (c *Client) withTasks(ctx context.Context, what string, failed errcode.Code, f func(context.Context, *session.Session) error) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if _, err := c.current(ctx, what); err != nil {
		return taskError(err, failed)
	}
	c.mu.Lock()
	audience, live := c.standing.mute(), c.standing.profile == protocol.ProfileLive && !c.options.NoLive
	c.mu.Unlock()
	switch {
	case audience:
		return errcode.New(errcode.TasksNeedHost, "%s needs the role host", what)
	case !live:
		err := errcode.New(failed, "%s needs setChannelProfile({mode: 'live'}) before join, and a join without liveEnable: false", what)
		err.ExtraCode = protocol.CodeTaskProfile
		return err
	}
	return taskError(c.within(ctx, what, func(s *session.Session) error { return f(ctx, s) }), failed)
}

// taskError gives an error the code that is documented for what was asked.
func taskError(err error, failed errcode.Code) error {
	if err == nil {
		return nil
	}
	e := *errcode.Of(err)
	switch {
	case e.Code == errcode.NotJoined:
		e.Code = errcode.NotJoinedForTasks
	case e.Code == errcode.RefusedByServer:
		e.Code = failed
	}
	return &e
}

// hideTargets keeps the keys of streams out of the journal.
func (c *Client) hideTargets(tasks []protocol.Task) {
	for _, t := range tasks {
		address, query, _ := strings.Cut(t.StreamURL, "?")
		c.o.Log.Hide(address[strings.LastIndexByte(address, '/')+1:], query)
	}
}

// taskChanged takes a change of a live task. The lock is held.
func (c *Client) taskChanged(s protocol.TaskState) {
	switch s.Code {
	case protocol.TaskPushing, protocol.TaskFailed:
		c.remember(s)
	case protocol.TaskStopped:
		delete(c.tasks, s.ID)
	}
	c.tellTask(s)
}

func (c *Client) remember(s protocol.TaskState) {
	if c.tasks == nil {
		c.tasks = map[string]protocol.TaskState{}
	}
	c.tasks[s.ID] = s
}

// allTasks takes the states of all live tasks of the room: what has changed while nothing was told is told now.
// The lock is held.
func (c *Client) allTasks(all []protocol.TaskState) {
	gone := maps.Clone(c.tasks)
	for _, s := range all {
		delete(gone, s.ID)
		known := c.tasks[s.ID]
		if s.Code == 0 || s == known {
			continue
		}
		c.remember(s)
		c.tellTask(s)
	}
	for _, id := range slices.Sorted(maps.Keys(gone)) {
		s := gone[id]
		s.Code, s.Msg = protocol.TaskStopped, "the task has ended while the connection was away"
		delete(c.tasks, id)
		c.tellTask(s)
	}
}

func (c *Client) tellTask(s protocol.TaskState) {
	c.o.Log.Info("live task", "task", s.ID, "code", strconv.Itoa(s.Code), "msg", s.Msg)
	c.emit(TaskChanged(s))
}
