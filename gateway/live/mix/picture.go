// Package mix puts pictures together on a canvas and adds sounds up. It knows neither codecs nor processes:
// pictures are I420, sound is PCM, and the clock that asks for both is the caller's.
package mix

import (
	"image"
	"image/color"
)

// Picture is planar YCbCr with 4:2:0 subsampling (I420) in the limited range of BT.601, its three planes one
// behind the other without padding. Whoever has one may read it at any time: nobody writes to it any more.
type Picture struct {
	// W and H in pixels are even and above 0.
	W, H int
	// Data has W·H bytes of Y, then W·H/4 of Cb and as many of Cr.
	Data []byte
}

// Size is the number of bytes of a picture of w·h pixels.
func Size(w, h int) int { return w * h * 3 / 2 }

// New is a picture of one colour.
func New(w, h int, c Color) *Picture {
	p := &Picture{w, h, make([]byte, Size(w, h))}
	p.clear(c)
	return p
}

// Color is red, green and blue in 8 bits each: 65536·red + 256·green + blue.
type Color int

// yuv follows https://www.itu.int/rec/R-REC-BT.601, limited range, in 8 bits of fraction.
func (c Color) yuv() (y, cb, cr byte) {
	return toYUV(int(c>>16&255), int(c>>8&255), int(c&255))
}

func toYUV(r, g, b int) (y, cb, cr byte) {
	return byte((66*r+129*g+25*b+128)>>8 + 16), byte((-38*r-74*g+112*b+128)>>8 + 128), byte((112*r-94*g-18*b+128)>>8 + 128)
}

// plane is one of a picture's three.
type plane struct {
	w, h int
	data []byte
}

func (p *Picture) planes() [3]plane {
	n := p.W * p.H
	return [3]plane{{p.W, p.H, p.Data[:n]}, {p.W / 2, p.H / 2, p.Data[n : n+n/4]}, {p.W / 2, p.H / 2, p.Data[n+n/4 : n+n/2]}}
}

func (p *Picture) clear(c Color) {
	y, cb, cr := c.yuv()
	for i, v := range [3]byte{y, cb, cr} {
		fill(p.planes()[i].data, v)
	}
}

func fill(b []byte, v byte) {
	if len(b) == 0 {
		return
	}
	b[0] = v
	for n := 1; n < len(b); n *= 2 {
		copy(b[n:], b[:n])
	}
}

// FromImage makes a picture of an image, which is shrunk by one pixel where a side is odd; what is transparent
// shows the colour. It is nil for an image with less than two pixels a side.
func FromImage(m image.Image, under Color) *Picture {
	b := m.Bounds()
	w, h := b.Dx()&^1, b.Dy()&^1
	if w < 2 || h < 2 {
		return nil
	}
	p := &Picture{w, h, make([]byte, Size(w, h))}
	ps := p.planes()
	ur, ug, ub := int(under>>16&255), int(under>>8&255), int(under&255)
	at := func(x, y int) (r, g, b int) {
		c := color.NRGBAModel.Convert(m.At(x, y)).(color.NRGBA)
		a := int(c.A)
		over := func(top byte, bottom int) int { return (int(top)*a + bottom*(255-a) + 127) / 255 }
		return over(c.R, ur), over(c.G, ug), over(c.B, ub)
	}
	if quick, ok := m.(*image.RGBA); ok {
		at = func(x, y int) (r, g, b int) {
			c := quick.Pix[quick.PixOffset(x, y):]
			through := 255 - int(c[3])
			return int(c[0]) + (ur*through+127)/255, int(c[1]) + (ug*through+127)/255, int(c[2]) + (ub*through+127)/255
		}
	}
	for y := 0; y < h; y += 2 {
		for x := 0; x < w; x += 2 {
			var r, g, bl int
			for i := range 4 {
				pr, pg, pb := at(b.Min.X+x+i&1, b.Min.Y+y+i>>1)
				ps[0].data[(y+i>>1)*w+x+i&1], _, _ = toYUV(pr, pg, pb)
				r, g, bl = r+pr, g+pg, bl+pb
			}
			o := y/2*(w/2) + x/2
			_, ps[1].data[o], ps[2].data[o] = toYUV((r+2)/4, (g+2)/4, (bl+2)/4)
		}
	}
	return p
}

// Crop is the upper left part of a picture, of even sides.
func (p *Picture) Crop(w, h int) *Picture {
	if w >= p.W && h >= p.H {
		return p
	}
	out := &Picture{min(w, p.W), min(h, p.H), nil}
	out.Data = make([]byte, Size(out.W, out.H))
	ds, ss := out.planes(), p.planes()
	for n := range ds {
		copyPlane(ds[n], ss[n], Rect{0, 0, ds[n].w, ds[n].h}, Rect{0, 0, ds[n].w, ds[n].h})
	}
	return out
}
