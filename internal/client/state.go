package client

import (
	"slices"

	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/internal/session"
)

// transitions are the moves that the states allow.
var transitions = map[State][]State{
	Disconnected:  {Connecting},
	Connecting:    {Connected, Disconnected},
	Connected:     {Disconnecting, Disconnected},
	Disconnecting: {Disconnected},
}

// move changes the state and tells it. The lock is held.
func (c *Client) move(to State) {
	if !slices.Contains(transitions[c.state], to) {
		return
	}
	prev := c.state
	c.state = to
	c.emit(StateChanged{Cur: to, Prev: prev})
}

// emit tells an event after all that were told before. The lock is held, so that events
// stand in the order of the changes they tell of.
func (c *Client) emit(e Event) {
	c.events.Post(func() { c.o.Handle(e) })
}

// reset forgets the room. The lock is held.
func (c *Client) reset() {
	c.session = nil
	c.info = ChannelInfo{}
}

// observer turns what a session tells into events. What an earlier session still has to say is dropped.
func (c *Client) observer(of func() *session.Session) session.Observer {
	tell := func(e Event) {
		s := of()
		c.mu.Lock()
		defer c.mu.Unlock()
		if s != nil && c.session == s {
			c.emit(e)
		}
	}
	return session.Observer{
		MemberJoined: func(uid string) { tell(PeerOnline{uid}) },
		MemberLeft:   func(uid string) { tell(PeerLeave{uid}) },
		TrackAdded:   func(uid string, t protocol.Track) { tell(StreamAdded{uid, t.MediaType}) },
		TrackRemoved: func(uid string, t protocol.Track) { tell(StreamRemoved{uid, t.MediaType}) },
		TrackMuted:   func(uid string, t protocol.Track) { tell(MuteChanged{uid, t.MediaType, t.Muted}) },
		TrackReceived: func(uid string, t protocol.Track, r media.RemoteTrack) {
			tell(StreamSubscribed{uid, t.MediaType, r})
		},
		Ended: func(reason protocol.CloseReason, _ error) { c.ended(of(), reason) },
	}
}

// ended takes the end of a session that this side did not ask for: the state is
// Disconnected when the event that says why is told.
func (c *Client) ended(s *session.Session, reason protocol.CloseReason) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s == nil || c.session != s {
		return
	}
	uid := c.info.UID
	c.reset()
	c.move(Disconnected)
	switch reason {
	case protocol.CloseLeft:
	case protocol.CloseDuplicate:
		c.emit(UIDDuplicate{})
	case protocol.CloseRemoved:
		c.emit(Banned{UID: uid})
	case protocol.CloseRoomClosed:
		c.emit(ChannelClosed{})
	case protocol.CloseEngineLost, session.MediaLost:
		c.emit(Failed{Name: "MEDIA_TRANSPORT_DISCONNECT"})
	default:
		c.emit(Failed{Name: "SOCKET_ERROR"})
	}
}
