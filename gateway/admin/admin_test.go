package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"nertc/gateway/engine"
	"nertc/gateway/live"
	"nertc/gateway/room"
	"nertc/internal/protocol"
)

const secret = "the operator's secret"

// scripted notes what it is asked, and fails when told to.
type scripted struct {
	asked []string
	err   error
}

var until = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)

func (s *scripted) note(format string, args ...any) {
	s.asked = append(s.asked, fmt.Sprintf(format, args...))
}

func (s *scripted) Rooms(context.Context) ([]room.Room, error) {
	s.note("rooms")
	return []room.Room{{App: "a", Channel: "b", Members: 2}}, s.err
}

func (s *scripted) Members(_ context.Context, app, channel string) ([]room.Member, error) {
	s.note("members %q %q", app, channel)
	return []room.Member{{UID: "1", Session: 7, JoinedAt: until, Tracks: []room.Track{{MediaType: protocol.MediaAudio}}}}, s.err
}

func (s *scripted) Remove(_ context.Context, app, channel, uid string) error {
	s.note("remove %q %q %q", app, channel, uid)
	return s.err
}

func (s *scripted) CloseRoom(_ context.Context, app, channel string) error {
	s.note("close %q %q", app, channel)
	return s.err
}

func (s *scripted) Ban(_ context.Context, app, channel, uid string, d time.Duration) (room.Ban, error) {
	s.note("ban %q %q %q %v", app, channel, uid, d)
	return room.Ban{UID: uid, Until: until}, s.err
}

func (s *scripted) Unban(app, channel, uid string) error {
	s.note("unban %q %q %q", app, channel, uid)
	return s.err
}

func (s *scripted) Bans(app, channel string) []room.Ban {
	s.note("bans %q %q", app, channel)
	return []room.Ban{{UID: "1", Until: until}}
}

func (s *scripted) Mute(_ context.Context, app, channel, uid string, audio, video bool, d time.Duration) (room.Mute, error) {
	s.note("mute %q %q %q audio %v video %v %v", app, channel, uid, audio, video, d)
	return room.Mute{UID: uid, Audio: audio, Video: video}, s.err
}

func (s *scripted) Unmute(app, channel, uid string, audio, video bool) error {
	s.note("unmute %q %q %q audio %v video %v", app, channel, uid, audio, video)
	return s.err
}

func (s *scripted) Tasks(app, channel string) []live.Info {
	s.note("tasks %q %q", app, channel)
	return []live.Info{{ID: "main", Target: "rtmp://example.com", HostUID: "1", Begun: until, Width: 640, Height: 360, Code: 505}}
}

func (s *scripted) EndTask(_ context.Context, app, channel, id string) error {
	s.note("end task %q %q %q", app, channel, id)
	return s.err
}

func newHandler(log io.Writer) (*Handler, *scripted, *prometheus.Registry) {
	s, reg := &scripted{}, prometheus.NewRegistry()
	if log == nil {
		log = io.Discard
	}
	return NewHandler(Options{Rooms: s, Secret: secret, Log: slog.New(slog.NewTextHandler(log, nil)), Registry: reg}), s, reg
}

