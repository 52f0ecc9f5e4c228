// Package logs takes the logs of calls that pages send after them, and keeps them in a directory for the operator.
// They are compressed by the page and never looked into here. docs/logging.md describes all of it.
package logs

import (
	"bufio"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"nertc/gateway/limit"
	"nertc/internal/protocol"
)

// Path is where logs are sent to.
const Path = protocol.Path + protocol.LogPath

const (
	uploadTime = 60 * time.Second // that one may take
	together   = 16               // that may arrive at once
	ofOne      = together / 2     // of them from one address, so that who sends slowly holds up nobody elsewhere
	sweepEvery = time.Hour
)

// Options of a Handler. Directory empty: no log is taken, and nobody gets a ticket.
type Options struct {
	// Directory for the files; it is made where it is not there.
	Directory string
	// Size is the most bytes of one log, Quota those of all together; for more the oldest go.
	Size, Quota int64
	// Rate is how many logs an address may send a minute; 0 is no limit.
	Rate int
	// Retention is how long a log is kept.
	Retention time.Duration
	// AllowOrigin says whether a page of the request's Origin may ask at all.
	AllowOrigin func(r *http.Request) bool
	// Proxies are believed whom they connect for.
	Proxies limit.Proxies
	Log     *slog.Logger
	// Registry gets the metrics; nil keeps them unregistered.
	Registry prometheus.Registerer
}

// Handler takes logs at Path.
type Handler struct {
	o       Options
	tickets *tickets
	store   *store
	rate    *limit.Rate[netip.Addr]
	slots   slots
	results *prometheus.CounterVec
	bytes   prometheus.Counter
	stop    func()
}

// New makes a handler, and opens its directory. Close ends its timer.
func New(o Options) (*Handler, error) {
	h := &Handler{o: o, tickets: newTickets(o.Retention), rate: limit.NewMinuteRate[netip.Addr](o.Rate), stop: func() {}}
	if o.Directory == "" {
		return h, nil
	}
	var err error
	if h.store, err = openStore(o.Directory, o.Retention, o.Quota); err != nil {
		return nil, err
	}
	h.register()
	done := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() { h.sweep(done) })
	h.stop = func() {
		close(done)
		running.Wait()
	}
	return h, nil
}

// Close ends what New has begun.
func (h *Handler) Close() { h.stop() }

// sweep has old files go, at the start and then every hour.
func (h *Handler) sweep(done <-chan struct{}) {
	every := time.NewTicker(sweepEvery)
	defer every.Stop()
	for {
		if n := h.store.expire(); n > 0 {
			h.o.Log.Info("old logs of calls removed", "files", n, "bytesLeft", h.store.size())
		}
		select {
		case <-every.C:
		case <-done:
			return
		}
	}
}

// Ticket is what a member who has just joined may send the log of the call with, up to size bytes; empty where none are
// taken. Origin is that of the page, empty for what is none.
func (h *Handler) Ticket(app, room, uid, origin string) (ticket string, size int) {
	if h.store == nil {
		return "", 0
	}
	return h.tickets.make(app, room, uid, origin), int(h.o.Size)
}

// ServeHTTP takes one log, POST with the ticket as a bearer token.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	begun := time.Now()
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	if h.o.AllowOrigin != nil && !h.o.AllowOrigin(r) {
		h.answer(w, r, refusal{http.StatusForbidden, resultRefused, "this origin may not send logs"})
		return
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		header.Set("Access-Control-Allow-Origin", origin)
		header.Add("Vary", "Origin")
		header.Set("Access-Control-Expose-Headers", "Retry-After")
	}
	switch {
	case h.store == nil:
		h.answer(w, r, refusal{http.StatusNotFound, "", "this gateway takes no logs"})
	case r.Method == http.MethodOptions:
		// https://fetch.spec.whatwg.org/#http-cors-protocol
		header.Set("Access-Control-Allow-Methods", http.MethodPost)
		header.Set("Access-Control-Allow-Headers", "authorization, content-type")
		header.Set("Access-Control-Max-Age", "600")
		w.WriteHeader(http.StatusNoContent)
	case r.Method != http.MethodPost:
		header.Set("Allow", "POST, OPTIONS")
		h.answer(w, r, refusal{http.StatusMethodNotAllowed, resultRefused, "want POST"})
	default:
		_ = http.NewResponseController(w).SetReadDeadline(begun.Add(uploadTime)) // what cannot have one needs none
		h.take(w, r)
	}
}

// refusal is why a log is not taken.
type refusal struct {
	status int
	result string
	reason string
}

