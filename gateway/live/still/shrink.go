package still

import (
	"image"
	"image/draw"
)

// MaxSide is the longest side of what Load gives, in pixels: no canvas has a longer one.
const MaxSide = 1920

// shrink gives an image in 8 bits a colour, with no side beyond MaxSide: it is kept for as long as a task names it, and what a decoder
// gives takes up to 16 times the memory.
func shrink(m image.Image) *image.RGBA {
	b := m.Bounds()
	full := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(full, full.Rect, m, b.Min, draw.Src)
	w, h := b.Dx(), b.Dy()
	if w > MaxSide {
		w, h = MaxSide, max(h*MaxSide/w, 1)
	}
	if h > MaxSide {
		w, h = max(w*MaxSide/h, 1), MaxSide
	}
	if w == b.Dx() && h == b.Dy() {
		return full
	}
	small := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		y0, y1 := y*b.Dy()/h, max((y+1)*b.Dy()/h, y*b.Dy()/h+1)
		for x := range w {
			x0, x1 := x*b.Dx()/w, max((x+1)*b.Dx()/w, x*b.Dx()/w+1)
			average(small.Pix[y*small.Stride+4*x:], full, image.Rect(x0, y0, x1, y1))
		}
	}
	return small
}

// average puts the mean of a part of an image into a pixel.
func average(to []byte, m *image.RGBA, of image.Rectangle) {
	var sum [4]int
	for y := of.Min.Y; y < of.Max.Y; y++ {
		line := m.Pix[y*m.Stride+4*of.Min.X : y*m.Stride+4*of.Max.X]
		for i, v := range line {
			sum[i&3] += int(v)
		}
	}
	n := of.Dx() * of.Dy()
	for i, v := range sum {
		to[i] = byte((v + n/2) / n)
	}
}
