//go:build js && wasm

package api

import "nertc/jsbridge/js"

// watchNetwork hands on what the browser says of the network and of the page's life, so that
// a recovery does not wait where it need not.
func (c *Client) watchNetwork() {
	window, document := js.Global("window"), js.Global("document")
	navigator := js.Property(js.Global("globalThis"), "navigator")
	// https://html.spec.whatwg.org/multipage/system-state.html#navigator.online
	c.scope.Listen(window, "online", func(js.Value) { c.core.SetOnline(true) })
	c.scope.Listen(window, "offline", func(js.Value) { c.core.SetOnline(false) })
	if js.IsFalse(js.Property(navigator, "onLine")) {
		c.core.SetOnline(false)
	}
	c.scope.Listen(document, "visibilitychange", func(js.Value) {
		if js.TextOr(js.Property(document, "visibilityState"), "") == "visible" {
			c.core.Nudge()
		}
	})
	// A page that was frozen, or kept for the way back to it, has slept by itself.
	// https://wicg.github.io/page-lifecycle/#feature-policies
	c.scope.Listen(document, "resume", func(js.Value) { c.core.Changed() })
	c.scope.Listen(window, "pageshow", func(event js.Value) {
		if js.IsTrue(js.Property(event, "persisted")) {
			c.core.Changed()
		}
	})
	// Not every browser has it. https://developer.mozilla.org/docs/Web/API/NetworkInformation
	if network := js.Property(navigator, "connection"); js.IsObject(network) {
		c.scope.Listen(network, "change", func(js.Value) { c.core.Changed() })
	}
}
