//go:build js && wasm

package api

import (
	"nertc/internal/speaker"
	"nertc/jsbridge/js"
)

// volumes tells volume-indicator, then active-speaker if somebody is to be heard. Whom the
// page has muted here is not among them, like those who have muted themselves.
func (c *Client) volumes(measured []speaker.Level) {
	if !c.heard("volume-indicator", "active-speaker") {
		return
	}
	var levels []speaker.Level
	c.mu.Lock()
	for _, l := range measured {
		s := c.remotes[l.UID]
		if s == nil || s.isMuted(l.MediaType) {
			continue
		}
		// How loud it is for us does not change how loud it is.
		l.Level = speaker.Bounded(l.Level / s.player.MeasuredVolume(l.MediaType))
		levels = append(levels, l)
	}
	c.mu.Unlock()
	speaker.Sort(levels)
	emit(c.emit, "volume-indicator", c.volumeIndicator(levels))
	if l, ok := speaker.Active(levels); ok {
		emit(c.emit, "active-speaker", map[string]any{"uid": c.uid(l.UID), "level": l.Level})
	}
}

// volumeIndicator is an array of {uid, level, type} that answers uid and level with its first,
// for pages of both kinds. Of an empty one they are of the types that they always have, so that a
// page that knows one user only does not stumble: the uid that nobody has, and 0.
func (c *Client) volumeIndicator(levels []speaker.Level) js.Value {
	items := make([]any, 0, len(levels))
	for _, l := range levels {
		items = append(items, map[string]any{"uid": c.uid(l.UID), "level": l.Level, "type": string(l.MediaType)})
	}
	list := js.Array(items...)
	uid, level := c.nobody(), 0.0
	if len(levels) > 0 {
		uid, level = c.uid(levels[0].UID), levels[0].Level
	}
	_ = js.Set(list, "uid", uid)
	_ = js.Set(list, "level", level)
	return list
}

func (c *Client) nobody() any {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.numeric {
		return 0
	}
	return ""
}

// setPlaybackVolume sets how loud everybody else is played, now and from now on. The shim has
// checked that the volume is a number from 0 to 100.
func (c *Client) setPlaybackVolume(volume js.Value) {
	percent, ok := js.Number(volume)
	if !ok || !(percent >= 0 && percent <= 100) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.volume = percent / 100
	for _, s := range c.remotes {
		s.player.SetVolume(c.volume)
	}
}
