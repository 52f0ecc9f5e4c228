//go:build js && wasm

package js

import sysjs "syscall/js"

// Buffer is a Uint8Array that bytes go through in both directions. Its memory is JavaScript's:
// each Read and Write copies once, and allocates nothing.
type Buffer struct {
	value Value
	size  int
}

// NewBuffer wraps a Uint8Array; false for what is none.
func NewBuffer(v Value) (Buffer, bool) {
	if !IsInstance(v, "Uint8Array") {
		return Buffer{}, false
	}
	return Buffer{v, v.Length()}, true
}

// Len is the buffer's length.
func (b Buffer) Len() int { return b.size }

// Read fills to from the buffer's beginning.
func (b Buffer) Read(to []byte) int {
	if b.size == 0 {
		return 0
	}
	return sysjs.CopyBytesToGo(to, b.value)
}

// Write puts bytes at the buffer's beginning, as many as fit.
func (b Buffer) Write(from []byte) int {
	if b.size == 0 {
		return 0
	}
	return sysjs.CopyBytesToJS(b.value, from)
}
