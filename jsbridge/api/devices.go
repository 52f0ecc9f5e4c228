//go:build js && wasm

package api

import (
	"nertc/jsbridge/capture"
	"nertc/jsbridge/js"
)

// deviceEvents are the documented events of a kind of devices.
var deviceEvents = map[capture.DeviceKind]string{
	capture.AudioInput:  "recording-device-changed",
	capture.AudioOutput: "playout-device-changed",
	capture.VideoInput:  "camera-changed",
}

// deviceChanged tells that a device of the machine has come, gone or changed.
func (c *Client) deviceChanged(d capture.DeviceChange) {
	event := deviceEvents[d.Device.Kind]
	if event == "" {
		return
	}
	c.core.InOrder(func() {
		js.Guard(func() {
			c.tell(event, map[string]any{
				"state":  string(d.State),
				"device": map[string]any{"deviceId": d.Device.ID, "label": d.Device.Label},
			})
		})
	})
}

// devicesOpened has every client look at the devices again, which the browser shows more of
// once a page has opened one.
func (a *API) devicesOpened() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, c := range a.clients {
		c.devices.Look()
	}
}
