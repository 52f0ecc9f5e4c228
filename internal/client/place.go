package client

import (
	"context"
	"strings"
	"time"

	"nertc/internal/place"
	"nertc/internal/protocol"
)

// placeTimeout is how long a join waits for its former place at most, beside all that it does meanwhile. Only a
// tab that has had one waits, and storage that is refused is so at once.
const placeTimeout = time.Second

// former looks for the place that the page before this one had in the room of a join. nil finds none.
type former struct {
	store  place.Store
	cancel context.CancelFunc
	done   chan struct{}
	place  place.Place // once done; the zero value if there is none
}

// seekPlace begins to look, unless it is for a rejoin, which knows its uid. The lock is held.
func (c *Client) seekPlace(ctx context.Context) *former {
	if c.o.Places == nil || c.info.UID != "" {
		return nil
	}
	room, uid := c.room(c.options), c.options.UID
	f := &former{store: c.o.Places, done: make(chan struct{})}
	ctx, f.cancel = context.WithTimeout(ctx, placeTimeout)
	go func() {
		defer close(f.done)
		f.place, _ = f.store.Take(ctx, room, uid)
	}()
	return f
}

// key waits for the key of the place, empty if there is none.
func (f *former) key() string {
	if f == nil {
		return ""
	}
	<-f.done
	return f.place.Key
}

// settle ends the search. A place whose join has failed is there for the next one.
func (f *former) settle(err error) {
	if f == nil {
		return
	}
	f.cancel()
	switch {
	case f.key() == "":
	case err != nil:
		f.store.Return(f.place)
	default:
		f.store.Forget(f.place.Key)
	}
}

// room is where a join goes. What a page has put behind the address need not be stored.
func (c *Client) room(o JoinOptions) place.Room {
	server, _, _ := strings.Cut(o.Server, "?")
	return place.Room{Server: server, AppKey: c.o.AppKey, Channel: o.Channel}
}

// keepPlace keeps the place of a stay that has begun, for a page that is loaded in the place of this one.
// The lock is held.
func (c *Client) keepPlace(j protocol.Joined) {
	c.forgetPlace()
	if c.o.Places == nil || j.Resume == "" {
		return
	}
	c.o.Log.Hide(j.Resume)
	c.place = j.Resume
	c.o.Places.Keep(place.Place{Room: c.room(c.options), UID: j.UID, Key: j.Resume})
}

// forgetPlace is for a client that is out of its room, or in it by another key. The lock is held.
func (c *Client) forgetPlace() {
	if c.place != "" {
		c.o.Places.Forget(c.place)
		c.place = ""
	}
}
