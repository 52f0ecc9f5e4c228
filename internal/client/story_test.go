package client_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
	"time"

	"nertc/internal/client"
	"nertc/internal/media"
	"nertc/internal/protocol"
)

// What the owner of a client is told, from the beginning to the end of each story, and nothing besides.

var (
	enters = []string{"DISCONNECTED→CONNECTING", "CONNECTING→CONNECTED", "Joined{}"}
	leaves = []string{"CONNECTED→DISCONNECTING", "DISCONNECTING→DISCONNECTED"}
)

// lines joins lists of events.
func lines(lists ...[]string) (all []string) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// in joins; what is told of it stays to be compared at the end.
func (w *world) in(j protocol.Joined) {
	w.t.Helper()
	result := w.startJoin()
	m := w.request(protocol.TypeJoin, nil)
	j.UID, j.PingInterval = "1", 60_000
	w.pipe.Say(protocol.TypeJoined, m.ID, j)
	must(w.t, <-result)
}

func (w *world) say(t protocol.Type, data any) { w.pipe.Say(t, 0, data) }

// closes ends the session from the gateway's side.
func (w *world) closes(reason protocol.CloseReason) {
	w.say(protocol.TypeClosed, protocol.Closed{Reason: reason})
}

// refuse answers the request that comes next with an error.
func (w *world) refuse(t protocol.Type, code int, reason string) {
	w.t.Helper()
	m := w.request(t, nil)
	w.pipe.Say(protocol.TypeError, m.ID, protocol.Error{Code: code, Reason: reason})
}

// role asks for a role in the room, which the gateway grants.
func (w *world) role(r protocol.Role) {
	w.t.Helper()
	result := w.c.SetRole(r)
	w.grant(r)
	must(w.t, <-result)
}

func (w *world) unreachable() {
	for range cap(w.dials) - len(w.dials) {
		w.dials <- nil
	}
}

func impatient(o *client.Options) { o.Policy.GiveUp = 20 * time.Millisecond }

// refusedByKey does something that the permission key does not permit.
func refusedByKey(reason string, ask func(*world) <-chan error, asked protocol.Type, code int) func(*world) {
	return func(w *world) {
		w.in(protocol.Joined{Members: []protocol.Member{{UID: "2", Tracks: []protocol.Track{{ID: "a", MediaType: protocol.MediaAudio}}}}})
		result := ask(w)
		w.refuse(asked, code, reason)
		if <-result == nil {
			w.t.Error("it was permitted")
		}
	}
}

func publishing(w *world) <-chan error { return w.publish(protocol.MediaVideo) }

func subscribing(w *world) <-chan error {
	w.expect(lines(enters, []string{"PeerOnline{2}", "StreamAdded{2 audio}"})...) // before it the owner cannot name it
	result := make(chan error, 1)
	go func() { result <- w.c.Subscribe(w.ctx, "2", protocol.MediaAudio) }()
	return result
}

