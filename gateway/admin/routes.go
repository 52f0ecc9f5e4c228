package admin

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"nertc/gateway/engine"
	"nertc/gateway/live"
	"nertc/gateway/room"
	"nertc/internal/errcode"
)

// bodyLimit is the size in bytes of the largest request body.
const bodyLimit = 4 << 10

// route is one method of one address. Parts of the path in braces are names.
type route struct {
	method, path string
	do           func(ctx context.Context, h *Handler, c *call) answer
}

func routes() []route {
	return []route{
		{http.MethodGet, "/rooms", listRooms},
		{http.MethodGet, "/rooms/{app}/{channel}", showRoom},
		{http.MethodDelete, "/rooms/{app}/{channel}", closeRoom},
		{http.MethodDelete, "/rooms/{app}/{channel}/members/{uid}", removeMember},
		{http.MethodPost, "/rooms/{app}/{channel}/members/{uid}/mutes", muteMember},
		{http.MethodDelete, "/rooms/{app}/{channel}/members/{uid}/mutes", unmuteMember},
		{http.MethodGet, "/rooms/{app}/{channel}/bans", listBans},
		{http.MethodPost, "/rooms/{app}/{channel}/bans", addBan},
		{http.MethodDelete, "/rooms/{app}/{channel}/bans/{uid}", liftBan},
		{http.MethodGet, "/rooms/{app}/{channel}/tasks", listTasks},
		{http.MethodDelete, "/rooms/{app}/{channel}/tasks/{task}", endTask},
		{http.MethodGet, "/recordings", listRecordings},
		{http.MethodGet, "/recordings/{recording}", fetchRecording},
		{http.MethodDelete, "/recordings/{recording}", removeRecording},
	}
}

// Routes names every route, a method and a path as docs/openapi.yaml has it.
func Routes() []string {
	var out []string
	for _, r := range routes() {
		out = append(out, r.name())
	}
	return out
}

func (r *route) name() string { return r.method + " " + Path + r.path }

// names says whether the route's path has names of a room in it.
func (r *route) names() bool { return strings.Contains(r.path, "{app}") }

// call is one request on its way.
type call struct {
	r                 *http.Request
	route             *route // nil until one is found
	app, channel, uid string
	task, recording   string
}

// find finds the route; found says that there is such an address, allowed which methods it takes.
// The standard library's mux would answer paths with // or .. in them with a redirect to
// another address, which may be another room's.
func (c *call) find() (found bool, allowed string) {
	rest, ok := strings.CutPrefix(c.r.URL.EscapedPath(), Path+"/")
	if !ok {
		return false, ""
	}
	given := strings.Split(rest, "/")
	var methods []string
	for _, r := range routes() {
		names, ok := match(strings.Split(r.path[1:], "/"), given)
		if !ok {
			continue
		}
		methods = append(methods, r.method)
		if r.method == c.r.Method {
			c.route, c.app, c.channel, c.uid = &r, names["{app}"], names["{channel}"], names["{uid}"]
			c.task, c.recording = names["{task}"], names["{recording}"]
		}
	}
	return len(methods) > 0, strings.Join(methods, ", ")
}

// match compares a path part by part and gives its names, unescaped: a name may have a slash in it.
func match(pattern, given []string) (names map[string]string, ok bool) {
	if len(pattern) != len(given) {
		return nil, false
	}
	names = map[string]string{}
	for i, p := range pattern {
		v, err := url.PathUnescape(given[i])
		switch {
		case err != nil || v == "":
			return nil, false
		case strings.HasPrefix(p, "{"):
			names[p] = v
		case p != given[i]:
			return nil, false
		}
	}
	return names, true
}

func listRooms(ctx context.Context, h *Handler, _ *call) answer {
	list, err := h.o.Rooms.Rooms(ctx)
	if err != nil {
		return failed(err)
	}
	return answer{status: http.StatusOK, body: map[string]any{"rooms": list}}
}

func showRoom(ctx context.Context, h *Handler, c *call) answer {
	members, err := h.o.Rooms.Members(ctx, c.app, c.channel)
	if err != nil {
		return failed(err)
	}
	return answer{status: http.StatusOK, body: map[string]any{"app": c.app, "channel": c.channel, "members": members}}
}

func closeRoom(ctx context.Context, h *Handler, c *call) answer {
	return done(h.o.Rooms.CloseRoom(ctx, c.app, c.channel))
}

func removeMember(ctx context.Context, h *Handler, c *call) answer {
	return done(h.o.Rooms.Remove(ctx, c.app, c.channel, c.uid))
}

func listBans(_ context.Context, h *Handler, c *call) answer {
	return answer{status: http.StatusOK, body: map[string]any{"bans": h.o.Rooms.Bans(c.app, c.channel)}}
}

