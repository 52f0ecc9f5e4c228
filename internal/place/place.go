// Package place says how a client's places in rooms outlive the page that it runs in. The
// browser's implementation is in jsbridge/store.
package place

import "context"

// Room is where a place is.
type Room struct {
	// Server is the signalling address. A secret is told to nobody but the server that made it.
	Server, AppKey, Channel string
}

// Place is a stay in a room that a later page can take up again.
type Place struct {
	Room
	UID string
	// Key is the secret of the stay, protocol.Joined.Resume.
	Key string
}

// Store keeps places beyond the life of a page. Its methods may be called from any
// goroutine. It never fails: where nothing can be kept there is nothing to take. But for
// Take they return at once.
type Store interface {
	// Take gives a place that the page before this one had in a room, each once, in the order in
	// which they were kept; with a uid only one of that uid. It waits no longer than the context.
	Take(ctx context.Context, r Room, uid string) (Place, bool)
	// Return gives back a place that was taken in vain.
	Return(p Place)
	// Keep keeps a place that this page has.
	Keep(p Place)
	// Forget forgets a place by its key, whether it was taken or kept.
	Forget(key string)
}
