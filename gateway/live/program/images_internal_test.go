package program

import (
	"context"
	"errors"
	"fmt"
	"image"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"nertc/internal/protocol"
)

func layout(side int, urls ...string) protocol.Layout {
	var l protocol.Layout
	for _, u := range urls {
		l.Images = append(l.Images, protocol.TaskImage{URL: u, Width: side, Height: side})
	}
	return l
}

// eventually waits for what another goroutine does.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("not seen: ", what)
		}
	}
}

// held is an image whose pixels are not given before it is let go.
type held struct {
	image.Image
	until <-chan struct{}
}

func (h held) Bounds() image.Rectangle { <-h.until; return h.Image.Bounds() }

// However long an image takes to be brought into another size, the clock has the old one meanwhile.
func TestTheClockDoesNotWaitForAnImage(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	slow := make(chan struct{}, 100)
	for range 4 { // looks at it: the sum of pixels, one shape
		slow <- struct{}{}
	}
	loads := 0
	m := newImages(ctx, func(context.Context, string) (image.Image, error) {
		loads++
		return held{image.NewRGBA(image.Rect(0, 0, 64, 64)), slow}, nil
	}, func(n int, why string) { t.Error(n, why) })
	defer m.wait()
	defer close(slow)
	defer cancel()
	show := func(l protocol.Layout) int {
		if p := m.picture(0, l.Images[0]); p != nil {
			return p.W
		}
		return 0
	}
	small, large := layout(16, "u"), layout(32, "u")
	m.want(small)
	eventually(t, "the image", func() bool { return show(small) == 16 })
	for len(slow) > 0 {
		<-slow
	}
	m.want(large)
	if w := show(large); w != 16 {
		t.Errorf("while it is made, %d pixels", w)
	}
	for range 8 {
		slow <- struct{}{}
	}
	eventually(t, "the image in its new size", func() bool { return show(large) == 32 })
	if loads != 1 {
		t.Errorf("it was fetched %d times", loads)
	}
}

// What a host can make a gateway keep and do at once is bounded, however many images it names.
func TestTheImagesOfATaskAreBoundedTogether(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var now, most atomic.Int32
	gate := make(chan struct{})
	failures := make(chan string, protocolImages)
	m := newImages(ctx, func(context.Context, string) (image.Image, error) {
		n := now.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		defer now.Add(-1)
		<-gate
		return image.NewAlpha(image.Rect(0, 0, 1920, 1920)), nil
	}, func(n int, why string) { failures <- why })
	var urls []string
	for n := range protocolImages {
		urls = append(urls, fmt.Sprint(n))
	}
	m.want(layout(0, urls...))
	eventually(t, "the first fetches", func() bool { return now.Load() == together })
	close(gate)
	const fit = mostPixels / (1920 * 1920)
	for range protocolImages - fit {
		if why := <-failures; !strings.Contains(why, "pixels together") {
			t.Errorf("told %q", why)
		}
	}
	cancel()
	m.wait()
	if n := most.Load(); n != together {
		t.Errorf("%d were fetched at once", n)
	}
	if len(failures) > 0 || m.pixels() != fit*1920*1920 {
		t.Errorf("%d pixels are kept, and %d more failures are told", m.pixels(), len(failures))
	}
}

// An image that a layout does not name for a moment has not failed.
func TestAnImageThatIsNamedAgainHasNotFailed(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	begun, end := make(chan struct{}, 9), make(chan struct{})
	m := newImages(ctx, func(ctx context.Context, _ string) (image.Image, error) {
		begun <- struct{}{}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-end:
			return image.NewRGBA(image.Rect(0, 0, 9, 9)), nil
		}
	}, func(n int, why string) { t.Error("told of", n, why) })
	l := layout(16, "u")
	m.want(l)
	<-begun
	m.mu.Lock()
	first := m.byURL["u"]
	m.mu.Unlock()
	m.want(layout(16))
	m.want(l)
	<-first.done
	<-begun
	close(end)
	eventually(t, "the image", func() bool { return m.picture(0, l.Images[0]) != nil })
	m.wait()
}

// protocolImages is how many a layout may name.
const protocolImages = 16

// What failed is tried again with the next layout, and what no layout names is forgotten.
func TestAnImageIsTriedAgain(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var loads atomic.Int32
	told := make(chan int, 9)
	m := newImages(ctx, func(context.Context, string) (image.Image, error) {
		if loads.Add(1) == 1 {
			return nil, errors.New("not found")
		}
		return image.NewRGBA(image.Rect(0, 0, 9, 9)), nil
	}, func(n int, _ string) { told <- n })
	l := layout(16, "u", "u")
	m.want(l)
	if a, b := <-told, <-told; a+b != 1 {
		t.Errorf("told of %d and %d", a, b)
	}
	m.want(l)
	eventually(t, "the image", func() bool { return m.picture(1, l.Images[1]) != nil })
	m.want(layout(16))
	if m.pixels() != 0 || m.picture(0, l.Images[0]) != nil {
		t.Error("an image that nobody names is kept")
	}
}
