package nativemedia_test

import (
	"sync"
	"testing"

	"nertc/internal/media"
	"nertc/internal/nativemedia"
)

// The servers are changed right behind an offer, as for a relay; the race detector watches pion.
func TestServersWhileCandidatesAreGathered(t *testing.T) {
	var all sync.WaitGroup
	for range 100 {
		pc, err := nativemedia.Factory(nativemedia.Options{Loopback: true})(media.Observer{})
		if err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			defer func() { _ = pc.Close() }()
			if err := pc.SetICEServers(nil, true); err != nil {
				t.Error(err)
			}
			if _, err := pc.Offer(t.Context()); err != nil {
				t.Error(err)
			}
			if err := pc.SetICEServers([]media.ICEServer{{URLs: []string{"turn:127.0.0.1:9?transport=udp"}, Username: "a", Credential: "b"}}, true); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}
