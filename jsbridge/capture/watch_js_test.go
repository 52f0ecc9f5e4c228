package capture

import (
	"fmt"
	"testing"

	"nertc/jsbridge/js"
)

// machine has the page believe in other devices, until the test ends.
func machine(t *testing.T) (plug func(list string)) {
	t.Cleanup(func() { script(t, `delete navigator.mediaDevices.enumerateDevices`) })
	return func(list string) {
		script(t, `
			navigator.mediaDevices.enumerateDevices = async () => `+list+`;
			navigator.mediaDevices.dispatchEvent(new Event('devicechange'));`)
	}
}

const (
	camera     = `{kind: 'videoinput', deviceId: 'c', label: 'Camera', groupId: 'g'}`
	microphone = `{kind: 'audioinput', deviceId: 'm', label: 'Microphone', groupId: 'g'}`
	speakers   = `{kind: 'audiooutput', deviceId: 'default', label: 'Speakers', groupId: 'g'}`
	headset    = `{kind: 'audiooutput', deviceId: 'default', label: 'Headset', groupId: 'h'}`
)

func TestWatchTellsOfDevices(t *testing.T) {
	ctx, scope := within(t), js.NewScope()
	defer scope.Close()
	plug := machine(t)
	plug(`[` + camera + `,` + speakers + `]`)
	changes := make(chan string, 10)
	w := Watch(scope, func(c DeviceChange) {
		changes <- fmt.Sprintf("%s %s %s %s", c.State, c.Device.Kind, c.Device.ID, c.Device.Label)
	})
	// The first list is what is known from then on: nothing is told of it.
	for w.Look(); len(w.look) > 0; {
		scope.Turn(ctx)
	}
	expect := func(want string) {
		t.Helper()
		select {
		case got := <-changes:
			if got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		case <-ctx.Done():
			t.Fatalf("%q never came", want)
		}
	}
	plug(`[` + camera + `,` + microphone + `,` + speakers + `]`)
	expect("ACTIVE audioinput m Microphone")
	plug(`[` + camera + `,` + microphone + `,` + headset + `]`)
	expect("CHANGED audiooutput default Headset")
	plug(`Promise.reject(new Error('no list'))`)
	plug(`[null, 7, {kind: 5}, ` + microphone + `,` + headset + `]`)
	expect("INACTIVE videoinput c Camera")

	scope.Close()
	if n := scope.Live(); n != 0 {
		t.Errorf("%d functions are still alive", n)
	}
	plug(`[]`)
	scope.Turn(ctx)
	select {
	case got := <-changes:
		t.Errorf("%q after the end", got)
	default:
	}
}
