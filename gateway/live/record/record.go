// Package record writes the programmes of live tasks into MP4 files, without encoding anything again.
//
// A file that is being written can be played as far as it has come, also when the gateway is killed. Its name ends in
// .part until it is finished; Recover finishes what a killed gateway has left.
package record

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"nertc/gateway/live/avc"
	"nertc/gateway/live/backlog"
	"nertc/gateway/live/flv"
)

// Options say what is recorded, and where.
type Options struct {
	// Dir is the directory of the recordings. It is made where it is missing.
	Dir string
	// Channel and Task give the file its name. They may hold anything.
	Channel, Task string
	// NoPicture says that there is sound alone, until Describe says otherwise.
	NoPicture bool
	// Log hears of files that were finished; nil logs nothing.
	Log *slog.Logger
	// Failed hears once why a recording ends before Close: the disk is full, for example. Its text names no file. nil: nobody does.
	Failed func(error)
	// LeastFree bytes stay free on the disk: with less no recording begins, and one under way is finished. 0: all may be taken.
	LeastFree uint64
	// Longest is how long a file is before another follows; 0 is 12 h. Where the samples are in a file is kept until it is finished, some
	// 5 MB an hour.
	Longest time.Duration
	// Free gives the bytes that are free on the disk of the directory; nil asks the system.
	Free func(dir string) (uint64, error)
	// Now is the clock of names; nil is time.Now.
	Now func() time.Time
}

// Recorder records one programme. Its methods may be called from several goroutines.
type Recorder struct {
	options Options
	backlog *backlog.Backlog
	closing chan struct{}
	once    sync.Once
	ended   chan struct{}

	// Of the writing goroutine.
	root  *os.Root
	part  *os.File
	name  string
	file  *file
	video flv.Packet // the configs of what comes
	audio flv.Packet
	mute  bool // there is no picture
	// strange: what comes does not belong into the file, and none follows it yet
	strange bool
}

// Start begins to record with the next key frame. The error says that nothing can be written there.
func Start(o Options) (*Recorder, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Failed == nil {
		o.Failed = func(error) {}
	}
	if o.Free == nil {
		o.Free = free
	}
	if o.Longest <= 0 {
		o.Longest = longestFile
	}
	if err := os.MkdirAll(o.Dir, 0o750); err != nil {
		return nil, fmt.Errorf("record: directory: %w", plain(err))
	}
	if err := o.room(); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("record: directory: %w", plain(err))
	}
	r := &Recorder{options: o, backlog: backlog.New(flv.Meta{NoPicture: o.NoPicture}), closing: make(chan struct{}), ended: make(chan struct{}), root: root}
	if err := r.create(); err != nil {
		root.Close()
		return nil, err
	}
	r.backlog.Begin()
	go r.run()
	return r, nil
}

// ErrFull says that less of the disk is free than is to stay so.
var ErrFull = errors.New("the server's disk for recordings is full")

// lookEvery is how often is looked how much of the disk is free: a programme writes less than half a megabyte a second.
const lookEvery = 2 * time.Second

// room says whether there is room for more on the disk. One that does not say how much is free has room until a write fails.
func (o Options) room() error {
	if o.LeastFree == 0 {
		return nil
	}
	if free, err := o.Free(o.Dir); err == nil && free < o.LeastFree {
		return ErrFull
	}
	return nil
}

// Send takes the next packet. It never waits: what the disk is too slow for is left out up to the next key frame. The
// packet's data must not be changed afterwards.
func (r *Recorder) Send(p flv.Packet) { r.backlog.Put(p) }

// Describe says whether there is a picture from the next packet on. A file has one all through or not at all.
func (r *Recorder) Describe(noPicture bool) { r.backlog.Describe(flv.Meta{NoPicture: noPicture}) }

// Dropped is how many pictures and sounds were left out because the disk was slow.
func (r *Recorder) Dropped() uint64 { return r.backlog.Dropped() }

// Close finishes the file and returns when it has its name.
func (r *Recorder) Close() {
	r.once.Do(func() { close(r.closing) })
	<-r.ended
}

// Ended says whether nothing more is recorded: it was closed, or it has failed.
func (r *Recorder) Ended() bool {
	select {
	case <-r.ended:
		return true
	default:
		return false
	}
}

func (r *Recorder) run() {
	defer close(r.ended)
	defer r.root.Close()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		if i, more := r.backlog.Take(); more {
			if err := r.take(i); err != nil {
				r.fail(err)
				return
			}
			select {
			case <-look.C:
			default:
				continue
			}
		} else {
			select {
			case <-look.C:
			case <-r.backlog.Wake():
				continue
			case <-r.closing:
				select {
				case <-r.backlog.Wake(): // what was sent before is recorded
					continue
				default:
				}
				if err := r.finish(); err != nil {
					r.fail(err)
				}
				return
			}
		}
		if err := r.options.room(); err != nil {
			r.giveUp(err)
			return
		}
	}
}

// giveUp finishes the file before Close.
func (r *Recorder) giveUp(why error) {
	r.backlog.End()
	if err := r.finish(); err != nil {
		r.fail(err)
		return
	}
	r.options.Log.Error("recording ended", "file", r.name, "reason", why)
	r.options.Failed(why)
}

