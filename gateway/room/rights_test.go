package room

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
	"nhooyr.io/websocket"

	"nertc/gateway/app"
	"nertc/gateway/engine"
	"nertc/gateway/token"
	"nertc/internal/protocol"
)

// grants gives each permission key what its name stands for.
type grants map[string]app.Grant

func (g grants) Authorize(r app.Request) (app.Grant, error) {
	if grant, ok := g[r.Permkey]; ok {
		return grant, nil
	}
	return app.Grant{}, &app.Refusal{Code: 414, Reason: app.ReasonBadToken, Cause: errors.New("no such key here")}
}

func (g grants) Pass(appKey, channel, uid string, granted app.Grant) string {
	return strings.Join([]string{"pass", appKey, channel, uid, granted.Privilege.String()}, "/")
}

func (g grants) Permkey(_, _, _, joinedAs, permkey string) (app.Grant, error) {
	return g.Authorize(app.Request{UID: joinedAs, Permkey: permkey})
}

// without is a stage with a key for everything, "", and one for everything but some rights, "limited".
func without(t *testing.T, not token.Privilege) *stage {
	t.Helper()
	return newStage(t, Options{Apps: grants{
		"": {Privilege: token.Everything}, "limited": {Privilege: token.Everything &^ not},
	}})
}

func limited(uid string) protocol.Join {
	j := joinAs("room", uid)
	j.Permkey = "limited"
	return j
}

// limitedMember is a client with the limited key that has joined.
func (g *stage) limitedMember(t *testing.T, joined engine.Joined) (*rawClient, *scripted) {
	t.Helper()
	c := dial(t, g.Server)
	id := c.say(protocol.TypeJoin, limited("7"))
	s := <-g.joins
	s.events <- joined
	s.events <- engine.Answer{ID: 1}
	if m := c.reply(id); m.Type != protocol.TypeJoined {
		t.Fatalf("join is answered with %s %s", m.Type, m.Data)
	}
	return c, s
}

// sections are media sections behind the data channel of minimalOffer.
func sections(lines ...string) string {
	sdp := minimalOffer
	for _, l := range lines {
		kind, attributes, _ := strings.Cut(l, " ")
		sdp += "m=" + kind + " 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:96 x/90000\r\n"
		for _, a := range strings.Fields(attributes) {
			sdp += "a=" + strings.ReplaceAll(a, "~", " ") + "\r\n"
		}
	}
	return sdp
}

func track(m protocol.MediaType) []protocol.NewTrack {
	return []protocol.NewTrack{{CID: "c", MediaType: m}}
}

