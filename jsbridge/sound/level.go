//go:build js && wasm

package sound

import (
	"encoding/binary"
	"math"

	"nertc/jsbridge/js"
)

// window is how many samples a level is taken of: 43 ms at 48 kHz, a period of the deepest tones.
const window = 2048

// Level is how loud the channel is now, behind its volume: the largest sample of the last
// 43 ms, from 0 to 1, which for a tone is its amplitude. The first call begins to measure
// and gives 0; so does every one while the context does not run.
func (c *Channel) Level() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return 0
	}
	if c.analyser.IsUndefined() {
		analyser, err := js.Call(c.context, "createAnalyser")
		if err != nil {
			return 0
		}
		_ = js.Set(analyser, "fftSize", window)
		if _, err := js.Call(c.gain, "connect", analyser); err != nil {
			return 0
		}
		c.analyser = analyser
	}
	wake(c.context)
	return c.loudest(c.analyser)
}

// loudest is the largest sample that an analyser has. The lock is held.
func (c *Channel) loudest(analyser js.Value) float64 {
	if c.samples.IsUndefined() {
		samples, err := js.New(js.Global("Float32Array"), window)
		if err != nil {
			return 0
		}
		c.samples = samples
	}
	if _, err := js.Call(analyser, "getFloatTimeDomainData", c.samples); err != nil {
		return 0
	}
	view, err := js.New(js.Global("Uint8Array"), js.Property(c.samples, "buffer"))
	if err != nil {
		return 0
	}
	var bytes [4 * window]byte
	n := js.CopyBytes(bytes[:], view)
	loudest := 0.0
	for i := 0; i+4 <= n; i += 4 {
		sample := math.Abs(float64(math.Float32frombits(binary.LittleEndian.Uint32(bytes[i:]))))
		loudest = max(loudest, sample)
	}
	return min(loudest, 1)
}
