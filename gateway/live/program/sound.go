package program

import (
	"sync"
	"time"

	"nertc/gateway/live/bot"
	"nertc/gateway/live/ffmpeg"
	"nertc/gateway/live/mix"
)

// sound is a bot.Sink for one track of sound.
type sound struct {
	track   *bot.Track
	program *Program
	pcm     mix.Sound

	mu      sync.Mutex
	muted   bool
	ended   bool
	decoder *ffmpeg.AudioDecoder
	hungry  hunger
	started time.Time
}

// Take takes a packet of the track.
func (a *sound) Take(u bot.Unit) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended {
		return
	}
	if d := a.decoder; d != nil {
		select {
		case <-d.Done():
			a.drop()
		default:
			if a.hungry.hangs() {
				a.drop()
			}
		}
	}
	if a.decoder == nil && time.Since(a.started) > restartEvery/4 {
		a.started = time.Now()
		d, err := a.program.options.FFmpeg.DecodeAudio(a.decoded)
		if err != nil {
			a.program.options.Log.Warn("no decoder for a live task", "err", err)
			return
		}
		a.decoder = d
	}
	if a.decoder != nil && a.decoder.Decode(u.At, u.Data) {
		a.hungry.fed()
	}
}

// drop ends the decoder.
func (a *sound) drop() {
	a.program.ending.Go(a.decoder.Close)
	a.decoder, a.hungry = nil, hunger{}
}

func (a *sound) decoded(at int64, pcm []int16) {
	a.pcm.Write(at, pcm)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.hungry.gave()
}

// Mute silences the track.
func (a *sound) Mute(muted bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.muted = muted
}

// End ends the decoder.
func (a *sound) End() {
	a.mu.Lock()
	a.ended = true
	if a.decoder != nil {
		a.drop()
	}
	a.mu.Unlock()
	a.program.closed(a.track.UID, a)
}

// mix adds what is to be heard at a time.
func (a *sound) mix(sum []int32, now time.Time) {
	a.mu.Lock()
	silent := a.muted || a.ended
	a.mu.Unlock()
	if position, ok := a.track.Position(now); ok && !silent {
		a.pcm.Mix(sum, position)
	}
}
