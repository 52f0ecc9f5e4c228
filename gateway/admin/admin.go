// Package admin is the operator's HTTP API: who is in which room, and removing, banning,
// muting and closing; live tasks and their recordings. docs/openapi.yaml describes it, docs/moderation.md shows its use.
package admin

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"nertc/gateway/app"
	"nertc/gateway/engine"
	"nertc/gateway/live"
	"nertc/gateway/room"
	"nertc/internal/protocol"
)

// Path is what every address of the API begins with.
const Path = "/admin/v1"

const (
	// callTime bounds one call; most ask the engine.
	callTime = 5 * time.Second
	// What all callers with the secret may do together.
	callRate  = 20 // a second
	callBurst = 100
)

// Rooms is what the API works on.
type Rooms interface {
	Rooms(ctx context.Context) ([]room.Room, error)
	Members(ctx context.Context, app, channel string) ([]room.Member, error)
	Remove(ctx context.Context, app, channel, uid string) error
	CloseRoom(ctx context.Context, app, channel string) error
	Ban(ctx context.Context, app, channel, uid string, d time.Duration) (room.Ban, error)
	Unban(app, channel, uid string) error
	Bans(app, channel string) []room.Ban
	Mute(ctx context.Context, app, channel, uid string, audio, video bool, d time.Duration) (room.Mute, error)
	Unmute(app, channel, uid string, audio, video bool) error
	Tasks(app, channel string) []live.Info
	EndTask(ctx context.Context, app, channel, id string) error
}

// Options of a Handler.
type Options struct {
	Rooms Rooms
	// Secret is what callers show as a bearer token; it must not be empty.
	Secret app.Secret
	// Recordings is the directory of what live tasks have recorded; empty: nothing is.
	Recordings string
	Log        *slog.Logger
	// Registry gets the metrics; nil keeps them unregistered.
	Registry prometheus.Registerer
}

// Handler serves the API.
type Handler struct {
	o        Options
	secret   [sha256.Size]byte
	calls    *rate.Limiter
	failures failures
	requests *prometheus.CounterVec
}

// NewHandler makes a handler.
func NewHandler(o Options) *Handler {
	h := &Handler{
		o: o, secret: sha256.Sum256([]byte(o.Secret)), calls: rate.NewLimiter(callRate, callBurst),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "nertc_admin_requests_total", Help: "Requests to the operator's API by route and status.",
		}, []string{"route", "status"}),
	}
	if o.Registry != nil {
		if err := o.Registry.Register(h.requests); err != nil {
			o.Log.Error("a metric is not registered", "err", err)
		}
	}
	return h
}

// answer is what a request gets: a status and what is written as JSON, nil for nothing.
type answer struct {
	status int
	body   any
	header map[string]string
	file   *os.File // written in the place of body, and closed
	err    error    // what was behind it, for the log
}

func refusal(status, code int, reason string) answer {
	return answer{status: status, body: protocol.Error{Code: code, Reason: reason}}
}

// plain is a refusal that has no number but its status.
func plain(status int, reason string) answer { return refusal(status, status, reason) }

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	begun := time.Now()
	from := address(r)
	// Slow senders hold up nobody but themselves; a connection that cannot have a deadline needs none.
	_ = http.NewResponseController(w).SetReadDeadline(begun.Add(callTime))
	c := &call{r: r}
	a, known := h.admit(r, from)
	label := "refused" // strangers learn nothing of the routes, and make up no labels
	if known {
		a = h.serve(c)
		if label = "unknown"; c.route != nil {
			label = c.route.name()
		}
	}
	if a.file != nil {
		a.status = send(w, r, a.file)
	} else {
		write(w, a)
	}
	h.requests.WithLabelValues(label, strconv.Itoa(a.status)).Inc()
	level := slog.LevelInfo
	if a.status == http.StatusTooManyRequests && !known {
		level = slog.LevelDebug // or a stranger could fill the log
	}
	log := h.o.Log.With("route", label, "status", a.status, "from", from, "took", time.Since(begun).Round(time.Microsecond))
	for _, v := range []struct{ key, value string }{{"app", c.app}, {"channel", c.channel}, {"uid", c.uid}, {"task", c.task}, {"recording", c.recording}} {
		if v.value != "" {
			log = log.With(v.key, v.value)
		}
	}
	if c.app != "" && c.channel != "" {
		log = log.With("room", engine.RoomName(c.app, c.channel)) // as the lines of its sessions have it
	}
	if a.err != nil {
		log = log.With("err", a.err)
	}
	log.Log(r.Context(), level, "operator's request")
}

// admit checks the secret. After too many wrong ones from an address even the right one
// is not looked at for a while, so that guessing is as slow as it should be.
func (h *Handler) admit(r *http.Request, from netip.Addr) (a answer, ok bool) {
	if wait := h.failures.wait(from); wait > 0 {
		return later(wait, "too many wrong secrets from this address"), false
	}
	if !h.authentic(r) {
		h.failures.note(from)
		a = plain(http.StatusUnauthorized, "the operator's secret is missing or wrong")
		a.header = map[string]string{"WWW-Authenticate": `Bearer realm="nertc-gateway"`}
		return a, false
	}
	return answer{}, true
}

func later(wait time.Duration, reason string) answer {
	a := plain(http.StatusTooManyRequests, reason)
	a.header = map[string]string{"Retry-After": strconv.Itoa(int(wait/time.Second) + 1)}
	return a
}

// authentic compares in a time that does not depend on what is right in the secret shown,
// nor on its length: hashes are compared.
func (h *Handler) authentic(r *http.Request) bool {
	given := r.Header.Values("Authorization")
	if len(given) != 1 {
		return false
	}
	scheme, secret, _ := strings.Cut(given[0], " ")
	sum := sha256.Sum256([]byte(strings.TrimSpace(secret)))
	return strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(sum[:], h.secret[:]) == 1
}

// serve answers a request of the operator.
func (h *Handler) serve(c *call) answer {
	if !h.calls.Allow() {
		return later(time.Second, "too many requests")
	}
	found, allowed := c.find()
	switch {
	case !found:
		return plain(http.StatusNotFound, "there is no such address in this API")
	case c.route == nil:
		a := plain(http.StatusMethodNotAllowed, "this address takes other methods")
		a.header = map[string]string{"Allow": allowed}
		return a
	}
	if e := room.CheckNames(c.app, c.channel, c.uid); c.route.names() && e != nil {
		return refusal(http.StatusBadRequest, e.Code, e.Reason)
	}
	ctx, cancel := context.WithTimeout(c.r.Context(), callTime)
	defer cancel()
	return c.route.do(ctx, h, c)
}

func write(w http.ResponseWriter, a answer) {
	for k, v := range a.header {
		w.Header().Set(k, v)
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if a.body == nil {
		w.WriteHeader(a.status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	// An error here is a connection that is gone.
	_ = json.NewEncoder(w).Encode(a.body)
}

// address is whom a request comes from; a proxy's where there is one.
func address(r *http.Request) netip.Addr {
	a, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return a.Addr().Unmap().WithZone("")
}