func TestCredentialsAndOriginReachTheApps(t *testing.T) {
	asked := make(chan app.Request, 1)
	g := newStage(t, Options{
		Apps: authorizer(func(r app.Request) (app.Grant, error) {
			asked <- r
			return app.Grant{}, &app.Refusal{Code: 403, Reason: app.ReasonNoToken}
		}),
		AllowOrigin: func(*http.Request) bool { return true },
	})
	conn, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(g.URL, "http"), &websocket.DialOptions{
		HTTPHeader: http.Header{"Origin": {"https://page.example"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	c := &rawClient{t: t, conn: conn}
	j := joinAs("room", "7")
	j.Token, j.Permkey, j.Pass = "t", "p", "q"
	e := ask[protocol.Error](c, protocol.TypeJoin, j, protocol.TypeError)
	if want := (protocol.Error{Code: 403, Reason: "netcall.g2 unsafe mode is closed, please contact business!"}); e != want {
		t.Errorf("refused with %+v", e)
	}
	want := app.Request{
		AppKey: "app", Channel: "room", UID: "7", Token: "t", Permkey: "p", Pass: "q",
		Origin: "https://page.example", Host: strings.TrimPrefix(g.URL, "http://"),
	}
	if got := <-asked; got != want {
		t.Errorf("asked %+v, want %+v", got, want)
	}
	if code := c.end(); code != websocket.StatusNormalClosure {
		t.Errorf("closed with %d", code)
	}
}

type authorizer func(app.Request) (app.Grant, error)

func (a authorizer) Authorize(r app.Request) (app.Grant, error)    { return a(r) }
func (a authorizer) Pass(string, string, string, app.Grant) string { return "" }
func (a authorizer) Permkey(appKey, channel, uid, _, permkey string) (app.Grant, error) {
	return a(app.Request{AppKey: appKey, Channel: channel, UID: uid, Permkey: permkey})
}

// An authorizer that breaks its word lets nobody in.
func TestAppsCannotDecide(t *testing.T) {
	g := newStage(t, Options{Apps: authorizer(func(app.Request) (app.Grant, error) {
		return app.Grant{Privilege: token.Everything}, errors.New("hunter2")
	})})
	e := ask[protocol.Error](dial(t, g.Server), protocol.TypeJoin, joinAs("room", "7"), protocol.TypeError)
	if e.Code != 500 || strings.Contains(e.Reason, "hunter2") {
		t.Errorf("refused with %+v", e)
	}
}

func TestWithoutTheRightToSend(t *testing.T) {
	const audio, video = "no-publish-audio-permission", "no-publish-video-permission"
	both := token.SendAudio | token.SendVideo
	for name, tc := range map[string]struct {
		not    token.Privilege
		offer  protocol.Offer
		reason string // empty: it passes
	}{
		"microphone":           {token.SendAudio, protocol.Offer{SDP: minimalOffer, Tracks: track("audio")}, audio},
		"screen's sound":       {token.SendAudio, protocol.Offer{SDP: minimalOffer, Tracks: track("audioSlave")}, audio},
		"camera":               {token.SendVideo, protocol.Offer{SDP: minimalOffer, Tracks: track("video")}, video},
		"screen":               {token.SendVideo, protocol.Offer{SDP: minimalOffer, Tracks: track("screen")}, video},
		"camera may":           {token.SendAudio, protocol.Offer{SDP: sections("video sendonly msid:s~c"), Tracks: track("video")}, ""},
		"microphone may":       {token.SendVideo, protocol.Offer{SDP: sections("audio sendonly msid:s~c"), Tracks: track("audio")}, ""},
		"nothing new":          {both, protocol.Offer{SDP: minimalOffer}, ""},
		"only receives":        {both, protocol.Offer{SDP: sections("audio recvonly", "video recvonly", "video inactive")}, ""},
		"sound, not announced": {token.SendAudio, protocol.Offer{SDP: sections("video recvonly", "audio sendonly")}, audio},
		"picture, no word":     {token.SendVideo, protocol.Offer{SDP: sections("audio sendrecv", "video sendrecv")}, video},
		"no direction at all":  {token.SendVideo, protocol.Offer{SDP: sections("video")}, video},
		"two directions":       {token.SendVideo, protocol.Offer{SDP: sections("video recvonly sendonly")}, video},
		"odd direction":        {token.SendVideo, protocol.Offer{SDP: sections("video SENDONLY")}, video},
	} {
		t.Run(name, func(t *testing.T) {
			g := without(t, tc.not)
			// With the join,
			c := dial(t, g.Server)
			j := limited("7")
			j.Offer = tc.offer
			id := c.say(protocol.TypeJoin, j)
			if tc.reason != "" {
				want := protocol.Error{Code: 10355, Reason: tc.reason}
				if e := as[protocol.Error](t, c.reply(id)); e != want {
					t.Errorf("join refused with %+v, want %+v", e, want)
				}
				g.vacated(t)
			} else {
				(<-g.joins).letIn()
				if m := c.reply(id); m.Type != protocol.TypeJoined {
					t.Errorf("join is answered with %s %s", m.Type, m.Data)
				}
			}
			// and later.
			c, s := g.limitedMember(t, engine.Joined{})
			id = c.say(protocol.TypeOffer, tc.offer)
			if tc.reason != "" {
				want := protocol.Error{Code: 10355, Reason: tc.reason}
				if e := as[protocol.Error](t, c.reply(id)); e != want {
					t.Errorf("offer refused with %+v, want %+v", e, want)
				}
				ask[struct{}](c, protocol.TypeMute, protocol.Mute{Track: "T", Muted: true}, protocol.TypeOK)
				next[protocol.Mute](t, s) // and no offer before it
				return
			}
			if o := next[offerCall](t, s); o.SDP != tc.offer.SDP {
				t.Errorf("offer is %+v", o)
			}
		})
	}
}

// The engine hears of it too, so that nothing depends on the gateway's view of an offer.
func TestEngineIsToldWhatMayNotBeSent(t *testing.T) {
	for not, want := range map[token.Privilege][]protocol.MediaType{
		0: nil, token.SendAudio: {"audio", "audioSlave"}, token.SendVideo: {"video", "screen"},
		token.SendAudio | token.SendVideo: {"audio", "audioSlave", "video", "screen"},
	} {
		_, s := without(t, not).limitedMember(t, engine.Joined{})
		if !reflect.DeepEqual(s.options.NoPublish, want) {
			t.Errorf("without %v: %v, want %v", not, s.options.NoPublish, want)
		}
	}
}

// Nobody gets around a right, or a mute, by announcing a picture as sound.
func TestTrackIsOfItsSectionsKind(t *testing.T) {
	g := newStage(t, Options{})
	c, s := g.member(t, "1")
	for sdp, tracks := range map[string][]protocol.NewTrack{
		sections("video sendonly msid:s~c"):        track("audio"),
		sections("audio sendonly msid:s~c"):        track("screen"),
		sections("video sendonly ssrc:1~msid:s~c"): track("audioSlave"),
	} {
		if code := c.refused(protocol.TypeOffer, protocol.Offer{SDP: sdp, Tracks: tracks}); code != 10000 {
			t.Errorf("refused with %d", code)
		}
	}
	c.say(protocol.TypeOffer, protocol.Offer{SDP: sections("video sendonly msid:s~d", "audio sendonly msid:s~c"), Tracks: track("audio")})
	next[offerCall](t, s)
}

func TestWithoutTheRightToReceive(t *testing.T) {
	here := engine.Joined{RoomID: "RM", Members: []protocol.Member{{UID: "1", Tracks: []protocol.Track{
		{ID: "A", MediaType: protocol.MediaAudio}, {ID: "V", MediaType: protocol.MediaVideo},
	}}}}
	both := token.ReceiveAudio | token.ReceiveVideo
	for name, tc := range map[string]struct {
		not    token.Privilege
		ask    string   // the tracks' ids, a letter each
		reason string   // of the refusal
		passed []string // to the engine
	}{
		"sound":                  {token.ReceiveAudio, "A", "no-subscribe-audio-permission", nil},
		"screen's sound":         {token.ReceiveAudio, "S", "no-subscribe-audio-permission", nil},
		"picture":                {token.ReceiveVideo, "V", "no-subscribe-video-permission", nil},
		"screen":                 {token.ReceiveVideo, "C", "no-subscribe-video-permission", nil},
		"one of two":             {token.ReceiveVideo, "AV", "no-subscribe-video-permission", nil},
		"picture may":            {token.ReceiveAudio, "VC", "", []string{"V", "C"}},
		"sound may":              {token.ReceiveVideo, "AS", "", []string{"A", "S"}},
		"neither, sound":         {both, "A", "no-subscribe-audio-permission", nil},
		"neither, picture":       {both, "C", "no-subscribe-video-permission", nil},
		"what has gone":          {token.ReceiveAudio, "GV", "", []string{"V"}},
		"what never was":         {token.ReceiveAudio, "X", "", nil},
		"unlimited, never was":   {token.SendAudio, "X", "", []string{"X"}},
		"unlimited, all of them": {token.SendAudio, "AVSC", "", []string{"A", "V", "S", "C"}},
	} {
		t.Run(name, func(t *testing.T) {
			c, s := without(t, tc.not).limitedMember(t, here)
			s.events <- engine.MemberJoined{Member: protocol.Member{UID: "2", Tracks: []protocol.Track{{ID: "S", MediaType: protocol.MediaAudioSlave}}}}
			s.events <- engine.TrackAdded{TrackEvent: protocol.TrackEvent{UID: "2", Track: protocol.Track{ID: "G", MediaType: protocol.MediaAudio}}}
			s.events <- engine.TrackAdded{TrackEvent: protocol.TrackEvent{UID: "2", Track: protocol.Track{ID: "C", MediaType: protocol.MediaScreen}}}
			s.events <- engine.TrackRemoved{TrackEvent: protocol.TrackEvent{UID: "2", Track: protocol.Track{ID: "G", MediaType: protocol.MediaAudio}}}
			pushed[protocol.TrackEvent](c, protocol.TypeTrackRemoved)

			ids := strings.Split(tc.ask, "")
			m := c.reply(c.say(protocol.TypeSubscribe, protocol.Subscribe{Tracks: ids, Subscribe: true}))
			if tc.reason != "" {
				want := protocol.Error{Code: 10360, Reason: tc.reason}
				if e := as[protocol.Error](t, m); e != want {
					t.Errorf("refused with %+v, want %+v", e, want)
				}
			} else if m.Type != protocol.TypeOK {
				t.Errorf("answered with %s %s", m.Type, m.Data)
			}
			// To end a subscription is always possible; it also shows what was passed on before.
			ask[struct{}](c, protocol.TypeSubscribe, protocol.Subscribe{Tracks: ids}, protocol.TypeOK)
			if tc.passed != nil {
				if got := next[protocol.Subscribe](t, s); !got.Subscribe || !reflect.DeepEqual(got.Tracks, tc.passed) {
					t.Errorf("engine is asked %+v", got)
				}
			}
			if got := next[protocol.Subscribe](t, s); got.Subscribe || !reflect.DeepEqual(got.Tracks, ids) {
				t.Errorf("engine is asked %+v, want the end of %v", got, ids)
			}
		})
	}
}

func TestWithoutTheRightToCreate(t *testing.T) {
	g := without(t, token.CreateRoom)
	want := protocol.Error{Code: 403, Reason: "the permission key does not permit to create the room"}
	if e := ask[protocol.Error](dial(t, g.Server), protocol.TypeJoin, limited("7"), protocol.TypeError); e != want {
		t.Errorf("refused with %+v, want %+v", e, want)
	}
	g.vacated(t)
	_, first := g.member(t, "1")
	c, s := g.limitedMember(t, engine.Joined{})
	// The engine goes and comes back: nobody has to wait for who created the room.
	for _, up := range []*scripted{first, s} {
		up.events <- engine.Closed{Closed: protocol.Closed{Reason: protocol.CloseEngineLost}}
		awaitClosed(t, up)
	}
	pushed[protocol.Closed](c, protocol.TypeClosed)
	c, s = g.limitedMember(t, engine.Joined{})
	ask[struct{}](c, protocol.TypeLeave, nil, protocol.TypeOK)
	awaitClosed(t, s)
	if e := ask[protocol.Error](dial(t, g.Server), protocol.TypeJoin, limited("7"), protocol.TypeError); e != want {
		t.Errorf("in a room that all have left: %+v", e)
	}
}

// elsewhere is an engine with members who are on another gateway.
type elsewhere struct {
	operator
	there []engine.Participant
	err   error
}

func (e elsewhere) Participants(context.Context, string) ([]engine.Participant, error) {
	return e.there, e.err
}

func TestRoomOnAnotherGatewayIsThere(t *testing.T) {
	g := without(t, token.CreateRoom)
	for _, op := range []elsewhere{{}, {err: engine.ErrNotReady}} {
		g.h.operator = op
		if code := dial(t, g.Server).refused(protocol.TypeJoin, limited("7")); code != 403 {
			t.Errorf("%+v: refused with %d", op, code)
		}
	}
	g.h.operator = elsewhere{there: []engine.Participant{{Identity: "1"}}}
	g.limitedMember(t, engine.Joined{})
}

func TestPermkeyRunsOut(t *testing.T) {
	const life = 3 * time.Second // in which a busy machine lets it in too
	begun := time.Now()
	g := newStage(t, Options{Apps: grants{"limited": {Privilege: token.Everything, Expires: begun.Add(life)}}})
	c, s := g.limitedMember(t, engine.Joined{})
	// Less than 30 s were left from the start: the warning comes at once.
	if w := pushed[protocol.PermkeyWillExpire](c, protocol.TypePermkeyWillExpire); w.Seconds > 3 || w.Seconds < 0 {
		t.Errorf("warning: %+v", w)
	}
	if r := pushed[protocol.Closed](c, protocol.TypeClosed).Reason; r != "permkey-timeout" {
		t.Errorf("closed with %s", r)
	}
	if left := time.Since(begun); left < life {
		t.Errorf("removed %v too early", life-left)
	}
	awaitClosed(t, s)
	if code := c.end(); code != websocket.StatusNormalClosure {
		t.Errorf("closed with %d", code)
	}
}

// Who leaves before the end is not told of it, and nothing is left behind.
func TestPermkeyOfWhoHasLeft(t *testing.T) {
	var s session
	s.rights.granted = app.Grant{Privilege: token.Everything, Expires: time.Now().Add(time.Hour)}
	s.watchPermkey()
	s.rights.end()
	for _, timer := range s.rights.timers {
		if timer.Stop() {
			t.Error("a timer goes on")
		}
	}
	s.rights.timers = [2]*time.Timer{}
	s.watchPermkey() // the join is answered when the client has gone
	if s.rights.timers != [2]*time.Timer{} {
		t.Error("timers begin after the end")
	}
}

func TestSecondsTo(t *testing.T) {
	now := time.Now()
	for left, want := range map[time.Duration]int{
		30 * time.Second: 30, 29*time.Second + 1: 30, time.Millisecond: 1, 0: 0, -time.Hour: 0,
	} {
		if got := secondsTo(now.Add(left), now); got != want {
			t.Errorf("%v: %d, want %d", left, got, want)
		}
	}
}

// The engine itself takes no track of a media type that its token leaves out, even if
// the gateway lets it pass.
func TestEngineRefusesToPublish(t *testing.T) {
	srv, _ := start(t)
	h := srv.Config.Handler.(*Handler)
	join := h.join
	h.join = func(ctx context.Context, o engine.JoinOptions) (upstream, error) {
		o.NoPublish = []protocol.MediaType{protocol.MediaVideo, protocol.MediaScreen}
		return join(ctx, o)
	}
	c := newPeer(t, dial(t, srv))
	c.enter("rights", "1")
	tr, err := webrtc.NewTrackLocalStaticSample(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8}, "picture", "s")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.pc.AddTransceiverFromTrack(tr, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}); err != nil {
		t.Fatal(err)
	}
	if a := c.negotiate(protocol.NewTrack{CID: "picture", MediaType: protocol.MediaVideo, Width: 64, Height: 64}); len(a.Published) != 0 {
		t.Errorf("the engine publishes %v", a.Published)
	}
	c.publish(protocol.MediaAudio) // which it does take
}
