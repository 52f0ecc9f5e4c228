package api

import (
	"strings"
	"testing"

	"nertc/jsbridge/js"
)

// A page keeps its stream for the next call, and may change it in between.
func TestAStreamOutlivesItsRoomsAndClients(t *testing.T) {
	g := newGateway(t)
	p := newPage(t, g.dial)
	s := p.stream(map[string]any{"audio": true, "video": true})
	p.mustCall(s, "init")
	added := 0
	publish := func() js.Value {
		client := p.client()
		p.mustCall(client, "join", object(map[string]any{"channelName": "room"}))
		p.mustCall(client, "publish", s)
		added++
		p.awaitTrue("the picture of user 7", func() bool {
			return strings.Count(strings.Join(p.notes, "\n"), `stream-added 7 "video"`) == added
		})
		p.mustCall(client, "subscribe", "7", everything())
		return client
	}
	camera := object(map[string]any{"type": "video"})

	client := publish()
	p.mustCall(client, "leave")
	p.mustCall(s, "close", "video")
	p.mustCall(s, "open", camera)
	if n := len(p.api.clients[idOf(client)].arriving); n != 0 {
		t.Errorf("%d tracks of the room are kept", n)
	}
	p.mustCall(client, "destroy")

	client = publish()
	p.mustCall(client, "destroy")
	p.mustCall(s, "close", "video")
	kept := p.api.streams[idOf(s)]
	p.awaitTrue("no client is kept", func() bool {
		kept.mu.Lock()
		defer kept.mu.Unlock()
		return len(kept.clients) == 0
	})
	p.get(s, "destroy")
	p.awaitTrue("all functions released", func() bool { return p.live() == p.base })
}
