package admin

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"
)

const (
	finished   = "lobby.main.20300102T030405Z.0123abcd.mp4"
	unfinished = "lobby.main.20300102T040405Z.0123abcd.mp4.part"
)

// recorded is a handler over a directory with two recordings, and things that are none beside and above it.
func recorded(t *testing.T) (h *Handler, dir string) {
	t.Helper()
	above := t.TempDir()
	dir = filepath.Join(above, "recordings")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{finished: "0123456789", unfinished: "01234", "notes.txt": "private", "../secret.mp4": "private"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// A link that leads out, with the name of a recording.
	if err := os.Symlink("../secret.mp4", filepath.Join(dir, "lobby.main.20300102T030405Z.00000000.mp4")); err != nil {
		t.Fatal(err)
	}
	return NewHandler(Options{Rooms: &scripted{}, Secret: secret, Recordings: dir, Log: slog.New(slog.DiscardHandler)}), dir
}

func TestRecordings(t *testing.T) {
	h, dir := recorded(t)
	w := do(h, "GET", Path+"/recordings", "")
	const want = `{"recordings":[` +
		`{"name":"lobby.main.20300102T040405Z.0123abcd.mp4","channel":"lobby","taskId":"main","begun":"2030-01-02T04:04:05Z","size":5,"finished":false},` +
		`{"name":"lobby.main.20300102T030405Z.0123abcd.mp4","channel":"lobby","taskId":"main","begun":"2030-01-02T03:04:05Z","size":10,"finished":true}]}`
	if got := strings.TrimSpace(w.Body.String()); w.Code != 200 || got != want {
		t.Errorf("%d %s", w.Code, got)
	}
	w = do(h, "GET", Path+"/recordings/"+finished, "")
	if w.Code != 200 || w.Body.String() != "0123456789" || w.Header().Get("Content-Type") != "video/mp4" || !strings.Contains(w.Header().Get("Content-Disposition"), finished) || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %q %v", w.Code, w.Body, w.Header())
	}
	w = do(h, "GET", Path+"/recordings/"+finished, "", "Range", "bytes=2-4")
	if w.Code != 206 || w.Body.String() != "234" {
		t.Errorf("a part: %d %q", w.Code, w.Body)
	}
	if w = do(h, "DELETE", Path+"/recordings/"+finished, ""); w.Code != 204 {
		t.Errorf("remove: %d", w.Code)
	}
	if _, err := os.Stat(filepath.Join(dir, finished)); !os.IsNotExist(err) {
		t.Errorf("it is still there: %v", err)
	}
	if w = do(h, "DELETE", Path+"/recordings/"+finished, ""); w.Code != 404 {
		t.Errorf("remove again: %d", w.Code)
	}
}

func TestNothingButRecordingsIsGivenOut(t *testing.T) {
	h, dir := recorded(t)
	for _, name := range []string{
		"..%2Fsecret.mp4", "%2E%2E%2Fsecret.mp4", "..", "%2Fetc%2Fpasswd", "notes.txt", unfinished, strings.TrimSuffix(unfinished, ".part"),
		"lobby.main.20300102T030405Z.00000000.mp4", finished + "%00", "x%2F..%2F" + finished, ".%2F" + finished, finished + "%2F", "..\\secret.mp4",
	} {
		for _, method := range []string{"GET", "DELETE"} {
			h.calls = rate.NewLimiter(callRate, callBurst)
			w := do(h, method, Path+"/recordings/"+name, "")
			link := strings.Contains(name, "00000000") // which itself may go, and is refused as a fault
			if w.Code != 404 && !link || w.Code == 200 || strings.Contains(w.Body.String(), "private") {
				t.Errorf("%s %s: %d %s", method, name, w.Code, w.Body)
			}
		}
	}
	if b, err := os.ReadFile(filepath.Join(dir, "../secret.mp4")); err != nil || string(b) != "private" {
		t.Errorf("what is outside was touched: %q %v", b, err)
	}
	if w := do(h, "GET", Path+"/recordings/"+finished, "", "Authorization", "Bearer wrong"); w.Code != 401 || strings.Contains(w.Body.String(), "0123") {
		t.Errorf("without the secret: %d", w.Code)
	}
	none, _, _ := newHandler(nil)
	if w := do(none, "GET", Path+"/recordings", ""); w.Code != 200 || strings.TrimSpace(w.Body.String()) != `{"recordings":[]}` {
		t.Errorf("without a directory: %d %s", w.Code, w.Body)
	}
	for _, method := range []string{"GET", "DELETE"} {
		if w := do(none, method, Path+"/recordings/"+finished, ""); w.Code != 404 {
			t.Errorf("%s without a directory: %d", method, w.Code)
		}
	}
}

// A large file takes longer than any other request may.
func TestARecordingIsSentWithItsOwnDeadline(t *testing.T) {
	h, dir := recorded(t)
	large := bytes.Repeat([]byte("0123456789abcdef"), 1<<19)
	if err := os.WriteFile(filepath.Join(dir, finished), large, 0o600); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(h)
	srv.Config.WriteTimeout = 100 * time.Millisecond
	srv.Start()
	defer srv.Close()
	r, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL+Path+"/recordings/"+finished, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+secret)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	first := make([]byte, 1)
	if _, err := io.ReadFull(res.Body, first); err != nil {
		t.Fatal(err)
	}
	time.Sleep(3 * srv.Config.WriteTimeout) // a slow reader
	rest, err := io.ReadAll(res.Body)
	if err != nil || len(rest)+1 != len(large) {
		t.Errorf("%d bytes, %v", len(rest)+1, err)
	}
}
