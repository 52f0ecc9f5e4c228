package engine

import (
	"sync"

	"github.com/livekit/protocol/livekit"
)

// wanted are the tracks that were subscribed to and of which the engine has not spoken yet.
//
// The engine asks for the offer that a subscription needs only after 150 ms in a young
// session, because it waits for more of the kind. But before that it says of each track
// that it may be had, and adds the track right behind: when it has said so of all of
// them, the offer can be asked for without its help. Should one come too late for that
// offer, the engine's own request still follows.
type wanted struct {
	mu     sync.Mutex
	tracks map[string]bool
}

func (w *wanted) subscribe(tracks []string, on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.tracks == nil {
		w.tracks = map[string]bool{}
	}
	for _, t := range tracks {
		if on && len(w.tracks) < maxWanted {
			w.tracks[t] = true
		} else {
			delete(w.tracks, t)
		}
	}
}

// maxWanted bounds what a client that subscribes to made-up tracks can pile up.
const maxWanted = 1024

// allowed notes the engine's word on a track; true when it was the last one.
func (w *wanted) allowed(u *livekit.SubscriptionPermissionUpdate) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.tracks[u.GetTrackSid()] {
		return false
	}
	delete(w.tracks, u.GetTrackSid())
	return len(w.tracks) == 0 && u.GetAllowed()
}

// clear forgets: the engine has asked by itself.
func (w *wanted) clear() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.tracks)
}
