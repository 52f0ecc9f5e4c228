//go:build js && wasm

package api

import "nertc/jsbridge/js"

// watchNetwork makes a recovery try at once when the browser says that there is a network
// again or another one, and when a page comes to the front, as it does after a sleep.
func (c *Client) watchNetwork() {
	nudge := func(js.Value) { c.core.Nudge() }
	c.scope.Listen(js.Global("window"), "online", nudge)
	c.scope.Listen(js.Global("document"), "visibilitychange", nudge)
	// Not every browser has it. https://developer.mozilla.org/docs/Web/API/NetworkInformation
	if network := js.Property(js.Global("navigator"), "connection"); js.IsObject(network) {
		c.scope.Listen(network, "change", nudge)
	}
}
