package ffmpeg

import (
	"encoding/binary"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"time"

	"nertc/gateway/live/mix"
)

// Codec is a codec of pictures, by its subtype of RTP.
type Codec string

// The codecs that are decoded.
const (
	VP8  Codec = "VP8"
	VP9  Codec = "VP9"
	H264 Codec = "H264"
	AV1  Codec = "AV1"
)

// fourCC names the codecs in IVF, https://wiki.multimedia.cx/index.php/Duck_IVF
var fourCC = map[Codec]string{VP8: "VP80", VP9: "VP90", H264: "H264", AV1: "AV01"}

// VideoClock is that of the timestamps of pictures, per second, as in RTP.
const VideoClock = 90000

const (
	queuedFrames = 60              // that wait for a decoder
	maxPixels    = 4096 * 4096     // of a picture that is decoded: a few bytes can promise far more than memory holds
	writeTime    = 3 * time.Second // in which a process takes what it is given, or hangs
)

// VideoDecoder decodes the pictures of one track to one size. The first frame that Decode gets must be a key frame; when it
// does not take one, that and those after it are not shown before the next key frame.
type VideoDecoder struct{ *decoder }

// DecodeVideo starts a decoder whose pictures have the size with which they are shown in a box: all of the
// picture within it, or with cover the box's own, filled. take gets each picture with its timestamp, in order,
// on a goroutine of the decoder.
func (p Program) DecodeVideo(codec Codec, w, h int, cover bool, take func(at int64, p *mix.Picture)) (*VideoDecoder, error) {
	cc, ok := fourCC[codec]
	if !ok {
		return nil, fmt.Errorf("pictures in %q cannot be decoded", codec)
	}
	scale := fmt.Sprintf("scale=w=%d:h=%d:force_original_aspect_ratio=increase:flags=bilinear:out_range=tv,crop=%d:%d", w, h, w, h)
	if !cover { // as mix.FitSize has it; the rest of the box is cut off here, so that all pictures have as many bytes
		scale = fmt.Sprintf("scale=w='max(2,2*floor(if(gt(floor(ih*%[1]d/iw),%[2]d),floor(iw*%[2]d/ih),%[1]d)/2))'"+
			":h='max(2,2*floor(min(floor(ih*%[1]d/iw),%[2]d)/2))':flags=bilinear:out_range=tv,pad=%[1]d:%[2]d:0:0", w, h)
	}
	started, out, infos, err := p.decoder("decoder of "+string(codec), queuedFrames,
		"-loglevel", "repeat+info", "-copyts",
		// Of these two depends that the first picture comes after the first two frames rather than after seconds.
		"-probesize", "32", "-analyzeduration", "0", "-fpsprobesize", "0",
		"-flags", "low_delay", "-threads", "1", "-max_pixels", strconv.Itoa(maxPixels), "-f", "ivf", "-i", "pipe:3",
		"-filter_threads", "1", "-vf", "showinfo=checksum=0,"+scale,
		// One thread: with more, even the encoder of raw pictures holds one back.
		"-fps_mode", "passthrough", "-pix_fmt", "yuv420p", "-threads", "1", "-f", "rawvideo", "pipe:1",
	)
	if err != nil {
		return nil, err
	}
	widen(out)
	d := &VideoDecoder{started}
	go d.write(cc)
	go read(out, infos, w, h, cover, take)
	return d, nil
}

// write gives the process the frames as IVF.
func (d *VideoDecoder) write(cc string) {
	defer d.in.Close()
	head := make([]byte, 32)
	copy(head, "DKIF")
	binary.LittleEndian.PutUint16(head[6:], 32)
	copy(head[8:], cc)
	binary.LittleEndian.PutUint16(head[12:], 16) // the real size is in the frames
	binary.LittleEndian.PutUint16(head[14:], 16)
	binary.LittleEndian.PutUint32(head[16:], VideoClock)
	binary.LittleEndian.PutUint32(head[20:], 1)
	buf := head
	for first := true; ; first = false {
		var f frame
		select {
		case f = <-d.queue:
		case <-d.stop:
			return
		case <-d.process.done:
			return
		}
		if first {
			// Again and again, because ffmpeg shows nothing before it has seen two, or of H.264 four: a screen that
			// stands still may be all there is.
			for n := repeated(cc); n > 0; n-- {
				buf = appendIVF(buf, f.at-n, f.data)
			}
		}
		buf = appendIVF(buf, f.at, f.data)
		_ = d.in.SetWriteDeadline(time.Now().Add(writeTime))
		if _, err := d.in.Write(buf); err != nil {
			d.process.kill() // it hangs; who feeds it sees that it is gone
			return
		}
		buf = buf[:0]
	}
}

// repeated is how often the first frame comes before itself.
func repeated(cc string) int64 {
	if cc == fourCC[H264] {
		return 3
	}
	return 1
}

func appendIVF(b []byte, at int64, data []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
	b = binary.LittleEndian.AppendUint64(b, uint64(at))
	return append(b, data...)
}

// info is what a process says of a picture or a piece of sound before it writes it.
type info struct {
	at   int64
	w, h int // of the picture before it was scaled
	n    int // samples of the sound
}

var (
	// https://ffmpeg.org/ffmpeg-filters.html#showinfo
	videoInfo = regexp.MustCompile(`showinfo.* n: *\d+ pts: *(-?\d+) .* s:(\d+)x(\d+) `)
	// https://ffmpeg.org/ffmpeg-filters.html#ashowinfo
	audioInfo = regexp.MustCompile(`ashowinfo.* n: *\d+ pts: *(-?\d+) .* nb_samples: *(\d+) `)
)

func parseInfo(line string) (i info, ok bool) {
	if m := audioInfo.FindStringSubmatch(line); m != nil {
		i.at, _ = strconv.ParseInt(m[1], 10, 64)
		i.n, _ = strconv.Atoi(m[2])
		return i, true
	}
	if m := videoInfo.FindStringSubmatch(line); m != nil {
		i.at, _ = strconv.ParseInt(m[1], 10, 64)
		i.w, _ = strconv.Atoi(m[2])
		i.h, _ = strconv.Atoi(m[3])
		return i, true
	}
	return info{}, false
}

// read takes pictures from the process until it ends.
func read(from io.ReadCloser, infos <-chan info, w, h int, cover bool, take func(int64, *mix.Picture)) {
	defer from.Close()
	for {
		p := &mix.Picture{W: w, H: h, Data: make([]byte, mix.Size(w, h))}
		if _, err := io.ReadFull(from, p.Data); err != nil {
			return
		}
		i, ok := <-infos // it was written before the picture
		if !ok {
			return
		}
		if !cover {
			p = p.Crop(mix.FitSize(i.w, i.h, w, h))
		}
		take(i.at, p)
	}
}
