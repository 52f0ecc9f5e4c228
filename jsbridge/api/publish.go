//go:build js && wasm

package api

import (
	"maps"
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
		if !c.core.Joined() {
			return nil, errcode.New(errcode.NotJoined, "publish needs a join first")
		}
		if !s.mayBePublished() {
			return nil, errcode.New(errcode.NoSuchLocalStream, "the stream has no track to publish: init it first")
		}
		held := c.hold(s)
		err := c.publishTracks(s, protocol.MediaTypes[:])
		if err != nil && !held && !c.publishesAny(s) {
			c.release(s)
		}
		return nil, err
	}
}

// hold notes that a stream is published here, whatever it has and will have; true if it was already.
func (c *Client) hold(s *Stream) (already bool) {
	s.publishedOn(c)
	c.mu.Lock()
	defer c.mu.Unlock()
	already = c.held[s]
	c.held[s] = true
	return already
}

func (c *Client) release(s *Stream) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.held, s)
}

// forgetPublisher has no stream keep a client that is gone: pages have one stream for all the clients that come and go.
func (a *API) forgetPublisher(c *Client) {
	a.mu.Lock()
	streams := slices.Collect(maps.Values(a.streams))
	a.mu.Unlock()
	for _, s := range streams {
		s.forgetClient(c)
	}
}

// publishTracks publishes what a stream that is held here has of some media types.
func (c *Client) publishTracks(s *Stream, types []protocol.MediaType) error {
	tracks := s.localTracks(types...)
	c.mu.Lock()
	held := c.held[s]
	c.mu.Unlock()
	if !held {
		return nil
	}
	var err error
	if len(tracks) > 0 {
		err = c.core.Publish(c.ctx, tracks)
	}
	// Of several tracks the room may have taken one and refused another, for want of a right say: what it has
	// taken is published, and the page can mute it and end it.
	c.mu.Lock()
	for _, t := range tracks {
		if c.published[t.MediaType] == nil && (err == nil || c.core.Publishes(t.MediaType)) {
			c.published[t.MediaType] = s
		}
	}
	c.mu.Unlock()
	c.updateRecording()
	// What has changed while it was on its way, and what was published before a device was gone.
	for _, t := range tracks {
		if !c.publishes(s, t.MediaType) {
			continue
		}
		if e := c.settle(s, t); err == nil {
			err = e
		}
	}
	return err
}

// settle brings what is published of a stream to what the stream has by now.
func (c *Client) settle(s *Stream, t client.LocalTrack) error {
	now := s.localTracks(t.MediaType)
	if len(now) == 0 {
		return c.unpublishStream(s, []protocol.MediaType{t.MediaType})
	}
	if now[0].Muted != t.Muted {
		_ = c.setMuted(s, t.MediaType, now[0].Muted)
	}
	return c.replace(s, t.MediaType)
}

// publishes says whether a media type of a stream is what is published here.
func (c *Client) publishes(s *Stream, t protocol.MediaType) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.published[t] == s
}

// publishesAny says whether anything of a stream is published here.
func (c *Client) publishesAny(s *Stream) bool {
	return slices.ContainsFunc(protocol.MediaTypes[:], func(t protocol.MediaType) bool { return c.publishes(s, t) })
}

// replace has the present track of a stream sent, if the stream is what is published.
func (c *Client) replace(s *Stream, t protocol.MediaType) error {
	if !c.publishes(s, t) {
		return nil
	}
	for _, now := range s.localTracks(t) {
		if err := c.core.Replace(c.ctx, now); err != nil {
			return err
		}
	}
	return nil
}

// reshape sets the limits of what is sent, and its size, if the stream is what is published.
func (c *Client) reshape(s *Stream, t client.LocalTrack) error {
	if !c.publishes(s, t.MediaType) {
		return nil
	}
	return c.core.Reshape(c.ctx, t)
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
	return func() (any, error) {
		if len(types) == len(protocol.MediaTypes) {
			c.release(s)
		}
		return nil, c.unpublishStream(s, types)
	}
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
	if !c.publishes(s, t) {
		return nil
	}
	return c.core.SetMuted(c.ctx, t, muted)
}
