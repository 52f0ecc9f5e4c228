package record_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"nertc/gateway/live/record"
	"nertc/gateway/live/rtmptest"
)

// Between the last word about its samples and its name a file is written to the disk, which takes its time with a long one. Who is
// killed then leaves all of the recording; a machine that crashes may leave only the beginning of the description.
func TestAKillWhileAFileIsFinishedLosesNothing(t *testing.T) {
	r, dir := start(t, record.Options{Channel: "a", Task: "b"})
	feed(t, r, rtmptest.Programme(t, 320, 180, 25, 2))
	r.Close()
	name := list(t, dir)[0].Name
	whole, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	description := bytes.LastIndex(whole, []byte("moov")) - 4
	zeroed := append(bytes.Clone(whole[:description]), make([]byte, 100)...)
	for what, left := range map[string][]byte{
		"all of it":                                whole,
		"half of the description":                  whole[:(description+len(whole))/2],
		"no description":                           whole[:description],
		"a description that is not on the disk":    zeroed,
		"all of it, and something that is not its": append(bytes.Clone(whole), 0, 0, 0, 99, 'x'),
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name+".part"), left, 0o600); err != nil {
			t.Fatal(err)
		}
		names, err := record.Recover(dir)
		if err != nil || len(names) != 1 || names[0] != name {
			t.Errorf("of %s is recovered %v, %v", what, names, err)
			continue
		}
		if p := probe(t, filepath.Join(dir, name)); len(p.Streams) != 2 || p.Streams[0].NBRead != "50" {
			t.Errorf("of %s is left %+v", what, p.Streams)
		}
		if got, _ := os.ReadFile(filepath.Join(dir, name)); len(left) >= len(whole) && !bytes.Equal(got, whole) {
			t.Errorf("%s has changed", what)
		}
	}
}
