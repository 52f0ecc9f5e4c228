package record

import (
	"errors"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A name is channel.task.time.number.mp4: letters that any file system and any shell takes as they are.
const timeInName = "20060102T150405Z"

var nameForm = regexp.MustCompile(`^([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{1,64})\.([0-9]{8}T[0-9]{6}Z)\.[0-9a-f]{8}\.mp4$`)

// safe replaces what names of files are not made of.
func safe(s string) string {
	out := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == '-':
			return r
		}
		return '-'
	}, s)
	if len(out) > 64 {
		out = out[:64]
	}
	if out == "" {
		return "-"
	}
	return out
}

// File is a recording.
type File struct {
	// Name is that of the file, and what Open takes.
	Name string
	// Channel and Task are as in the name: what is no letter of a to z, digit, _ or - is a -.
	Channel, Task string
	// Begun is when the recording began.
	Begun time.Time
	// Size is in bytes, so far.
	Size int64
	// Finished is false while it is being written, and when a gateway was killed meanwhile.
	Finished bool
}

// List returns the recordings in the directory, the newest first. Without the directory there are none.
func List(dir string) ([]File, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, plain(err)
	}
	var files []File
	for _, e := range entries {
		name, unfinished := strings.CutSuffix(e.Name(), partial)
		m := nameForm.FindStringSubmatch(name)
		if m == nil || !e.Type().IsRegular() {
			continue
		}
		begun, err := time.Parse(timeInName, m[3])
		if err != nil {
			continue
		}
		info, err := e.Info()
		if err != nil {
			continue // finished or removed just now
		}
		files = append(files, File{Name: name, Channel: m[1], Task: m[2], Begun: begun, Size: info.Size(), Finished: !unfinished})
	}
	slices.SortFunc(files, func(a, b File) int {
		if c := b.Begun.Compare(a.Begun); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	return files, nil
}

// Open opens a finished recording for reading. Any name that List does not give is fs.ErrNotExist.
func Open(dir, name string) (*os.File, error) {
	if !nameForm.MatchString(name) {
		return nil, fs.ErrNotExist
	}
	f, err := os.OpenInRoot(dir, name)
	if err != nil {
		return nil, plain(err)
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		f.Close()
		return nil, fs.ErrNotExist
	}
	return f, nil
}

// Remove deletes a finished recording.
func Remove(dir, name string) error {
	if !nameForm.MatchString(name) {
		return fs.ErrNotExist
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return plain(err)
	}
	defer root.Close()
	return plain(root.Remove(name))
}
