package program

import (
	"bytes"
	"log/slog"
	"sync"
	"time"

	"nertc/gateway/live/bot"
	"nertc/gateway/live/ffmpeg"
	"nertc/gateway/live/flv"
	"nertc/gateway/live/mix"
)

// output is the encoded end of a programme: one stream whose times go on from encoder to encoder. Its methods
// belong to the clock.
type output struct {
	ffmpeg ffmpeg.Program
	log    *slog.Logger
	packet func(flv.Packet)

	ticks   int64 // of the stream so far
	first   int64 // of the encoder
	longest int64 // that one encoder makes; 0 is longestEncoder
	encoder *ffmpeg.Encoder
	made    ffmpeg.Encoding
	started time.Time // when an encoder was last started
	before  <-chan struct{}
	config  []byte // of what is passed on
	held    []passed
	ending  sync.WaitGroup

	mu   sync.Mutex // keeps packets in order, and has what follows
	last [flv.Audio + 1]time.Duration
	any  [flv.Audio + 1]bool
}

// longestEncoder is how long an encoder works before another takes its place: its times have 31 bits of milliseconds, and begin at 0 again
// after 24 days (Adobe Flash Video File Format Specification 10.1, E.4.1: signed 32 bits).
const longestEncoder = int64(7 * 24 * time.Hour / tick)

// tick encodes a picture, nil for none, and its sound.
func (o *output) tick(e ffmpeg.Encoding, picture *mix.Picture, pcm []int16) {
	longest := o.longest
	if longest == 0 {
		longest = longestEncoder
	}
	if o.encoder != nil && (o.made != e || o.ticks-o.first >= longest) {
		o.end()
	}
	if o.encoder != nil {
		select {
		case <-o.encoder.Done(): // it crashed
			o.end()
			o.resume(e.W > 0)
		default:
		}
	}
	if o.encoder == nil && !o.begin(e) {
		return
	}
	if err := o.encoder.Write(picture, pcm); err != nil {
		o.log.Warn("the encoder of a live task takes nothing", "err", err)
		o.end()
		o.resume(e.W > 0)
		return
	}
	o.ticks++
}

// begin starts an encoder whose times go on where the stream is. It is not waited for: what it is given before it runs,
// its pipes hold.
func (o *output) begin(e ffmpeg.Encoding) bool {
	if time.Since(o.started) < restartEvery/4 && o.made == e {
		return false // it has only just died
	}
	o.started, o.made, o.first = time.Now(), e, o.ticks
	base, before := time.Duration(o.ticks)*tick, o.before
	encoder, err := o.ffmpeg.Encode(e, func(p flv.Packet) {
		if before != nil {
			<-before // the last one's packets come first
		}
		p.DTS += base
		p.PTS += base
		o.emit(p)
	})
	if err != nil {
		o.log.Warn("no encoder for a live task", "err", err)
		return false
	}
	o.encoder = encoder
	return true
}

// end lets the encoder give out what it holds, without waiting for it.
func (o *output) end() {
	e, done := o.encoder, make(chan struct{})
	o.encoder, o.before = nil, done
	o.ending.Go(func() {
		defer close(done)
		e.Close()
	})
}

// resume has the stream go on where it was interrupted: what an encoder took with it is left out, of picture and sound alike.
func (o *output) resume(pictures bool) {
	<-o.before
	kind := flv.Audio
	if pictures {
		kind = flv.Video
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.any[kind] {
		o.ticks = min(o.ticks, int64(o.last[kind]/tick)+1)
	} else {
		o.ticks = 0
	}
}

// emit gives a packet on whose time is after that of the last of its kind.
func (o *output) emit(p flv.Packet) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !p.Config {
		if o.any[p.Kind] && p.DTS <= o.last[p.Kind] {
			if p.Kind == flv.Audio {
				return // of a moment that two encoders have had
			}
			// What was passed on ends within a tick. No picture may be left out: those behind it are made of it.
			p.PTS += o.last[p.Kind] + time.Millisecond - p.DTS
			p.DTS = o.last[p.Kind] + time.Millisecond
		}
		o.any[p.Kind], o.last[p.Kind] = true, p.DTS
	}
	o.packet(p)
}

// priming is how much earlier than the sound its encoder begins, https://trac.ffmpeg.org/wiki/Encode/AAC: times
// begin there, so what is passed on has to be as much later.
func (o *output) priming() time.Duration {
	return 1024 * time.Second / time.Duration(max(o.made.SampleRate, 1))
}

// passed is a picture to pass on, and when.
type passed struct {
	unit bot.Unit
	at   time.Duration
}

// pass gives on pictures as they came, of which the one at position belongs to the tick just made.
func (o *output) pass(units []bot.Unit, position int64) {
	now := time.Duration(max(o.ticks-1, 0))*tick + o.priming()
	for _, u := range units {
		o.held = append(o.held, passed{u, now + time.Duration(u.At-position)*time.Second/ffmpeg.VideoClock})
	}
	if o.before != nil {
		select {
		case <-o.before:
		default:
			return // the pictures of the encoder before come first
		}
	}
	for _, h := range o.held {
		at := h.at.Truncate(time.Millisecond)
		config, data := toAVC(h.unit.Data)
		if config != nil && !bytes.Equal(config, o.config) {
			o.config = config
			o.emit(flv.Packet{Kind: flv.Video, Config: true, Key: true, DTS: at, PTS: at, Data: config})
		}
		if len(data) > 0 && o.config != nil {
			o.emit(flv.Packet{Kind: flv.Video, Key: h.unit.Key, DTS: at, PTS: at, Data: data})
		}
	}
	o.held = nil
}

// passNothing forgets what was passed on: the next encoder's pictures need another configuration.
func (o *output) passNothing() { o.held, o.config = nil, nil }

// close ends the encoder, and returns when no packet comes any more.
func (o *output) close() {
	if o.encoder != nil {
		o.end()
	}
	o.ending.Wait()
}
