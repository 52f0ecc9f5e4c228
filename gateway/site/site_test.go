package site

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"nertc/web"
)

func text(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }

var (
	sdk = fstest.MapFS{
		".gitkeep":               text(""),
		"nertc.js":               text("js"),
		"nertc.js.br":            text("js in br"),
		"nertc.js.gz":            text("js in gz"),
		"nertc.wasm":             text("\x00asm"),
		"nertc.wasm.br":          text("wasm in br"),
		"nertc.wasm.gz":          text("wasm in gz"),
		"nertc.0a1b2c3d4e.wasm":  text("\x00asm"),
		"nertc.min.js":           text("min"),
		"types/index.d.ts":       text("export {}"),
		"nertc.js.map":           text("{}"),
		"alone.br":               text("no base"),
		"nertc.deadbeef.d.ts.br": text("no base either"),
	}
	demo = fstest.MapFS{
		"index.html":       text("<!doctype html>"),
		"assets/style.css": text("body{}"),
		"nertc.js":         text("the demo's own"),
		"embed.go":         text("package web"),
		"nertc.wasm":       text("the demo's own"),
	}
)

func newSite(t *testing.T, sdk, demo fstest.MapFS) *Site {
	t.Helper()
	s, err := New(sdk, demo)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func ask(s *Site, method, path string, header ...string) *http.Response {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestTypesAndBodies(t *testing.T) {
	s := newSite(t, sdk, demo)
	for path, want := range map[string]struct{ mime, body string }{
		"/":                      {"text/html; charset=utf-8", "<!doctype html>"},
		"/index.html":            {"text/html; charset=utf-8", "<!doctype html>"},
		"/assets/style.css":      {"text/css; charset=utf-8", "body{}"},
		"/nertc.js":              {"text/javascript; charset=utf-8", "js"},
		"/nertc.wasm":            {"application/wasm", "\x00asm"},
		"/nertc.0a1b2c3d4e.wasm": {"application/wasm", "\x00asm"},
		"/types/index.d.ts":      {"text/plain; charset=utf-8", "export {}"},
		"/nertc.js.map":          {"application/json", "{}"},
		"/alone.br":              {"application/octet-stream", "no base"},
	} {
		r := ask(s, "GET", path)
		if r.StatusCode != 200 || r.Header.Get("Content-Type") != want.mime || body(t, r) != want.body {
			t.Errorf("%s: %d %s", path, r.StatusCode, r.Header.Get("Content-Type"))
		}
		if r.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: may be sniffed", path)
		}
	}
	for _, path := range []string{"/nothing", "/.gitkeep", "/embed.go", "/nertc.js.br", "/assets", "/assets/", "/../site.go", "//", "/nertc.js/"} {
		if r := ask(s, "GET", path); r.StatusCode != 404 {
			t.Errorf("%s: %d, want 404", path, r.StatusCode)
		}
	}
}

func TestCodings(t *testing.T) {
	s := newSite(t, sdk, demo)
	tags := map[string]string{}
	for accept, want := range map[string]string{
		"":                             "",
		"gzip, deflate, br, zstd":      "br",
		"gzip":                         "gzip",
		"x-gzip":                       "gzip",
		"GZIP;Q=0.5":                   "gzip",
		"br;q=0.5, gzip;q=1.0":         "gzip",
		"br;q=0.5, gzip;q=0.5":         "br",
		"br;q=0, gzip":                 "gzip",
		"br;q=0, gzip;q=0":             "",
		"*":                            "br",
		"*;q=0.1, br;q=0":              "gzip",
		"identity;q=1, br;q=0.5":       "",
		"identity;q=0.2, br;q=0.5":     "br",
		"identity;q=0, *;q=0":          "",
		"identity;q=0":                 "",
		"deflate":                      "",
		"br;q=2":                       "",
		"br;q=NaN, gzip;q=x, deflate;": "",
		"br;level=9":                   "",
		",, ;q=1, gzip ; q = 0.3":      "gzip",
	} {
		r := ask(s, "GET", "/nertc.wasm", "Accept-Encoding", accept)
		if got := r.Header.Get("Content-Encoding"); got != want {
			t.Errorf("%q: coding %q, want %q", accept, got, want)
		}
		wantBody := map[string]string{"": "\x00asm", "br": "wasm in br", "gzip": "wasm in gz"}[want]
		if b := body(t, r); b != wantBody {
			t.Errorf("%q: body %q", accept, b)
		}
		if r.Header.Get("Vary") != "Accept-Encoding" || r.Header.Get("Content-Type") != "application/wasm" {
			t.Errorf("%q: headers %v", accept, r.Header)
		}
		tags[want] = r.Header.Get("ETag")
	}
	if tags[""] == tags["br"] || tags["br"] == tags["gzip"] || tags["gzip"] == tags[""] {
		t.Errorf("codings share an entity tag: %v", tags)
	}
	if r := ask(s, "GET", "/nertc.js.map", "Accept-Encoding", "br"); r.Header.Get("Vary") != "" || r.Header.Get("Content-Encoding") != "" {
		t.Errorf("a file with one form varies: %v", r.Header)
	}
}

func TestCaching(t *testing.T) {
	s := newSite(t, sdk, demo)
	const immutable = "public, max-age=31536000, immutable"
	for path, want := range map[string]string{
		"/": "no-cache", "/nertc.js": "no-cache", "/nertc.min.js": "no-cache", "/nertc.wasm": "no-cache", "/nertc.0a1b2c3d4e.wasm": immutable,
	} {
		r := ask(s, "GET", path)
		if got := r.Header.Get("Cache-Control"); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
		etag := r.Header.Get("ETag")
		if len(etag) < 10 || !strings.HasPrefix(etag, `"`) {
			t.Errorf("%s: entity tag %s is not strong", path, etag)
		}
		for _, header := range []string{etag, "W/" + etag, `"x", ` + etag, "*"} {
			again := ask(s, "GET", path, "If-None-Match", header)
			if again.StatusCode != 304 || body(t, again) != "" || again.Header.Get("ETag") != etag || again.Header.Get("Cache-Control") != want {
				t.Errorf("%s with If-None-Match %s: %d", path, header, again.StatusCode)
			}
		}
		if other := ask(s, "GET", path, "If-None-Match", `"other"`); other.StatusCode != 200 {
			t.Errorf("%s with another tag: %d", path, other.StatusCode)
		}
	}
	// nertc.js asks for the nertc.wasm of its build by the beginning of its hash.
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte("\x00asm")))
	for query, want := range map[string]string{sum[:12]: immutable, sum[:32]: immutable, sum[1:13]: "no-cache", sum[:11]: "no-cache", strings.ToUpper(sum[:12]): "no-cache", "v=1": "no-cache"} {
		for _, accept := range []string{"br", "identity"} {
			if r := ask(s, "GET", "/nertc.wasm?"+query, "Accept-Encoding", accept); r.StatusCode != 200 || r.Header.Get("Cache-Control") != want {
				t.Errorf("/nertc.wasm?%s: %d, %q, want %q", query, r.StatusCode, r.Header.Get("Cache-Control"), want)
			}
		}
	}
	changed := newSite(t, fstest.MapFS{"nertc.js": text("other js")}, nil)
	if ask(changed, "GET", "/nertc.js").Header.Get("ETag") == ask(s, "GET", "/nertc.js").Header.Get("ETag") {
		t.Error("other content, same entity tag")
	}
}

