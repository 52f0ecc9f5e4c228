package room

import (
	"nertc/gateway/engine"
	"nertc/gateway/live"
	"nertc/internal/errcode"
	"nertc/internal/protocol"
)

// handleTasks has live tasks of the room added, changed or ended. They are the room's and not the
// member's: every host may do so to all of them, and they go on without the one who has begun them.
func (s *session) handleTasks(m protocol.Message) {
	if s.member(m.ID) == nil {
		return
	}
	if e := s.mayHaveTasks(); e != nil {
		s.refuse(m.ID, e)
		return
	}
	s.mu.Lock()
	room, uid := s.room, s.uid
	s.mu.Unlock()
	ref := live.RoomRef{Name: room}
	ref.App, ref.Channel, _ = engine.SplitRoomName(room)
	reply := func(e *protocol.Error) {
		if e != nil {
			s.refuse(m.ID, e)
			return
		}
		s.confirm(m.ID, nil)
	}
	var tasks protocol.Tasks
	var ids protocol.TaskIDs
	switch {
	case m.Type == protocol.TypeTaskDelete && decode(m.Data, &ids):
		s.h.tasks.Delete(ref, uid, ids.IDs, reply)
	case m.Type == protocol.TypeTaskAdd && decode(m.Data, &tasks):
		s.h.tasks.Add(ref, uid, tasks.Tasks, reply)
	case m.Type == protocol.TypeTaskUpdate && decode(m.Data, &tasks):
		s.h.tasks.Update(ref, uid, tasks.Tasks, reply)
	default:
		s.refuse(m.ID, refuse(errcode.InvalidArgument, string(m.Type)+" has data of the wrong form"))
	}
}

// mayHaveTasks says why the member may ask for nothing of the kind, nil if it may.
func (s *session) mayHaveTasks() *protocol.Error {
	switch {
	case s.role != protocol.RoleHost:
		return refuse(errcode.TasksNeedHost, "live tasks need the role host")
	case !s.live:
		return refuse(protocol.CodeTaskProfile, "live tasks need the channel profile live, and a join without liveEnable false")
	case s.h.rooms.encrypted(s.room):
		return refuse(protocol.CodeTaskEncrypted, "the room is encrypted end to end: the server has no key and sees nothing that it could push")
	}
	return nil
}

// TellTask tells the client of a change to a live task.
func (s *session) TellTask(t protocol.TaskState) { s.send(protocol.TypeTaskState, 0, t) }

// TellTasks tells the client of all live tasks.
func (s *session) TellTasks(all protocol.TaskStates) { s.send(protocol.TypeTasks, 0, all) }

// hearTasks has a member who is there told of the room's live tasks, or no longer. anyhow says that it may
// remember some, and is to be told also that there are none.
func (s *session) hearTasks(host, anyhow bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.detached: // which has it told no more
	case host:
		s.h.tasks.Enter(s.room, s, anyhow)
	default:
		s.h.tasks.Leave(s.room, s)
	}
}

// encrypted says whether a room's members encrypt.
func (r *registry) encrypted(room string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.encryptions[room].mode != ""
}

// vacant says whether nobody is in a room.
func (r *registry) vacant(room string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.rooms[room]) == 0
}
