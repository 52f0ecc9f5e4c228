package mix_test

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"testing"

	"nertc/gateway/live/mix"
)

const (
	red   mix.Color = 0xff0000
	green mix.Color = 0x00ff00
	blue  mix.Color = 0x0000ff
	gray  mix.Color = 0x808080
)

// rgb is a picture's colour at a pixel, https://www.itu.int/rec/R-REC-BT.601.
func rgb(p *mix.Picture, x, y int) [3]float64 {
	n := p.W * p.H
	o := y/2*(p.W/2) + x/2
	l, cb, cr := 1.164*(float64(p.Data[y*p.W+x])-16), float64(p.Data[n+o])-128, float64(p.Data[n+n/4+o])-128
	return [3]float64{l + 1.596*cr, l - 0.392*cb - 0.813*cr, l + 2.017*cb}
}

func wantColor(t *testing.T, p *mix.Picture, x, y int, want mix.Color) {
	t.Helper()
	got := rgb(p, x, y)
	for i, w := range []int{int(want >> 16 & 255), int(want >> 8 & 255), int(want & 255)} {
		if math.Abs(got[i]-float64(w)) > 6 {
			t.Errorf("pixel %d,%d is %.0f, want #%06x", x, y, got, int(want))
			return
		}
	}
}

func TestComposePlacesRegionsOverEachOther(t *testing.T) {
	canvas := mix.New(64, 48, blue)
	mix.Compose(canvas, gray, []mix.Item{
		{Region: mix.Rect{X: 8, Y: 8, W: 16, H: 16}, Picture: mix.New(16, 16, red)},
		{Region: mix.Rect{X: 16, Y: 16, W: 16, H: 16}, Picture: mix.New(16, 16, green)},
		{Region: mix.Rect{X: 56, Y: 40, W: 16, H: 16}, Picture: mix.New(16, 16, red)},   // hangs over
		{Region: mix.Rect{X: -8, Y: 40, W: 16, H: 16}, Picture: mix.New(16, 16, green)}, // on the other side
		{Region: mix.Rect{X: 80, Y: 80, W: 16, H: 16}, Picture: mix.New(16, 16, red)},   // outside
		{Region: mix.Rect{X: 40, Y: 0, W: 0, H: 16}, Picture: mix.New(16, 16, red)},     // of no size
		{Region: mix.Rect{X: 40, Y: 0, W: 16, H: 16}},                                   // nothing there
	})
	for _, c := range []struct {
		x, y int
		want mix.Color
	}{
		{7, 7, gray}, {8, 8, red}, {15, 23, red}, {16, 16, green}, {23, 23, green}, {31, 31, green}, {32, 32, gray},
		{56, 40, red}, {63, 47, red}, {55, 40, gray}, {0, 40, green}, {7, 47, green}, {8, 47, gray}, {45, 5, gray}, {63, 0, gray},
	} {
		wantColor(t, canvas, c.x, c.y, c.want)
	}
}

// halves is a picture whose left half is one colour and whose right half is another.
func halves(w, h int, left, right mix.Color) *mix.Picture {
	p := mix.New(w, h, left)
	mix.Compose(p, left, []mix.Item{{Region: mix.Rect{X: w / 2, W: w / 2, H: h}, Picture: mix.New(w/2, h, right)}})
	return p
}

func TestFitKeepsMarginsAndFillCuts(t *testing.T) {
	wide := halves(64, 16, red, green)
	for name, p := range map[string]*mix.Picture{"as it is": wide, "made ready": nil} {
		canvas := mix.New(40, 40, blue)
		show := p
		if show == nil {
			show = mix.Scale(wide, 32, 32, false)
			if show.W != 32 || show.H != 8 {
				t.Fatalf("scaled to %d×%d", show.W, show.H)
			}
		}
		mix.Compose(canvas, gray, []mix.Item{{Region: mix.Rect{X: 4, Y: 4, W: 32, H: 32}, Picture: show}})
		for _, c := range []struct {
			x, y int
			want mix.Color
		}{{4, 4, gray}, {20, 15, gray}, {4, 16, red}, {19, 23, red}, {20, 16, green}, {35, 23, green}, {20, 24, gray}, {36, 18, gray}} {
			wantColor(t, canvas, c.x, c.y, c.want)
		}
		if show = p; show == nil {
			if show = mix.Scale(wide, 32, 32, true); show.W != 32 || show.H != 32 {
				t.Fatalf("scaled to %d×%d", show.W, show.H)
			}
		}
		mix.Compose(canvas, gray, []mix.Item{{Region: mix.Rect{X: 4, Y: 4, W: 32, H: 32}, Fill: true, Picture: show}})
		for _, c := range []struct {
			x, y int
			want mix.Color
		}{{3, 3, gray}, {4, 4, red}, {19, 35, red}, {20, 4, green}, {35, 35, green}, {36, 36, gray}} {
			wantColor(t, canvas, c.x, c.y, c.want)
		}
		if t.Failed() {
			t.Fatal(name)
		}
	}
}

func TestFitSize(t *testing.T) {
	for _, c := range [][6]int{
		{1280, 720, 640, 640, 640, 360}, {720, 1280, 640, 640, 360, 640}, {100, 100, 30, 90, 30, 30},
		{1, 10000, 64, 64, 2, 64}, {10000, 1, 64, 64, 64, 2}, {0, 0, 64, 32, 64, 32}, {641, 361, 320, 190, 320, 180}, {333, 100, 100, 100, 100, 30},
	} {
		if w, h := mix.FitSize(c[0], c[1], c[2], c[3]); w != c[4] || h != c[5] {
			t.Errorf("%v: %d×%d", c, w, h)
		}
	}
}

func TestFromImage(t *testing.T) {
	m := image.NewNRGBA(image.Rect(3, 3, 12, 8)) // odd sides, and not at the origin
	for y := 3; y < 8; y++ {
		for x := 3; x < 12; x++ {
			m.SetNRGBA(x, y, color.NRGBA{R: 255, A: 255})
			if x >= 7 {
				m.SetNRGBA(x, y, color.NRGBA{R: 255})
			}
		}
	}
	other := image.NewRGBA(m.Rect)
	draw.Draw(other, m.Rect, m, m.Rect.Min, draw.Src)
	for _, m := range []image.Image{m, other} {
		p := mix.FromImage(m, blue)
		if p.W != 8 || p.H != 4 {
			t.Fatalf("%d×%d", p.W, p.H)
		}
		wantColor(t, p, 0, 0, red)
		wantColor(t, p, 3, 3, red)
		wantColor(t, p, 4, 0, blue) // transparent
	}
	if mix.FromImage(image.NewGray(image.Rect(0, 0, 1, 9)), blue) != nil {
		t.Error("an image of one column was taken")
	}
}

func BenchmarkCompose720p(b *testing.B) {
	canvas := mix.New(1280, 720, gray)
	items := []mix.Item{
		{Region: mix.Rect{W: 640, H: 720}, Fill: true, Picture: mix.New(640, 720, red)},
		{Region: mix.Rect{X: 640, W: 640, H: 720}, Fill: true, Picture: mix.New(640, 720, green)},
	}
	for b.Loop() {
		mix.Compose(canvas, gray, items)
	}
}
