package program

import (
	"context"
	"image"
	"sync"

	"nertc/gateway/live/mix"
	"nertc/internal/protocol"
)

// images are the pictures under the users' regions. Each is fetched once for as long as a layout names it.
type images struct {
	ctx    context.Context
	load   func(ctx context.Context, url string) (image.Image, error)
	failed func(number int, why string)
	work   sync.WaitGroup

	mu    sync.Mutex
	byURL map[string]*loading
	ready map[int]scaled
}

// loading is one image; its context ends when no layout names it any more.
type loading struct {
	cancel context.CancelFunc
	image  image.Image // nil while it is not there
	why    string      // it cannot be used
}

// scaled is an image as it was last shown at a place of the layout.
type scaled struct {
	of      protocol.TaskImage
	under   mix.Color
	picture *mix.Picture
}

func newImages(ctx context.Context, load func(context.Context, string) (image.Image, error), failed func(int, string)) *images {
	return &images{ctx: ctx, load: load, failed: failed, byURL: map[string]*loading{}, ready: map[int]scaled{}}
}

// want fetches what a layout names. One that could not be used is tried again.
func (m *images) want(l protocol.Layout) {
	m.mu.Lock()
	defer m.mu.Unlock()
	named := map[string][]int{}
	for n, i := range l.Images {
		named[i.URL] = append(named[i.URL], n)
	}
	for url, i := range m.byURL {
		if named[url] == nil || i.why != "" {
			i.cancel()
			delete(m.byURL, url)
		}
	}
	clear(m.ready)
	for url, numbers := range named {
		if m.byURL[url] != nil {
			continue
		}
		ctx, cancel := context.WithCancel(m.ctx)
		i := &loading{cancel: cancel}
		m.byURL[url] = i
		m.work.Go(func() {
			defer cancel()
			im, err := m.load(ctx, url)
			if ctx.Err() != nil {
				return
			}
			m.mu.Lock()
			i.image = im
			if err != nil {
				i.why = err.Error()
			}
			m.mu.Unlock()
			if err != nil {
				for _, n := range numbers {
					m.failed(n, err.Error())
				}
			}
		})
	}
}

// picture is an image in the size of its region; nil while there is none.
func (m *images) picture(n int, i protocol.TaskImage, under mix.Color) *mix.Picture {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.byURL[i.URL]
	if l == nil || l.image == nil || i.Width < 2 || i.Height < 2 {
		return nil
	}
	s, ok := m.ready[n]
	if !ok || s.of != i || s.under != under {
		s = scaled{i, under, nil}
		if p := mix.FromImage(l.image, under); p != nil {
			s.picture = mix.Scale(p, i.Width&^1, i.Height&^1, i.Adaption == protocol.AdaptionFill)
		}
		m.ready[n] = s
	}
	return s.picture
}

// wait returns when nothing is fetched any more; the context has ended.
func (m *images) wait() { m.work.Wait() }
