package record

import "math"

// rect is a place on the canvas, in pixels.
type rect struct{ x, y, width, height float64 }

// tiles divides a canvas for n pictures: rows and columns of one size, so that as many pixels as
// possible show something of pictures as wide as the canvas is. A last row that is not full stands
// in the middle.
func tiles(n int, width, height float64) []rect {
	if n == 0 {
		return nil
	}
	columns := int(math.Ceil(math.Sqrt(float64(n))))
	rows := (n + columns - 1) / columns
	w, h := math.Floor(width/float64(columns)), math.Floor(height/float64(rows))
	places := make([]rect, 0, n)
	for i := range n {
		row := i / columns
		inRow := min(columns, n-row*columns)
		left := (width - float64(inRow)*w) / 2
		places = append(places, rect{left + float64(i%columns)*w, float64(row) * h, w, h})
	}
	return places
}

// fit is where a picture of a size goes in a place: whole, as large as it can be, in the middle.
func fit(width, height float64, in rect) rect {
	scale := math.Min(in.width/width, in.height/height)
	w, h := math.Round(width*scale), math.Round(height*scale)
	return rect{in.x + math.Round((in.width-w)/2), in.y + math.Round((in.height-h)/2), w, h}
}
