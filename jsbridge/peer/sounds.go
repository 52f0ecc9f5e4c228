//go:build js && wasm

package peer

import (
	"context"
	"fmt"
	"slices"

	"nertc/internal/media"
	"nertc/jsbridge/js"
)

// inbound is the type of a receiving stream's statistics.
// https://www.w3.org/TR/webrtc-stats/#dom-rtcstatstype-inbound-rtp
const inbound = "inbound-rtp"

// Sounds gives the accounts of what is received, by media section: the statistics of the
// browser's own receivers. In Chromium they are taken behind the volume with which the sound
// is played, and stand still while nothing plays it.
func (c *connection) Sounds(ctx context.Context, mids []string) (map[string]media.Sound, error) {
	report, err := c.scope.AwaitCall(ctx, c.pc.JSValue(), "getStats")
	if err != nil {
		return nil, fmt.Errorf("read the statistics: %w", err)
	}
	sounds := map[string]media.Sound{}
	take := func(mid string, stats js.Value) bool {
		if js.TextOr(js.Property(stats, "mid"), "") != mid || js.TextOr(js.Property(stats, "type"), "") != inbound {
			return false
		}
		energy, okEnergy := js.Number(js.Property(stats, "totalAudioEnergy"))
		duration, okDuration := js.Number(js.Property(stats, "totalSamplesDuration"))
		if okEnergy && okDuration {
			sounds[mid] = media.Sound{Energy: energy, Duration: duration}
		}
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	// A report has hundreds of entries and looking at each costs more than asking for those
	// that were found the last time.
	known := make(map[string]string, len(mids))
	for _, mid := range mids {
		id, ok := c.inbound[mid]
		if !ok {
			continue
		}
		if stats, err := js.Call(report, "get", id); err == nil && take(mid, stats) {
			known[mid] = id
		}
	}
	if len(known) < len(mids) {
		values, err := js.Call(report, "values")
		if err == nil {
			values, err = js.Call(js.Global("Array"), "from", values)
		}
		if err != nil {
			return nil, fmt.Errorf("read the statistics: %w", err)
		}
		for _, stats := range js.Items(values) {
			if js.TextOr(js.Property(stats, "type"), "") != inbound {
				continue
			}
			mid := js.TextOr(js.Property(stats, "mid"), "")
			if slices.Contains(mids, mid) && take(mid, stats) {
				known[mid] = js.TextOr(js.Property(stats, "id"), "")
			}
		}
	}
	c.inbound = known
	return sounds, nil
}
