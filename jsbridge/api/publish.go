//go:build js && wasm

package api

import (
	"slices"

	"nertc/internal/client"
	"nertc/internal/errcode"
	"nertc/internal/protocol"
	"nertc/jsbridge/js"
)

// publish publishes what the stream has and is not published yet.
func (c *Client) publish(args []js.Value) work {
	s := c.api.streamOf(arg(args, 0))
	if s == nil || s.remote {
		return fail(errcode.New(errcode.InvalidArgument, "publish needs a local stream"))
	}
	return func() (any, error) {
		if c.core.State() != client.Connected {
			return nil, errcode.New(errcode.NotJoined, "publish needs a join first")
		}
		tracks := s.localTracks()
		if len(tracks) == 0 {
			return nil, errcode.New(errcode.NoSuchLocalStream, "the stream has no track to publish: init it first")
		}
		if err := c.core.Publish(c.ctx, tracks); err != nil {
			return nil, err
		}
		s.publishedOn(c)
		c.mu.Lock()
		for _, t := range tracks {
			if c.published[t.MediaType] == nil {
				c.published[t.MediaType] = s
			}
		}
		c.mu.Unlock()
		c.updateRecording()
		// Muted or unmuted while it was on its way.
		for _, t := range tracks {
			if muted := s.isMuted(t.MediaType); muted != t.Muted {
				_ = c.core.SetMuted(c.ctx, t.MediaType, muted)
			}
		}
		return nil, nil
	}
}

// unpublish ends the publication of a stream, or of one media type of it.
func (c *Client) unpublish(args []js.Value) work {
	s := c.api.streamOf(arg(args, 0))
	if s == nil || s.remote {
		return fail(errcode.New(errcode.InvalidArgument, "unpublish needs a local stream"))
	}
	types, err := mediaTypes(arg(args, 1))
	if err != nil {
		return fail(err)
	}
	return func() (any, error) { return nil, c.unpublishStream(s, types) }
}

func (c *Client) unpublishStream(s *Stream, types []protocol.MediaType) error {
	c.mu.Lock()
	own := slices.DeleteFunc(slices.Clone(types), func(t protocol.MediaType) bool { return c.published[t] != s })
	c.mu.Unlock()
	if err := c.core.Unpublish(c.ctx, own...); err != nil {
		return err
	}
	c.mu.Lock()
	for _, t := range own {
		if c.published[t] == s {
			delete(c.published, t)
		}
	}
	c.mu.Unlock()
	c.updateRecording()
	return nil
}

// setMuted tells the room, if the stream is what is published there.
func (c *Client) setMuted(s *Stream, t protocol.MediaType, muted bool) error {
	c.mu.Lock()
	published := c.published[t] == s
	c.mu.Unlock()
	if !published {
		return nil
	}
	return c.core.SetMuted(c.ctx, t, muted)
}
