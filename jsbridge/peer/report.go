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
	report, err := c.scope.AwaitCall(ctx, c.pc.JSValue(), "getStats")
	if err != nil {
		return media.Report{}, fmt.Errorf("read the statistics: %w", err)
	}
	names, err := c.statNames()
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

// statNames gives the array of names by which JSON.stringify leaves everything else out.
func (c *connection) statNames() (js.Value, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if js.IsObject(c.names) {
		return c.names, nil
	}
	template, err := js.Call(js.Global("JSON"), "parse", stats.Template())
	if err == nil {
		c.names, err = js.Call(js.Global("Object"), "keys", template)
	}
	return c.names, err
}