// do sends a request with the secret, unless a header says otherwise.
func do(h http.Handler, method, target, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+secret)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestRoutes(t *testing.T) {
	h, s, _ := newHandler(nil)
	const in = Path + "/rooms/app/main"
	for _, tc := range []struct {
		method, target, body string
		status               int
		asked, answer        string
	}{
		{"GET", Path + "/rooms", "", 200, `rooms`, `{"rooms":[{"app":"a","channel":"b","members":2}]}`},
		{"GET", in, "", 200, `members "app" "main"`, `{"app":"app","channel":"main","members":[{"uid":"1","session":7,"joinedAt":"2030-01-02T03:04:05Z","tracks":[{"mediaType":"audio","muted":false}],"mutedAudio":false,"mutedVideo":false}]}`},
		{"DELETE", in, "", 204, `close "app" "main"`, ``},
		{"DELETE", in + "/members/7", "", 204, `remove "app" "main" "7"`, ``},
		{"GET", in + "/bans", "", 200, `bans "app" "main"`, `{"bans":[{"uid":"1","until":"2030-01-02T03:04:05Z"}]}`},
		{"POST", in + "/bans", `{"uid":"7","seconds":60}`, 201, `ban "app" "main" "7" 1m0s`, `{"uid":"7","until":"2030-01-02T03:04:05Z"}`},
		{"POST", in + "/bans", ` {"seconds" : 2592000, "uid": "ann"}` + "\n", 201, `ban "app" "main" "ann" 720h0m0s`, `{"uid":"ann","until":"2030-01-02T03:04:05Z"}`},
		{"DELETE", in + "/bans/7", "", 204, `unban "app" "main" "7"`, ``},
		{"POST", in + "/members/7/mutes", `{"audio":true}`, 200, `mute "app" "main" "7" audio true video false 0s`, `{"uid":"7","audio":true,"video":false}`},
		{"POST", in + "/members/7/mutes", `{"audio":true,"video":true,"duration":1}`, 200, `mute "app" "main" "7" audio true video true 1s`, `{"uid":"7","audio":true,"video":true}`},
		{"DELETE", in + "/members/7/mutes", "", 204, `unmute "app" "main" "7" audio true video true`, ``},
		{"DELETE", in + "/members/7/mutes?kind=audio", "", 204, `unmute "app" "main" "7" audio true video false`, ``},
		{"DELETE", in + "/members/7/mutes?kind=video", "", 204, `unmute "app" "main" "7" audio false video true`, ``},
		{"GET", in + "/tasks", "", 200, `tasks "app" "main"`, `{"tasks":[{"taskId":"main","target":"rtmp://example.com","hostUid":"1","begun":"2030-01-02T03:04:05Z","width":640,"height":360,"record":false,"code":505}]}`},
		{"DELETE", in + "/tasks/main", "", 204, `end task "app" "main" "main"`, ``},
		// Names as they may be.
		{"GET", Path + "/rooms/a%2Fb/%E5%AE%A4%20%3F%23%25", "", 200, `members "a/b" "室 ?#%"`, "*"},
		{"GET", Path + "/rooms/a/%2E%2E", "", 200, `members "a" ".."`, "*"},
		{"DELETE", Path + "/rooms/a/..", "", 204, `close "a" ".."`, ""}, // the address of no other room
		{"DELETE", Path + "/rooms/a:b/c%2fmembers/members/007", "", 204, `remove "a:b" "c/members" "007"`, ``},
	} {
		s.asked = nil
		w := do(h, tc.method, tc.target, tc.body)
		if w.Code != tc.status || !reflect.DeepEqual(s.asked, []string{tc.asked}) {
			t.Errorf("%s %s %s: %d, asked %q", tc.method, tc.target, tc.body, w.Code, s.asked)
		}
		if got := strings.TrimSuffix(w.Body.String(), "\n"); tc.answer != "*" && got != tc.answer {
			t.Errorf("%s %s is answered with %s", tc.method, tc.target, got)
		}
		if w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s %s may be cached", tc.method, tc.target)
		}
	}
}

