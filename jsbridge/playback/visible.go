//go:build js && wasm

package playback

import (
	"context"

	"nertc/jsbridge/js"
)

// watchVisibility plays again what was playing when the page was hidden and is paused when it
// is seen again: phones and power savers pause pictures behind the page's back, for good.
// What the page itself has paused before stays as it is.
func (p *Player) watchVisibility() {
	document := js.Global("document")
	var played []js.Value
	p.scope.Listen(document, "visibilitychange", func(js.Value) {
		if js.TextOr(js.Property(document, "visibilityState"), "") == "hidden" {
			played = p.elements(false)
			return
		}
		var again []js.Value
		for _, e := range p.elements(true) {
			for _, before := range played {
				if e.Equal(before) {
					again = append(again, e)
				}
			}
		}
		played = nil
		wait := p.start(again)
		go func() { _ = wait(context.Background()) }()
	})
}