// fail ends the recording. What is on the disk stays, as far as it can be played.
func (r *Recorder) fail(err error) {
	r.backlog.End()
	r.options.Log.Error("recording failed", "file", r.name, "reason", err)
	if r.part != nil {
		if kept, mending := mend(r.part); mending == nil {
			r.settle(kept)
		}
		r.part.Close()
	}
	r.options.Failed(err)
}

func (r *Recorder) take(i backlog.Item) error {
	switch {
	case i.Meta != nil:
		r.mute = i.Meta.NoPicture
		return nil
	case i.Config && i.Kind == flv.Video:
		r.video = i.Packet
		return nil
	case i.Config:
		r.audio = i.Packet
		return nil
	case (i.Key || r.mute && i.Kind == flv.Audio) && (r.file == nil || r.changed() || i.DTS-r.file.base >= r.options.Longest):
		r.strange = true
		if r.file != nil && i.DTS-r.file.base < leastFile {
			return nil
		}
		if err := r.next(i.DTS); errors.Is(err, avc.ErrConfig) {
			return nil // it may be a member's, of a picture that is passed on as it comes
		} else if err != nil {
			return err
		}
		r.strange = false
	case r.file == nil:
		return nil
	case i.Key:
		r.strange = false
	case r.strange:
		return nil
	}
	return plain(r.file.add(i.Packet))
}

// changed tells whether what comes needs another description than the file has: pictures of another size, for example.
func (r *Recorder) changed() bool {
	var has [2][]byte
	for _, t := range r.file.tracks {
		has[t.id-1] = t.config
	}
	video := r.video.Data
	if r.mute {
		video = nil
	}
	return !bytes.Equal(has[0], video) || !bytes.Equal(has[1], r.audio.Data)
}

// next begins a file, after the one before is finished.
func (r *Recorder) next(base time.Duration) error {
	var tracks []*track
	if !r.mute {
		video, err := videoTrack(r.video.Data)
		if err != nil {
			return err
		}
		tracks = append(tracks, video)
	}
	if r.audio.Data != nil {
		audio, err := audioTrack(r.audio.Data)
		if err != nil {
			return err
		}
		tracks = append(tracks, audio)
	}
	if r.file != nil {
		if err := r.finish(); err != nil {
			return err
		}
		if err := r.create(); err != nil {
			return err
		}
	}
	var err error
	r.file, err = begin(r.part, tracks, base)
	return plain(err)
}

const (
	partial = ".part"
	// leastFile is how long a file is before another follows in its place: who sends the picture could change it with every one.
	leastFile = time.Second
	// longestFile is how long one is that nothing else ends.
	longestFile = 12 * time.Hour
)

// create makes an empty file of a new name.
func (r *Recorder) create() error {
	var id [4]byte
	rand.Read(id[:])
	r.name = strings.Join([]string{safe(r.options.Channel), safe(r.options.Task), r.options.Now().UTC().Format(timeInName), hex.EncodeToString(id[:])}, ".") + ".mp4"
	part, err := r.root.OpenFile(r.name+partial, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o640)
	if err != nil {
		return fmt.Errorf("record: file: %w", plain(err))
	}
	if err := hold(part); err != nil {
		part.Close()
		return fmt.Errorf("record: file: %w", plain(err))
	}
	r.part, r.file = part, nil
	return nil
}

// finish makes the file an ordinary one, and gives it its name. One without a picture is removed.
func (r *Recorder) finish() error {
	if r.file != nil {
		if err := r.file.finish(); err != nil {
			return plain(err)
		}
		if err := r.part.Sync(); err != nil {
			return plain(err)
		}
	}
	if err := r.settle(r.file != nil); err != nil {
		return err
	}
	part := r.part
	r.part = nil
	return plain(part.Close())
}

// settle gives the file its name, or removes it.
func (r *Recorder) settle(keep bool) error {
	if !keep {
		return plain(r.root.Remove(r.name + partial))
	}
	if err := r.root.Rename(r.name+partial, r.name); err != nil {
		return plain(err)
	}
	r.options.Log.Info("recording finished", "file", r.name)
	return nil
}

// Recover finishes what a killed gateway has left behind in the directory, and returns the names of what can be played.
// Files that somebody still writes are left alone.
func Recover(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, plain(err)
	}
	var names []string
	var failures []error
	for _, e := range entries {
		name, found := strings.CutSuffix(e.Name(), partial)
		if !found || !nameForm.MatchString(name) || !e.Type().IsRegular() {
			continue
		}
		kept, err := recoverOne(filepath.Join(dir, e.Name()))
		if err != nil {
			failures = append(failures, err)
		}
		if kept {
			names = append(names, name)
		}
	}
	return names, errors.Join(failures...)
}

func recoverOne(path string) (bool, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return false, plain(err)
	}
	defer f.Close()
	if err := hold(f); err != nil {
		return false, nil // somebody writes it
	}
	kept, err := mend(f)
	switch {
	case err != nil:
		return false, plain(err)
	case !kept:
		return false, plain(os.Remove(path))
	}
	return true, plain(os.Rename(path, strings.TrimSuffix(path, partial)))
}

// plain takes the directory out of an error: pages are shown why a task is refused.
func plain(err error) error {
	var path *os.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}
