package logs

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

const page = "https://page.example"

type world struct {
	*Handler
	t   *testing.T
	dir string
	reg *prometheus.Registry
	log *bytes.Buffer
}

func newWorld(t *testing.T, change func(*Options)) *world {
	w := &world{t: t, dir: filepath.Join(t.TempDir(), "made", "by it"), reg: prometheus.NewRegistry(), log: &bytes.Buffer{}}
	o := Options{
		Directory: w.dir, Size: 4096, Quota: 16384, Retention: 24 * time.Hour, Registry: w.reg,
		AllowOrigin: func(r *http.Request) bool { return r.Header.Get("Origin") != "https://evil.example" },
		Log:         slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if change != nil {
		change(&o)
	}
	h, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	w.Handler = h
	return w
}

func (w *world) ticket(uid string) string {
	ticket, size := w.Ticket("app", "room", uid, page)
	if ticket == "" || size != 4096 {
		w.t.Fatalf("ticket %q for %d bytes", ticket, size)
	}
	return ticket
}

func (w *world) send(ticket string, body io.Reader, change ...func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, Path, body)
	r.Header.Set("Origin", page)
	r.Header.Set("Authorization", "Bearer "+ticket)
	for _, f := range change {
		f(r)
	}
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, r)
	return rec
}

func (w *world) expect(what string, rec *httptest.ResponseRecorder, status int) {
	w.t.Helper()
	if rec.Code != status {
		w.t.Errorf("%s: %d %s, want %d", what, rec.Code, rec.Body, status)
	}
}

// metric is the value of a counter or gauge, with a label's value behind its name where it has one.
func (w *world) metric(name string) float64 {
	w.t.Helper()
	all, err := w.reg.Gather()
	if err != nil {
		w.t.Fatal(err)
	}
	name, label, _ := strings.Cut(name, " ")
	for _, family := range all {
		for _, m := range family.Metric {
			if family.GetName() == name && (label == "" || m.Label[0].GetValue() == label) {
				return m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	w.t.Errorf("there is no metric %s", name)
	return 0
}

// files are those in the directory, of any name.
func (w *world) files() (all []string) {
	_ = filepath.WalkDir(w.dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(w.dir, name)
			all = append(all, rel)
		}
		return nil
	})
	return all
}

func packed(text string) *bytes.Buffer {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text))
	_ = z.Close()
	return &b
}

func TestLogIsStoredOnce(t *testing.T) {
	w := newWorld(t, nil)
	ticket := w.ticket("../7")
	body := packed("the lines\n").Bytes()
	w.expect("the first time", w.send(ticket, bytes.NewReader(body)), http.StatusCreated)
	w.expect("once more", w.send(ticket, bytes.NewReader(body)), http.StatusConflict)
	files := w.files()
	if len(files) != 1 {
		t.Fatalf("files: %q", files)
	}
	if ok, _ := filepath.Match("app/room/=2E=2E=2F7/????????T??????Z-*.log.gz", files[0]); !ok {
		t.Errorf("its name is %s", files[0])
	}
	b, err := os.ReadFile(filepath.Join(w.dir, files[0]))
	if err != nil || !bytes.Equal(b, body) {
		t.Errorf("%v, %q", err, b)
	}
	if i, err := os.Stat(filepath.Join(w.dir, files[0])); err != nil || i.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v, %v", i.Mode(), err)
	}
	for name, want := range map[string]int{"nertc_log_uploads_total stored": 1, "nertc_log_uploads_total refused": 1, "nertc_log_upload_bytes_total": len(body), "nertc_log_stored_bytes": len(body)} {
		if got := w.metric(name); got != float64(want) {
			t.Errorf("%s is %v, want %d", name, got, want)
		}
	}
	if !strings.Contains(w.log.String(), `msg="log of a call stored" room=app:room uid=../7 file="app/room/=2E=2E=2F7/`) {
		t.Errorf("the log: %s", w.log)
	}
	_, signature, _ := strings.Cut(ticket, ".")
	if strings.Contains(w.log.String(), signature) {
		t.Error("the ticket is in the log")
	}
}

