// Package ffmpeg runs ffmpeg processes for live tasks: decoders of pictures and sounds, and the encoder.
//
// Codecs run as processes so that a crash or a hang of one stays that, and GPL code stays in a program of its
// own. Everything passes through pipes; nothing that a client has given stands on a command line.
package ffmpeg

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// ErrMissing says that there is no ffmpeg that can do what is needed.
var ErrMissing = errors.New("ffmpeg cannot be used")

// Program is an ffmpeg.
type Program struct {
	// Path of the executable.
	Path string
	// Nice is how much the processes give way to others, 0 to 19.
	Nice int
	// Log gets what the processes complain about; nil is slog.Default().
	Log *slog.Logger
}

// needed are what ffmpeg is built without in some distributions.
var needed = [...]string{"libx264", "aac", "libopus"}

// Find looks for an ffmpeg, by a name or path (empty: "ffmpeg"), and checks that it has the codecs that are needed.
func Find(name string) (Program, error) {
	if name == "" {
		name = "ffmpeg"
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return Program{}, fmt.Errorf("%w: there is no program %q", ErrMissing, name)
	}
	cmd := exec.Command(path, "-hide_banner", "-codecs")
	cmd.Env = environment()
	cmd.WaitDelay = time.Second
	t := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
	defer t.Stop()
	out, err := cmd.Output()
	if err != nil {
		return Program{}, fmt.Errorf("%w: it does not say which codecs it has: %w", ErrMissing, err)
	}
	words := strings.Fields(string(out))
	for _, codec := range needed {
		if !slices.Contains(words, codec) {
			return Program{}, fmt.Errorf("%w: it has no %s", ErrMissing, codec)
		}
	}
	return Program{Path: path}, nil
}

// environment is that of every process: nothing of the gateway's is for it, such as secrets.
func environment() []string { return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"} }

// process is one ffmpeg, in a process group of its own. It is killed when the gateway dies, however that dies.
type process struct {
	what string
	log  *slog.Logger
	done chan struct{} // closed when it is gone

	mu     sync.Mutex
	pid    int // 0 before and after
	closed bool
	said   []string // the last lines of what it complained about
}

// common are the options of every process.
var common = []string{"-hide_banner", "-nostats", "-nostdin"}

// start runs ffmpeg. The files are its descriptors 1, 2, 3 and so on, and are closed here.
func (p Program) start(what string, args []string, files ...*os.File) (*process, error) {
	log := p.Log
	if log == nil {
		log = slog.Default()
	}
	r := &process{what: what, log: log, done: make(chan struct{})}
	cmd := exec.Command(p.Path, append(slices.Clone(common), args...)...)
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = files[0], files[1], files[2:]
	cmd.Env = environment()
	cmd.SysProcAttr = attributes()
	started := make(chan error, 1)
	go func() {
		// The signal comes when the thread that started the process ends, which Go's threads do as they
		// please: this one is held until the process is gone. https://go.dev/issue/27505
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(r.done)
		err := cmd.Start()
		for _, f := range files {
			_ = f.Close()
		}
		if err == nil {
			r.mu.Lock()
			r.pid = cmd.Process.Pid
			r.mu.Unlock()
			if p.Nice > 0 {
				lower(cmd.Process.Pid, p.Nice)
			}
		}
		started <- err
		if err != nil {
			return
		}
		err = cmd.Wait()
		r.mu.Lock()
		defer r.mu.Unlock()
		killGroup(r.pid) // whatever it might have started
		r.pid = 0
		if !r.closed {
			r.log.Warn("ffmpeg has ended", "what", what, "err", err, "said", strings.Join(r.said, " | "))
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start ffmpeg: %w", err)
	}
	return r, nil
}

// kill ends the process at once and returns when it is gone.
func (r *process) kill() {
	r.mu.Lock()
	r.closed = true
	if r.pid != 0 {
		killGroup(r.pid)
	}
	r.mu.Unlock()
	<-r.done
}

// linger waits for the process to end by itself, and kills it after a while.
func (r *process) linger(d time.Duration) {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-r.done:
	case <-t.C:
		r.kill()
	}
}

// gone says whether the process has ended.
func (r *process) gone() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// Limits of what is kept of what a process says.
const (
	maxLine = 4 << 10
	maxSaid = 5
)

// listen reads what the process says until its end; lines that are no information for take are complaints.
func (r *process) listen(from io.ReadCloser, take func(line string) bool) {
	defer from.Close()
	in := bufio.NewReaderSize(from, maxLine)
	for {
		line, more, err := in.ReadLine()
		if text := string(line); len(line) > 0 && !take(text) {
			r.mu.Lock()
			if len(r.said) == maxSaid {
				r.said = slices.Delete(r.said, 0, 1)
			}
			r.said = append(r.said, strings.TrimSpace(text))
			r.mu.Unlock()
		}
		for more && err == nil {
			_, more, err = in.ReadLine()
		}
		if err != nil {
			return
		}
	}
}

// pipes makes n pipes; the first of a pair is read.
func pipes(n int) (pairs [][2]*os.File, err error) {
	for range n {
		r, w, err := os.Pipe()
		if err != nil {
			for _, p := range pairs {
				_ = p[0].Close()
				_ = p[1].Close()
			}
			return nil, fmt.Errorf("make a pipe: %w", err)
		}
		pairs = append(pairs, [2]*os.File{r, w})
	}
	return pairs, nil
}
