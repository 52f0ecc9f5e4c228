package client

import (
	"slices"

	"nertc/internal/media"
	"nertc/internal/protocol"
)

// view is the room as it has been told: who is there with which streams. It outlives a
// session, so that after a rejoin only what has really changed is told.
type view map[string]*peerView

type peerView struct {
	stale  bool   // not seen yet in the session after a rejoin
	custom string // what it has given along
	// chosen is in which quality the page wants to receive pictures, published by now or not.
	chosen map[protocol.MediaType]protocol.Quality
	tracks map[protocol.MediaType]*trackView
}

type trackView struct {
	stale  bool
	muted  bool
	wanted bool // subscribed
	told   bool // StreamSubscribed was told since
	// subscription is the number of the latest, so that the next one's figures begin anew.
	subscription int
	// track is what arrives, nil before it was told.
	track media.RemoteTrack
	// seen is how much can be seen of a picture, bearable how much of it the way to here
	// bears; empty is all. paused says that the engine holds it back.
	seen, bearable protocol.Quality
	paused         bool
	side           int // of the picture as it is sent, the longer one in pixels; 0 if unknown
}

func (v view) track(uid string, t protocol.MediaType) *trackView {
	if p := v[uid]; p != nil {
		return p.tracks[t]
	}
	return nil
}

// age marks all as not seen yet.
func (v view) age() {
	for _, p := range v {
		p.stale = true
		for _, t := range p.tracks {
			t.stale, t.track = true, nil
			t.paused = false
		}
	}
}

// The rest runs with the client's lock held and tells the changes.

func (c *Client) memberJoined(uid string) {
	if p := c.view[uid]; p != nil {
		p.stale = false
		return
	}
	c.view[uid] = &peerView{
		tracks: map[protocol.MediaType]*trackView{}, chosen: map[protocol.MediaType]protocol.Quality{},
	}
	c.emit(PeerOnline{uid})
	c.tuneAll()
}

func (c *Client) memberLeft(uid string) {
	p := c.view[uid]
	if p == nil {
		return
	}
	for _, t := range protocol.MediaTypes {
		c.trackRemoved(uid, t)
	}
	delete(c.view, uid)
	c.emit(PeerLeave{uid})
	c.tuneAll()
}

// trackAdded answers whether the track is to be subscribed again: it was before a rejoin.
func (c *Client) trackAdded(uid string, t protocol.Track) (again bool) {
	p := c.view[uid]
	if p == nil {
		return false
	}
	known := p.tracks[t.MediaType]
	if known == nil {
		p.tracks[t.MediaType] = &trackView{side: max(t.Width, t.Height)}
		c.emit(StreamAdded{uid, t.MediaType})
		return false
	}
	known.stale, known.side = false, max(t.Width, t.Height)
	if known.muted && !t.Muted {
		c.trackMuted(uid, t)
	}
	return known.wanted
}

func (c *Client) trackRemoved(uid string, t protocol.MediaType) {
	if c.view.track(uid, t) == nil {
		return
	}
	delete(c.view[uid].tracks, t)
	c.emit(StreamRemoved{uid, t})
}

func (c *Client) trackMuted(uid string, t protocol.Track) {
	known := c.view.track(uid, t.MediaType)
	if known == nil || known.muted == t.Muted {
		return
	}
	known.muted = t.Muted
	c.emit(MuteChanged{uid, t.MediaType, t.Muted})
}

func (c *Client) trackPaused(uid string, t protocol.MediaType, paused bool) {
	if known := c.view.track(uid, t); known != nil {
		known.paused = paused
	}
}

func (c *Client) trackReceived(uid string, t protocol.Track, r media.RemoteTrack) {
	known := c.view.track(uid, t.MediaType)
	if known == nil || !known.wanted {
		return
	}
	known.track = r
	if known.told {
		c.emit(TrackReplaced{uid, t.MediaType, r})
		return
	}
	known.told = true
	c.emit(StreamSubscribed{uid, t.MediaType, r})
}

// want notes which of a member's streams are to be received, now and after a rejoin. It
// answers a function that takes the note back where the subscription has failed.
func (c *Client) want(uid string, types []protocol.MediaType) (undo func()) {
	p := c.view[uid]
	if p == nil {
		return func() {}
	}
	before := map[protocol.MediaType]trackView{}
	for t, v := range p.tracks {
		before[t] = *v
		v.wanted = slices.Contains(types, t)
		switch {
		case !v.wanted:
			v.told, v.track = false, nil
		case !before[t].wanted:
			c.subscriptions++
			v.subscription = c.subscriptions
		}
	}
	return func() {
		for t, v := range before {
			if now := c.view.track(uid, t); now != nil && !now.told {
				now.wanted = v.wanted
			}
		}
	}
}

// wanted are the types of a member that are to be received.
func (c *Client) wanted(uid string) (types []protocol.MediaType) {
	for _, t := range protocol.MediaTypes {
		if v := c.view.track(uid, t); v != nil && v.wanted {
			types = append(types, t)
		}
	}
	return types
}

// bury tells of those who have not come back after a rejoin.
func (c *Client) bury() {
	for uid, p := range c.view {
		if p.stale {
			c.memberLeft(uid)
			continue
		}
		for _, t := range protocol.MediaTypes {
			if v := p.tracks[t]; v != nil && v.stale {
				c.trackRemoved(uid, t)
			}
		}
	}
}