func (h *Handler) take(w http.ResponseWriter, r *http.Request) {
	from := h.o.Proxies.Client(r)
	if wait := h.rate.Take(from); wait > 0 {
		tooMany(w, wait)
		h.answer(w, r, refusal{http.StatusTooManyRequests, resultLimited, "too many logs from this address"})
		return
	}
	if !h.slots.take(from) {
		tooMany(w, time.Second)
		h.answer(w, r, refusal{http.StatusTooManyRequests, resultLimited, "too many logs at once"})
		return
	}
	defer h.slots.release(from)
	ticket, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	c, err := h.tickets.read(ticket)
	switch {
	case !bearer || err != nil || c.Origin != r.Header.Get("Origin"):
		h.answer(w, r, refusal{http.StatusUnauthorized, resultRefused, errTicket.Error()})
		return
	case r.ContentLength > h.o.Size:
		h.answer(w, r, tooLarge, whose(c)...)
		return
	}
	limited := http.MaxBytesReader(w, r.Body, h.o.Size)
	body := bufio.NewReader(limited)
	// https://www.rfc-editor.org/rfc/rfc1952#section-2.3: its first bytes are all that is looked at.
	if head, err := body.Peek(3); err != nil || string(head) != "\x1f\x8b\x08" {
		h.answer(w, r, refusal{http.StatusUnsupportedMediaType, resultRefused, "want a file of gzip"}, whose(c)...)
		return
	}
	most := h.o.Size
	if r.ContentLength > 0 {
		most = r.ContentLength
	}
	name, size, err := h.store.put(c, body, most)
	log := h.o.Log.With(whose(c)...)
	var over *http.MaxBytesError
	switch {
	case err == nil:
		h.results.WithLabelValues(resultStored).Inc()
		h.bytes.Add(float64(size))
		log.Info("log of a call stored", "file", name, "bytes", size)
		w.WriteHeader(http.StatusCreated)
	case errors.As(err, &over):
		h.answer(w, r, tooLarge, whose(c)...)
	case errors.Is(err, errStored):
		h.answer(w, r, refusal{http.StatusConflict, resultRefused, err.Error()}, whose(c)...)
	case r.Context().Err() != nil:
		h.results.WithLabelValues(resultBroken).Inc()
		log.Debug("log of a call broke off", "err", err)
	default:
		log.Error("log of a call cannot be stored", "err", err)
		h.answer(w, r, refusal{http.StatusInsufficientStorage, resultFailed, "the log cannot be stored"}, whose(c)...)
	}
}

// whose names a call as the lines of its session do.
func whose(c call) []any { return []any{"room", c.App + ":" + c.Room, "uid", c.UID} }

// slots are those of the logs that arrive, by address.
type slots struct {
	mu    sync.Mutex
	taken map[netip.Addr]int
	all   int
}

func (s *slots) take(from netip.Addr) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all >= together || s.taken[from] >= ofOne {
		return false
	}
	if s.taken == nil {
		s.taken = map[netip.Addr]int{}
	}
	s.taken[from]++
	s.all++
	return true
}

func (s *slots) release(from netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	if s.taken[from]--; s.taken[from] == 0 {
		delete(s.taken, from)
	}
}

var tooLarge = refusal{http.StatusRequestEntityTooLarge, resultTooLarge, "the log is too large"}

func tooMany(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", limit.RetryAfter(wait))
}

// answer refuses a log, of a call that is known where its ticket was good.
func (h *Handler) answer(w http.ResponseWriter, r *http.Request, a refusal, of ...any) {
	if h.results != nil && a.result != "" {
		h.results.WithLabelValues(a.result).Inc()
	}
	h.o.Log.With(of...).Debug("log of a call refused", "status", a.status, "reason", a.reason, "address", h.o.Proxies.Client(r))
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	_ = json.NewEncoder(w).Encode(protocol.Error{Code: a.status, Reason: a.reason}) // an error is a connection that is gone
}

// How uploads end, the values of the label result.
const (
	resultStored   = "stored"
	resultRefused  = "refused"   // no ticket, a ticket that was used, no file of gzip
	resultLimited  = "limited"   // too many
	resultTooLarge = "too-large" // for logs.size
	resultBroken   = "broken"    // the connection
	resultFailed   = "failed"    // the file could not be written
)

func (h *Handler) register() {
	h.results = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "nertc_log_uploads_total", Help: "Logs of calls that pages have sent, by how that ended.",
	}, []string{"result"})
	for _, r := range []string{resultStored, resultRefused, resultLimited, resultTooLarge, resultBroken, resultFailed} {
		h.results.WithLabelValues(r)
	}
	h.bytes = prometheus.NewCounter(prometheus.CounterOpts{Name: "nertc_log_upload_bytes_total", Help: "Bytes of the logs that were stored."})
	if h.o.Registry == nil {
		return
	}
	for _, c := range []prometheus.Collector{h.results, h.bytes, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "nertc_log_stored_bytes", Help: "Bytes of the logs that are stored now.",
	}, func() float64 { return float64(h.store.size()) })} {
		if err := h.o.Registry.Register(c); err != nil {
			h.o.Log.Error("a metric is not registered", "err", err)
		}
	}
}
