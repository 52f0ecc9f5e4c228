package room

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"nhooyr.io/websocket"

	"nertc/gateway/app"
	"nertc/gateway/engine"
	"nertc/internal/protocol"
)

func TestJoinedHasAllThatIsKnownByThen(t *testing.T) {
	g := newStage(t, Options{PingInterval: DefaultPingInterval})
	c := dial(t, g.Server)
	id := c.say(protocol.TypeJoin, joinAs("room", "5"))
	s := <-g.joins
	if s.options.Room != "app:room" || s.options.Identity != "5" || s.options.Offer.SDP != minimalOffer {
		t.Errorf("engine is asked for %+v", s.options)
	}
	who := []protocol.Member{{UID: "6", Tracks: []protocol.Track{{ID: "T", MediaType: protocol.MediaScreen, Muted: true}}}}
	s.events <- engine.Joined{RoomID: "RM_1", Members: who, ICEServers: []protocol.ICEServer{{URLs: []string{"stun:h"}}}}
	s.events <- engine.Candidate{Candidate: "one"}
	s.events <- engine.MemberJoined{Member: protocol.Member{UID: "8"}}
	s.events <- engine.Sections{}
	s.events <- engine.Answer{ID: 1, Answer: protocol.Answer{SDP: "a", Published: map[string]string{"x": "y"}}}
	s.events <- engine.Candidate{Candidate: "two"}

	first, err := c.read()
	if err != nil {
		t.Fatal(err)
	}
	if first.ID != id || first.Type != protocol.TypeJoined {
		t.Fatalf("first comes %s %d", first.Type, first.ID)
	}
	want := protocol.Joined{
		CID: cidOf("RM_1"), UID: "5", Members: who, Answer: protocol.Answer{SDP: "a", Published: map[string]string{"x": "y"}},
		Candidates: []string{"one"}, ICEServers: []protocol.ICEServer{{URLs: []string{"stun:h"}}}, PingInterval: 5000,
	}
	got := as[protocol.Joined](t, first)
	if secret, err := base64.RawURLEncoding.DecodeString(got.Resume); err != nil || len(secret) != 32 {
		t.Errorf("secret of %d bytes, %v", len(secret), err)
	}
	got.Resume = ""
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for _, want := range []protocol.Type{protocol.TypeMemberJoined, protocol.TypeSections, protocol.TypeCandidate} {
		if m, err := c.read(); err != nil || m.Type != want || m.ID != 0 {
			t.Errorf("then comes %s %d %v, want %s", m.Type, m.ID, err, want)
		}
	}
}

func TestRequestsReachTheEngineAndAnswersTheirAsker(t *testing.T) {
	g := newStage(t, Options{})
	c, s := g.member(t, "1")
	tracks := []protocol.NewTrack{{CID: "c", MediaType: protocol.MediaVideo, Width: 2, Height: 1, Bitrate: 3}}
	first := c.say(protocol.TypeOffer, protocol.Offer{SDP: minimalOffer, Tracks: tracks})
	second := c.say(protocol.TypeOffer, protocol.Offer{SDP: minimalOffer})
	one, two := next[offerCall](t, s), next[offerCall](t, s)
	if one.id != 2 || two.id != 3 || !reflect.DeepEqual(one.Tracks, tracks) {
		t.Errorf("offers are %+v and %+v", one, two)
	}
	s.events <- engine.Answer{ID: 99}
	s.events <- engine.Answer{ID: two.id, Answer: protocol.Answer{SDP: "b", Mids: map[string]string{"0": "T"}}}
	s.events <- engine.Answer{ID: one.id, Answer: protocol.Answer{SDP: "a"}}
	if a := as[protocol.Answer](t, c.reply(second)); a.SDP != "b" || a.Mids["0"] != "T" {
		t.Errorf("second answer is %+v", a)
	}
	if a := as[protocol.Answer](t, c.reply(first)); a.SDP != "a" {
		t.Errorf("first answer is %+v", a)
	}
	sub := protocol.Subscribe{Tracks: []string{"T", "U"}, Subscribe: true}
	ask[struct{}](c, protocol.TypeSubscribe, sub, protocol.TypeOK)
	if got := next[protocol.Subscribe](t, s); !reflect.DeepEqual(got, sub) {
		t.Errorf("subscribe is %+v", got)
	}
	ask[struct{}](c, protocol.TypeMute, protocol.Mute{Track: "T", Muted: true}, protocol.TypeOK)
	if got := next[protocol.Mute](t, s); got != (protocol.Mute{Track: "T", Muted: true}) {
		t.Errorf("mute is %+v", got)
	}
	const candidate = `{"candidate":"candidate:1 1 udp 1 127.0.0.1 9 typ host","sdpMid":"0","sdpMLineIndex":0}`
	c.say(protocol.TypeCandidate, protocol.Candidate{Candidate: `{"candidate":""}`}) // the end of a gathering
	c.say(protocol.TypeCandidate, protocol.Candidate{Candidate: candidate})
	if got := next[candidateCall](t, s); got != candidate {
		t.Errorf("candidate is %s", got)
	}
	if p := ask[protocol.Ping](c, protocol.TypePing, protocol.Ping{Time: 7}, protocol.TypePong); p.Time != 7 {
		t.Errorf("pong is %+v", p)
	}
	ask[struct{}](c, protocol.TypeLeave, nil, protocol.TypeOK)
	awaitClosed(t, s)
	if code := c.end(); code != websocket.StatusNormalClosure {
		t.Errorf("closed with %d", code)
	}
}

