package mix

// Rect is a part of a picture in pixels; all four are even.
type Rect struct{ X, Y, W, H int }

// Fit is the largest rectangle of the shape w:h in the middle of a region, without its cut edges.
func Fit(w, h int, region Rect) Rect {
	fw, fh := FitSize(w, h, region.W, region.H)
	return Rect{region.X + (region.W-fw)/2&^1, region.Y + (region.H-fh)/2&^1, fw, fh}
}

// FitSize is the largest size with even sides of the shape w:h within a box, at least 2.
func FitSize(w, h, boxW, boxH int) (int, int) {
	if w <= 0 || h <= 0 {
		return boxW, boxH
	}
	fw, fh := boxW, h*boxW/w
	if fh > boxH {
		fw, fh = w*boxH/h, boxH
	}
	return max(fw&^1, 2), max(fh&^1, 2)
}

// Cover is the largest rectangle of the shape of a region in the middle of a picture of w·h.
func Cover(w, h int, region Rect) Rect {
	return Fit(region.W, region.H, Rect{0, 0, w &^ 1, h &^ 1})
}

// Item is one thing on a canvas.
type Item struct {
	Region Rect
	// Fill cuts off what does not fit; otherwise all is shown and the region keeps margins.
	Fill bool
	// Picture is what is shown; nil is nothing.
	Picture *Picture
}

// Compose draws a canvas: its colour, and the items over it in their order. What of a region lies outside
// is cut off. A picture that does not have its region's size yet is scaled, quickly rather than well.
func Compose(canvas *Picture, c Color, items []Item) {
	canvas.clear(c)
	for _, i := range items {
		i.draw(canvas)
	}
}

func (i Item) draw(canvas *Picture) {
	p := i.Picture
	if p == nil || i.Region.W < 2 || i.Region.H < 2 {
		return
	}
	to, from := i.Region, Rect{0, 0, p.W, p.H}
	if i.Fill {
		from = Cover(p.W, p.H, to)
	} else {
		to = Fit(p.W, p.H, to)
	}
	ds, ss := canvas.planes(), p.planes()
	for n := range ds {
		t, f := to, from
		if n > 0 {
			t, f = t.half(), f.half()
		}
		if t.W == f.W && t.H == f.H {
			copyPlane(ds[n], ss[n], t, f)
		} else {
			scalePlane(ds[n], ss[n], t, f)
		}
	}
}

func (r Rect) half() Rect { return Rect{r.X / 2, r.Y / 2, r.W / 2, r.H / 2} }

// clip gives the span of a line of n that begins at, cut to 0 to size: how much is left out in front, and what remains.
func clip(at, n, size int) (skip, remains int) {
	if at < 0 {
		skip = -at
	}
	return skip, min(n, size-at) - skip
}

func copyPlane(d, s plane, to, from Rect) {
	x, w := clip(to.X, to.W, d.w)
	y, h := clip(to.Y, to.H, d.h)
	if w <= 0 {
		return
	}
	for row := y; row < y+h; row++ {
		o, f := (to.Y+row)*d.w+to.X+x, (from.Y+row)*s.w+from.X+x
		copy(d.data[o:o+w], s.data[f:f+w])
	}
}

// scalePlane takes the nearest pixel.
func scalePlane(d, s plane, to, from Rect) {
	x, w := clip(to.X, to.W, d.w)
	y, h := clip(to.Y, to.H, d.h)
	for row := y; row < y+h; row++ {
		line := s.data[(from.Y+row*from.H/to.H)*s.w+from.X:]
		out := d.data[(to.Y+row)*d.w+to.X:]
		for col := x; col < x+w; col++ {
			out[col] = line[col*from.W/to.W]
		}
	}
}

// Scale gives a picture in the size in which an item of this size shows it, averaged over what falls together:
// for pictures that stay, whose quality counts more than the time.
func Scale(p *Picture, w, h int, cover bool) *Picture {
	from := Rect{0, 0, p.W, p.H}
	if cover {
		from = Cover(p.W, p.H, Rect{0, 0, w, h})
	} else {
		w, h = FitSize(p.W, p.H, w, h)
	}
	out := &Picture{w, h, make([]byte, Size(w, h))}
	ds, ss := out.planes(), p.planes()
	for n := range ds {
		f := from
		if n > 0 {
			f = f.half()
		}
		average(ds[n], ss[n], f)
	}
	return out
}

func average(d, s plane, from Rect) {
	for y := range d.h {
		y0 := from.Y + y*from.H/d.h
		y1 := max(from.Y+(y+1)*from.H/d.h, y0+1)
		for x := range d.w {
			x0 := from.X + x*from.W/d.w
			x1 := max(from.X+(x+1)*from.W/d.w, x0+1)
			sum := 0
			for v := y0; v < y1; v++ {
				for _, b := range s.data[v*s.w+x0 : v*s.w+x1] {
					sum += int(b)
				}
			}
			n := (y1 - y0) * (x1 - x0)
			d.data[y*d.w+x] = byte((sum + n/2) / n)
		}
	}
}
