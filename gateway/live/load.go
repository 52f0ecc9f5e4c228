package live

import "nertc/internal/protocol"

// load is what tasks ask of the machine.
type load struct{ pixels, decoders int }

func (l load) plus(o load) load { return load{l.pixels + o.pixels, l.decoders + o.decoders} }
func (l load) less(o load) load { return load{l.pixels - o.pixels, l.decoders - o.decoders} }

// loadOf is what a task asks. The encoder works on the canvas, and decoders and composing on the regions: twice the canvas is
// a background with members side by side on it, and beyond that the regions count.
func loadOf(t protocol.Task) load {
	regions := 0
	pictures, sounds := map[string]bool{}, map[string]bool{}
	for _, u := range t.Layout.Users {
		if u.PushVideo && u.Width*u.Height > 0 {
			regions += u.Width * u.Height
			pictures[u.UID] = true
		}
		if u.PushAudio {
			sounds[u.UID] = true
		}
	}
	for _, m := range t.Layout.Images {
		regions += m.Width * m.Height
	}
	return load{max(t.Layout.Canvas.Width*t.Layout.Canvas.Height, regions/2), len(pictures) + len(sounds)}
}

// over says whether so much more is too much. What asks for no more of a kind is not refused for that. The lock is held.
func (t *Tasks) over(more load) bool {
	all := t.load.plus(more)
	return t.o.MaxPixels > 0 && more.pixels > 0 && all.pixels > t.o.MaxPixels ||
		t.o.MaxDecoders > 0 && more.decoders > 0 && all.decoders > t.o.MaxDecoders
}
