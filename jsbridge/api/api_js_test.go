package api

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nertc/internal/errcode"
	"nertc/internal/protocol"
	"nertc/internal/signal"
	"nertc/jsbridge/js"
	"nertc/jsbridge/js/jstest"
)

func script(t *testing.T, body string) js.Value {
	t.Helper()
	return jstest.Script(t, body)
}

func picture(t *testing.T) js.Value {
	t.Helper()
	return jstest.Picture(t)
}

// page plays the shim: it makes objects and notes in one list, in order, what they emit
// and when their promises settle.
type page struct {
	t       *testing.T
	ctx     context.Context
	scope   *js.Scope
	api     *API
	factory js.Value
	base    int
	notes   []string
	noted   chan struct{}
	streams map[string]js.Value
}

func newPage(t *testing.T, dial signal.Dialer) *page {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	a := New(Options{Version: "1.2.3", Dial: dial})
	p := &page{
		t: t, ctx: ctx, scope: js.NewScope(), noted: make(chan struct{}, 1000), streams: map[string]js.Value{},
		api: a, factory: a.Factory(),
	}
	p.base = p.live()
	return p
}

func (p *page) live() int {
	v, err := js.Call(p.factory, "liveFuncs")
	if err != nil {
		p.t.Fatal(err)
	}
	n, _ := js.Integer(v)
	return int(n)
}

func (p *page) note(text string) {
	p.notes = append(p.notes, text)
	select {
	case p.noted <- struct{}{}:
	default:
	}
}

// emitter notes events under a prefix.
func (p *page) emitter(prefix string) js.Value {
	f, _ := p.scope.Func(func(_ js.Value, args []js.Value) any {
		event, detail := args[0].String(), ""
		if len(args) > 1 {
			a := args[1]
			if s, ok := js.Text(a); ok {
				detail = " " + s
			}
			for _, key := range []string{"prevState", "curState", "uid", "mediaType", "code", "role"} {
				if v := js.Property(a, key); !v.IsUndefined() {
					text, _ := js.Call(js.Global("JSON"), "stringify", v)
					detail += " " + js.TextOr(text, "?")
				}
			}
			if stream := js.Property(a, "stream"); js.IsObject(stream) {
				p.streams[js.TextOr(js.Property(a, "mediaType"), "created")] = stream
			}
		}
		p.note(prefix + event + detail)
		if event == "stream-created" {
			return p.emitter("remote:")
		}
		return nil
	})
	return f
}

func (p *page) client() js.Value {
	v, err := js.Call(p.factory, "createClient", js.Object(map[string]any{"appkey": "k", "server": "ws://gateway.test/nertc/v1"}), p.emitter(""))
	if err != nil || !js.IsObject(v) {
		p.t.Fatalf("no client: %v", err)
	}
	return v
}

func (p *page) stream(options map[string]any) js.Value {
	v, err := js.Call(p.factory, "createStream", js.Object(options), p.emitter("local:"))
	if err != nil || !js.IsObject(v) {
		p.t.Fatalf("no stream: %v", err)
	}
	return v
}

// call calls a method that gives a promise and waits for it; the settlement is noted
// as the page would see it.
func (p *page) call(v js.Value, method string, args ...any) error {
	p.t.Helper()
	promise, err := js.Call(v, method, args...)
	if err != nil {
		return err
	}
	if !js.IsInstance(promise, "Promise") {
		p.t.Fatalf("%s gave no promise", method)
	}
	_, err = p.scope.Await(p.ctx, promise)
	if err != nil {
		p.note(fmt.Sprintf("%s rejected %d", method, errcode.Of(err).Code))
		return err
	}
	p.note(method + " resolved")
	return nil
}

func (p *page) mustCall(v js.Value, method string, args ...any) {
	p.t.Helper()
	if err := p.call(v, method, args...); err != nil {
		p.t.Fatalf("%s: %v", method, err)
	}
}

