//go:build js && wasm

package js

import sysjs "syscall/js"

// Bytes makes a Uint8Array with a copy of the bytes.
func Bytes(b []byte) Value {
	array := sysjs.Global().Get("Uint8Array").New(len(b))
	sysjs.CopyBytesToJS(array, b)
	return array
}

// FromBuffer gives a copy of the bytes of an ArrayBuffer.
func FromBuffer(buffer Value) (b []byte, err error) {
	array, err := New(Global("Uint8Array"), buffer)
	if err != nil {
		return nil, err
	}
	n, _ := Integer(Property(array, "length"))
	b = make([]byte, n)
	sysjs.CopyBytesToGo(b, array)
	return b, nil
}

// CopyBytes copies a Uint8Array; what does not fit is left out. It gives the number of bytes copied.
func CopyBytes(to []byte, from Value) int {
	if !IsInstance(from, "Uint8Array") {
		return 0
	}
	return sysjs.CopyBytesToGo(to, from)
}
