//go:build js && wasm

package transform

import (
	"unsafe"

	"nertc/jsbridge/js"
)

// What is called for each frame is exported from the WebAssembly itself: syscall/js takes 10 µs for a call, and leaves
// garbage on both sides; this takes less than one and leaves none. Exported functions have no receiver, so they
// find the worker here: a program serves as one frame worker or as none.
//
// They may be called while the program waits for events, as it does whenever JavaScript runs. They must not wait themselves.
var serving *worker

// space is where frames are handed over: the first half is for what comes, the second for what goes.
type space struct {
	memory []byte
	half   int
}

// exportSpace makes space for frames of up to size bytes, encrypted or not, and gives its address in the program's memory: a frame is put
// there, and the result stands size bytes behind. It is good until the next call; 0 says that there is none.
//
//go:wasmexport nertcSpace
func exportSpace(size int32) uint32 {
	if serving == nil || size <= 0 {
		return 0
	}
	serving.space = space{make([]byte, 2*int(size)), int(size)}
	return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(serving.space.memory))))
}

// exportFrame encrypts or decrypts the frame of some bytes that stands at the beginning of the space, and gives the length of
// the result; below 0 the frame must be dropped. What arrives is of the network's making: should a frame be found that panics, it is
// dropped, and not the call with it.
//
//go:wasmexport nertcFrame
func exportFrame(track, codec, length int32) int32 {
	result := dropped
	js.Guard(func() {
		if serving != nil {
			result = serving.frame(int(track), int(codec), int(length))
		}
	})
	return int32(result)
}
