// Package room is the gateway's end of the protocol: it takes the signalling
// WebSockets of clients and joins each to the media engine.
package room

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"nhooyr.io/websocket"

	"nertc/gateway/engine"
	"nertc/gateway/limit"
	"nertc/gateway/live"
	"nertc/internal/protocol"
)

// DefaultPingInterval is how often a client sends ping; after three without any
// message its session ends.
const DefaultPingInterval = 5 * time.Second

// Options of a Handler.
type Options struct {
	// Engine carries the media.
	Engine *engine.Engine
	// Apps decides who may join and what with; nil lets everybody do everything.
	Apps Authorizer
	// AllowOrigin says whether a page of the request's Origin may connect; nil allows
	// the gateway's own origin and requests without one.
	AllowOrigin func(r *http.Request) bool
	// Log gets a line for each join and end; nil is slog.Default().
	Log *slog.Logger
	// Registry gets the metrics; nil keeps them unregistered.
	Registry prometheus.Registerer
	// PingInterval is what clients are told; 0 is DefaultPingInterval.
	PingInterval time.Duration
	// ResumeWindow is how long a member stays whose connection broke; 0 is
	// DefaultResumeWindow, and below 0 members leave with their connections.
	ResumeWindow time.Duration
	// AbandonWindow is how long a member stays whose client closed the connection
	// without a leave, at most ResumeWindow; 0 is DefaultAbandonWindow, below 0 is not at all.
	AbandonWindow time.Duration
	// Limits of addresses, apps, rooms and connections; the zero value limits connections only.
	Limits limit.Values
	// Proxies are believed whom they connect for.
	Proxies limit.Proxies
	// Live is what carries out live tasks; the zero value refuses them all. Empty, Log and Registry are
	// filled in.
	Live live.Options
	// LogTicket gives what a member who joins may send the log of the call with, see protocol.Joined; nil gives nothing.
	LogTicket func(app, room, uid, origin string) (ticket string, size int)
}

// upstream is a member's session in the engine.
type upstream interface {
	Events() <-chan engine.Event
	Offer(id uint32, o protocol.Offer) error
	Candidate(candidate string) error
	Subscribe(tracks []string, subscribe bool) error
	Mute(track string, muted bool) error
	Resize(track string, width, height int) error
	ICEServers() []protocol.ICEServer
	Quality(tracks []string, q protocol.Quality) error
	SetRole(ctx context.Context, role protocol.Role) error
	SetNoPublish(ctx context.Context, types []protocol.MediaType) error
	Leave() error
	Close()
}

// Handler takes the WebSockets at protocol.Path. The server that it runs under must
// let it hijack connections.
type Handler struct {
	o          Options
	ready      func() bool
	join       func(ctx context.Context, o engine.JoinOptions) (upstream, error)
	rooms      *registry
	metrics    *metrics
	moderation *moderation
	priorities priorities
	qualities  qualities
	tasks      *live.Tasks
	operator   operator
	mayRelay   func() bool
	nextID     atomic.Uint64
	guard      guard

	resumptions resumptions
	places      places

	mu       sync.Mutex
	closing  bool
	sockets  int
	sessions map[*session]struct{} // also those that have no socket for now
	empty    chan struct{}         // closed when closing and the last session and socket have gone
}

// NewHandler makes a handler.
func NewHandler(o Options) *Handler {
	e := o.Engine
	h := newHandler(o, e.Ready, func(ctx context.Context, j engine.JoinOptions) (upstream, error) {
		s, err := e.Join(ctx, j)
		if err != nil {
			return nil, err // not s: a nil *engine.Session is no nil upstream
		}
		return s, nil
	})
	h.operator, h.mayRelay = e, e.MayRelay
	return h
}

func newHandler(o Options, ready func() bool, join func(context.Context, engine.JoinOptions) (upstream, error)) *Handler {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.PingInterval <= 0 {
		o.PingInterval = DefaultPingInterval
	}
	if o.ResumeWindow == 0 {
		o.ResumeWindow = DefaultResumeWindow
	}
	if o.AbandonWindow == 0 {
		o.AbandonWindow = DefaultAbandonWindow
	}
	if o.LogTicket == nil {
		o.LogTicket = func(string, string, string, string) (string, int) { return "", 0 }
	}
	o.AbandonWindow = min(o.AbandonWindow, o.ResumeWindow)
	o.Limits = o.Limits.Complete()
	rooms := newRegistry()
	rooms.maxMembers, rooms.maxRooms = o.Limits.Members, o.Limits.Rooms
	o.Live.Empty, o.Live.Log, o.Live.Registry = rooms.vacant, o.Log, o.Registry
	return &Handler{
		tasks: live.New(o.Live),
		o:     o, ready: ready, join: join, rooms: rooms, metrics: newMetrics(o.Registry, rooms, o.Log),
		mayRelay:   func() bool { return true },
		moderation: newModeration(), guard: newGuard(o.Limits),
		sessions: map[*session]struct{}{}, empty: make(chan struct{}),
		resumptions: resumptions{sessions: map[resumeKey]*session{}},
		places:      newPlaces(),
	}
}

// ServeHTTP takes one client for as long as it stays.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.o.AllowOrigin != nil && !h.o.AllowOrigin(r) {
		http.Error(w, "this origin may not connect", http.StatusForbidden)
		return
	}
	address := h.o.Proxies.Client(r)
	if met, wait := h.guard.enter(address); met != "" {
		h.refused(met)
		tooMany(w, wait)
		return
	}
	defer h.guard.leave(address)
	s := h.newSession(r)
	if !h.admit(s) {
		http.Error(w, "gateway is shutting down", http.StatusServiceUnavailable)
		return
	}
	defer h.closed()
	conn, err := websocket.Accept(upgrade{w}, r, &websocket.AcceptOptions{
		InsecureSkipVerify: h.o.AllowOrigin != nil, // it has decided above
		CompressionMode:    websocket.CompressionDisabled,
	})
	if err != nil {
		s.abort("no WebSocket")
		return // Accept has answered the request
	}
	conn.SetReadLimit(int64(h.o.Limits.MessageSize))
	s.run(conn)
}

// Close ends every session with the reason shutdown and takes no new ones; it
// returns when all have ended or ctx ends.
func (h *Handler) Close(ctx context.Context) error {
	h.mu.Lock()
	if !h.closing {
		h.closing = true
		h.settle()
	}
	var all []*session
	for s := range h.sessions {
		all = append(all, s)
	}
	h.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if h.tasks.Close(ctx) != nil {
			h.o.Log.Warn("some live tasks have not ended in time")
		}
	}()
	defer func() { <-ended }()
	for _, s := range all {
		s.finish(&protocol.Closed{Reason: protocol.CloseShutdown, Text: "the gateway stops"})
	}
	select {
	case <-h.empty:
		return nil
	case <-ctx.Done():
		for _, s := range all {
			s.abort("the gateway stops")
		}
		return ctx.Err()
	}
}

func (h *Handler) admit(s *session) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closing {
		return false
	}
	h.sessions[s] = struct{}{}
	h.sockets++
	return true
}

// dismiss forgets a session that is over.
func (h *Handler) dismiss(s *session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.sessions[s]; ok {
		delete(h.sessions, s)
		h.settle()
	}
}

// closed notes the end of a socket.
func (h *Handler) closed() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sockets--
	h.settle()
}

// settle tells Close when nothing is left. The lock is held.
func (h *Handler) settle() {
	if h.closing && h.sockets == 0 && len(h.sessions) == 0 {
		close(h.empty)
	}
}
