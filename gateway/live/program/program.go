// Package program makes the programme of a live task: it receives the members that the task names, puts their
// pictures and sounds together, and encodes them.
package program

import (
	"context"
	"image"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"nertc/gateway/engine"
	"nertc/gateway/live/bot"
	"nertc/gateway/live/ffmpeg"
	"nertc/gateway/live/flv"
	"nertc/gateway/live/mix"
	"nertc/internal/protocol"
)

const (
	// FrameRate is that of every programme, in pictures/s.
	FrameRate = 25
	tick      = time.Second / FrameRate
	perTick   = mix.Rate / FrameRate
	// tooLate is where the clock gives up catching up: it leaves out ticks, of picture and sound together.
	tooLate = 400 * time.Millisecond
)

// Options of a Program.
type Options struct {
	Engine *engine.Engine
	// Room is the engine's name of the room.
	Room string
	// Loopback says that the engine offers media on 127.0.0.1 alone.
	Loopback bool
	FFmpeg   ffmpeg.Program
	// Image gets an image; its errors are shown to the page.
	Image func(ctx context.Context, url string) (image.Image, error)
	// Packet gets the programme: configurations before what they are for, times that go on whatever happens. It
	// must not block, and is called one at a time.
	Packet func(flv.Packet)
	// ImageFailed is told of an image that cannot be used, by its place in the layout from 0, and why. It must not block.
	ImageFailed func(number int, why string)
	// Log gets the programme's lines; nil is slog.Default().
	Log *slog.Logger
}

// Program is one programme under way.
type Program struct {
	options Options
	bot     *bot.Bot
	images  *images
	out     output
	cancel  context.CancelFunc
	done    chan struct{}
	ending  sync.WaitGroup // decoders that are being closed

	mu       sync.Mutex
	task     protocol.Task
	pictures map[string][]*picture // what comes of whom, in the order in which it began
	sounds   map[string][]*sound

	// The rest belongs to the clock.
	canvas  *mix.Picture
	limiter mix.Limiter
	sum     []int32
	pcm     []int16
	passing atomic.Pointer[picture] // what is passed on as it comes
}

// Start begins a programme.
func Start(o Options, t protocol.Task) *Program {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	ctx, cancel := context.WithCancel(context.Background())
	p := &Program{
		options: o, cancel: cancel, done: make(chan struct{}),
		pictures: map[string][]*picture{}, sounds: map[string][]*sound{},
		sum: make([]int32, perTick*mix.Channels), pcm: make([]int16, perTick*mix.Channels),
	}
	p.images = newImages(ctx, o.Image, o.ImageFailed)
	p.out = output{ffmpeg: o.FFmpeg, log: o.Log, packet: o.Packet}
	p.bot = bot.Start(bot.Options{Engine: o.Engine, Room: o.Room, Loopback: o.Loopback, Open: p.open, Log: o.Log})
	p.Update(t)
	go p.run(ctx)
	return p
}

// Update makes the programme another task's. It does not wait: what need not be fetched or decoded anew is seen at once.
func (p *Program) Update(t protocol.Task) {
	t.Layout.Users = slices.Clone(t.Layout.Users)
	slices.SortStableFunc(t.Layout.Users, func(a, b protocol.TaskUser) int { return a.ZOrder - b.ZOrder })
	wants := map[string]bot.Want{}
	for _, u := range t.Layout.Users {
		w := wants[u.UID]
		w.Sound = w.Sound || u.PushAudio
		if shown(u) {
			w.Picture, w.Prefer = true, u.MediaType
		}
		wants[u.UID] = w
	}
	p.mu.Lock()
	p.task = t
	for uid, list := range p.pictures {
		for _, in := range list {
			in.setBox(boxOf(t, uid))
		}
	}
	p.mu.Unlock()
	p.images.want(t.Layout)
	p.bot.Want(wants)
}

func shown(u protocol.TaskUser) bool { return u.PushVideo && u.Width >= 2 && u.Height >= 2 }

// boxOf is the region in which a user is shown; who has several gets its pictures in the largest's size.
func boxOf(t protocol.Task, uid string) box {
	var b box
	for _, u := range t.Layout.Users {
		if u.UID == uid && shown(u) && u.Width*u.Height > b.w*b.h {
			b = box{u.Width &^ 1, u.Height &^ 1, u.Adaption == protocol.AdaptionFill}
		}
	}
	return b
}

// Stop ends the programme, and returns when all its processes are gone and no packet comes any more.
func (p *Program) Stop() {
	p.cancel()
	<-p.done
	p.bot.Close()
	p.out.close()
	p.images.wait()
	p.ending.Wait()
}

// open is told by the bot of a track that is about to come.
func (p *Program) open(t *bot.Track) bot.Sink {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t.MediaType == protocol.MediaVideo || t.MediaType == protocol.MediaScreen {
		in := &picture{track: t, program: p, refresh: t.Refresh}
		p.pictures[t.UID] = append(p.pictures[t.UID], in)
		in.setBox(boxOf(p.task, t.UID))
		return in
	}
	in := &sound{track: t, program: p}
	p.sounds[t.UID] = append(p.sounds[t.UID], in)
	return in
}