func TestJoinsThatAreRefused(t *testing.T) {
	g := newStage(t, Options{Apps: app.New([]app.App{{AppKey: "app"}})})
	for name, c := range map[string]struct {
		change func(*protocol.Join)
		code   int
	}{
		"version":            {func(j *protocol.Join) { j.Version = 2 }, 10001},
		"appkey":             {func(j *protocol.Join) { j.AppKey = "other" }, 404},
		"no appkey":          {func(j *protocol.Join) { j.AppKey = "" }, 10000},
		"no channel":         {func(j *protocol.Join) { j.Channel = "" }, 10110},
		"long channel":       {func(j *protocol.Join) { j.Channel = strings.Repeat("é", 33) }, 10110},
		"uid 0":              {func(j *protocol.Join) { j.UID = "0" }, 10112},
		"negative uid":       {func(j *protocol.Join) { j.UID = "-1" }, 10112},
		"unsafe uid":         {func(j *protocol.Join) { j.UID = "9007199254740992" }, 10112},
		"long uid":           {func(j *protocol.Join) { j.UID = strings.Repeat("x", 65) }, 10112},
		"uid with a control": {func(j *protocol.Join) { j.UID = "a\nb" }, 10112},
		"no SDP":             {func(j *protocol.Join) { j.Offer.SDP = "" }, 10000},
		"nonsense SDP":       {func(j *protocol.Join) { j.Offer.SDP = "v=0\r\nwhat" }, 10000},
		"long SDP":           {func(j *protocol.Join) { j.Offer.SDP = strings.Repeat("x", maxSDP+1) }, 10000},
		"track without type": {func(j *protocol.Join) { j.Offer.Tracks = []protocol.NewTrack{{CID: "c"}} }, 10012},
		"track without cid":  {func(j *protocol.Join) { j.Offer.Tracks = []protocol.NewTrack{{MediaType: "audio"}} }, 10000},
		"two tracks of a kind": {func(j *protocol.Join) {
			j.Offer.Tracks = []protocol.NewTrack{{CID: "c", MediaType: "audio"}, {CID: "d", MediaType: "audio"}}
		}, 10000},
		"impossible size": {func(j *protocol.Join) {
			j.Offer.Tracks = []protocol.NewTrack{{CID: "c", MediaType: "video", Width: -1}}
		}, 10000},
	} {
		t.Run(name, func(t *testing.T) {
			client := dial(t, g.Server)
			j := joinAs("room", "1")
			c.change(&j)
			if code := client.refused(protocol.TypeJoin, j); code != c.code {
				t.Errorf("refused with %d, want %d", code, c.code)
			}
			if code := client.end(); code != websocket.StatusNormalClosure {
				t.Errorf("closed with %d", code)
			}
		})
	}
	g.vacated(t)
}

func TestUIDsThatAreTaken(t *testing.T) {
	for _, uid := range []string{"1", "9007199254740991", "alice", "007", "-", "-x", "1.5", "1e3", strings.Repeat("é", 64)} {
		if !validUID(uid) {
			t.Errorf("%q is refused", uid)
		}
	}
}

