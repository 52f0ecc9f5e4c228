//go:build js && wasm

package api

import (
	"nertc/internal/speaker"
	"nertc/jsbridge/js"
)

// volumes tells volume-indicator, then active-speaker if somebody is to be heard. Whom the
// page has muted here is not among them, like those who have muted themselves.
func (c *Client) volumes(measured []speaker.Level) {
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
// for pages of both kinds; of an empty one these are null and 0.
func (c *Client) volumeIndicator(levels []speaker.Level) js.Value {
	items := make([]any, 0, len(levels))
	for _, l := range levels {
		items = append(items, map[string]any{"uid": c.uid(l.UID), "level": l.Level, "type": string(l.MediaType)})
	}
	list := js.Array(items...)
	loudest := speaker.Level{}
	if len(levels) > 0 {
		loudest = levels[0]
	}
	_ = js.Set(list, "uid", c.uid(loudest.UID))
	_ = js.Set(list, "level", loudest.Level)
	return list
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
