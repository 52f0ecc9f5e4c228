// Package site serves the SDK's files and the demo page: compressed at build time,
// cached as long as their names allow, and the SDK for pages of every origin.
package site

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// Site is the http.Handler of everything that is a file.
type Site struct {
	files map[string]*file // by URL path without the first slash
}

// file is one name that can be asked for.
type file struct {
	mime      string
	immutable bool // the name holds a hash of the content
	sdk       bool // may be loaded from pages of other origins
	variants  map[string]*variant
}

// variant is a file's content in one coding.
type variant struct {
	fsys fs.FS
	name string
	size int64
	// etag is made on first use: hashing all files at start would load the pages of
	// the binary that hold them, of which most are never asked for.
	etag func() (string, error)
}

// hashed is the pattern of names that change with their content: nertc.0a1b2c3d.wasm.
var hashed = regexp.MustCompile(`\.[0-9a-f]{8,}\.[0-9A-Za-z.]+$`)

// build is the pattern of queries that may be the hash of a file: nertc.wasm?0a1b2c3d4e5f.
var build = regexp.MustCompile(`^[0-9a-f]{12,32}$`)

// New makes a site of the SDK's files and the demo's. A file name.br or name.gz beside
// name is its compressed form and no file of its own. SDK files go before the demo's.
func New(sdk, demo fs.FS) (*Site, error) {
	s := &Site{files: map[string]*file{}}
	if err := s.add(demo, false); err != nil {
		return nil, fmt.Errorf("read the demo's files: %w", err)
	}
	if err := s.add(sdk, true); err != nil {
		return nil, fmt.Errorf("read the SDK's files: %w", err)
	}
	return s, nil
}

func (s *Site) add(fsys fs.FS, sdk bool) error {
	return fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		base := path.Base(name)
		if strings.HasPrefix(base, ".") || path.Ext(base) == ".go" || compressedForm(fsys, name) {
			return nil
		}
		f := &file{mime: mimeType(name), immutable: hashed.MatchString(base), sdk: sdk, variants: map[string]*variant{}}
		for coding, ext := range map[string]string{identity: "", brotli: ".br", gzip: ".gz"} {
			info, err := fs.Stat(fsys, name+ext)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return err
			}
			f.variants[coding] = newVariant(fsys, name+ext, info.Size())
		}
		s.files[name] = f
		if base == "index.html" {
			s.files[strings.TrimSuffix(name, base)] = f
		}
		return nil
	})
}

// compressedForm reports whether a name is the compressed form of another file.
func compressedForm(fsys fs.FS, name string) bool {
	ext := path.Ext(name)
	if ext != ".br" && ext != ".gz" {
		return false
	}
	_, err := fs.Stat(fsys, strings.TrimSuffix(name, ext))
	return err == nil
}

func newVariant(fsys fs.FS, name string, size int64) *variant {
	v := &variant{fsys: fsys, name: name, size: size}
	v.etag = sync.OnceValues(func() (string, error) {
		f, err := fsys.Open(name)
		if err != nil {
			return "", err
		}
		defer f.Close()
		h := sha256.New()
		if _, err := io.Copy(h, f); err != nil {
			return "", err
		}
		return `"` + hex.EncodeToString(h.Sum(nil)[:16]) + `"`, nil
	})
	return v
}

// Built says whether the SDK's files are there.
func (s *Site) Built() bool {
	return s.files["nertc.js"] != nil && s.files["nertc.wasm"] != nil
}

// ServeHTTP answers GET and HEAD, and OPTIONS for the SDK's files.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	name := strings.TrimPrefix(r.URL.Path, "/")
	f := s.files[name]
	if f == nil {
		s.notFound(w, r, name)
		return
	}
	if f.sdk {
		// The SDK is public and is loaded by pages that live elsewhere, also by those
		// that isolate themselves with Cross-Origin-Embedder-Policy.
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		h.Set("Timing-Allow-Origin", "*")
	} else {
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Permissions-Policy", "camera=*, microphone=*, display-capture=*, autoplay=*, geolocation=()")
		// A page that asks for the camera must not hide in a stranger's frame.
		h.Set("Content-Security-Policy", "frame-ancestors 'self'")
	}
	switch {
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		f.serve(w, r)
	case r.Method == http.MethodOptions && f.sdk:
		h.Set("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS")
		h.Set("Access-Control-Allow-Headers", "*")
		h.Set("Access-Control-Max-Age", "86400")
		w.WriteHeader(http.StatusNoContent)
	default:
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD are answered here", http.StatusMethodNotAllowed)
	}
}

// notFound says what to do where it is the SDK that is missing.
func (s *Site) notFound(w http.ResponseWriter, r *http.Request, name string) {
	w.Header().Set("Cache-Control", "no-cache")
	if name == "nertc.js" || name == "nertc.wasm" {
		// With CORS, so that the loader of another origin's page can show this text.
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
		http.Error(w, "This gateway was compiled without the SDK's files: run `make build` and start it again.", http.StatusNotFound)
		return
	}
	http.Error(w, "There is nothing at this address.", http.StatusNotFound)
}

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	coding := identity
	if len(f.variants) > 1 {
		h.Add("Vary", "Accept-Encoding")
		coding = negotiate(strings.Join(r.Header.Values("Accept-Encoding"), ","), func(c string) bool { return f.variants[c] != nil })
	}
	v := f.variants[coding]
	etag, err := v.etag()
	if err != nil {
		http.Error(w, "The file cannot be read.", http.StatusInternalServerError)
		return
	}
	h.Set("ETag", etag)
	if f.immutable || f.names(r.URL.RawQuery) {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	if matches(strings.Join(r.Header.Values("If-None-Match"), ","), etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	content, err := v.fsys.Open(v.name)
	if err != nil {
		http.Error(w, "The file cannot be read.", http.StatusInternalServerError)
		return
	}
	defer content.Close()
	h.Set("Content-Type", f.mime)
	h.Set("Content-Length", strconv.FormatInt(v.size, 10))
	if coding != identity {
		h.Set("Content-Encoding", coding)
	}
	if r.Method == http.MethodHead {
		return
	}
	// What fails from here on is the connection; net/http has closed it.
	_, _ = io.Copy(w, content)
}

// names reports whether a query is the beginning of the SHA-256 of this file, as nertc.js
// asks for the nertc.wasm of its build: such an address never gets another answer, and a
// script of another build gets no answer that caches keep for good.
func (f *file) names(query string) bool {
	if !build.MatchString(query) {
		return false
	}
	v := f.variants[identity]
	if v == nil {
		return false
	}
	etag, err := v.etag()
	return err == nil && strings.HasPrefix(etag, `"`+query)
}

// mimeType does not ask the machine's tables: they differ, and streaming compilation
// of WebAssembly insists on the right type.
func mimeType(name string) string {
	switch path.Ext(name) {
	case ".wasm":
		return "application/wasm"
	case ".js", ".mjs", ".cjs":
		return "text/javascript; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".json", ".map":
		return "application/json"
	case ".webmanifest":
		return "application/manifest+json"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".webp":
		return "image/webp"
	case ".ico":
		return "image/x-icon"
	case ".woff2":
		return "font/woff2"
	case ".txt", ".md", ".ts":
		return "text/plain; charset=utf-8"
	}
	return "application/octet-stream"
}