func TestADirectoryThatIsTakenAwayIsMadeAgain(t *testing.T) {
	w := newWorld(t, nil)
	w.expect("before", w.send(w.ticket("1"), packed("lines")), http.StatusCreated)
	if err := os.RemoveAll(filepath.Dir(w.dir)); err != nil {
		t.Fatal(err)
	}
	w.expect("after", w.send(w.ticket("2"), packed("lines")), http.StatusCreated)
	if files := w.files(); len(files) != 1 || !strings.HasPrefix(files[0], "app/room/2/") {
		t.Errorf("files: %q", files)
	}
}

func TestRefusals(t *testing.T) {
	w := newWorld(t, nil)
	good := func() io.Reader { return packed("lines") }
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	ticket := w.ticket("1")
	text, signature, _ := strings.Cut(ticket, ".")
	foreign, _ := newWorld(t, nil).Ticket("app", "room", "1", page)
	for name, tc := range map[string]struct {
		ticket string
		body   io.Reader
		change func(*http.Request)
		status int
	}{
		"without a ticket":               {"", good(), nil, 401},
		"no bearer":                      {ticket, good(), header("Authorization", ticket), 401},
		"another's signature":            {foreign, good(), nil, 401},
		"a changed one":                  {text[:10] + "A" + text[11:] + "." + signature, good(), nil, 401},
		"without a signature":            {text + ".", good(), nil, 401},
		"an endless one":                 {strings.Repeat("a", 1<<16) + "." + signature, good(), nil, 401},
		"of another page":                {ticket, good(), header("Origin", "https://other.example"), 401},
		"of no page":                     {ticket, good(), header("Origin", ""), 401},
		"of an origin that may not":      {ticket, good(), header("Origin", "https://evil.example"), 403},
		"by GET":                         {ticket, good(), func(r *http.Request) { r.Method = http.MethodGet }, 405},
		"no gzip":                        {ticket, strings.NewReader("lines in clear"), nil, 415},
		"nothing at all":                 {ticket, strings.NewReader(""), nil, 415},
		"too large":                      {ticket, bytes.NewReader(append([]byte("\x1f\x8b\x08"), make([]byte, 4094)...)), nil, 413},
		"too large, and does not say so": {ticket, io.MultiReader(strings.NewReader("\x1f\x8b\x08"), bytes.NewReader(make([]byte, 4094))), nil, 413},
	} {
		w.expect(name, w.send(tc.ticket, tc.body, append([]func(*http.Request){}, func(r *http.Request) {
			if tc.change != nil {
				tc.change(r)
			}
		})...), tc.status)
		if files := w.files(); len(files) > 0 {
			t.Fatalf("%s: it left %q", name, files)
		}
	}
	if w.store.size() != 0 || w.store.reserved != 0 {
		t.Errorf("%d bytes count as stored, %d as coming", w.store.size(), w.store.reserved)
	}
	if !strings.Contains(w.log.String(), "status=413") {
		t.Error("what is too large is not in the log")
	}
	for line := range strings.Lines(w.log.String()) {
		known := !strings.Contains(line, "status=401") && !strings.Contains(line, "status=403") && !strings.Contains(line, "status=405")
		if known != strings.Contains(line, "room=app:room uid=1 ") {
			t.Errorf("whose call: %s", line)
		}
	}
	w.expect("after all that the ticket", w.send(ticket, good()), http.StatusCreated)

	old := w.ticket("2")
	w.tickets.now = func() time.Time { return time.Now().Add(25 * time.Hour) } // files go after a day here
	w.expect("too old", w.send(old, good()), http.StatusUnauthorized)
}

