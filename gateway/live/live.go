// Package live has the live tasks of rooms: pushes of what goes on in a room, composed to one programme,
// to RTMP servers. It admits them, keeps them with their rooms, and tells the rooms' hosts of their
// states; how a programme is made and pushed is a Runner's affair.
package live

import (
	"errors"

	"nertc/internal/protocol"
)

// RoomRef names a room.
type RoomRef struct {
	// Name is the engine's name of it.
	Name string
	// App and Channel are what clients call it by.
	App, Channel string
}

// Runner makes and pushes programmes. Its methods may be called from several goroutines.
type Runner interface {
	// Start begins a task and returns quickly: whether the push works out is told later. The task has
	// been checked. An error refuses it, and its text is shown to the page: it must hold no secret, the
	// address included. A *Refusal gives it a number of its own.
	//
	// tell takes the states of the task, also before Start returns, and never blocks. TaskStopped says
	// that the task has ended by itself, for a reason that no further attempt can mend; it is stopped
	// then. The end that Stop makes is not told.
	Start(room RoomRef, t protocol.Task, tell func(State)) (Run, error)
}

// Run is a task under way. Its methods are called one at a time.
type Run interface {
	// Update puts a task in the place of the present one, with the same ID. An error refuses it, with a
	// text as of Start, and leaves everything as it was.
	Update(t protocol.Task) error
	// Stop ends the task, and returns when every process of it is gone and nothing more is told.
	Stop()
}

// State is how a task is.
type State struct {
	// Code is one of those of protocol.TaskState.
	Code int
	// Msg says more, in English: of a failure the reason, and how the encoding differs from what was asked for.
	Msg string
	// StreamURL is what was being pushed to; empty stands for the task's own.
	StreamURL string
}

// Refusal is an error with a number of its own, one of protocol's CodeTask….
type Refusal struct {
	Code   int
	Reason string
}

func (r *Refusal) Error() string { return r.Reason }

// refusal gives the refusal that an error is, or makes one of it.
func refusal(err error) *Refusal {
	var r *Refusal
	if errors.As(err, &r) {
		return r
	}
	return &Refusal{protocol.CodeTaskRefused, err.Error()}
}

// Unavailable is a Runner that refuses every task.
type Unavailable string

// Start refuses with the text.
func (u Unavailable) Start(RoomRef, protocol.Task, func(State)) (Run, error) {
	return nil, &Refusal{protocol.CodeTasksOff, string(u)}
}
