//go:build js && wasm

package peer

import (
	"context"
	"fmt"
	"time"

	"nertc/internal/media"
	"nertc/internal/stats"
	"nertc/jsbridge/js"
)

// Report reads the connection's statistics. The report crosses the border as one text with the
// members that are of use: asking for each of its thousands of values costs many times as much.
func (c *connection) Report(ctx context.Context) (media.Report, error) {
	return c.report(ctx, &c.names, stats.Template())
}

// Glance reads the few members that tell how a track fares, some times a second where that matters.
func (c *connection) Glance(ctx context.Context, t media.RemoteTrack) (media.Report, error) {
	track, err := valueOf(t)
	if err != nil {
		return media.Report{}, err
	}
	return c.report(ctx, &c.glances, glance, track)
}

// glance is the JSON of an entry with what media.Report.Incoming needs, in the order of stats.Template.
const glance = `{"type":"","nominated":false,"packetsReceived":0,"packetsLost":0,"bytesReceived":0,"availableIncomingBitrate":0,"framesDecoded":0}`

// report reads the members that the template has, of all or of a track.
func (c *connection) report(ctx context.Context, kept *js.Value, template string, of ...any) (media.Report, error) {
	report, err := c.scope.AwaitCall(ctx, c.pc.JSValue(), "getStats", of...)
	if err != nil {
		return media.Report{}, fmt.Errorf("read the statistics: %w", err)
	}
	names, err := c.statNames(kept, template)
	if err != nil {
		return media.Report{}, fmt.Errorf("name the statistics: %w", err)
	}
	values, err := js.Call(report, "values")
	if err == nil {
		values, err = js.Call(js.Global("Array"), "from", values)
	}
	var text js.Value
	if err == nil {
		text, err = js.Call(js.Global("JSON"), "stringify", values, names)
	}
	if err != nil {
		return media.Report{}, fmt.Errorf("read the statistics: %w", err)
	}
	entries, err := stats.ReadReport(js.TextOr(text, ""))
	if err != nil {
		return media.Report{}, fmt.Errorf("read the statistics: %w", err)
	}
	return media.Report{Time: time.Now(), Stats: entries}, nil
}

// statNames gives the array of names by which JSON.stringify leaves everything else out, and keeps it.
func (c *connection) statNames(kept *js.Value, template string) (js.Value, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if js.IsObject(*kept) {
		return *kept, nil
	}
	entry, err := js.Call(js.Global("JSON"), "parse", template)
	if err == nil {
		*kept, err = js.Call(js.Global("Object"), "keys", entry)
	}
	return *kept, err
}