func (p *page) get(v js.Value, method string, args ...any) js.Value {
	p.t.Helper()
	result, err := js.Call(v, method, args...)
	if err != nil {
		p.t.Fatalf("%s: %v", method, err)
	}
	return result
}

// await waits until something has been noted.
func (p *page) await(text string) {
	p.t.Helper()
	for !slices.Contains(p.notes, text) {
		select {
		case <-p.noted:
		case <-p.ctx.Done():
			p.t.Fatalf("%q never came:\n%s", text, strings.Join(p.notes, "\n"))
		}
	}
}

func (p *page) awaitTrue(what string, is func() bool) {
	p.t.Helper()
	for !is() {
		if p.ctx.Err() != nil {
			p.t.Fatalf("%s: never\n%s", what, strings.Join(p.notes, "\n"))
		}
		p.scope.Turn(p.ctx)
	}
}

func object(members map[string]any) js.Value { return js.Object(members) }

func everything() js.Value {
	return object(map[string]any{"audio": true, "audioSlave": true, "video": true, "screen": true})
}

func TestCall(t *testing.T) {
	g := newGateway(t)
	p := newPage(t, g.dial)
	client := p.client()
	p.mustCall(client, "join", object(map[string]any{"channelName": 42, "uid": 12, "unknown": nil}))
	p.await(`mute-video 7`)
	want := []string{
		`connection-state-change "DISCONNECTED" "CONNECTING"`,
		`connection-state-change "CONNECTING" "CONNECTED"`,
		`join resolved`,
		`peer-online 7`,
		`stream-created 7`,
		`stream-added 7 "video"`,
		`mute-video 7`,
	}
	if !slices.Equal(p.notes, want) {
		t.Errorf("got\n%s", strings.Join(p.notes, "\n"))
	}
	info := p.get(client, "getChannelInfo")
	if js.TextOr(js.Property(info, "channelName"), "") != "42" {
		t.Error("the number did not become the channel's name")
	}
	if uid, _ := js.Integer(p.get(client, "getUid")); uid != 12 {
		t.Errorf("the uid is %d", uid)
	}

	remote := p.streams["video"]
	if !remote.Equal(p.streams["created"]) {
		t.Error("the stream is not the one that was created")
	}
	if !js.IsTrue(p.get(remote, "has", "video")) || js.IsTrue(p.get(remote, "has", "audio")) {
		t.Error("the remote stream does not know what it has")
	}
	view := script(t, `return document.body.appendChild(document.createElement('div'))`)
	defer func() { _, _ = js.Call(view, "remove") }()
	p.mustCall(remote, "play", view, everything())
	p.mustCall(client, "subscribe", "7", everything())
	if i, j := slices.Index(p.notes, `stream-subscribed 7 "video"`), slices.Index(p.notes, "subscribe resolved"); i < 0 || j < i {
		t.Errorf("the promise settled before the event:\n%s", strings.Join(p.notes, "\n"))
	}
	p.awaitTrue("the remote picture plays by itself", func() bool { return js.IsTrue(p.get(remote, "isPlaying", "video")) })

	local := p.stream(map[string]any{"audio": true, "video": true})
	p.mustCall(local, "init")
	p.mustCall(local, "init")
	p.mustCall(local, "setMuted", "audio", true)
	p.mustCall(client, "publish", local)
	p.mustCall(client, "publish", local)
	g.wait(p.ctx, "the tracks", func(m protocol.Message) bool {
		var o protocol.Offer
		if m.Type != protocol.TypeOffer || json.Unmarshal(m.Data, &o) != nil {
			return false
		}
		for _, track := range o.Tracks {
			if track.MediaType == protocol.MediaVideo {
				return track.Width == 640 && track.Height == 480 && track.Bitrate == 900_000 && !track.Muted
			}
		}
		return false
	})
	g.framesFromClient(p.ctx)
	p.mustCall(local, "setMuted", "audio", false)
	g.wait(p.ctx, "the end of the muting", func(m protocol.Message) bool {
		var mute protocol.Mute
		return m.Type == protocol.TypeMute && json.Unmarshal(m.Data, &mute) == nil && mute.Track == "TR-audio" && !mute.Muted
	})
	if uid, _ := js.Integer(p.get(local, "uid")); uid != 12 {
		t.Error("the stream does not answer the client's uid")
	}
	p.mustCall(client, "unpublish", local, "video")
	p.mustCall(client, "unpublish", local, nil)
	p.mustCall(client, "unsubscribe", "7")
	if n := len(js.Items(js.Property(view, "children"))); n != 0 {
		t.Error("the picture is still in the page")
	}
	p.mustCall(client, "leave")
	if s := js.TextOr(p.get(client, "getConnectionState"), ""); s != "DISCONNECTED" {
		t.Errorf("the state is %s", s)
	}
	if uid, _ := js.Integer(p.get(remote, "uid")); uid != 7 {
		t.Error("a stream of long ago has lost its uid")
	}
	p.mustCall(client, "join", object(map[string]any{"channelName": "again", "uid": "me"}))
	p.await(`peer-online "7"`)
	p.get(local, "destroy")
	p.mustCall(client, "destroy")
	p.awaitTrue("all functions released", func() bool { return p.live() == p.base })
}

