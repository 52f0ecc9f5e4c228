package record

import (
	"bytes"
	"errors"
	"math"
	"time"

	"nertc/gateway/live/avc"
	"nertc/gateway/live/flv"
)

const (
	movieScale = 1000  // units of the whole file a second
	videoScale = 90000 // units of a picture's track a second
	// soundFrame is how many samples an AAC frame has.
	soundFrame = 1024
	// jitter is how far the times of sound may stand off its samples. They are milliseconds, which frames are not.
	jitter = 50 * time.Millisecond
)

var errSound = errors.New("record: not a usable configuration of sound")

// track is the picture or the sound of a file.
type track struct {
	id            uint32
	video         bool
	config        []byte
	scale         uint32 // units a second
	width, height int
	channels      uint16

	first  uint64 // when the first sample begins, in units from the beginning of the file
	next   uint64 // when the newest sample begins, and with it the end of the one before
	length uint64 // of the samples in the table
	shift  uint64 // of the first picture: how much later than decoded it is shown
	begun  bool

	pending []sample // of the next fragment
	open    *sample  // the newest, whose length is not known before the next comes
	table   table
}

type sample struct {
	data  []byte
	at    uint64
	span  uint32
	shift int32
	key   bool
}

// table is where the samples of a finished file are.
type table struct {
	sizes    []uint32
	lengths  []run
	shifts   []run
	perChunk []run
	keys     []uint32
	chunks   []uint64
}

// run is how often a value comes in a row.
type run struct{ count, value uint32 }

func repeat(runs []run, value uint32) []run {
	if n := len(runs); n > 0 && runs[n-1].value == value {
		runs[n-1].count++
		return runs
	}
	return append(runs, run{1, value})
}

func videoTrack(config []byte) (*track, error) {
	c, err := avc.ParseConfig(config)
	if err != nil {
		return nil, err
	}
	return &track{id: 1, video: true, config: bytes.Clone(config), scale: videoScale, width: c.Width, height: c.Height}, nil
}

// audioTrack reads an AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1).
func audioTrack(config []byte) (*track, error) {
	if len(config) < 2 || len(config) > 64 {
		return nil, errSound
	}
	rates := []uint32{96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350}
	const lowComplexity = 2
	rate, channels := int(config[0]&7)<<1|int(config[1]>>7), config[1]>>3&15
	if config[0]>>3 != lowComplexity || rate >= len(rates) || rates[rate] > math.MaxUint16 || channels < 1 || channels > 2 {
		return nil, errSound
	}
	return &track{id: 2, config: bytes.Clone(config), scale: rates[rate], channels: uint16(channels)}, nil
}

func (t *track) inMovie(units uint64) uint64 { return units * movieScale / uint64(t.scale) }

func (t *track) units(d time.Duration) uint64 {
	// Whole seconds apart, so that nothing overflows in years.
	return uint64(d/time.Second)*uint64(t.scale) + uint64(d%time.Second)*uint64(t.scale)/uint64(time.Second)
}

// add takes a packet, since being its time from the beginning of the file.
func (t *track) add(p flv.Packet, since time.Duration) {
	at := t.units(since)
	if t.begun {
		if t.video {
			at = max(at, t.next+1)
		} else {
			due := t.next + soundFrame
			switch tolerance := t.units(jitter); {
			case at+tolerance < due:
				return // two of the same time
			case at <= due+tolerance:
				at = due
			}
		}
		t.settle(uint32(min(at-t.next, math.MaxUint32)))
	} else {
		t.begun, t.first = true, at
		if t.video {
			t.shift = uint64(max(0, int64(p.PTS-p.DTS)*videoScale/int64(time.Second)))
		}
	}
	t.next = at
	t.pending = append(t.pending, sample{data: p.Data, at: at, span: t.guess(), shift: int32(int64(p.PTS-p.DTS) * int64(t.scale) / int64(time.Second)), key: p.Key || !t.video})
	t.open = &t.pending[len(t.pending)-1]
}

// guess is how long the newest sample is until the next comes.
func (t *track) guess() uint32 {
	if !t.video {
		return soundFrame
	}
	if n := len(t.table.lengths); n > 0 {
		return t.table.lengths[n-1].value
	}
	return videoScale / 25
}

// settle says how long the newest sample is. The others of the fragment have been settled.
func (t *track) settle(span uint32) {
	if t.open == nil {
		return
	}
	t.open.span = span
	t.open = nil
	t.table.lengths = repeat(t.table.lengths, span)
	t.length += uint64(span)
}

// flushed puts the pending samples into the table, where they are at that place of the file, and forgets their data. The
// newest is still to be settled.
func (t *track) flushed(at uint64) {
	if len(t.pending) == 0 {
		return
	}
	for _, s := range t.pending {
		t.table.sizes = append(t.table.sizes, uint32(len(s.data)))
		t.table.shifts = repeat(t.table.shifts, uint32(s.shift))
		if s.key && t.video {
			t.table.keys = append(t.table.keys, uint32(len(t.table.sizes)))
		}
	}
	t.table.chunks = append(t.table.chunks, at)
	t.table.perChunk = repeat(t.table.perChunk, uint32(len(t.pending)))
	t.pending = nil
	if t.open != nil {
		last := *t.open
		last.data = nil
		t.open = &last
	}
}

func (t *track) pendingBytes() (n int) {
	for _, s := range t.pending {
		n += len(s.data)
	}
	return n
}