func TestRefusals(t *testing.T) {
	h, s, _ := newHandler(nil)
	const in = Path + "/rooms/app/main"
	long := strings.Repeat("n", 65)
	for _, tc := range []struct {
		method, target, body string
		status, code         int
	}{
		{"GET", "/admin/v2/rooms", "", 404, 404},
		{"GET", "/admin/v1", "", 404, 404},
		{"GET", Path + "/", "", 404, 404},
		{"GET", Path + "/rooms/", "", 404, 404},
		{"GET", Path + "//rooms", "", 404, 404},
		{"GET", Path + "/rooms/app", "", 404, 404},
		{"DELETE", Path + "/rooms//app/main", "", 404, 404},
		{"DELETE", Path + "/rooms/app//members/1", "", 404, 404},
		{"DELETE", in + "/", "", 404, 404},
		{"DELETE", in + "/members/", "", 404, 404},
		{"GET", Path + "/r%6Foms", "", 404, 404},
		{"POST", Path + "/rooms", "", 405, 405},
		{"HEAD", in, "", 405, 405},
		{"PUT", in + "/bans", "", 405, 405},
		{"GET", Path + "/rooms/" + long + "/main", "", 400, 10000},
		{"GET", Path + "/rooms/a%00/main", "", 400, 10000},
		{"DELETE", Path + "/rooms/app/" + long, "", 400, 10110},
		{"DELETE", Path + "/rooms/app/%ff", "", 400, 10110},
		{"DELETE", in + "/members/0", "", 400, 10112},
		{"DELETE", in + "/members/" + long, "", 400, 10112},
		{"DELETE", in + "/bans/-3", "", 400, 10112},
		{"DELETE", in + "/members/7/mutes?kind=smell", "", 400, 10000},
		{"POST", in + "/bans", "", 400, 10000},
		{"POST", in + "/bans", "null", 400, 10000},
		{"POST", in + "/bans", "[]", 400, 10000},
		{"POST", in + "/bans", `{"uid":"7"}`, 400, 10000},
		{"POST", in + "/bans", `{"seconds":7}`, 400, 10112},
		{"POST", in + "/bans", `{"uid":7,"seconds":7}`, 400, 10000},
		{"POST", in + "/bans", `{"uid":"-7","seconds":7}`, 400, 10112},
		{"POST", in + "/bans", `{"uid":"7","seconds":0}`, 400, 10000},
		{"POST", in + "/bans", `{"uid":"7","seconds":-1}`, 400, 10000},
		{"POST", in + "/bans", `{"uid":"7","seconds":2592001}`, 400, 10000},
		{"POST", in + "/bans", `{"uid":"7","seconds":1.5}`, 400, 10000},
		{"POST", in + "/bans", `{"uid":"7","seconds":1e99}`, 400, 10000},
		{"POST", in + "/bans", `{"uid":"7","seconds":60,"second":1}`, 400, 10000},
		{"POST", in + "/bans", `{"uid":"7","seconds":60}{}`, 400, 10000},
		{"POST", in + "/bans", `{"uid":"` + strings.Repeat("7", 5000) + `"}`, 413, 10000},
		{"POST", in + "/members/7/mutes", `{}`, 400, 10000},
		{"POST", in + "/members/7/mutes", `{"audio":false}`, 400, 10000},
		{"POST", in + "/members/7/mutes", `{"audio":1}`, 400, 10000},
		{"POST", in + "/members/7/mutes", `{"audio":true,"duration":0}`, 400, 10000},
		{"POST", in + "/members/7/mutes", `{"audio":true,"duration":2592001}`, 400, 10000},
	} {
		h.calls = rate.NewLimiter(callRate, callBurst)
		w := do(h, tc.method, tc.target, tc.body)
		var e protocol.Error
		err := json.Unmarshal(w.Body.Bytes(), &e)
		if w.Code != tc.status || err != nil || e.Code != tc.code || e.Reason == "" {
			t.Errorf("%s %s %.60s: %d %s", tc.method, tc.target, tc.body, w.Code, w.Body)
		}
		if w.Code == 405 && w.Header().Get("Allow") == "" {
			t.Errorf("%s %s: which methods?", tc.method, tc.target)
		}
	}
	if s.asked != nil {
		t.Errorf("asked %q", s.asked)
	}
}

func TestWhatCannotBeDone(t *testing.T) {
	var log bytes.Buffer
	h, s, _ := newHandler(&log)
	for _, tc := range []struct {
		err          error
		status, code int
	}{
		{room.ErrNoRoom, 404, 404}, {room.ErrNoMember, 404, 10104}, {room.ErrNoOrder, 404, 404}, {room.ErrFull, 507, 507},
		{fmt.Errorf("%w: list rooms: at some address", engine.ErrNotReady), 503, 503},
		{errors.New("something at some address"), 500, 500},
	} {
		s.err = tc.err
		for _, r := range []struct{ method, target, body string }{
			{"GET", "/rooms", ""}, {"GET", "/rooms/a/b", ""}, {"DELETE", "/rooms/a/b", ""}, {"DELETE", "/rooms/a/b/members/1", ""},
			{"POST", "/rooms/a/b/bans", `{"uid":"1","seconds":1}`}, {"DELETE", "/rooms/a/b/bans/1", ""},
			{"POST", "/rooms/a/b/members/1/mutes", `{"video":true}`}, {"DELETE", "/rooms/a/b/members/1/mutes", ""},
		} {
			w := do(h, r.method, Path+r.target, r.body)
			var e protocol.Error
			if json.Unmarshal(w.Body.Bytes(), &e) != nil || w.Code != tc.status || e.Code != tc.code || strings.Contains(e.Reason, "address") {
				t.Errorf("%v: %s %s: %d %s", tc.err, r.method, r.target, w.Code, w.Body)
			}
		}
	}
	if !strings.Contains(log.String(), "something at some address") {
		t.Error("the log does not say what went wrong")
	}
}

