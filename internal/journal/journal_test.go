package journal

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"nertc/internal/errcode"
)

type lines struct {
	mu  sync.Mutex
	all []string
}

func (l *lines) take(level Level, name, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, string('0'+rune(level))+" "+name+": "+text)
}

func TestLevels(t *testing.T) {
	for level, want := range map[Level]string{Debug: "DIWE", Info: "IWE", Warning: "WE", Error: "E", None: ""} {
		var got string
		l := New(level, func(_ Level, _, text string) { got += text })
		l.Debug("D")
		l.Info("I")
		l.Warning("W")
		l.Error("E")
		if got != want {
			t.Errorf("level %d: %q, want %q", level, got, want)
		}
		for _, of := range []Level{Debug, Info, Warning, Error} {
			if l.Takes(of) != (of >= level) || (*Log)(nil).Takes(of) {
				t.Errorf("level %d says that it takes %d: %v", level, of, l.Takes(of))
			}
		}
	}
}

func TestLevelIsThatOfAllNames(t *testing.T) {
	var seen lines
	l := New(Info, seen.take)
	of := l.Named("client")
	of.Debug("before")
	l.SetLevel(Debug)
	of.Debug("after", "uid", "7")
	if len(seen.all) != 1 || seen.all[0] != "0 client: after uid=7" {
		t.Errorf("%q", seen.all)
	}
}

func TestNilWritesNothing(t *testing.T) {
	var l *Log
	l.Named("x").Info("y")
	l.Hide("secret")
}

func TestValues(t *testing.T) {
	for text, want := range map[string]string{
		"": `""`, "7": "7", "a b": `"a b"`, "a\nb": `"a\nb"`, "k=v": `"k=v"`, `"`: `"\""`,
		"wss://u:p@h/p?token=t#f":             "wss://h/p",
		"open wss://h:1/p?t=1 failed: http:x": `"open wss://h:1/p failed: http:x"`,
		"two http://a?1 and http://b@c/d":     `"two http://a and http://c/d"`,
		"\x1b[2J":                             `"\x1b[2J"`,
		"no line: a=ice-pwd:s3c/ret x":        `"no line: a=ice-pwd:[hidden]"`,
	} {
		var seen lines
		New(Debug, seen.take).Info("x", "k", text)
		if got := strings.TrimPrefix(seen.all[0], "1 : x k="); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestBounds(t *testing.T) {
	var seen lines
	l := New(Debug, seen.take)
	long := strings.Repeat("中", 5000)
	pairs := []string{}
	for range 40 {
		pairs = append(pairs, "k", long)
	}
	l.Info("x", "k", strings.Repeat("a", maxValue+1))
	l.Info("x", pairs...)
	if got, want := seen.all[0], "1 : x k=\""+strings.Repeat("a", maxValue)+"…\""; got != want {
		t.Errorf("one value: %q", got)
	}
	if n := len(seen.all[1]); n > maxLine+16 || !utf8.ValidString(seen.all[1]) {
		t.Errorf("a line of %d bytes", n)
	}
}

func TestHide(t *testing.T) {
	var seen lines
	l := New(Debug, seen.take)
	l.Named("other").Hide("s3cret", "", "abc", "pass word")
	l.Info("x", "a", "is s3cret=s3cret", "b", "pass word", "c", "abc", "d", "wss://h/s3cret")
	text := seen.all[0]
	if strings.Contains(text, "s3cret") || strings.Contains(text, "pass word") {
		t.Errorf("a secret is in %q", text)
	}
	if !strings.Contains(text, "c=abc") || strings.Count(text, hidden) != 4 {
		t.Errorf("%q", text)
	}
	for i := range maxSecrets + 9 {
		l.Hide("secret-" + string(rune('A'+i)))
	}
	if n := len(l.secrets); n != maxSecrets {
		t.Errorf("%d secrets are remembered", n)
	}
}

// A value is cut only after the secrets were taken out: otherwise a part of one could stay.
func TestHideBeforeTheCut(t *testing.T) {
	var seen lines
	l := New(Debug, seen.take)
	l.Hide("0123456789")
	l.Info("x", "k", strings.Repeat("a", maxValue-5)+"0123456789")
	if strings.Contains(seen.all[0], "01234") {
		t.Errorf("a part of a secret is in %q", seen.all[0])
	}
}

func TestFailure(t *testing.T) {
	err := errcode.Wrap(errcode.Network, errors.New("broken"), "join")
	got := Failure(err)
	if len(got) != 4 || got[0] != "code" || got[1] != "10002" || !strings.Contains(got[3], "broken") {
		t.Errorf("%q", got)
	}
	if got := Failure(errors.New("plain")); len(got) != 2 || got[1] != "plain" {
		t.Errorf("%q", got)
	}
}

func TestManyWriters(t *testing.T) {
	var seen lines
	l := New(Debug, seen.take)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				l.Hide("secret")
				l.Named("n").Info("x", "k", "secret")
				l.SetLevel(Debug)
			}
		})
	}
	wg.Wait()
	if len(seen.all) != 800 {
		t.Errorf("%d lines", len(seen.all))
	}
}