func TestEngineIsNotThere(t *testing.T) {
	g := newStage(t, Options{})
	g.ready = false
	e := ask[protocol.Error](dial(t, g.Server), protocol.TypeJoin, joinAs("room", "1"), protocol.TypeError)
	if e.Code != 503 || e.Reason != "media engine is not available" {
		t.Errorf("got %+v", e)
	}
	g.ready = true
	for _, c := range []struct {
		err  error
		code int
	}{
		{fmt.Errorf("%w: connection refused", engine.ErrNotReady), 503},
		{context.DeadlineExceeded, 504}, {&engine.RefusedError{Status: 401}, 502}, {errors.New("what"), 502},
	} {
		g.fail = c.err
		if code := dial(t, g.Server).refused(protocol.TypeJoin, joinAs("room", "1")); code != c.code {
			t.Errorf("%v: refused with %d, want %d", c.err, code, c.code)
		}
	}
	g.fail = nil
	for reason, code := range map[protocol.CloseReason]int{protocol.CloseEngineLost: 503, protocol.CloseError: 502} {
		c := dial(t, g.Server)
		id := c.say(protocol.TypeJoin, joinAs("room", "1"))
		s := <-g.joins
		s.events <- engine.Closed{Closed: protocol.Closed{Reason: reason}}
		if got := as[protocol.Error](t, c.reply(id)).Code; got != code {
			t.Errorf("%s before the answer: refused with %d, want %d", reason, got, code)
		}
		awaitClosed(t, s)
	}
	g.vacated(t)
}

func TestWhatIsSurvived(t *testing.T) {
	g := newStage(t, Options{})
	c := dial(t, g.Server)
	for typ, code := range map[protocol.Type]int{
		protocol.TypeOffer: 10009, protocol.TypeSubscribe: 10009, protocol.TypeMute: 10009, "dance": 10001, protocol.TypeJoined: 10001,
	} {
		if got := c.refused(typ, nil); got != code {
			t.Errorf("%s before the join: %d, want %d", typ, got, code)
		}
	}
	ask[protocol.Ping](c, protocol.TypePing, protocol.Ping{Time: 1}, protocol.TypePong)
	id := c.say(protocol.TypeJoin, joinAs("room", "1"))
	s := <-g.joins
	s.letIn()
	if m := c.reply(id); m.Type != protocol.TypeJoined {
		t.Fatalf("join is answered with %s %s", m.Type, m.Data)
	}
	for _, bad := range []struct {
		typ  protocol.Type
		data any
		code int
	}{
		{protocol.TypeJoin, joinAs("room", "1"), 10101}, {"dance", nil, 10001},
		{protocol.TypeOffer, 7, 10000}, {protocol.TypeOffer, protocol.Offer{}, 10000},
		{protocol.TypeSubscribe, "x", 10000}, {protocol.TypeSubscribe, protocol.Subscribe{}, 10000},
		{protocol.TypeSubscribe, protocol.Subscribe{Tracks: make([]string, 513)}, 10000},
		{protocol.TypeSubscribe, protocol.Subscribe{Tracks: []string{""}}, 10000},
		{protocol.TypeMute, []int{}, 10000}, {protocol.TypeMute, protocol.Mute{}, 10000},
		{protocol.TypePing, "now", 10000},
	} {
		if got := c.refused(bad.typ, bad.data); got != bad.code {
			t.Errorf("%s %v: %d, want %d", bad.typ, bad.data, got, bad.code)
		}
	}
	for _, bad := range []string{"", "x", "{}", `{"candidate":7}`, `{"candidate":"hello"}`, `{"candidate":"candidate:1","sdpMLineIndex":-1}`, strings.Repeat("x", 4096)} {
		c.say(protocol.TypeCandidate, protocol.Candidate{Candidate: bad})
		if e := pushed[protocol.Error](c, protocol.TypeError); e.Code != 10000 {
			t.Errorf("candidate %q: %+v", bad, e)
		}
	}
	for _, raw := range []struct {
		kind websocket.MessageType
		text string
	}{
		{websocket.MessageText, "{"}, {websocket.MessageText, "[]"}, {websocket.MessageText, `{"id":-1}`}, {websocket.MessageText, "{}"},
		{websocket.MessageBinary, `{"type":"ping"}`}, {websocket.MessageText, strings.Repeat("[", 100_000)},
	} {
		if err := c.raw(raw.kind, []byte(raw.text)); err != nil {
			t.Fatal(err)
		}
		if e := pushed[protocol.Error](c, protocol.TypeError); e.Code != 10000 {
			t.Errorf("%.20q: %+v", raw.text, e)
		}
	}
	ask[protocol.Ping](c, protocol.TypePing, protocol.Ping{Time: 2}, protocol.TypePong)
	select {
	case call := <-s.calls:
		t.Errorf("engine is asked %+v", call)
	default:
	}
}