func TestSecret(t *testing.T) {
	var log bytes.Buffer
	h, s, reg := newHandler(&log)
	for i, given := range []string{"", "Bearer", "Bearer ", "Bearer " + secret + "x", "Bearer " + secret[1:], "Basic " + secret, secret, "bearer wrong-and-secret"} {
		w := do(h, "GET", Path+"/rooms", "", "Authorization", given)
		if w.Code != 401 || w.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("%d: %q: %d", i, given, w.Code)
		}
	}
	if s.asked != nil {
		t.Errorf("asked %q", s.asked)
	}
	// A scheme's case does not count, https://www.rfc-editor.org/rfc/rfc9110#section-11.1
	if w := do(h, "GET", Path+"/rooms", "", "Authorization", "bEARER "+secret); w.Code != 200 {
		t.Errorf("with the secret: %d", w.Code)
	}
	r := httptest.NewRequest("GET", Path+"/rooms", nil)
	r.Header["Authorization"] = []string{"Bearer " + secret, "Bearer " + secret}
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code != 401 {
		t.Errorf("with two secrets: %d", w.Code)
	}
	if strings.Contains(log.String(), "secret") {
		t.Errorf("the log says\n%s", log.String())
	}
	// What a stranger asks for makes up no label.
	do(h, "GET", "/admin/made-up", "")
	all, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range all {
		for _, m := range f.GetMetric() {
			got[m.GetLabel()[0].GetValue()+" "+m.GetLabel()[1].GetValue()] = m.GetCounter().GetValue()
		}
	}
	if want := map[string]float64{"refused 401": 9, "GET /admin/v1/rooms 200": 1, "unknown 404": 1}; !reflect.DeepEqual(got, want) {
		t.Errorf("metrics %v, want %v", got, want)
	}
}

func TestGuessingIsSlow(t *testing.T) {
	h, _, _ := newHandler(nil)
	from := func(addr, secret string) int {
		r := httptest.NewRequest("GET", Path+"/rooms", nil)
		r.RemoteAddr = addr
		r.Header.Set("Authorization", "Bearer "+secret)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code == 429 && w.Header().Get("Retry-After") == "" {
			t.Error("how long to wait is not said")
		}
		return w.Code
	}
	for range failureBurst {
		if code := from("[2001:db8::1]:1", "wrong"); code != 401 {
			t.Fatalf("answers %d", code)
		}
	}
	if code := from("[2001:db8::2]:2", secret); code != 429 { // the same network, and the right secret
		t.Errorf("the guesser is answered %d", code)
	}
	if code := from("192.0.2.1:1", secret); code != 200 {
		t.Errorf("somebody else is answered %d", code)
	}
	for i := range 2 * maxFailures {
		h.failures.note(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}))
	}
	if n := len(h.failures.all); n > maxFailures {
		t.Errorf("%d addresses are remembered", n)
	}
}

func TestCallsAreLimited(t *testing.T) {
	h, _, _ := newHandler(nil)
	for range callBurst {
		do(h, "GET", Path+"/rooms", "")
	}
	for range 10 { // a busy machine may have let one more in meanwhile
		if w := do(h, "GET", Path+"/rooms", ""); w.Code == 429 && w.Header().Get("Retry-After") != "" {
			return
		}
	}
	t.Error("nothing is refused")
}

func TestLogSaysWhoWhatAndWhere(t *testing.T) {
	var log bytes.Buffer
	h, _, _ := newHandler(&log)
	do(h, "POST", Path+"/rooms/app/main/bans", `{"uid":"ann","seconds":60}`)
	for _, want := range []string{`route="POST /admin/v1/rooms/{app}/{channel}/bans"`, "app=app", "channel=main", "uid=ann", "status=201", "from=192.0.2.1"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("%s is not in\n%s", want, log.String())
		}
	}
}

// What the operator does to somebody is found with the lines of that session.
func TestLineNamesRoomAndUser(t *testing.T) {
	var log bytes.Buffer
	h, _, _ := newHandler(&log)
	do(h, "DELETE", Path+"/rooms/app/main/members/7", "")
	if want := "room=" + engine.RoomName("app", "main"); !strings.Contains(log.String(), want) || !strings.Contains(log.String(), "uid=7") {
		t.Errorf("no %s and uid=7 in\n%s", want, log.String())
	}
}
