package record

import "testing"

func TestTilesFillTheCanvasAndDoNotOverlap(t *testing.T) {
	for n := range 18 {
		places := tiles(n, 640, 360)
		if len(places) != n {
			t.Fatalf("%d places for %d", len(places), n)
		}
		for i, a := range places {
			if a.x < 0 || a.y < 0 || a.x+a.width > 640 || a.y+a.height > 360 || a.width < 100 || a.height < 50 {
				t.Errorf("%d of %d is at %+v", i, n, a)
			}
			for _, b := range places[:i] {
				if a.x < b.x+b.width && b.x < a.x+a.width && a.y < b.y+b.height && b.y < a.y+a.height {
					t.Errorf("of %d: %+v and %+v overlap", n, a, b)
				}
			}
		}
	}
	if two := tiles(2, 640, 360); two[0] != (rect{0, 0, 320, 360}) || two[1] != (rect{320, 0, 320, 360}) {
		t.Errorf("two: %+v", two)
	}
	if three := tiles(3, 640, 360); three[2] != (rect{160, 180, 320, 180}) {
		t.Errorf("the third of three is at %+v", three[2])
	}
}

func TestFitShowsTheWholePicture(t *testing.T) {
	for _, c := range []struct {
		width, height float64
		want          rect
	}{
		{640, 360, rect{100, 90, 320, 180}},
		{100, 100, rect{170, 90, 180, 180}},
		{1280, 360, rect{100, 135, 320, 90}},
	} {
		if got := fit(c.width, c.height, rect{100, 90, 320, 180}); got != c.want {
			t.Errorf("%v by %v: %+v", c.width, c.height, got)
		}
	}
}