func TestTooManyOffersWithoutAnAnswer(t *testing.T) {
	g := newStage(t, Options{})
	c, _ := g.member(t, "1")
	for range maxOffers {
		c.say(protocol.TypeOffer, protocol.Offer{SDP: minimalOffer})
	}
	if code := c.refused(protocol.TypeOffer, protocol.Offer{SDP: minimalOffer}); code != 10008 {
		t.Errorf("refused with %d", code)
	}
}

func TestEnoughOfRubbish(t *testing.T) {
	g := newStage(t, Options{})
	c, s := g.member(t, "1")
	for range maxStrikes {
		if err := c.raw(websocket.MessageText, []byte("rubbish")); err != nil {
			t.Fatal(err)
		}
	}
	if r := pushed[protocol.Closed](c, protocol.TypeClosed).Reason; r != protocol.CloseError {
		t.Errorf("closed with %s", r)
	}
	awaitClosed(t, s)
}

func TestTooLargeAMessage(t *testing.T) {
	g := newStage(t, Options{})
	c, s := g.member(t, "1")
	if err := c.raw(websocket.MessageText, make([]byte, protocol.ReadLimit+1)); err != nil {
		t.Log("write:", err) // the other end may close before all is written
	}
	if code := c.end(); code != websocket.StatusMessageTooBig && code != -1 {
		t.Errorf("closed with %d", code)
	}
	awaitClosed(t, s)
}

func TestRandomBytes(t *testing.T) {
	g := newStage(t, Options{})
	random := rand.NewChaCha8([32]byte{1})
	b := make([]byte, 10_000)
	_, _ = random.Read(b)
	for _, kind := range []websocket.MessageType{websocket.MessageBinary, websocket.MessageText} {
		for size := len(b); size > 0; size /= 10 {
			c := dial(t, g.Server)
			for i := 0; i+size <= len(b); i += size {
				if c.raw(kind, b[i:i+size]) != nil {
					break // closed by now
				}
			}
		}
	}
	g.member(t, "1")
}

func TestSilentClient(t *testing.T) {
	g := newStage(t, Options{PingInterval: 50 * time.Millisecond, ResumeWindow: -1})
	c, s := g.member(t, "1")
	if r := pushed[protocol.Closed](c, protocol.TypeClosed).Reason; r != protocol.CloseError {
		t.Errorf("closed with %s", r)
	}
	awaitClosed(t, s)
}

func TestHowTheEngineEndsASession(t *testing.T) {
	g := newStage(t, Options{})
	for _, r := range []protocol.CloseReason{protocol.CloseDuplicate, protocol.CloseRemoved, protocol.CloseRoomClosed, protocol.CloseEngineLost} {
		c, s := g.member(t, "1")
		s.events <- engine.Closed{Closed: protocol.Closed{Reason: r, Text: "so"}}
		if got := pushed[protocol.Closed](c, protocol.TypeClosed); got != (protocol.Closed{Reason: r, Text: "so"}) {
			t.Errorf("told %+v, want %s", got, r)
		}
		if code := c.end(); code != websocket.StatusNormalClosure {
			t.Errorf("closed with %d", code)
		}
	}
}

func TestShutdown(t *testing.T) {
	g := newStage(t, Options{})
	c, s := g.member(t, "1")
	ended := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), testTime)
		defer cancel()
		ended <- g.h.Close(ctx)
	}()
	if r := pushed[protocol.Closed](c, protocol.TypeClosed).Reason; r != protocol.CloseShutdown {
		t.Errorf("closed with %s", r)
	}
	c.end()
	awaitClosed(t, s)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	res, err := http.Get(g.URL + protocol.Path)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("afterwards answers %d", res.StatusCode)
	}
}

// A client that does not read is given up, and others do not notice it.
func TestSlowClient(t *testing.T) {
	g := newStage(t, Options{})
	_, slow := g.member(t, "1")
	other, quick := g.member(t, "2")
	name := strings.Repeat("x", 100_000)
	for full := false; !full; {
		select {
		case slow.events <- engine.MemberJoined{Member: protocol.Member{UID: name}}:
		case <-slow.closed:
			full = true
		case <-time.After(testTime):
			t.Fatal("slow client is kept")
		}
	}
	quick.events <- engine.MemberLeft{MemberLeft: protocol.MemberLeft{UID: "1"}}
	if m := pushed[protocol.MemberLeft](other, protocol.TypeMemberLeft); m.UID != "1" {
		t.Errorf("%q left", m.UID)
	}
}

