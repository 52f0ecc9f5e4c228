package logs

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func newStore(t *testing.T, retention time.Duration, quota int64) (*store, string) {
	dir := t.TempDir()
	s, err := openStore(dir, retention, quota)
	if err != nil {
		t.Fatal(err)
	}
	return s, dir
}

// keep puts a file of a size and an age, and gives its path.
func keep(t *testing.T, s *store, dir, uid string, size int, age time.Duration) string {
	t.Helper()
	name, _, err := s.put(call{App: "a", Room: "r", UID: uid, Number: "n"}, strings.NewReader(strings.Repeat("x", size)), int64(size))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, name)
	at := time.Now().Add(-age)
	if err := os.Chtimes(file, at, at); err != nil {
		t.Fatal(err)
	}
	return file
}

func there(file string) bool { _, err := os.Stat(file); return err == nil }

func TestOldGoesAndOthersFilesStay(t *testing.T) {
	s, dir := newStore(t, 24*time.Hour, 1000)
	old := keep(t, s, dir, "old", 10, 25*time.Hour)
	young := keep(t, s, dir, "young", 20, 23*time.Hour)
	long := time.Now().Add(-1000 * time.Hour)
	outside := filepath.Join(t.TempDir(), "x.log.gz")
	var others []string
	for _, name := range []string{"a/r/old/notes.txt", "top.log.gz", "a/r/other/deep/x.log.gz"} {
		others = append(others, filepath.Join(dir, name))
	}
	for _, file := range append(others, outside, young+".part", filepath.Join(dir, "a/r/gone/x.log.gz.part")) {
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("y"), 0o600); err != nil {
			t.Fatal(err)
		}
		if file != young+".part" {
			_ = os.Chtimes(file, long, long)
		}
	}
	if err := os.Symlink(filepath.Dir(outside), filepath.Join(dir, "a/r/link")); err != nil {
		t.Fatal(err)
	}
	if n := s.expire(); n != 2 || s.size() != 20 {
		t.Errorf("%d files went, %d bytes are left", n, s.size())
	}
	if there(old) || there(filepath.Join(dir, "a/r/gone")) || !there(young) || !there(young+".part") || !there(outside) {
		t.Error("the wrong ones went")
	}
	for _, file := range others {
		if !there(file) {
			t.Errorf("%s has gone", file)
		}
	}
}

func TestQuota(t *testing.T) {
	s, dir := newStore(t, time.Hour, 1000)
	files := []string{
		keep(t, s, dir, "1", 300, 30*time.Minute),
		keep(t, s, dir, "2", 300, 50*time.Minute), // the oldest
		keep(t, s, dir, "3", 300, 10*time.Minute),
		keep(t, s, dir, "4", 200, 0),
	}
	if got, want := []bool{there(files[0]), there(files[1]), there(files[2]), there(files[3])}, []bool{true, false, true, true}; !slices.Equal(got, want) {
		t.Errorf("there are %v, want %v", got, want)
	}
	if s.size() != 800 || s.reserved != 0 {
		t.Errorf("%d bytes, %d reserved", s.size(), s.reserved)
	}
	if there(filepath.Dir(files[1])) || !there(filepath.Dir(files[0])) {
		t.Error("the folder of what went is there, or another is not")
	}
	if _, _, err := s.put(call{App: "a", Room: "r", UID: "5", Number: "n"}, strings.NewReader(""), 1001); !errors.Is(err, errFull) {
		t.Errorf("more than all: %v", err)
	}
	again, err := openStore(dir, time.Hour, 1000)
	if err != nil {
		t.Fatal(err)
	}
	if again.expire(); again.size() != 800 {
		t.Errorf("opened once more there are %d bytes", again.size())
	}
}

// A clock that was ahead for a while must not have what is written afterwards go at once, for years.
func TestWhatAWrongClockHasWrittenGoesFirst(t *testing.T) {
	s, dir := newStore(t, 24*time.Hour, 1000)
	old := keep(t, s, dir, "old", 300, 20*time.Hour)
	ahead := keep(t, s, dir, "ahead", 300, -1000*time.Hour)
	later := keep(t, s, dir, "later", 300, -2000*time.Hour)
	young := keep(t, s, dir, "young", 200, time.Hour)
	if there(ahead) || !there(later) || !there(old) || !there(young) {
		t.Error("the wrong one went")
	}
	if keep(t, s, dir, "new", 300, 0); there(later) || !there(old) || !there(young) {
		t.Error("after another the wrong ones are left")
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"room-1_A": "room-1_A", "..": "=2E=2E", "a/b\\c": "a=2Fb=5Cc", "a=b": "a=3Db", "会": "=E4=BC=9A", "x\x00": "x=00",
	} {
		if got := part(name); got != want {
			t.Errorf("%q is %s, want %s", name, got, want)
		}
	}
	long := part(strings.Repeat("会", 64))
	other := part(strings.Repeat("会", 63) + "议")
	if len(long) != maxName || len(other) != maxName || long == other || !strings.HasPrefix(long, "=E4=BC=9A") {
		t.Errorf("%s and %s", long, other)
	}
	at := call{App: "a", Room: "b", UID: "7", Joined: 1769860800, Number: "N"}
	if got := fileOf(at); got != "a/b/7/20260131T120000Z-N.log.gz" {
		t.Error(got)
	}
}
