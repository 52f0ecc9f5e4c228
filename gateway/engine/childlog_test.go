package engine

import (
	"log/slog"
	"strings"
	"testing"
)

func TestLinesOfTheChild(t *testing.T) {
	var b strings.Builder
	log := slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	e := newEngine(log, "k", "s", func() {})
	here := func(session int) *Session {
		s := &Session{options: JoinOptions{Room: "app:r"}, identity: "7", log: log.With("session", session, "room", "app:r", "uid", "7")}
		e.stays.add(s)
		return s
	}
	first := here(1)
	second := here(2) // replaces it
	e.stays.remove(first)
	const line = `{"level":"warn","ts":"2026-01-01T00:00:00Z","logger":"livekit","msg":"no path","room":"app:r","participant":"7","uid":9,"pID":"PA_x"}`
	const theirs = ` engine.logger=livekit engine.pID=PA_x engine.uid=9`
	e.copyLine([]byte(line))
	e.stays.remove(second)
	e.copyLine([]byte(line))
	e.copyLog(strings.NewReader(`{"level":"error","msg":"broken"}` + "\n" + "panic: oh\n" + `{"level":"debug","msg":"` + strings.Repeat("x", 2*maxLogLine) + `"}` + "\nnull\n\n" + `{"level":"debug","msg":"last"}`))
	want := []string{
		`level=WARN msg="media engine says" session=2 room=app:r uid=7 line="no path"` + theirs,
		`level=WARN msg="media engine says" line="no path" room=app:r uid=7` + theirs,
		`level=ERROR msg="media engine says" line=broken`,
		`level=WARN msg="media engine says" line="panic: oh"`,
		`level=WARN msg="media engine says" line="{\"level\":\"debug\",\"msg\":\"xxx`,
		`level=WARN msg="media engine says" line=null`,
		`level=INFO msg="media engine says" line=last`,
	}
	got := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	if len(got) != len(want) {
		t.Fatalf("%d lines, want %d:\n%s", len(got), len(want), b.String())
	}
	for i := range want {
		if got[i] != want[i] && (i != 4 || !strings.HasPrefix(got[i], want[i])) {
			t.Errorf("got  %s\nwant %s", got[i], want[i])
		}
	}
}

func TestLinesOfTheChildHaveNoSecret(t *testing.T) {
	var b strings.Builder
	e := newEngine(slog.New(slog.NewTextHandler(&b, nil)), "k", "s", func() {})
	for _, line := range []string{
		`{"msg":"sent","response":{"refreshToken":"eyJhbGciOiJIUzI1NiJ9.c3ViamVjdA.S3CR3T","iceServers":[{"urls":["turn:h"],"credential":"S3CR3T"}]}}`,
		`{"msg":"joined","room":"app:r","info":{"room":{"name":"seen","turnPassword":"S3CR3T"},"list":[["a",{"metadata":"S3CR3T"}]]}}`,
		`{"msg":"answer","answer":{"sdp":"v=0\r\na=ice-ufrag:seen\r\na=ice-pwd:S3CR3T/+\r\na=setup:seen\r\n"}}`,
		`{"msg":"request","request":{"grantsJson":"{\"attributes\":{\"custom\":\"S3CR3T\"}}","attributes":{"custom":"S3CR3T"},"identity":"seen"}}`,
		`{"msg":"eyJhbGciOiJIUzI1NiJ9.c3ViamVjdA.S3CR3T and seen"}`,
		`{"msg":"cut","seen":1,"turnPassword":"S3CR3T","sdp":"a=ice-pwd:S3CR3T\r\na=x","attributes":{"custom":"S3CR3T"},"refreshToken":"x\"S3CR3T`,
		`panic: seen a=ice-pwd:S3CR3T`,
	} {
		b.Reset()
		e.copyLine([]byte(line))
		if strings.Contains(b.String(), "S3CR3T") {
			t.Errorf("%s is told as %s", line, b.String())
		}
		if strings.Contains(line, "seen") && !strings.Contains(b.String(), "seen") {
			t.Errorf("of %s too much is gone: %s", line, b.String())
		}
	}
}