var stories = []struct {
	name   string
	change func(*client.Options)
	play   func(w *world)
	want   []string
}{
	{"a join and a leave", nil, func(w *world) { w.in(protocol.Joined{}); must(w.t, leave(w)) }, lines(enters, leaves)},
	{"a stay whose log the gateway takes", nil, func(w *world) {
		w.in(protocol.Joined{LogTicket: "ticket", LogSize: 1000})
		must(w.t, leave(w))
	}, lines(enters, []string{"LogTicket{ws://x ticket 1000}"}, leaves)},
	{"a join that is refused", nil, func(w *world) {
		result := w.startJoin()
		w.refuse(protocol.TypeJoin, 403, "unsafe mode is closed")
		<-result
	}, []string{"DISCONNECTED→CONNECTING", "CONNECTING→DISCONNECTED"}},
	{"a join that nobody answers", impatient, func(w *world) {
		<-w.dials
		w.dials <- nil
		<-w.startJoin()
	}, []string{"DISCONNECTED→CONNECTING", "CONNECTING→DISCONNECTED"}},
	{"a join that is given up", nil, func(w *world) {
		result := w.startJoin()
		w.request(protocol.TypeJoin, nil)
		must(w.t, w.c.Leave(w.ctx))
		<-result
	}, []string{"DISCONNECTED→CONNECTING", "CONNECTING→DISCONNECTED"}},
	{"arguments that no join takes", nil, func(w *world) {
		_ = w.c.Join(w.ctx, client.JoinOptions{})
		_ = w.c.SetProfile("party")
		<-w.c.SetRole("king")
	}, nil},

	{"who is there, comes and goes", nil, func(w *world) {
		w.in(protocol.Joined{Members: []protocol.Member{{UID: "2", CustomData: "two", Tracks: []protocol.Track{
			{ID: "s", MediaType: protocol.MediaScreen}, {ID: "v", MediaType: protocol.MediaVideo, Muted: true}, {ID: "a", MediaType: protocol.MediaAudio},
		}}}})
		w.say(protocol.TypeMemberJoined, protocol.Member{UID: "3"})
		w.say(protocol.TypeTrackUpdated, protocol.TrackEvent{UID: "2", Track: protocol.Track{ID: "v", MediaType: protocol.MediaVideo}})
		w.say(protocol.TypeTrackUpdated, protocol.TrackEvent{UID: "2", Track: protocol.Track{ID: "a", MediaType: protocol.MediaAudio, Muted: true}})
		w.say(protocol.TypeTrackAdded, protocol.TrackEvent{UID: "3", Track: protocol.Track{ID: "b", MediaType: protocol.MediaAudioSlave, Muted: true}})
		w.say(protocol.TypeTrackRemoved, protocol.TrackEvent{UID: "2", Track: protocol.Track{ID: "s", MediaType: protocol.MediaScreen}})
		w.say(protocol.TypeMemberLeft, protocol.MemberLeft{UID: "2"})
		w.say(protocol.TypeMemberJoined, protocol.Member{UID: "3", CustomData: "joined anew"})
	}, lines(enters, []string{
		"PeerOnline{2}", "CustomData{2 two}", "StreamAdded{2 audio}", "StreamAdded{2 video}", "MuteChanged{2 video true}", "StreamAdded{2 screen}",
		"PeerOnline{3}", "MuteChanged{2 video false}", "MuteChanged{2 audio true}",
		"StreamAdded{3 audioSlave}", "MuteChanged{3 audioSlave true}",
		"StreamRemoved{2 screen}", "StreamRemoved{2 audio}", "StreamRemoved{2 video}", "PeerLeave{2}", "CustomData{3 joined anew}",
	})},
	{"what nobody sends or nobody knows", nil, func(w *world) {
		w.in(protocol.Joined{})
		w.say(protocol.TypeMemberLeft, protocol.MemberLeft{UID: "9"})
		w.say(protocol.TypeTrackAdded, protocol.TrackEvent{UID: "9", Track: protocol.Track{ID: "a", MediaType: protocol.MediaAudio}})
		w.say(protocol.TypeMemberJoined, protocol.Member{UID: "1"}) // ourselves
		w.say(protocol.TypeMemberJoined, protocol.Member{UID: "2", Tracks: []protocol.Track{{ID: "x", MediaType: "smell"}, {MediaType: protocol.MediaAudio}}})
		w.say(protocol.TypeMemberJoined, protocol.Member{UID: "2"})
	}, lines(enters, []string{"PeerOnline{2}"})},
	{"what is received", nil, func(w *world) {
		w.in(protocol.Joined{Members: []protocol.Member{{UID: "2", Tracks: []protocol.Track{{ID: "a", MediaType: protocol.MediaAudio}}}}})
		w.expect(lines(enters, []string{"PeerOnline{2}", "StreamAdded{2 audio}"})...)
		w.receive("2", map[string]string{"4": "a"})
	}, lines(enters, []string{"PeerOnline{2}", "StreamAdded{2 audio}", "subscribed 2 audio on 4"})},
	{"what cannot be decoded", cannotDecode("VP8"), func(w *world) {
		w.in(protocol.Joined{Members: []protocol.Member{{UID: "2", Tracks: []protocol.Track{{ID: "v", MediaType: protocol.MediaVideo, Codec: "VP8"}}}}})
	}, lines(enters, []string{"PeerOnline{2}", "StreamAdded{2 video}", "Warning{406 ability not support}"})},

	{"roles before a join and in a room", nil, func(w *world) {
		must(w.t, <-w.c.SetRole(audience))
		must(w.t, <-w.c.SetRole(audience)) // it is that already
		w.in(protocol.Joined{})
		w.role(host)
		w.role(audience)
		must(w.t, leave(w))
		must(w.t, <-w.c.SetRole(host))
	}, lines([]string{"RoleChanged{audience}"}, enters, []string{"RoleChanged{host}", "RoleChanged{audience}"}, leaves, []string{"RoleChanged{host}"})},
	{"a role that is refused", nil, func(w *world) {
		w.in(protocol.Joined{})
		result := w.c.SetRole(audience)
		w.refuse(protocol.TypeRole, 10119, "no")
		if <-result == nil {
			w.t.Error("it was granted")
		}
	}, enters},

	{"a live task of the room", nil, func(w *world) {
		w.in(protocol.Joined{})
		w.say(protocol.TypeTasks, protocol.TaskStates{Tasks: []protocol.TaskState{pushing("a")}})
		w.say(protocol.TypeTaskState, protocol.TaskState{ID: "a", Code: protocol.TaskStopped, Msg: "deleted"})
	}, lines(enters, []string{"TaskChanged{a rtmp://x/a/b 7 505 }", "TaskChanged{a   511 deleted}"})},

	{"muted by the operator", nil, func(w *world) {
		w.in(protocol.Joined{})
		yes, no := true, false
		w.say(protocol.TypeBanned, protocol.Banned{Audio: &yes, Video: &yes, Duration: 60})
		w.say(protocol.TypeBanned, protocol.Banned{Video: &no})
	}, lines(enters, []string{"AudioVideoBanned{1 on on 60}", "AudioVideoBanned{1  off 0}"})},
	{"removed", nil, func(w *world) { w.in(protocol.Joined{}); w.closes(protocol.CloseRemoved) },
		lines(enters, []string{"CONNECTED→DISCONNECTED", "Banned{1}"})},
	{"the room is closed", nil, func(w *world) { w.in(protocol.Joined{}); w.closes(protocol.CloseRoomClosed) },
		lines(enters, []string{"CONNECTED→DISCONNECTED", "ChannelClosed{}"})},
	{"the same uid elsewhere", nil, func(w *world) { w.in(protocol.Joined{}); w.closes(protocol.CloseDuplicate) },
		lines(enters, []string{"CONNECTED→DISCONNECTED", "UIDDuplicate{}"})},
	{"left elsewhere", nil, func(w *world) { w.in(protocol.Joined{}); w.closes(protocol.CloseLeft) },
		lines(enters, []string{"CONNECTED→DISCONNECTED"})},
	{"a permission key runs out", nil, func(w *world) {
		w.in(protocol.Joined{})
		w.say(protocol.TypePermkeyWillExpire, protocol.PermkeyWillExpire{Seconds: 30})
		w.closes(protocol.ClosePermkeyTimeout)
	}, lines(enters, []string{"PermkeyWillExpire{}", "CONNECTED→DISCONNECTED", "PermkeyTimeout{}"})},
	{"a permission key that does not permit to publish", nil,
		refusedByKey(protocol.ReasonNoPublishVideo, publishing, protocol.TypeOffer, 10355),
		lines(enters, []string{"PeerOnline{2}", "StreamAdded{2 audio}", "Failed{no-publish-video-permission}"})},
	{"a permission key that does not permit to subscribe", nil,
		refusedByKey(protocol.ReasonNoSubscribeAudio, subscribing, protocol.TypeSubscribe, 10360),
		lines(enters, []string{"PeerOnline{2}", "StreamAdded{2 audio}", "Failed{no-subscribe-audio-permission}"})},

	{"signalling is resumed", nil, func(w *world) {
		w.in(protocol.Joined{Resume: "secret"})
		w.cut()
		w.connect()
		m := w.request(protocol.TypeResume, nil)
		w.pipe.Say(protocol.TypeResumed, m.ID, protocol.Resumed{})
		w.say(protocol.TypeMemberJoined, protocol.Member{UID: "2"})
	}, lines(enters, []string{"CONNECTED→CONNECTING again", "CONNECTING→CONNECTED again", "PeerOnline{2}"})},
	{"media finds another path", nil, func(w *world) {
		w.in(protocol.Joined{})
		w.peer().Observer.State(media.StateConnected)
		w.peer().Observer.State(media.StateFailed)
		m := w.request(protocol.TypeOffer, nil)
		w.pipe.Say(protocol.TypeAnswer, m.ID, protocol.Answer{SDP: "answer"})
		w.peer().Observer.State(media.StateConnected)
	}, lines(enters, []string{"CONNECTED→CONNECTING again", "CONNECTING→CONNECTED again"})},
	// Time enough for the others to come back first, also on a slow machine.
	{"a rejoin", func(o *client.Options) { o.Return = 2 * time.Second }, func(w *world) {
		two := protocol.Member{UID: "2", Tracks: []protocol.Track{{ID: "a", MediaType: protocol.MediaAudio}}}
		w.in(protocol.Joined{Members: []protocol.Member{two, {UID: "3"}}})
		w.expect(lines(enters, []string{"PeerOnline{2}", "StreamAdded{2 audio}", "PeerOnline{3}"})...)
		w.receive("2", map[string]string{"4": "a"})
		w.closes(protocol.CloseShutdown)
		w.connect()
		two.Tracks = []protocol.Track{{ID: "b", MediaType: protocol.MediaAudio}}
		w.letIn(two, protocol.Member{UID: "4"}) // 3 does not come back
		m := w.request(protocol.TypeSubscribe, nil)
		w.pipe.Say(protocol.TypeOK, m.ID, nil)
		w.say(protocol.TypeSections, protocol.Sections{})
		m = w.request(protocol.TypeOffer, nil)
		w.pipe.Say(protocol.TypeAnswer, m.ID, protocol.Answer{Mids: map[string]string{"0": "b"}})
	}, lines(enters, []string{
		"PeerOnline{2}", "StreamAdded{2 audio}", "PeerOnline{3}", "subscribed 2 audio on 4",
		"CONNECTED→CONNECTING again", "CONNECTING→CONNECTED again", "PeerOnline{4}", "replaced 2 audio on 0", "PeerLeave{3}",
	})},
	{"a rejoin that is refused", nil, func(w *world) {
		w.in(protocol.Joined{})
		w.cut()
		w.connect()
		w.refuse(protocol.TypeJoin, 414, "check checksum error")
	}, lines(enters, []string{"CONNECTED→CONNECTING again", "CONNECTING→DISCONNECTED", "Failed{RELOGIN_ERROR}"})},
	{"the gateway stays away", impatient, func(w *world) {
		w.in(protocol.Joined{})
		w.unreachable()
		w.cut()
	}, lines(enters, []string{"CONNECTED→CONNECTING again", "CONNECTING→DISCONNECTED", "Failed{SOCKET_ERROR}"})},
	{"media stays away", impatient, func(w *world) {
		w.in(protocol.Joined{})
		w.unreachable()
		w.closes(protocol.CloseEngineLost)
	}, lines(enters, []string{"CONNECTED→CONNECTING again", "CONNECTING→DISCONNECTED", "Failed{MEDIA_TRANSPORT_DISCONNECT}"})},
	{"told to go while it comes back", nil, func(w *world) {
		w.in(protocol.Joined{Resume: "secret"})
		w.cut()
		w.connect()
		m := w.request(protocol.TypeResume, nil)
		w.pipe.Say(protocol.TypeResumed, m.ID, protocol.Resumed{})
		w.closes(protocol.CloseRemoved)
	}, lines(enters, []string{"CONNECTED→CONNECTING again", "CONNECTING→CONNECTED again", "CONNECTED→DISCONNECTED", "Banned{1}"})},
	{"left during a rejoin", nil, func(w *world) {
		w.in(protocol.Joined{})
		w.cut()
		w.expect(lines(enters, []string{"CONNECTED→CONNECTING again"})...)
		must(w.t, w.c.Leave(w.ctx))
	}, lines(enters, []string{"CONNECTED→CONNECTING again", "CONNECTING→DISCONNECTED"})},
	{"left while media looks for a path", nil, func(w *world) {
		w.in(protocol.Joined{})
		w.peer().Observer.State(media.StateFailed)
		m := w.request(protocol.TypeOffer, nil)
		w.pipe.Say(protocol.TypeAnswer, m.ID, protocol.Answer{SDP: "answer"})
		w.expect(lines(enters, []string{"CONNECTED→CONNECTING again"})...)
		must(w.t, leave(w))
	}, lines(enters, []string{"CONNECTED→CONNECTING again", "CONNECTING→DISCONNECTING", "DISCONNECTING→DISCONNECTED"})},
	{"destroyed in a room", nil, func(w *world) {
		w.in(protocol.Joined{})
		w.c.Retire()
		if <-publishing(w) == nil {
			w.t.Error("it was published")
		}
		must(w.t, leave(w))
	}, lines(enters, leaves)},
}

