package logs

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	ending  = ".log.gz"
	partial = ".part" // behind the name while a file arrives
	// abandoned is after how long such a file is nobody's any more; none takes so long.
	abandoned = 10 * time.Minute
	// aheadOfClock is how far ahead of the clock a file may be that was written by the same clock.
	aheadOfClock = 24 * time.Hour
	// maxName is the longest part of a path, in bytes, that is written out.
	maxName = 120
	depth   = 3 // folders above a file: app, room, uid
	// spare is the share of the quota that is free after it was met, so that not each upload has all files looked at.
	spare = 10 // percent
)

var (
	errStored = errors.New("the log of this call is stored already")
	errFull   = errors.New("there is no room for the log")
)

// store keeps files under app/room/uid/time-number.log.gz in one directory, and touches nothing there that has not such a
// name. An os.Root bounds it, so that no name and no link leads elsewhere; it is opened each time, as an operator may take the
// directory away.
type store struct {
	dir       string
	retention time.Duration
	quota     int64
	now       func() time.Time

	mu       sync.Mutex
	total    int64 // bytes of all files
	reserved int64 // for those that arrive
}

func openStore(dir string, retention time.Duration, quota int64) (*store, error) {
	s := &store{dir: dir, retention: retention, quota: quota, now: time.Now}
	root, err := s.open()
	if err != nil {
		return nil, err
	}
	return s, root.Close()
}

// open opens the directory, and makes it where it is not there.
func (s *store) open() (*os.Root, error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, err
	}
	return os.OpenRoot(s.dir)
}

// put takes a log, once for each call. Most is how many bytes come at most.
func (s *store) put(c call, from io.Reader, most int64) (name string, size int64, err error) {
	root, err := s.open()
	if err != nil {
		return "", 0, err
	}
	defer func() { _ = root.Close() }()
	name = fileOf(c)
	if _, err := root.Stat(name); err == nil {
		return "", 0, errStored
	}
	if err := s.reserve(most); err != nil {
		return "", 0, err
	}
	f, err := create(root, name+partial)
	if err != nil {
		s.settle(root, most, "", 0)
		return "", 0, err
	}
	size, err = io.Copy(f, from)
	if err = cmp.Or(err, f.Close()); err == nil {
		err = s.settle(root, most, name, size)
	} else {
		s.settle(root, most, "", 0)
	}
	if err != nil {
		_ = root.Remove(name + partial) // what is left all the same goes when it is abandoned
		return "", 0, err
	}
	return name, size, nil
}

// settle ends a reservation: with a file that has arrived or, without a name, with none.
func (s *store) settle(root *os.Root, reserved int64, name string, size int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reserved -= reserved
	if name == "" {
		return nil
	}
	err := root.Rename(name+partial, name) // under the lock: a sweep counts it, or we do
	if err == nil {
		s.total += size
	}
	return err
}

func create(root *os.Root, name string) (f *os.File, err error) {
	for range 2 { // a sweep may take the folder away as soon as it is there
		if err = root.MkdirAll(path.Dir(name), 0o700); err != nil {
			return nil, err
		}
		f, err = root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	if errors.Is(err, fs.ErrExist) {
		return nil, errStored // it arrives right now
	}
	return f, err
}

// reserve makes room, for which the oldest go.
func (s *store) reserve(size int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if room := s.quota - s.reserved - size; s.total > room {
		if room >= 0 {
			s.sweep(room - s.quota*spare/100)
		}
		if s.total > room {
			return errFull
		}
	}
	s.reserved += size
	return nil
}

func (s *store) size() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total
}

// expire removes what is too old, or too much, and gives how many files went.
func (s *store) expire() (removed int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sweep(s.quota)
}

type file struct {
	name string
	size int64
	time time.Time
}

// sweep removes what is too old, then the oldest until no more than most bytes are left. The lock is held.
func (s *store) sweep(most int64) (removed int) {
	root, err := s.open()
	if err != nil {
		return 0
	}
	defer func() { _ = root.Close() }()
	now := s.now()
	var kept []file
	var total int64
	drop := func(f file) bool {
		if root.Remove(f.name) != nil {
			return false
		}
		removed++
		// Up to the first folder that has something else in it.
		for dir := path.Dir(f.name); dir != "." && root.Remove(dir) == nil; dir = path.Dir(dir) {
		}
		return true
	}
	_ = fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || strings.Count(name, "/") != depth {
			return nil // what cannot be read is not ours
		}
		i, err := d.Info()
		if err != nil {
			return nil
		}
		f := file{name, i.Size(), i.ModTime()}
		switch age := now.Sub(f.time); {
		case strings.HasSuffix(name, ending+partial):
			if age > abandoned {
				drop(f)
			}
		case !strings.HasSuffix(name, ending):
		case age > s.retention && drop(f):
		default:
			kept = append(kept, f)
			total += f.size
		}
		return nil
	})
	// What a clock that was ahead has written would be the newest for as long, and what is written now would go at once.
	ahead := func(f file) int {
		if f.time.Sub(now) > aheadOfClock {
			return 0
		}
		return 1
	}
	slices.SortFunc(kept, func(a, b file) int { return cmp.Or(cmp.Compare(ahead(a), ahead(b)), a.time.Compare(b.time)) })
	for _, f := range kept {
		if total <= most {
			break
		}
		if drop(f) {
			total -= f.size
		}
	}
	s.total = total
	return removed
}

// fileOf is the path of a call's log.
func fileOf(c call) string {
	name := fmt.Sprintf("%s-%s%s", c.time().UTC().Format("20060102T150405Z"), c.Number, ending)
	return path.Join(part(c.App), part(c.Room), part(c.UID), name)
}

// part is a name as one part of a path: letters, digits, - and _ stand for themselves, all else is =XX. One that gets too
// long that way is cut, and ends with a hash of the whole.
func part(name string) string {
	var b bytes.Buffer
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "=%02X", c)
		}
	}
	if b.Len() <= maxName {
		return b.String()
	}
	sum := sha256.Sum256([]byte(name))
	return b.String()[:maxName-2*16-1] + "~" + hex.EncodeToString(sum[:16])
}
