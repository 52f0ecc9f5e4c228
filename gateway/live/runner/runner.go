// Package runner carries out live tasks: it makes their programmes, pushes them, and records them where that is asked for.
package runner

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"nertc/gateway/engine"
	"nertc/gateway/live"
	"nertc/gateway/live/address"
	"nertc/gateway/live/ffmpeg"
	"nertc/gateway/live/flv"
	"nertc/gateway/live/program"
	"nertc/gateway/live/push"
	"nertc/gateway/live/record"
	"nertc/gateway/live/still"
	"nertc/internal/protocol"
)

// Options are what a Runner needs.
type Options struct {
	Engine *engine.Engine
	// Loopback says that the engine offers media on 127.0.0.1 alone.
	Loopback bool
	// FFmpeg is its name or path; empty is "ffmpeg". It is looked for when the first task begins.
	FFmpeg string
	// Nice is how much its processes give way to others, 0 to 19.
	Nice int
	// Policy says where streams may be pushed to and images fetched from.
	Policy address.Policy
	// TLS is for rtmps; nil verifies servers with the machine's roots.
	TLS *tls.Config
	// Recordings is the directory of recordings; empty refuses tasks that are to be recorded.
	Recordings string
	// RecordingsFree bytes of its disk stay free, see record.Options.
	RecordingsFree uint64
	// Log gets the tasks' lines; nil is slog.Default().
	Log *slog.Logger
	// Registry gets the metrics of what is pushed; nil keeps them unregistered.
	Registry prometheus.Registerer
}

// Runner is a live.Runner.
type Runner struct {
	options Options
	images  *still.Loader

	findTime time.Duration

	mu     sync.Mutex
	ffmpeg ffmpeg.Program // with a path once it was found
	search *search        // that is under way
	pushes map[*push.Pusher]struct{}
	past   push.Stats // of those that have ended
}

// New makes a Runner.
func New(o Options) *Runner {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	r := &Runner{options: o, images: still.NewLoader(o.Policy), findTime: findTime, pushes: map[*push.Pusher]struct{}{}}
	r.register()
	return r
}

// errNoRecordings refuses tasks that are to be recorded.
var errNoRecordings = errors.New("this server does not record: the operator has set no directory for recordings")

// Start begins a task.
func (r *Runner) Start(room live.RoomRef, t protocol.Task, tell func(live.State)) (live.Run, error) {
	program, err := r.find()
	if err != nil {
		return nil, err
	}
	n := &run{runner: r, room: room, log: r.options.Log.With("room", room.Name, "task", t.ID), tell: tell}
	if err := n.start(program, t); err != nil {
		return nil, err
	}
	return n, nil
}

// run is one task under way.
type run struct {
	runner  *Runner
	room    live.RoomRef
	log     *slog.Logger
	tell    func(live.State)
	note    atomic.Pointer[string] // what is said with a success
	push    *push.Pusher
	program *program.Program

	mu       sync.Mutex // keeps packets and recorders together
	recorder *record.Recorder
	configs  [flv.Audio + 1]flv.Packet // the last of each kind, for a recorder that begins later
}

func (n *run) start(with ffmpeg.Program, t protocol.Task) (err error) {
	if t.Record {
		if n.recorder, err = n.record(t); err != nil {
			return err
		}
	}
	o := n.runner.options
	n.note.Store(remark(t))
	n.push, err = push.Start(push.Options{
		URL: t.StreamURL, Dial: o.Policy.Dial, TLS: o.TLS, Meta: meta(t), ExtraInfo: t.ExtraInfo, Tell: n.pushed, Log: n.log,
	})
	if err != nil {
		if n.recorder != nil {
			n.recorder.Close()
		}
		return err
	}
	n.runner.count(n.push)
	with.Log = n.log
	n.program = program.Start(program.Options{
		Engine: o.Engine, Room: n.room.Name, Loopback: o.Loopback, FFmpeg: with, Log: n.log, Packet: n.packet,
		Image: n.runner.images.Load,
		ImageFailed: func(number int, why string) {
			n.tell(live.State{Code: protocol.TaskImageFailed, Msg: fmt.Sprintf("layout.images[%d]: %s", number, why)})
		},
	}, t)
	return nil
}