func TestRefusedJoinLeavesAClientThatCanJoin(t *testing.T) {
	g := newGateway(t)
	g.refuse = &protocol.Error{Code: 414, Reason: "check checksum error"}
	p := newPage(t, g.dial)
	client := p.client()
	if e := errcode.Of(p.call(client, "join", object(map[string]any{"channelName": "room", "token": "x"}))); e.Code != 414 || e.ExtraCode != 414 {
		t.Errorf("got %+v", e)
	}
	want := []string{
		`connection-state-change "DISCONNECTED" "CONNECTING"`,
		`connection-state-change "CONNECTING" "DISCONNECTED"`,
		`join rejected 414`,
	}
	if !slices.Equal(p.notes, want) {
		t.Errorf("got\n%s", strings.Join(p.notes, "\n"))
	}
	g.refuse = nil
	first, _ := js.Call(client, "join", object(map[string]any{"channelName": "room"}))
	if e := errcode.Of(p.call(client, "join", object(map[string]any{"channelName": "room", "uid": "text"}))); e.Code != errcode.RepeatedJoin {
		t.Errorf("got %v", e)
	}
	if _, err := p.scope.Await(p.ctx, first); err != nil {
		t.Fatal(err)
	}
	if uid, _ := js.Integer(p.get(client, "getUid")); uid != 4711 {
		t.Error("the second join has changed the first")
	}
	p.mustCall(client, "destroy")
	p.awaitTrue("all functions released", func() bool { return p.live() == p.base })
}

