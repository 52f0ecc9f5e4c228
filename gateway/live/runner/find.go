package runner

import (
	"errors"
	"time"

	"nertc/gateway/live"
	"nertc/gateway/live/ffmpeg"
	"nertc/internal/protocol"
)

// findTime is how long a task waits for ffmpeg to say what it can do: less than those who ask for tasks wait for an answer.
const findTime = 6 * time.Second

var errFindTime = errors.New("ffmpeg does not say in time which codecs it has")

// search is an attempt to find ffmpeg.
type search struct {
	done  chan struct{}
	found ffmpeg.Program
	err   error // both once done is closed
}

// find gives the ffmpeg. One that was not there may be by the next time. Tasks that begin at the same time wait for one attempt,
// and for no longer than some seconds: where ffmpeg hangs, on a dead disk for example, each is refused.
func (r *Runner) find() (ffmpeg.Program, error) {
	r.mu.Lock()
	if r.ffmpeg.Path != "" {
		defer r.mu.Unlock()
		return r.ffmpeg, nil
	}
	s := r.search
	if s == nil {
		s = &search{done: make(chan struct{})}
		r.search = s
		go r.look(s)
	}
	r.mu.Unlock()
	timer := time.NewTimer(r.findTime)
	defer timer.Stop()
	err := errFindTime
	select {
	case <-s.done:
		err = s.err
	case <-timer.C:
	}
	if err != nil {
		r.options.Log.Warn("live tasks are not possible", "err", err)
		return ffmpeg.Program{}, &live.Refusal{Code: protocol.CodeTasksOff, Reason: "live tasks are not possible on this server: " + ffmpeg.ErrMissing.Error()}
	}
	return s.found, nil
}

func (r *Runner) look(s *search) {
	s.found, s.err = ffmpeg.Find(r.options.FFmpeg)
	s.found.Nice, s.found.Log = r.options.Nice, r.options.Log
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.search = nil; s.err == nil {
		r.ffmpeg = s.found
	}
	close(s.done)
}
