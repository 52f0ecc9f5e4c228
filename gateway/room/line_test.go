package room

import "testing"

// A connection that has not taken a frame takes none after it: its client would miss one in between.
func TestLineThatHasOverflowed(t *testing.T) {
	l := newLine(nil, 5, nil)
	for range 5 {
		if !l.post([]byte("x")) {
			t.Fatal("full too early")
		}
	}
	if l.post([]byte("y")) {
		t.Fatal("never full")
	}
	for frame, _ := l.take(); frame != nil; frame, _ = l.take() {
		if string(frame) != "x" {
			t.Fatal("more is written than was taken")
		}
	}
	if l.post([]byte("z")) {
		t.Fatal("takes a frame behind one that is missing")
	}
}