func TestSocketThatBreaksDuringTheJoin(t *testing.T) {
	g := newStage(t, Options{})
	c := dial(t, g.Server)
	c.say(protocol.TypeJoin, joinAs("room", "1"))
	s := <-g.joins
	_ = c.conn.CloseNow()
	awaitClosed(t, s)
}

func TestOrigins(t *testing.T) {
	g := newStage(t, Options{AllowOrigin: func(r *http.Request) bool { return r.Header.Get("Origin") == "https://good.example" }})
	for origin, want := range map[string]int{"https://good.example": 101, "https://evil.example": 403} {
		c, res, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(g.URL, "http"), &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {origin}}})
		if res == nil || res.StatusCode != want {
			t.Errorf("%s: %v %v, want %d", origin, res, err, want)
		}
		if c != nil {
			_ = c.CloseNow()
		}
	}
}

func TestMetrics(t *testing.T) {
	reg := prometheus.NewRegistry()
	g := newStage(t, Options{Registry: reg, ResumeWindow: time.Millisecond})
	a, s := g.member(t, "1")
	g.member(t, "2")
	a.refused("dance", nil)
	a.refused("sing", nil)
	dial(t, g.Server).refused(protocol.TypeJoin, joinAs("", "1"))
	for name, want := range map[string]float64{
		"nertc_rooms": 1, "nertc_members": 2, "nertc_join_seconds": 2,
		"nertc_joins_total ok": 2, "nertc_joins_total refused": 1, "nertc_joins_total unavailable": 0, "nertc_joins_total failed": 0,
		"nertc_messages_total join": 3, "nertc_messages_total unknown": 2, "nertc_messages_total dance": -1,
	} {
		if got := gather(t, reg, name); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	_ = a.conn.CloseNow()
	awaitClosed(t, s)
}

// gather gives a metric's value by its name and label values, in the order of the labels' names, the number of values of
// a histogram, and -1 for one that is not there.
func gather(t *testing.T, reg *prometheus.Registry, name string) float64 {
	t.Helper()
	name, label, _ := strings.Cut(name, " ")
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			var values []string
			for _, l := range m.GetLabel() {
				values = append(values, l.GetValue())
			}
			if f.GetName() != name || label != "" && strings.Join(values, " ") != label {
				continue
			}
			switch {
			case m.GetCounter() != nil:
				return m.GetCounter().GetValue()
			case m.GetGauge() != nil:
				return m.GetGauge().GetValue()
			default:
				return float64(m.GetHistogram().GetSampleCount())
			}
		}
	}
	return -1
}

func TestRegistry(t *testing.T) {
	r := newRegistry()
	if _, err := r.enter("x", "7", false, encryption{}); err == nil {
		t.Error("a room that is not there was entered")
	}
	a, _ := r.enter("x", "", true, encryption{})
	b, err := r.enter("x", "", false, encryption{})
	if err != nil || a == b || !validUID(a) || !validUID(b) {
		t.Errorf("assigned %q and %q", a, b)
	}
	r.enter("x", "7", true, encryption{})
	r.enter("x", "7", true, encryption{}) // joins again before the former stay has ended
	r.exit("x", "7")
	if rooms, members := r.count(); rooms != 1 || members != 3 {
		t.Errorf("%d rooms, %d members", rooms, members)
	}
	r.exit("x", "7")
	r.exit("x", a)
	r.exit("x", b)
	if rooms, members := r.count(); rooms != 0 || members != 0 {
		t.Errorf("%d rooms, %d members are left", rooms, members)
	}
	r.expect("x", time.Now().Add(time.Minute))
	r.expect("y", time.Now())
	if _, err := r.enter("y", "7", false, encryption{}); err == nil {
		t.Error("a room was there for too long")
	}
	for range 2 { // the second time it is there
		if _, err := r.enter("x", "7", false, encryption{}); err != nil {
			t.Error("a room that the engine has lost was not there")
		}
	}
	for i := range 1000 {
		if c := cidOf(fmt.Sprint(i)); c <= 0 || c > maxSafe {
			t.Fatalf("cid %d", c)
		}
	}
}
