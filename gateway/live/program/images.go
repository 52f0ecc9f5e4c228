package program

import (
	"context"
	"fmt"
	"image"
	"sync"

	"nertc/gateway/live/mix"
	"nertc/internal/protocol"
)

const (
	// mostPixels of the images of one task are kept, 64 MB of memory: eight of 1920×1080.
	mostPixels = 16 << 20
	// together is how many images of one task are fetched at a time.
	together = 4
)

var errTogether = fmt.Errorf("the images of the task have more than %d million pixels together", mostPixels>>20)

// images are the pictures under the users' regions. Each is fetched once for as long as a layout names it.
// Everything but showing them takes its time, and happens beside the clock.
type images struct {
	ctx    context.Context
	load   func(ctx context.Context, url string) (image.Image, error)
	failed func(number int, why string)
	work   sync.WaitGroup
	slots  chan struct{}

	mu     sync.Mutex
	byURL  map[string]*loading
	layout protocol.Layout // that is wanted now
	ready  map[int]scaled  // by the place in it
	busy   map[preparing]bool
}

// preparing is an image on its way to a place.
type preparing struct {
	from  *loading
	n     int
	of    protocol.TaskImage
	under int
}

// loading is one image; its context ends when no layout names it any more.
type loading struct {
	cancel context.CancelFunc
	done   chan struct{}
	image  image.Image // nil while it is not there; it is read after done
	err    error
	pixels int // of the image, under the lock
}

// scaled is an image as it is shown at a place of the layout.
type scaled struct {
	of      protocol.TaskImage
	under   int // the canvas's colour, which shows where the image is transparent
	picture *mix.Picture
}

func newImages(ctx context.Context, load func(context.Context, string) (image.Image, error), failed func(int, string)) *images {
	return &images{ctx: ctx, load: load, failed: failed, slots: make(chan struct{}, together), byURL: map[string]*loading{}, ready: map[int]scaled{}, busy: map[preparing]bool{}}
}

// want fetches what a layout names. One that could not be used is tried again.
func (m *images) want(l protocol.Layout) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.layout = l
	named := map[string]bool{}
	for _, i := range l.Images {
		named[i.URL] = true
	}
	for url, i := range m.byURL {
		if !named[url] || i.failed() {
			i.cancel()
			delete(m.byURL, url)
		}
	}
	for n := range m.ready {
		if n >= len(l.Images) {
			delete(m.ready, n)
		}
	}
	for n, i := range l.Images {
		from := m.byURL[i.URL]
		if from == nil {
			ctx, cancel := context.WithCancel(m.ctx)
			from = &loading{cancel: cancel, done: make(chan struct{})}
			m.byURL[i.URL] = from
			m.work.Go(func() {
				defer close(from.done)
				m.fetch(ctx, from, i.URL)
			})
		}
		if s, ok := m.ready[n]; !ok || s.of != i || s.under != l.Canvas.Color {
			if p := (preparing{from, n, i, l.Canvas.Color}); !m.busy[p] {
				m.busy[p] = true
				m.work.Go(func() { m.prepare(p) })
			}
		}
	}
}

// fetch gets an image, if there is room for it beside the others.
func (m *images) fetch(ctx context.Context, l *loading, url string) {
	select {
	case m.slots <- struct{}{}:
		defer func() { <-m.slots }()
	case <-ctx.Done():
		l.err = ctx.Err()
		return
	}
	im, err := m.load(ctx, url)
	if err != nil {
		l.err = err
		return
	}
	b := im.Bounds()
	pixels := b.Dx() * b.Dy()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.pixels()+pixels > mostPixels {
		l.err = errTogether
		return
	}
	l.image, l.pixels = im, pixels
}

// pixels are those of all images that are there. The lock is held.
func (m *images) pixels() (n int) {
	for _, l := range m.byURL {
		n += l.pixels
	}
	return n
}

func (l *loading) failed() bool {
	select {
	case <-l.done:
		return l.err != nil
	default:
		return false
	}
}

// prepare makes an image ready for its place, when it has come.
func (m *images) prepare(p preparing) {
	<-p.from.done
	s := scaled{of: p.of, under: p.under}
	if m.stands(p) && p.from.err == nil && p.of.Width >= 2 && p.of.Height >= 2 {
		if whole := mix.FromImage(p.from.image, mix.Color(p.under)); whole != nil {
			s.picture = mix.Scale(whole, p.of.Width&^1, p.of.Height&^1, p.of.Adaption == protocol.AdaptionFill)
		}
	}
	stands := m.stands(p)
	m.mu.Lock()
	delete(m.busy, p)
	if stands && p.from.err == nil {
		m.ready[p.n] = s
	}
	m.mu.Unlock()
	if stands && p.from.err != nil {
		m.failed(p.n, p.from.err.Error())
	}
}

// stands says whether the layout still has an image at a place, and has had it all the time.
func (m *images) stands(p preparing) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.layout
	return m.ctx.Err() == nil && m.byURL[p.of.URL] == p.from && p.n < len(l.Images) && l.Images[p.n] == p.of && l.Canvas.Color == p.under
}

// picture is the image at a place, nil while there is none. Where it was in another size it is shown so for a moment.
func (m *images) picture(n int, i protocol.TaskImage) *mix.Picture {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s := m.ready[n]; s.of.URL == i.URL {
		return s.picture
	}
	return nil
}

// wait returns when nothing is fetched any more; the context has ended.
func (m *images) wait() { m.work.Wait() }