// closed is told by an input that it has ended.
func (p *Program) closed(uid string, in any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if v, ok := in.(*picture); ok {
		p.pictures[uid] = slices.DeleteFunc(p.pictures[uid], func(x *picture) bool { return x == v })
	}
	if a, ok := in.(*sound); ok {
		p.sounds[uid] = slices.DeleteFunc(p.sounds[uid], func(x *sound) bool { return x == a })
	}
}

// run is the clock.
func (p *Program) run(ctx context.Context) {
	defer close(p.done)
	next := time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		if wait := time.Until(next); wait < -tooLate {
			p.options.Log.Debug("live task is late", "by", -wait)
			next = next.Add(-wait)
		} else {
			timer.Reset(max(wait, 0))
			select {
			case <-timer.C:
			case <-ctx.Done():
				return
			}
		}
		if ctx.Err() != nil {
			return
		}
		p.tick(next)
		next = next.Add(tick)
	}
}

// tick makes the picture and the sound of one tick.
func (p *Program) tick(now time.Time) {
	p.mu.Lock()
	task := p.task
	var items []mix.Item
	for i, im := range task.Layout.Images {
		items = append(items, mix.Item{
			Region: mix.Rect{X: im.X, Y: im.Y, W: im.Width, H: im.Height}, Fill: im.Adaption == protocol.AdaptionFill,
			Picture: p.images.picture(i, im),
		})
	}
	var only *picture
	showing := 0
	latest := map[*picture]*mix.Picture{}
	for _, u := range task.Layout.Users {
		if !shown(u) {
			continue
		}
		showing++
		item := mix.Item{Region: mix.Rect{X: u.X, Y: u.Y, W: u.Width, H: u.Height}, Fill: u.Adaption == protocol.AdaptionFill}
		for _, in := range p.pictures[u.UID] { // a later one comes in an earlier one's place once it has something
			m, done := latest[in]
			if !done {
				m = in.at(now)
				latest[in] = m
			}
			if m != nil || in == p.passing.Load() {
				item.Picture = m
			}
			only = in
		}
		items = append(items, item)
	}
	clear(p.sum)
	heard := map[string]bool{}
	for _, u := range task.Layout.Users {
		if !u.PushAudio || heard[u.UID] {
			continue
		}
		heard[u.UID] = true
		for _, in := range p.sounds[u.UID] {
			in.mix(p.sum, now)
		}
	}
	p.mu.Unlock()
	p.limiter.Limit(p.pcm, p.sum)

	e := Encoding(task)
	if showing != 1 || !task.Config.SingleVideoNoTrans {
		only = nil
	}
	if units, position := p.pass(only, now); p.passing.Load() != nil {
		e.W, e.H = 0, 0
		p.out.tick(e, nil, p.pcm)
		p.out.pass(units, position)
		return
	}
	p.out.passNothing()
	if e.W == 0 {
		p.out.tick(e, nil, p.pcm)
		return
	}
	if p.canvas == nil || p.canvas.W != e.W || p.canvas.H != e.H {
		p.canvas = mix.New(e.W, e.H, 0)
	}
	mix.Compose(p.canvas, mix.Color(task.Layout.Canvas.Color), items)
	p.out.tick(e, p.canvas, p.pcm)
}

// pass says what of the only picture is passed on as it comes, and decides whether it is.
func (p *Program) pass(only *picture, now time.Time) (units []bot.Unit, position int64) {
	if was := p.passing.Load(); was != nil && was != only {
		was.setPass(false)
		p.passing.Store(nil)
	}
	if only == nil {
		return nil, 0
	}
	only.setPass(true)
	units, position, ok := only.due(now)
	if !ok {
		p.passing.Store(nil)
		return nil, 0
	}
	if p.passing.Load() == nil && len(units) == 0 {
		return nil, 0 // until its first key frame the programme goes on as it was
	}
	p.passing.Store(only)
	return units, position
}

// Encoding is how a task's programme is encoded, unless its picture is passed on as it comes.
func Encoding(t protocol.Task) ffmpeg.Encoding {
	const smallest = 16 // what H.264 has a block of; a canvas without area makes a programme of sound alone
	e := ffmpeg.Encoding{
		W: t.Layout.Canvas.Width &^ 1, H: t.Layout.Canvas.Height &^ 1, FrameRate: FrameRate,
		AudioRate: t.Config.AudioParam.BitRate, SampleRate: t.Config.AudioParam.SampleRate, Channels: t.Config.AudioParam.Channels,
	}
	if e.W < smallest || e.H < smallest {
		e.W, e.H = 0, 0
	}
	e.VideoRate = max(e.W*e.H*FrameRate*7/100/1000, 200) // 0.07 bit a pixel: 1.6 Mbit/s for 1280×720
	if e.Channels == 0 {
		e.Channels = 2
	}
	if e.SampleRate == 0 {
		e.SampleRate = mix.Rate
	}
	if e.AudioRate == 0 {
		e.AudioRate = 64 * e.Channels
	}
	return e
}
