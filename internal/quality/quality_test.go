package quality_test

import (
	"math"
	"testing"
	"time"

	"nertc/internal/quality"
)

const ms = time.Millisecond

// TestEdges holds each edge of docs/quality.md: the last value of one level and the first of the next.
func TestEdges(t *testing.T) {
	for _, c := range []struct {
		name string
		path quality.Path
		want quality.Level
	}{
		{"nothing measured", quality.Path{}, quality.Unknown},
		{"nothing measured, whatever else is said", quality.Path{Loss: 1, RTT: time.Hour}, quality.Unknown},
		{"nothing passes", quality.Path{Down: true}, quality.Down},
		{"nothing passes, good figures of before", quality.Path{Measured: true, Down: true, RTT: ms}, quality.Down},
		{"perfect", quality.Path{Measured: true}, quality.Excellent},

		{"loss", quality.Path{Measured: true, Loss: 0.0099}, quality.Excellent},
		{"loss", quality.Path{Measured: true, Loss: 0.01}, quality.Good},
		{"loss", quality.Path{Measured: true, Loss: 0.0299}, quality.Good},
		{"loss", quality.Path{Measured: true, Loss: 0.03}, quality.Poor},
		{"loss", quality.Path{Measured: true, Loss: 0.0799}, quality.Poor},
		{"loss", quality.Path{Measured: true, Loss: 0.08}, quality.Bad},
		{"loss", quality.Path{Measured: true, Loss: 0.1499}, quality.Bad},
		{"loss", quality.Path{Measured: true, Loss: 0.15}, quality.VeryBad},
		{"loss of everything", quality.Path{Measured: true, Loss: 1}, quality.VeryBad},
		{"loss that is no number", quality.Path{Measured: true, Loss: math.NaN()}, quality.VeryBad},

		{"rtt", quality.Path{Measured: true, RTT: 149 * ms}, quality.Excellent},
		{"rtt", quality.Path{Measured: true, RTT: 150 * ms}, quality.Good},
		{"rtt", quality.Path{Measured: true, RTT: 299 * ms}, quality.Good},
		{"rtt", quality.Path{Measured: true, RTT: 300 * ms}, quality.Poor},
		{"rtt", quality.Path{Measured: true, RTT: 499 * ms}, quality.Poor},
		{"rtt", quality.Path{Measured: true, RTT: 500 * ms}, quality.Bad},
		{"rtt", quality.Path{Measured: true, RTT: 799 * ms}, quality.Bad},
		{"rtt", quality.Path{Measured: true, RTT: 800 * ms}, quality.VeryBad},

		{"jitter", quality.Path{Measured: true, Jitter: 29 * ms}, quality.Excellent},
		{"jitter", quality.Path{Measured: true, Jitter: 30 * ms}, quality.Good},
		{"jitter", quality.Path{Measured: true, Jitter: 49 * ms}, quality.Good},
		{"jitter", quality.Path{Measured: true, Jitter: 50 * ms}, quality.Poor},
		{"jitter", quality.Path{Measured: true, Jitter: 99 * ms}, quality.Poor},
		{"jitter", quality.Path{Measured: true, Jitter: 100 * ms}, quality.Bad},
		{"jitter", quality.Path{Measured: true, Jitter: 199 * ms}, quality.Bad},
		{"jitter", quality.Path{Measured: true, Jitter: 200 * ms}, quality.VeryBad},

		{"bandwidth", quality.Path{Measured: true, Available: 900, Wanted: 1000}, quality.Excellent},
		{"bandwidth", quality.Path{Measured: true, Available: 899, Wanted: 1000}, quality.Good},
		{"bandwidth", quality.Path{Measured: true, Available: 700, Wanted: 1000}, quality.Good},
		{"bandwidth", quality.Path{Measured: true, Available: 699, Wanted: 1000}, quality.Poor},
		{"bandwidth", quality.Path{Measured: true, Available: 500, Wanted: 1000}, quality.Poor},
		{"bandwidth", quality.Path{Measured: true, Available: 499, Wanted: 1000}, quality.Bad},
		{"bandwidth", quality.Path{Measured: true, Available: 300, Wanted: 1000}, quality.Bad},
		{"bandwidth", quality.Path{Measured: true, Available: 299, Wanted: 1000}, quality.VeryBad},
		{"bandwidth to spare", quality.Path{Measured: true, Available: 1 << 40, Wanted: 1}, quality.Excellent},
		{"bandwidth not known", quality.Path{Measured: true, Wanted: 1000}, quality.Excellent},
		{"nothing wanted", quality.Path{Measured: true, Available: 1}, quality.Excellent},

		{"the worst counts", quality.Path{Measured: true, Loss: 0.02, RTT: 500 * ms, Jitter: 40 * ms, Available: 6, Wanted: 10}, quality.Bad},
	} {
		if got := quality.Of(c.path); got != c.want {
			t.Errorf("%s: %+v has %d, want %d", c.name, c.path, got, c.want)
		}
	}
}
