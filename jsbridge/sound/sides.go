//go:build js && wasm

package sound

import (
	"fmt"
	"time"

	"nertc/jsbridge/js"
)

const (
	// listening is how often the sides are compared, and louder by how many times the other one must be so for
	// that many times in a row: a voice that moves from one side to the other is no reason, a side that is silent is.
	listening = 250 * time.Millisecond
	louder    = 4
	inARow    = 3
	// audible is the least level that says anything: -60 dB of full scale.
	audible = 0.001
)

// sides takes one side of a stereo sound: some microphones give the same sound on both with the sign turned round, or
// only noise on one, and the mean of the two is then silent.
type sides struct {
	splitter         js.Value    // ChannelSplitterNode
	gains, analysers [2]js.Value // of each side
	side, times      int         // which is taken, and how often in a row the other one was louder
	done             chan struct{}
}

// OneSide has one side of a stereo sound taken from now on: the louder one, the left one first.
func (c *Channel) OneSide() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.sides != nil {
		return nil
	}
	s := &sides{done: make(chan struct{})}
	var err error
	made := func(method string, arguments ...any) js.Value {
		if err != nil {
			return js.Undefined()
		}
		var node js.Value
		node, err = js.Call(c.context, method, arguments...)
		return node
	}
	connect := func(from, to js.Value, output ...any) {
		if err == nil {
			_, err = js.Call(from, "connect", append([]any{to}, output...)...)
		}
	}
	s.splitter = made("createChannelSplitter", 2)
	for i := range s.gains {
		s.gains[i], s.analysers[i] = made("createGain"), made("createAnalyser")
		connect(s.splitter, s.gains[i], i)
		connect(s.splitter, s.analysers[i], i)
		connect(s.gains[i], c.gain)
		_ = js.Set(s.analysers[i], "fftSize", window)
	}
	if err == nil {
		err = js.Set(js.Property(s.gains[1], "gain"), "value", 0)
	}
	if err != nil {
		return fmt.Errorf("take one side: %w", err)
	}
	c.sides = s
	if err := c.setInput(c.track); err != nil {
		return err
	}
	go c.listen(s)
	return nil
}

// entrance is where a track goes in. The lock is held.
func (c *Channel) entrance(track js.Value) js.Value {
	settings, err := js.Call(track, "getSettings")
	if channels, _ := js.Number(js.Property(settings, "channelCount")); c.sides != nil && err == nil && channels >= 2 {
		return c.sides.splitter
	}
	return c.gain
}

// listen takes the other side when that is louder.
func (c *Channel) listen(s *sides) {
	tick := time.NewTicker(listening)
	defer tick.Stop()
	for {
		select {
		case <-s.done:
			return
		case <-tick.C:
		}
		c.mu.Lock()
		c.compare(s)
		c.mu.Unlock()
	}
}

// compare compares the sides. The lock is held.
func (c *Channel) compare(s *sides) {
	if c.closed {
		return
	}
	here, there := c.loudest(s.analysers[s.side]), c.loudest(s.analysers[1-s.side])
	if there < audible || there < louder*here {
		s.times = 0
		return
	}
	if s.times++; s.times < inARow {
		return
	}
	s.side, s.times = 1-s.side, 0
	now, _ := js.Number(js.Property(c.context, "currentTime"))
	for i, gain := range s.gains {
		volume := 0
		if i == s.side {
			volume = 1
		}
		_, _ = js.Call(js.Property(gain, "gain"), "setTargetAtTime", volume, now, volumeTime)
	}
}

func (s *sides) close() {
	if s == nil {
		return
	}
	close(s.done)
	disconnect(s.splitter)
	for i := range s.gains {
		disconnect(s.gains[i])
		disconnect(s.analysers[i])
	}
}