func TestCodes(t *testing.T) {
	g := newGateway(t)
	p := newPage(t, g.dial)
	client := p.client()
	long := strings.Repeat("ü", 33) // 66 bytes
	for _, c := range []struct {
		options string
		want    errcode.Code
	}{
		{`undefined`, errcode.InvalidArgument}, {`"room"`, errcode.InvalidArgument}, {`5n`, errcode.InvalidArgument},
		{`({})`, errcode.InvalidChannelName}, {`({channelName: NaN})`, errcode.InvalidChannelName},
		{`({channelName: ''})`, errcode.InvalidChannelName}, {`({channelName: Infinity})`, errcode.InvalidChannelName},
		{`({channelName: '` + long + `'})`, errcode.InvalidChannelName}, {`({channelName: {}})`, errcode.InvalidChannelName},
		{`({channelName: Symbol()})`, errcode.InvalidChannelName}, {`({get channelName() { throw 1 }})`, errcode.InvalidChannelName},
		{`({channelName: 'r', uid: ''})`, errcode.InvalidUID}, {`({channelName: 'r', uid: {}})`, errcode.InvalidUID},
		{`({channelName: 'r', uid: -1})`, errcode.InvalidUID}, {`({channelName: 'r', uid: 1.5})`, errcode.InvalidUID},
		{`({channelName: 'r', uid: 2 ** 53})`, errcode.InvalidUID}, {`({channelName: 'r', uid: NaN})`, errcode.InvalidUID},
		{`({channelName: 'r', uid: true})`, errcode.InvalidUID}, {`({channelName: 'r', uid: 'x'.repeat(65)})`, errcode.InvalidUID},
		{`({channelName: 'r', token: 5})`, errcode.InvalidArgument},
		{`({channelName: 'r', neRtcServerAddresses: {channelServer: 'ftp://x'}})`, errcode.InvalidArgument},
		{`new Proxy({}, {get() { throw 1 }})`, errcode.InvalidChannelName},
	} {
		if e := errcode.Of(p.call(client, "join", script(t, "return "+c.options))); e.Code != c.want {
			t.Errorf("join(%s): %v", c.options, e)
		}
	}
	empty, fresh := p.stream(map[string]any{}), p.stream(map[string]any{"audio": true})
	for _, c := range []struct {
		method string
		args   []any
		want   errcode.Code
	}{
		{"publish", nil, errcode.InvalidArgument}, {"publish", []any{client}, errcode.InvalidArgument},
		{"publish", []any{empty}, errcode.NotJoined}, {"unpublish", []any{empty, "nothing"}, errcode.UnknownMediaType},
		{"subscribe", []any{"7", everything()}, errcode.NotJoined},
	} {
		if e := errcode.Of(p.call(client, c.method, c.args...)); e.Code != c.want {
			t.Errorf("%s%v before join: %v", c.method, c.args, e)
		}
	}
	p.mustCall(client, "leave")
	p.mustCall(client, "join", object(map[string]any{"channelName": "room", "uid": nil, "token": ""}))
	p.await(`stream-added 7 "video"`)
	p.mustCall(empty, "init")
	p.mustCall(client, "publish", empty) // what it opens later is published then
	for _, c := range []struct {
		on     js.Value
		method string
		args   []any
		want   errcode.Code
	}{
		{client, "publish", []any{fresh}, errcode.NoSuchLocalStream},
		{client, "publish", []any{p.streams["video"]}, errcode.InvalidArgument},
		{client, "subscribe", []any{"8", everything()}, errcode.NoSuchUser},
		{empty, "setMuted", []any{"video", true}, errcode.NoSuchLocalStream},
		{empty, "setMuted", []any{"smell", true}, errcode.UnknownMediaType},
		{p.streams["video"], "init", nil, errcode.InvalidOperation},
		{p.streams["video"], "open", []any{object(map[string]any{"type": "video"})}, errcode.InvalidOperation},
		{empty, "open", []any{object(map[string]any{"type": "smell"})}, errcode.UnknownMediaType},
		{empty, "close", []any{"audio"}, errcode.MicrophoneNotOpen},
		{empty, "close", []any{"audioSlave"}, errcode.ScreenAudioNotOpen},
		{empty, "close", []any{"video"}, errcode.CameraNotOpen},
		{empty, "close", []any{"screen"}, errcode.ScreenNotOpen},
		{empty, "switchDevice", []any{"screen", "x"}, errcode.InvalidDevice},
		{empty, "switchDevice", []any{"video", ""}, errcode.InvalidDevice},
		{empty, "switchDevice", []any{"video", "x"}, errcode.NoSuchLocalStream},
	} {
		if e := errcode.Of(p.call(c.on, c.method, c.args...)); e.Code != c.want {
			t.Errorf("%s%v: %v", c.method, c.args, e)
		}
	}
	p.mustCall(client, "destroy")
	p.get(empty, "destroy")
	p.get(fresh, "destroy")
	for _, method := range []string{"join", "leave", "publish", "unpublish", "subscribe", "unsubscribe", "destroy"} {
		if e := errcode.Of(p.call(client, method)); e.Code != errcode.InvalidOperation {
			t.Errorf("%s after destroy: %v", method, e)
		}
	}
	for _, method := range []string{"init", "play", "resume", "setMuted"} {
		if e := errcode.Of(p.call(empty, method)); e.Code != errcode.InvalidOperation {
			t.Errorf("%s after destroy: %v", method, e)
		}
	}
	if s := js.TextOr(p.get(client, "getConnectionState"), ""); s != "DISCONNECTED" {
		t.Errorf("the state after destroy is %q", s)
	}
	p.awaitTrue("all functions released", func() bool { return p.live() == p.base })
}