func TestBrokenUploadLeavesNothingAndMayBeRepeated(t *testing.T) {
	w := newWorld(t, nil)
	ticket := w.ticket("1")
	body := packed("lines").Bytes()
	broken := io.MultiReader(bytes.NewReader(body[:15]), iotest.ErrReader(errors.New("the connection broke")))
	if rec := w.send(ticket, broken); rec.Code < 400 {
		t.Errorf("half a log is answered with %d", rec.Code)
	}
	if files := w.files(); len(files) > 0 {
		t.Errorf("left: %q", files)
	}
	w.expect("whole", w.send(ticket, bytes.NewReader(body)), http.StatusCreated)
}

func TestCORS(t *testing.T) {
	w := newWorld(t, nil)
	rec := w.send("", nil, func(r *http.Request) { r.Method = http.MethodOptions })
	w.expect("the browser asks before", rec, http.StatusNoContent)
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin": page, "Access-Control-Allow-Methods": "POST", "Access-Control-Allow-Headers": "authorization, content-type", "Vary": "Origin",
	} {
		if got := rec.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if rec.Header().Get("Access-Control-Allow-Credentials") != "" {
		t.Error("cookies are let in")
	}
	rec = w.send("", nil, func(r *http.Request) { r.Method = http.MethodOptions; r.Header.Set("Origin", "https://evil.example") })
	if w.expect("another origin", rec, http.StatusForbidden); rec.Header().Get("Access-Control-Allow-Origin") != "" {
		t.Error("and it may read why")
	}
}

func TestRate(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Rate = 2 })
	for range 2 {
		w.expect("within the rate", w.send(w.ticket("1"), packed("x")), http.StatusCreated)
	}
	rec := w.send(w.ticket("1"), packed("x"))
	if w.expect("above it", rec, http.StatusTooManyRequests); rec.Header().Get("Retry-After") != "30" {
		t.Errorf("Retry-After is %q", rec.Header().Get("Retry-After"))
	}
	w.expect("another address", w.send(w.ticket("1"), packed("x"), func(r *http.Request) { r.RemoteAddr = "203.0.113.9:1" }), http.StatusCreated)
}

func TestTooManyAtOnce(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Quota = 1 << 20 })
	from := func(address string) func(*http.Request) {
		return func(r *http.Request) { r.RemoteAddr = address + ":1" }
	}
	var slow []*io.PipeWriter
	var ended sync.WaitGroup
	fill := func(address string, n int) {
		for range n {
			body, in := io.Pipe()
			slow = append(slow, in)
			ticket := w.ticket("1")
			ended.Go(func() { w.send(ticket, body, from(address)) })
			if _, err := in.Write([]byte("\x1f\x8b\x08")); err != nil { // it has its slot by then
				t.Fatal(err)
			}
		}
	}
	fill("203.0.113.1", ofOne)
	w.expect("one more from there", w.send(w.ticket("1"), packed("x"), from("203.0.113.1")), http.StatusTooManyRequests)
	w.expect("one from elsewhere", w.send(w.ticket("1"), packed("x"), from("203.0.113.2")), http.StatusCreated)
	fill("203.0.113.2", together-ofOne)
	w.expect("one more of all", w.send(w.ticket("1"), packed("x"), from("203.0.113.3")), http.StatusTooManyRequests)
	for _, in := range slow {
		_ = in.CloseWithError(io.ErrUnexpectedEOF)
	}
	ended.Wait()
	w.expect("afterwards", w.send(w.ticket("1"), packed("x"), from("203.0.113.1")), http.StatusCreated)
	if len(w.slots.taken) != 0 || w.slots.all != 0 {
		t.Errorf("slots that nobody has: %v", w.slots.taken)
	}
}

func TestOff(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Directory = "" })
	if ticket, size := w.Ticket("app", "room", "1", page); ticket != "" || size != 0 {
		t.Errorf("a ticket %q for %d bytes", ticket, size)
	}
	w.expect("a log", w.send("x.y", packed("x")), http.StatusNotFound)
}

func TestDirectoryIsNone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if h, err := New(Options{Directory: file, Log: slog.Default()}); err == nil {
		h.Close()
		t.Error("a file is taken for a directory")
	}
}
