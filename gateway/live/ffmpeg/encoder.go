package ffmpeg

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"

	"nertc/gateway/live/flv"
	"nertc/gateway/live/mix"
)

// Encoding is what an encoder makes.
type Encoding struct {
	// W and H of the picture in pixels, even; 0 and 0 encodes sound alone.
	W, H int
	// FrameRate in pictures/s; it divides mix.Rate.
	FrameRate int
	// VideoRate in kbit/s.
	VideoRate int
	// AudioRate in kbit/s, SampleRate in hertz and Channels of the sound.
	AudioRate, SampleRate, Channels int
}

// KeyEvery is how far key frames are apart, in seconds: who begins to watch, or a server that is back, waits for one.
const KeyEvery = 2

// lingering is how long an encoder has to give out what it holds.
const lingering = 2 * time.Second

// Encoder encodes pictures and sound to H.264 and AAC.
type Encoder struct {
	process      *process
	video, audio *os.File
	raw          []byte
	once         sync.Once
	read         chan struct{} // closed when no packet comes any more
}

// Encode starts an encoder. take gets the packets, on a goroutine of the encoder; their times begin at 0
// with the first picture or sound.
func (p Program) Encode(e Encoding, take func(flv.Packet)) (*Encoder, error) {
	ps, err := pipes(4)
	if err != nil {
		return nil, err
	}
	out, say, sound, picture := ps[0], ps[1], ps[2], ps[3]
	widen(picture[1])
	raw := []string{"-probesize", "32", "-analyzeduration", "0"} // before each input, or the pipes wait for each other
	args := []string{"-loglevel", "repeat+error"}
	args = append(append(args, raw...), "-thread_queue_size", "64",
		"-f", "s16le", "-ar", strconv.Itoa(mix.Rate), "-ac", strconv.Itoa(mix.Channels), "-i", "pipe:3")
	maps := []string{"-map", "0:a"}
	files := []*os.File{out[1], say[1], sound[0]}
	if e.W > 0 {
		args = append(append(args, raw...), "-thread_queue_size", "8", "-f", "rawvideo", "-pix_fmt", "yuv420p",
			"-s", fmt.Sprintf("%dx%d", e.W, e.H), "-r", strconv.Itoa(e.FrameRate), "-i", "pipe:4")
		rate := strconv.Itoa(e.VideoRate) + "k"
		maps = append(maps, "-map", "1:v", "-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-profile:v", "main",
			"-threads", "2", "-b:v", rate, "-maxrate", rate, "-bufsize", strconv.Itoa(2*e.VideoRate)+"k",
			"-g", strconv.Itoa(KeyEvery*e.FrameRate), "-sc_threshold", "0", "-fps_mode", "passthrough")
		files = append(files, picture[0])
	} else {
		_ = picture[0].Close()
	}
	args = append(append(args, maps...), "-c:a", "aac", "-b:a", strconv.Itoa(e.AudioRate)+"k", "-ar", strconv.Itoa(e.SampleRate),
		"-ac", strconv.Itoa(e.Channels), "-flush_packets", "1", "-flvflags", "no_duration_filesize+no_metadata", "-f", "flv", "pipe:1")
	r, err := p.start("encoder", args, files...)
	if err != nil {
		for _, f := range []*os.File{out[0], say[0], sound[1], picture[1]} {
			_ = f.Close()
		}
		return nil, err
	}
	n := &Encoder{process: r, video: picture[1], audio: sound[1], read: make(chan struct{})}
	go r.listen(say[0], func(string) bool { return false })
	go func() {
		defer close(n.read)
		defer out[0].Close()
		in := flv.NewReader(out[0])
		for {
			packet, err := in.Next()
			if err != nil {
				return
			}
			take(packet)
		}
	}()
	return n, nil
}

// Write encodes one tick: a picture, nil where sound alone is encoded, and the sound that belongs to it. It waits
// while the encoder is behind, and ends one that takes nothing for some seconds.
func (n *Encoder) Write(picture *mix.Picture, pcm []int16) error {
	n.raw = n.raw[:0]
	for _, v := range pcm {
		n.raw = binary.LittleEndian.AppendUint16(n.raw, uint16(v))
	}
	until := time.Now().Add(writeTime)
	_ = n.audio.SetWriteDeadline(until)
	_, err := n.audio.Write(n.raw)
	if err == nil && picture != nil {
		_ = n.video.SetWriteDeadline(until)
		_, err = n.video.Write(picture.Data)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		n.process.kill()
	}
	return err
}

// Done is closed when the process is gone and its last packet was taken.
func (n *Encoder) Done() <-chan struct{} { return n.read }

// Close lets the encoder give out what it holds, ends it, and returns when it is gone. It may be called more
// than once, but not at the same time as Write.
func (n *Encoder) Close() {
	n.once.Do(func() {
		_ = n.video.Close()
		_ = n.audio.Close()
		n.process.linger(lingering)
	})
	<-n.process.done
	<-n.read
}
