package api

import (
	"slices"
	"strings"
	"testing"

	"nertc/internal/errcode"
	"nertc/internal/protocol"
	"nertc/jsbridge/js"
)

func TestProfileAndRole(t *testing.T) {
	g := newGateway(t)
	p := newPage(t, g.dial)
	client := p.client()
	if js.IsTrue(p.get(client, "setChannelProfile", "party")) || !js.IsTrue(p.get(client, "setChannelProfile", "live")) {
		t.Error("setChannelProfile takes what it should not, or does not what it should")
	}
	// In one turn: the join goes out with the role that was asked for before it.
	p.get(client, "setClientRole", "audience")
	p.mustCall(client, "join", object(map[string]any{"channelName": "room", "uid": 12}))
	g.wait(p.ctx, "the join of an audience", func(m protocol.Message) bool {
		var j protocol.Join
		return m.Type == protocol.TypeJoin && m.Read(&j) == nil && j.Role == protocol.RoleAudience && j.Profile == protocol.ProfileLive
	})
	if js.IsTrue(p.get(client, "setChannelProfile", "rtc")) {
		t.Error("the profile changes in a room")
	}
	local := p.stream(map[string]any{"audio": true})
	p.mustCall(local, "init")
	if err := p.call(client, "publish", local); err == nil || errcode.Of(err).Code != errcode.PublishAsAudience {
		t.Errorf("an audience's publish: %v", err)
	}
	if err := p.call(client, "setClientRole", "king"); err == nil || errcode.Of(err).Code != errcode.InvalidRole {
		t.Errorf("no role: %v", err)
	}
	p.mustCall(client, "setClientRole", "host")
	if i, j := slices.Index(p.notes, `client-role-changed "host"`), slices.Index(p.notes, "setClientRole resolved"); i < 0 || j < i {
		t.Errorf("the promise settled before the event:\n%s", strings.Join(p.notes, "\n"))
	}
	p.mustCall(client, "publish", local)
	if i := slices.Index(p.notes, `client-role-changed "audience"`); i != 0 {
		t.Errorf("the change before the join is told at %d:\n%s", i, strings.Join(p.notes, "\n"))
	}
	p.mustCall(client, "destroy")
	if js.IsTrue(p.get(client, "setChannelProfile", "rtc")) {
		t.Error("the profile of a client that is gone changes")
	}
	p.get(local, "destroy")
}
