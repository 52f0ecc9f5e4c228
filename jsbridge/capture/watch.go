//go:build js && wasm

package capture

import (
	"context"

	"nertc/jsbridge/js"
)

// Watcher knows the browser's devices and tells of changes.
type Watcher struct {
	scope   *js.Scope
	devices js.Value
	look    chan struct{}
	changed func(DeviceChange)
}

// Watch tells of devices that come, go or change, until the owner ends. The function is
// called on a goroutine of the watcher, one change at a time.
// https://www.w3.org/TR/mediacapture-streams/#event-mediadevices-devicechange
func Watch(owner *js.Scope, changed func(DeviceChange)) *Watcher {
	w := &Watcher{
		scope: owner.Child(), changed: changed, look: make(chan struct{}, 1),
		devices: js.Property(js.Global("navigator"), "mediaDevices"),
	}
	if !js.IsObject(w.devices) { // no secure page: nothing to be seen
		return w
	}
	w.scope.Listen(w.devices, "devicechange", func(js.Value) { w.Look() })
	go w.run()
	return w
}

// Look compares the list of devices anew. To be called when the page was allowed to use a
// device: only from then on the browser tells one device from another.
func (w *Watcher) Look() {
	select {
	case w.look <- struct{}{}:
	default: // a comparison is to come anyway
	}
}

func (w *Watcher) run() {
	var known []Device
	for begun := false; ; {
		devices, err := w.list()
		if err == nil {
			if begun {
				for _, c := range compare(known, devices) {
					w.changed(c)
				}
			}
			known, begun = devices, true
		}
		select {
		case <-w.look:
		case <-w.scope.Done():
			return
		}
	}
}

func (w *Watcher) list() ([]Device, error) {
	list, err := w.scope.AwaitCall(context.Background(), w.devices, "enumerateDevices")
	if err != nil {
		return nil, err
	}
	var devices []Device
	for _, v := range js.Items(list) {
		text := func(key string) string { return js.TextOr(js.Property(v, key), "") }
		switch kind := DeviceKind(text("kind")); kind {
		case AudioInput, AudioOutput, VideoInput:
			devices = append(devices, Device{Kind: kind, ID: text("deviceId"), Label: text("label"), Group: text("groupId")})
		}
	}
	return devices, nil
}