// Update changes the task.
func (n *run) Update(t protocol.Task) error {
	before, after, err := n.recorders(t)
	if err != nil {
		return err
	}
	if err := n.push.Move(t.StreamURL); err != nil {
		if after != nil && after != before {
			after.Close()
		}
		return err
	}
	n.mu.Lock()
	n.recorder = after
	if after != nil && before == nil {
		for _, c := range n.configs {
			if c.Data != nil {
				after.Send(c)
			}
		}
	}
	n.mu.Unlock()
	if before != nil && after == nil {
		before.Close()
	}
	n.note.Store(remark(t))
	n.push.Inform(t.ExtraInfo)
	n.push.Describe(meta(t))
	if after != nil {
		after.Describe(meta(t).NoPicture)
	}
	n.program.Update(t)
	return nil
}

// Stop ends the task.
func (n *run) Stop() {
	n.program.Stop()
	n.push.Close()
	n.runner.uncount(n.push)
	n.mu.Lock()
	r := n.recorder
	n.recorder = nil
	n.mu.Unlock()
	if r != nil {
		r.Close()
	}
}

// recorders gives the one that records and the one that is to record a task, which may be the same or none.
func (n *run) recorders(t protocol.Task) (before, after *record.Recorder, err error) {
	n.mu.Lock()
	before = n.recorder
	n.mu.Unlock()
	if before != nil && before.Ended() { // the disk was full, for example: another may do better
		before = nil
	}
	switch {
	case !t.Record:
	case before != nil:
		after = before
	default:
		after, err = n.record(t)
	}
	return before, after, err
}

func (n *run) record(t protocol.Task) (*record.Recorder, error) {
	o := n.runner.options
	if o.Recordings == "" {
		return nil, errNoRecordings
	}
	r, err := record.Start(record.Options{
		Dir: o.Recordings, LeastFree: o.RecordingsFree, Channel: n.room.Channel, Task: t.ID, NoPicture: meta(t).NoPicture, Log: n.log,
		Failed: func(err error) {
			n.tell(live.State{Code: protocol.TaskRecordingFailed, Msg: "the recording has ended: " + err.Error()})
		},
	})
	if err != nil {
		n.log.Error("recording cannot begin", "err", err)
		if errors.Is(err, record.ErrFull) {
			return nil, record.ErrFull
		}
		return nil, errors.New("this server cannot record now")
	}
	return r, nil
}

// packet takes what the programme gives.
func (n *run) packet(p flv.Packet) {
	n.push.Send(p)
	n.mu.Lock()
	defer n.mu.Unlock()
	if p.Config {
		n.configs[p.Kind] = p
	}
	if n.recorder != nil {
		n.recorder.Send(p)
	}
}

// pushed is told by the pusher.
func (n *run) pushed(s push.State) {
	if s.Pushing {
		n.tell(live.State{Code: protocol.TaskPushing, Msg: *n.note.Load(), StreamURL: s.URL})
		return
	}
	n.tell(live.State{Code: protocol.TaskFailed, Msg: s.Err.Error(), StreamURL: s.URL})
}

// remark is how the programme differs from what was asked for.
func remark(t protocol.Task) *string {
	said := ""
	if t.Config.AudioParam.CodecProfile == protocol.ProfileHEAAC {
		said = "HE-AAC is not available: the sound is AAC-LC"
	}
	return &said
}

// meta describes a task's programme to players.
func meta(t protocol.Task) flv.Meta {
	e := program.Encoding(t)
	m := flv.Meta{Width: e.W, Height: e.H, AudioRate: e.AudioRate, SampleRate: e.SampleRate, Channels: e.Channels}
	if m.NoPicture = e.W == 0; !m.NoPicture {
		m.FrameRate, m.VideoRate = float64(e.FrameRate), e.VideoRate
	}
	if t.Config.SingleVideoNoTrans {
		m.Width, m.Height, m.FrameRate, m.VideoRate = 0, 0, 0, 0 // they are the sender's, and may change
	}
	return m
}
