package client

import (
	"context"

	"nertc/internal/errcode"
	"nertc/internal/protocol"
	"nertc/internal/session"
)

// UpdatePermkey puts another permission key in the place of the present one. It returns when what
// the key permits has taken effect; what is published and it does not permit is no longer.
// NotJoined, BadToken, Unauthorized.
func (c *Client) UpdatePermkey(ctx context.Context, permkey string) error {
	if permkey == "" {
		return errcode.New(errcode.InvalidArgument, "permkey must not be empty")
	}
	c.o.Log.Hide(permkey)
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return c.within(ctx, "updatePermKey", func(s *session.Session) error {
		p, err := s.SetPermkey(ctx, permkey)
		if err != nil {
			return err
		}
		var end []protocol.MediaType
		c.mu.Lock()
		if c.session == s {
			c.options.Permkey = permkey
		}
		for t := range c.published {
			sound := t == protocol.MediaAudio || t == protocol.MediaAudioSlave
			if sound && !p.Audio || !sound && !p.Video {
				end = append(end, t)
				delete(c.published, t)
			}
		}
		c.mu.Unlock()
		for _, t := range end {
			_ = s.Unpublish(ctx, t) // the room has forgotten it already
		}
		return nil
	})
}

// permitted passes on the result of a publication or a subscription, and tells of one that the
// permission key does not permit.
func (c *Client) permitted(err error) error {
	if err == nil {
		return nil
	}
	switch reason := errcode.Of(err).Reason; reason {
	case protocol.ReasonNoPublishAudio, protocol.ReasonNoPublishVideo,
		protocol.ReasonNoSubscribeAudio, protocol.ReasonNoSubscribeVideo:
		c.mu.Lock()
		defer c.mu.Unlock()
		c.emit(Failed{Name: reason})
	}
	return err
}

// refusedBeside says whether a publication was refused for what the permission key does not permit of others: the room
// refuses the whole of an offer, and two that are published at once may share one.
func refusedBeside(err error, t protocol.MediaType) bool {
	if err == nil {
		return false
	}
	sound := t == protocol.MediaAudio || t == protocol.MediaAudioSlave
	reason := errcode.Of(err).Reason
	return sound && reason == protocol.ReasonNoPublishVideo || !sound && reason == protocol.ReasonNoPublishAudio
}

// passed notes what lets the client back in. The lock is held.
func (c *Client) passed(pass string) {
	c.o.Log.Hide(pass)
	c.pass = pass
}

// customData tells what a member has given along, unless it was told already. The lock is held.
func (c *Client) customData(uid, data string) {
	p := c.view[uid]
	if p == nil || data == "" || p.custom == data {
		return
	}
	p.custom = data
	c.emit(CustomData{uid, data})
}