func TestStories(t *testing.T) {
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			var change []func(*client.Options)
			if s.change != nil {
				change = append(change, s.change)
			}
			w := newWorld(t, change...)
			s.play(w)
			w.expect(s.want[w.told:]...) // the rest: a story may have waited for the beginning
			w.c.InOrder(func() { w.events <- "the end" })
			w.expect("the end")
		})
	}
}

// elsewhere are events whose orders have tables of their own.
var elsewhere = map[string]string{
	"Volumes":        "TestVolumes", // they come by the clock, between all others
	"NetworkQuality": "TestNetworkQuality",
	"Exception":      "TestExceptions",
	"CryptError":     "TestCryptError",
	"TrackLow":       "TestTwoSizesWhenMoreThanTwoAreThere",
}

// TestStoriesAreComplete finds an event that is told in no story, and a change of state that is
// allowed and happens in none, or that happens and is not allowed.
func TestStoriesAreComplete(t *testing.T) {
	told := map[string]bool{}
	moves := map[string]bool{}
	for _, s := range stories {
		for _, line := range s.want {
			name, _, _ := strings.Cut(line, "{")
			switch first, _, _ := strings.Cut(line, " "); {
			case strings.Contains(first, "→"):
				name = "StateChanged"
				moves[first] = true
			case first == "subscribed":
				name = "StreamSubscribed"
			case first == "replaced":
				name = "TrackReplaced"
			}
			told[name] = true
		}
	}
	file, err := parser.ParseFile(token.NewFileSet(), "event.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	events := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		if _, ok := spec.Type.(*ast.StructType); ok {
			events++
			if !told[spec.Name.Name] && elsewhere[spec.Name.Name] == "" {
				t.Errorf("%s is told in no story", spec.Name.Name)
			}
		}
		return false
	})
	if events < 15 {
		t.Errorf("only %d events were found", events)
	}
	const d, c, e, l = client.Disconnected, client.Connecting, client.Connected, client.Disconnecting
	allowed := map[string]bool{}
	for _, m := range [][2]client.State{{d, c}, {c, e}, {c, l}, {c, d}, {e, c}, {e, l}, {e, d}, {l, d}} {
		move := string(m[0]) + "→" + string(m[1])
		allowed[move] = true
		if !moves[move] {
			t.Errorf("%s happens in no story", move)
		}
	}
	for move := range moves {
		if !allowed[move] {
			t.Errorf("%s is not allowed", move)
		}
	}
}