func TestMethods(t *testing.T) {
	s := newSite(t, sdk, demo)
	get := ask(s, "GET", "/nertc.js", "Accept-Encoding", "br")
	head := ask(s, "HEAD", "/nertc.js", "Accept-Encoding", "br")
	if head.StatusCode != 200 || body(t, head) != "" || head.Header.Get("Content-Length") != "8" {
		t.Errorf("HEAD: %d, length %s", head.StatusCode, head.Header.Get("Content-Length"))
	}
	for k := range get.Header {
		if get.Header.Get(k) != head.Header.Get(k) {
			t.Errorf("HEAD has %s %q, GET %q", k, head.Header.Get(k), get.Header.Get(k))
		}
	}
	if r := ask(s, "OPTIONS", "/nertc.wasm"); r.StatusCode != 204 || r.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("OPTIONS: %d", r.StatusCode)
	}
	for _, path := range []string{"/", "/nertc.js"} {
		if r := ask(s, "POST", path); r.StatusCode != 405 || r.Header.Get("Allow") == "" {
			t.Errorf("POST %s: %d", path, r.StatusCode)
		}
	}
}

func TestOtherOrigins(t *testing.T) {
	s := newSite(t, sdk, demo)
	r := ask(s, "GET", "/nertc.wasm")
	if r.Header.Get("Access-Control-Allow-Origin") != "*" || r.Header.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
		t.Errorf("the SDK cannot be loaded by other origins: %v", r.Header)
	}
	page := ask(s, "GET", "/")
	if page.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("the demo is open to other origins")
	}
	if p := page.Header.Get("Permissions-Policy"); !strings.Contains(p, "camera=*") || !strings.Contains(p, "microphone=*") {
		t.Errorf("Permissions-Policy %q", p)
	}
}

func TestWithoutBuild(t *testing.T) {
	s := newSite(t, fstest.MapFS{".gitkeep": text("")}, fstest.MapFS{"index.html": text("page")})
	if s.Built() {
		t.Error("Built without files")
	}
	for _, path := range []string{"/nertc.js", "/nertc.wasm"} {
		r := ask(s, "GET", path)
		if r.StatusCode != 404 || !strings.Contains(body(t, r), "make build") || r.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
	if r := ask(s, "GET", "/"); r.StatusCode != 200 {
		t.Errorf("the demo: %d", r.StatusCode)
	}
	if !newSite(t, sdk, demo).Built() {
		t.Error("not Built with files")
	}
}

// What is compiled in can be read, whether or not there was a build before.
func TestEmbedded(t *testing.T) {
	s, err := New(SDK(), web.Files)
	if err != nil {
		t.Fatal(err)
	}
	if r := ask(s, "GET", "/"); r.StatusCode != 200 || !strings.Contains(body(t, r), "nertc.js") {
		t.Errorf("the demo: %d", r.StatusCode)
	}
	if want := map[bool]int{true: 200, false: 404}[s.Built()]; ask(s, "GET", "/nertc.js").StatusCode != want {
		t.Errorf("/nertc.js is not %d", want)
	}
}

// Over a real connection, so that net/http judges lengths and headers too.
func TestOverHTTP(t *testing.T) {
	big := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	srv := httptest.NewServer(newSite(t, fstest.MapFS{"nertc.wasm": {Data: big}}, demo))
	defer srv.Close()
	r, err := srv.Client().Get(srv.URL + "/nertc.wasm")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if b, err := io.ReadAll(r.Body); err != nil || !bytes.Equal(b, big) || r.ContentLength != int64(len(big)) {
		t.Errorf("%d bytes of %d, length %d, %v", len(b), len(big), r.ContentLength, err)
	}
}
