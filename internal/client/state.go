package client

import (
	"slices"

	"nertc/internal/errcode"
	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/internal/session"
)

// transitions are the moves that the states allow.
var transitions = map[State][]State{
	Disconnected:  {Connecting},
	Connecting:    {Connected, Disconnecting, Disconnected},
	Connected:     {Connecting, Disconnecting, Disconnected},
	Disconnecting: {Disconnected},
}

// move changes the state and tells it. The lock is held.
func (c *Client) move(to State) {
	if !slices.Contains(transitions[c.state], to) {
		return
	}
	prev := c.state
	c.state = to
	c.o.Log.Info("connection state", "from", string(prev), "to", string(to))
	c.emit(StateChanged{Cur: to, Prev: prev, Reconnect: c.recovering && to != Disconnecting})
}

// outside says why something cannot change that holds for a whole stay. The lock is held.
func (c *Client) outside(what string) error {
	switch {
	case c.destroyed:
		return errDestroyed()
	case c.state != Disconnected:
		return errcode.New(errcode.InvalidOperation, "%s cannot change while %s", what, c.state)
	}
	return nil
}

// emit tells an event after all that were told before. The lock is held, so that events
// stand in the order of the changes they tell of.
func (c *Client) emit(e Event) {
	c.events.Post(func() { c.o.Handle(e) })
}

// reset forgets the room. The lock is held.
func (c *Client) reset() {
	if c.info.UID != "" { // not after a join that was refused
		c.endEncryption()
	}
	c.session = nil
	c.info = ChannelInfo{}
	c.pass = ""
	c.forgetPlace()
	c.stopWatchingSleep()
	c.view = view{}
	c.published = map[protocol.MediaType]LocalTrack{}
	c.dual.forget()
	c.priority = ""
	c.tasks = nil
	c.warned = nil
	c.stopBurial()
	c.stopReporting()
}

func (c *Client) stopBurial() {
	if c.burial != nil {
		c.burial.Stop()
		c.burial = nil
	}
}

// observer turns what a session tells into events. What an earlier session still has to say is dropped.
func (c *Client) observer(of func() *session.Session) session.Observer {
	on := func(f func(s *session.Session)) {
		s := of()
		c.mu.Lock()
		defer c.mu.Unlock()
		if s != nil && c.session == s {
			f(s)
		}
	}
	return session.Observer{
		MemberJoined: func(uid string) { on(func(*session.Session) { c.memberJoined(uid) }) },
		MemberLeft:   func(uid string) { on(func(*session.Session) { c.memberLeft(uid) }) },
		CustomData:   func(uid, data string) { on(func(*session.Session) { c.customData(uid, data) }) },
		TrackAdded: func(uid string, t protocol.Track) {
			on(func(s *session.Session) {
				if c.trackAdded(uid, t) {
					go c.subscribeAgain(s, uid)
				}
			})
		},
		TrackRemoved: func(uid string, t protocol.Track) {
			on(func(*session.Session) { c.trackRemoved(uid, t.MediaType) })
		},
		TrackMuted:  func(uid string, t protocol.Track) { on(func(*session.Session) { c.trackMuted(uid, t) }) },
		Undecodable: func(codec string) { on(func(*session.Session) { c.undecodable(codec) }) },
		TrackReceived: func(uid string, t protocol.Track, r media.RemoteTrack) {
			on(func(*session.Session) { c.trackReceived(uid, t, r) })
		},
		MemberQuality: func(uid string, level int) {
			on(func(*session.Session) { c.memberQuality(uid, level) })
		},
		TrackPaused: func(uid string, t protocol.Track, paused bool) {
			on(func(*session.Session) { c.trackPaused(uid, t.MediaType, paused) })
		},
		Priority: func(uid string) {
			on(func(*session.Session) { c.prioritize(uid) })
		},
		TaskChanged: func(t protocol.TaskState) { on(func(*session.Session) { c.taskChanged(t) }) },
		AllTasks:    func(all []protocol.TaskState) { on(func(*session.Session) { c.allTasks(all) }) },
		Banned: func(b protocol.Banned) {
			on(func(*session.Session) {
				c.emit(AudioVideoBanned{UID: c.info.UID, Audio: b.Audio, Video: b.Video, Duration: b.Duration})
			})
		},
		Passed: func(pass string) { on(func(*session.Session) { c.passed(pass) }) },
		PermkeyWillExpire: func() {
			on(func(*session.Session) { c.emit(PermkeyWillExpire{}) })
		},
		Interrupted: func() { on(func(*session.Session) { c.interrupted() }) },
		Continued:   func() { on(func(*session.Session) { c.continued() }) },
		MediaConnected: func() {
			on(func(*session.Session) { c.mediaConnected() })
		},
		Ended: func(reason protocol.CloseReason, err error) {
			on(func(*session.Session) { c.ended(reason, err) })
		},
	}
}

// ended takes the end of a session that this side did not ask for: a rejoin follows where
// that may help. Otherwise the state is Disconnected when the event that says why is told.
func (c *Client) ended(reason protocol.CloseReason, err error) {
	var event Event
	switch reason {
	case protocol.CloseLeft:
	case protocol.CloseDuplicate:
		event = UIDDuplicate{}
	case protocol.CloseRemoved:
		event = Banned{UID: c.info.UID}
	case protocol.ClosePermkeyTimeout:
		event = PermkeyTimeout{}
	case protocol.CloseRoomClosed:
		event = ChannelClosed{}
	default:
		c.o.Log.Warning("the connection to the room is lost, joining again", c.lost(reason, err)...)
		c.rejoin(reason)
		return
	}
	c.o.Log.Warning("the room is over for us", "reason", string(reason))
	c.recovering = false
	c.reset()
	c.move(Disconnected)
	if event != nil {
		c.emit(event)
	}
}