// Whatever comes from a page, the core goes on.
func TestOddArgumentsEverywhere(t *testing.T) {
	g := newGateway(t)
	p := newPage(t, g.dial)
	client, stream := p.client(), p.stream(map[string]any{})
	odd := script(t, `return [undefined, null, NaN, 10n, Symbol('s'), '', 'video', [], {}, () => { throw 1 },
		new Proxy({}, {get() { throw 1 }, getPrototypeOf() { throw 1 }}), {get id() { throw 1 }, get length() { throw 1 }},
		{nodeType: 1, appendChild() { throw 1 }}, {id: 1}, {id: 2}, {id: 1e300}, {width: {}, height: 10n}]`)
	for _, method := range []string{"publish", "unpublish", "subscribe", "unsubscribe", "getUid", "getChannelInfo", "getConnectionState"} {
		for _, a := range js.Items(odd) {
			oddCall(p, client, method, a, a)
		}
	}
	for _, method := range []string{"play", "resume", "stop", "isPlaying", "setRenderMode", "setMuted", "getTrack", "has", "uid"} {
		for _, a := range js.Items(odd) {
			oddCall(p, stream, method, a, a)
		}
	}
	for _, a := range js.Items(odd) {
		for _, method := range []string{"createClient", "createStream"} {
			if v := p.get(p.factory, method, a, a); js.IsObject(v) && method == "createStream" {
				p.get(v, "destroy")
			}
		}
		oddCall(p, p.stream(map[string]any{"audio": true, "audioSource": a, "uid": a, "audioProcessing": a}), "uid", a, a)
	}
	p.mustCall(stream, "init")
	p.mustCall(client, "destroy")
}

// oddCall calls a method, detached too, and waits for what it gives.
func oddCall(p *page, v js.Value, method string, args ...any) {
	result := p.get(v, method, args...)
	if js.IsInstance(result, "Promise") {
		_, _ = p.scope.Await(p.ctx, result)
	}
	function, _ := js.Get(v, method)
	if result, err := js.Invoke(function, args...); err == nil && js.IsInstance(result, "Promise") {
		_, _ = p.scope.Await(p.ctx, result)
	}
}

func TestHandlersThatThrowOrCallBackBreakNothing(t *testing.T) {
	g := newGateway(t)
	p := newPage(t, g.dial)
	var client js.Value
	states := 0
	emit, _ := p.scope.Func(func(_ js.Value, args []js.Value) any {
		states++
		_ = js.TextOr(p.get(client, "getConnectionState"), "")
		_ = p.get(client, "getChannelInfo")
		return nil
	})
	throwing := script(t, `return (emit) => (...args) => { emit(...args); throw new Error('of the page'); }`)
	wrapped, _ := js.Invoke(throwing, emit)
	client, _ = js.Call(p.factory, "createClient", object(map[string]any{"appkey": "k", "server": "ws://gateway.test/"}), wrapped)
	p.mustCall(client, "join", object(map[string]any{"channelName": "room"}))
	p.mustCall(client, "leave")
	p.mustCall(client, "destroy")
	if states < 4 {
		t.Errorf("%d events", states)
	}
}
