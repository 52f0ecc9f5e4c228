//go:build js && wasm

// Command wasm is the SDK's core for the browser. In a page it hands the factory of
// docs/border.md to the shim that started it, and serves its calls from then on. In the frame worker,
// where NERTC_ROLE is frames, it hands over what encrypts and decrypts.
package main

import (
	"os"

	"nertc/jsbridge/api"
	"nertc/jsbridge/js"
	"nertc/jsbridge/socket"
	"nertc/jsbridge/store"
	"nertc/jsbridge/transform"
)

// version is set by the build (-ldflags "-X main.version=…") to that of the shim beside it.
var version = "0.0.0"

func main() {
	name := os.Getenv("NERTC_BOOT")
	boot := js.Property(js.Global("globalThis"), name)
	js.DeleteGlobal(name)
	var object js.Value
	if os.Getenv("NERTC_ROLE") == "frames" {
		object = transform.Serve()
	} else {
		object = api.New(api.Options{
			Version: version, Dial: new(socket.Dialer).Dial, Places: store.NewPlaces(),
			Log:         api.NewLog(js.Property(boot, "logLevel"), js.Property(boot, "log")),
			SpawnFrames: js.Property(boot, "spawnFrames"),
		}).Factory()
	}
	if _, err := js.Invoke(boot, object); err != nil {
		js.Complain("the core has nobody to work for", err)
		return
	}
	select {}
}
