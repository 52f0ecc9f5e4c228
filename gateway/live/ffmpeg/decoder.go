package ffmpeg

import (
	"os"
	"strings"
	"sync"
)

// decoder is a process that is fed through a queue, and says of each piece what it is before it writes it.
type decoder struct {
	process *process
	in      *os.File
	queue   chan frame
	stop    chan struct{}
	once    sync.Once
}

type frame struct {
	at   int64
	data []byte
}

// decoder starts one, for so many frames that wait. What it decodes comes out of out, and infos tells of it.
func (p Program) decoder(what string, queued int, args ...string) (d *decoder, out *os.File, infos <-chan info, err error) {
	ps, err := pipes(3)
	if err != nil {
		return nil, nil, nil, err
	}
	in, from, say := ps[0], ps[1], ps[2]
	r, err := p.start(what, args, from[1], say[1], in[0])
	if err != nil {
		for _, f := range []*os.File{in[1], from[0], say[0]} {
			_ = f.Close()
		}
		return nil, nil, nil, err
	}
	d = &decoder{process: r, in: in[1], queue: make(chan frame, queued), stop: make(chan struct{})}
	told := make(chan info, 4*queued)
	go func() {
		defer close(told)
		r.listen(say[0], func(line string) bool {
			i, ok := parseInfo(line)
			if ok {
				select {
				case told <- i:
				case <-d.stop:
				}
			}
			return ok || !strings.Contains(line, "rror")
		})
	}()
	return d, from[0], told, nil
}

// Decode gives the decoder a frame with its timestamp. It does not wait: false says that the decoder is behind or gone.
func (d *decoder) Decode(at int64, data []byte) bool {
	if d.process.gone() {
		return false
	}
	select {
	case d.queue <- frame{at, data}:
		return true
	default:
		return false
	}
}

// Done is closed when the process is gone.
func (d *decoder) Done() <-chan struct{} { return d.process.done }

// Close ends the decoder and returns when it is gone. It may be called more than once.
func (d *decoder) Close() {
	d.once.Do(func() { close(d.stop) })
	d.process.kill()
}