func addBan(ctx context.Context, h *Handler, c *call) answer {
	var body struct {
		UID     string `json:"uid"`
		Seconds *int64 `json:"seconds"`
	}
	if a := read(c.r, &body); a != nil {
		return *a
	}
	if body.Seconds == nil {
		return refusal(http.StatusBadRequest, int(errcode.InvalidArgument), "seconds is missing")
	}
	d, a := seconds("seconds", *body.Seconds)
	if a != nil {
		return *a
	}
	if body.UID == "" {
		return refusal(http.StatusBadRequest, int(errcode.InvalidUID), "uid is missing")
	}
	if e := room.CheckNames(c.app, c.channel, body.UID); e != nil {
		return refusal(http.StatusBadRequest, e.Code, e.Reason)
	}
	c.uid = body.UID // for the log
	b, err := h.o.Rooms.Ban(ctx, c.app, c.channel, body.UID, d)
	if err != nil {
		return failed(err)
	}
	return answer{status: http.StatusCreated, body: b}
}

func liftBan(_ context.Context, h *Handler, c *call) answer {
	return done(h.o.Rooms.Unban(c.app, c.channel, c.uid))
}

func listTasks(_ context.Context, h *Handler, c *call) answer {
	return answer{status: http.StatusOK, body: map[string]any{"tasks": h.o.Rooms.Tasks(c.app, c.channel)}}
}

func endTask(ctx context.Context, h *Handler, c *call) answer {
	return done(h.o.Rooms.EndTask(ctx, c.app, c.channel, c.task))
}

func muteMember(ctx context.Context, h *Handler, c *call) answer {
	var body struct {
		Audio    bool   `json:"audio"`
		Video    bool   `json:"video"`
		Duration *int64 `json:"duration"`
	}
	if a := read(c.r, &body); a != nil {
		return *a
	}
	if !body.Audio && !body.Video {
		return refusal(http.StatusBadRequest, int(errcode.InvalidArgument), "audio, video or both must be true; DELETE lifts a mute")
	}
	var d time.Duration
	if body.Duration != nil {
		var a *answer
		if d, a = seconds("duration", *body.Duration); a != nil {
			return *a
		}
	}
	m, err := h.o.Rooms.Mute(ctx, c.app, c.channel, c.uid, body.Audio, body.Video, d)
	if err != nil {
		return failed(err)
	}
	return answer{status: http.StatusOK, body: m}
}

func unmuteMember(_ context.Context, h *Handler, c *call) answer {
	kind := c.r.URL.Query().Get("kind")
	if !slices.Contains([]string{"", "audio", "video"}, kind) {
		return refusal(http.StatusBadRequest, int(errcode.InvalidArgument), "kind must be audio or video; without it both are lifted")
	}
	return done(h.o.Rooms.Unmute(c.app, c.channel, c.uid, kind != "video", kind != "audio"))
}

// read takes the request's body, one JSON object with nothing in it that is not known: a
// mistyped key must not turn a short order into a long one.
func read(r *http.Request, into any) *answer {
	bad := func(status int, reason string) *answer {
		a := refusal(status, int(errcode.InvalidArgument), reason)
		return &a
	}
	d := json.NewDecoder(http.MaxBytesReader(nil, r.Body, bodyLimit))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		if _, err = d.Token(); err == io.EOF {
			return nil
		}
		return bad(http.StatusBadRequest, "the body has more than one JSON object")
	}
	var large *http.MaxBytesError
	var typ *json.UnmarshalTypeError
	switch {
	case errors.As(err, &large):
		return bad(http.StatusRequestEntityTooLarge, "the body is too long")
	case errors.As(err, &typ) && typ.Field != "":
		return bad(http.StatusBadRequest, typ.Field+" has a value of the wrong type")
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		return bad(http.StatusBadRequest, "the body has an unknown key")
	default:
		return bad(http.StatusBadRequest, "the body is not a JSON object")
	}
}

// seconds reads a time of 1 second to room.MaxOrder.
func seconds(key string, n int64) (time.Duration, *answer) {
	if n < 1 || n > int64(room.MaxOrder/time.Second) {
		a := refusal(http.StatusBadRequest, int(errcode.InvalidArgument), key+" must be a whole number from 1 to 2592000")
		return 0, &a
	}
	return time.Duration(n) * time.Second, nil
}

func done(err error) answer {
	if err != nil {
		return failed(err)
	}
	return answer{status: http.StatusNoContent}
}

// failed is the answer to what could not be done. Only these errors are repeated in it:
// others may hold what is no outsider's business.
func failed(err error) answer {
	var a answer
	switch {
	case errors.Is(err, room.ErrNoRoom):
		a = plain(http.StatusNotFound, room.ErrNoRoom.Error())
	case errors.Is(err, room.ErrNoMember):
		a = refusal(http.StatusNotFound, int(errcode.NoSuchUser), room.ErrNoMember.Error())
	case errors.Is(err, room.ErrNoOrder):
		a = plain(http.StatusNotFound, room.ErrNoOrder.Error())
	case errors.Is(err, live.ErrNoTask):
		a = plain(http.StatusNotFound, live.ErrNoTask.Error())
	case absent(err):
		a = plain(http.StatusNotFound, "there is no such recording, or not yet")
	case errors.Is(err, room.ErrFull):
		a = plain(http.StatusInsufficientStorage, room.ErrFull.Error())
	case errors.Is(err, engine.ErrNotReady):
		a = plain(http.StatusServiceUnavailable, engine.ErrNotReady.Error())
	default:
		a = plain(http.StatusInternalServerError, "the gateway could not do it")
	}
	a.err = err
	return a
}
