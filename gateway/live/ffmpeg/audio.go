package ffmpeg

import (
	"encoding/binary"
	"io"
	"slices"
	"sync"
	"time"

	"nertc/gateway/live/mix"
)

const (
	queuedSounds = 200      // that wait for a decoder
	maxGap       = mix.Rate // that is filled; beyond, the timeline begins anew
	maxTimelines = 16       // of which sound can be on its way through a decoder at once
)

// AudioDecoder decodes the Opus packets of one track. Their timestamps are at mix.Rate; what is missing between two of them
// is concealed.
type AudioDecoder struct {
	*decoder

	mu        sync.Mutex
	timelines []timeline
}

// timeline maps positions in the decoder's stream, which has no gaps, to timestamps.
type timeline struct{ from, at int64 }

// DecodeAudio starts a decoder. take gets pieces of sound of mix.Rate and mix.Channels with the timestamps of
// their first samples, in order, on a goroutine of the decoder. It keeps nothing of a piece.
func (p Program) DecodeAudio(take func(at int64, pcm []int16)) (*AudioDecoder, error) {
	started, out, infos, err := p.decoder("decoder of sound", queuedSounds,
		"-loglevel", "repeat+info", "-copyts", "-probesize", "32", "-analyzeduration", "0",
		"-threads", "1", "-c:a", "libopus", "-f", "ogg", "-i", "pipe:3",
		"-filter_threads", "1", "-af", "ashowinfo", "-ar", "48000", "-ac", "2", "-flush_packets", "1", "-threads", "1", "-f", "s16le", "pipe:1",
	)
	if err != nil {
		return nil, err
	}
	d := &AudioDecoder{decoder: started}
	go d.write()
	go d.read(out, infos, take)
	return d, nil
}

func (d *AudioDecoder) write() {
	defer d.in.Close()
	o := newOgg()
	buf := o.appendHead(nil)
	var position, next int64 // in the decoder's stream, and the timestamp that goes on there
	begun := false
	for {
		var f frame
		select {
		case f = <-d.queue:
		case <-d.stop:
			return
		case <-d.process.done:
			return
		}
		n := opusSamples(f.data)
		if n == 0 {
			continue
		}
		switch gap := f.at - next; {
		case !begun || gap < -maxGap || gap > maxGap:
			d.begin(timeline{position, f.at})
			begun = true
		case gap < 0:
			continue // it was heard already
		default:
			// A packet of which nothing is left but its first byte is one that was lost, or silence that was not
			// sent: the decoder fills it. https://www.rfc-editor.org/rfc/rfc6716#section-4.4
			fill := []byte{f.data[0] &^ 3}
			for step := opusSamples(fill); gap >= step; gap -= step {
				position += step
				buf = o.appendPage(buf, 0, position, fill)
			}
		}
		if gap := f.at - d.timestamp(position); gap != 0 {
			d.begin(timeline{position, f.at}) // less than a packet was missing
		}
		position += n
		next = f.at + n
		buf = o.appendPage(buf, 0, position, f.data)
		_ = d.in.SetWriteDeadline(time.Now().Add(writeTime))
		if _, err := d.in.Write(buf); err != nil {
			d.process.kill()
			return
		}
		buf = buf[:0]
	}
}

func (d *AudioDecoder) begin(t timeline) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.timelines) == maxTimelines {
		d.timelines = slices.Delete(d.timelines, 0, 1)
	}
	d.timelines = append(d.timelines, t)
}

// timestamp is that of a position in the decoder's stream.
func (d *AudioDecoder) timestamp(position int64) int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	var t timeline
	for i, l := range d.timelines {
		if i == 0 || l.from <= position {
			t = l
		}
	}
	return position - t.from + t.at
}

// read takes sound from the process until it ends.
func (d *AudioDecoder) read(from io.ReadCloser, infos <-chan info, take func(int64, []int16)) {
	defer from.Close()
	var raw []byte
	var pcm []int16
	for i := range infos {
		if i.n <= 0 || i.n > mix.Rate {
			return
		}
		raw = slices.Grow(raw[:0], i.n*2*mix.Channels)[:i.n*2*mix.Channels]
		if _, err := io.ReadFull(from, raw); err != nil {
			return
		}
		pcm = pcm[:0]
		for o := 0; o < len(raw); o += 2 {
			pcm = append(pcm, int16(binary.LittleEndian.Uint16(raw[o:])))
		}
		take(d.timestamp(i.at), pcm)
	}
}
