package engine

import (
	"testing"

	"github.com/livekit/protocol/livekit"
)

func TestOfferIsAskedForWithTheLastTrack(t *testing.T) {
	may := func(sid string) *livekit.SubscriptionPermissionUpdate {
		return &livekit.SubscriptionPermissionUpdate{TrackSid: sid, Allowed: true}
	}
	var w wanted
	if w.allowed(may("x")) {
		t.Error("a track that nobody wants")
	}
	w.subscribe([]string{"a", "b"}, true)
	if w.allowed(may("a")) || !w.allowed(may("b")) || w.allowed(may("b")) {
		t.Error("want the offer with the second track, once")
	}
	w.subscribe([]string{"a", "b"}, true)
	w.subscribe([]string{"a"}, false)
	if !w.allowed(may("b")) {
		t.Error("a track that is no longer wanted holds up another")
	}
	w.subscribe([]string{"a"}, true)
	if w.allowed(&livekit.SubscriptionPermissionUpdate{TrackSid: "a"}) {
		t.Error("a track that may not be had")
	}
	w.subscribe([]string{"a"}, true)
	w.clear()
	w.subscribe([]string{"b"}, true)
	if !w.allowed(may("b")) {
		t.Error("a track that the engine has asked for holds up another")
	}
}
