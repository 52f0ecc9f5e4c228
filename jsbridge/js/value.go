//go:build js && wasm

// Package js is the border's one place for conversions between Go and JavaScript:
// values, functions and their owners, promises, listeners, errors and the ordered queue.
//
// Two facts of Go's JavaScript runtime shape it. Value.Get, Set, Index and Length let an
// exception of a getter or a Proxy pass straight through the WebAssembly frames, which
// leaves the program broken, while Value.Call catches it: whatever comes from a page is
// therefore read with Get of this package. And a panic inside a function that JavaScript
// calls ends the program: every such function is made by a Scope, which guards it.
package js

import (
	"math"
	sysjs "syscall/js"
)

// Value is a JavaScript value.
type Value = sysjs.Value

// MaxSafeInteger is the largest integer up to which every integer has a number of its own.
// https://tc39.es/ecma262/#sec-number.max_safe_integer
const MaxSafeInteger = 1<<53 - 1

// What every crossing of the border goes through, looked up once: each look costs as much as a call.
var (
	reflectGet = sysjs.Global().Get("Reflect").Get("get")
	reflectSet = sysjs.Global().Get("Reflect").Get("set")
	// functionCall is Function.prototype.call, by which a function is called with a `this`.
	functionCall = sysjs.Global().Get("Function").Get("prototype").Get("call")
)

// Undefined is JavaScript's undefined.
func Undefined() Value { return sysjs.Undefined() }

// Null is JavaScript's null.
func Null() Value { return sysjs.Null() }

// Global gives a global variable, undefined if there is none.
func Global(name string) Value { return sysjs.Global().Get(name) }

// DeleteGlobal removes a global variable.
func DeleteGlobal(name string) { sysjs.Global().Delete(name) }

// Get reads a property. What a getter or a Proxy throws, and a value that has no
// properties, come back as an error.
func Get(v Value, key string) (Value, error) {
	return Invoke(reflectGet, v, key)
}

// Property reads a property; undefined where Get fails.
func Property(v Value, key string) Value {
	p, err := Get(v, key)
	if err != nil {
		return Undefined()
	}
	return p
}

// Set writes a property; a setter that throws gives an error.
func Set(v Value, key string, to any) error {
	_, err := Invoke(reflectSet, v, key, to)
	return err
}

// Call calls a method; what it throws comes back as an error.
func Call(v Value, method string, args ...any) (result Value, err error) {
	defer recovered(&err)
	// Not v.Call: where that fails, it reads the property once more and unguarded.
	f, err := Get(v, method)
	if err != nil {
		return Undefined(), err
	}
	if !IsFunction(f) {
		return Undefined(), &Exception{Name: "TypeError", Message: method + " is not a function"}
	}
	all := make([]any, 0, 2+len(args))
	return functionCall.Call("call", append(append(all, f, v), args...)...), nil
}

// Invoke calls a function; what it throws comes back as an error.
func Invoke(f Value, args ...any) (result Value, err error) {
	defer recovered(&err)
	return f.Invoke(args...), nil
}

// New constructs an object; what the constructor throws comes back as an error.
func New(class Value, args ...any) (result Value, err error) {
	defer recovered(&err)
	return class.New(args...), nil
}

// typeOf is Value.Type without its panic for a BigInt, which it does not know.
func typeOf(v Value) (t sysjs.Type, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	return v.Type(), true
}

func is(v Value, want sysjs.Type) bool {
	t, ok := typeOf(v)
	return ok && t == want
}

// IsNullish says whether a value is undefined or null.
func IsNullish(v Value) bool { return v.IsUndefined() || v.IsNull() }

// IsFunction says whether a value can be called.
func IsFunction(v Value) bool { return is(v, sysjs.TypeFunction) }

// IsObject says whether a value is an object that is not a function.
func IsObject(v Value) bool { return is(v, sysjs.TypeObject) }

// Text gives a string's text; false for every other type.
func Text(v Value) (string, bool) {
	if !is(v, sysjs.TypeString) {
		return "", false
	}
	return v.String(), true
}

// OfText gives the string of a text.
func OfText(s string) Value { return sysjs.ValueOf(s) }

// TextOr gives a string's text, or another one for every other type.
func TextOr(v Value, other string) string {
	if s, ok := Text(v); ok {
		return s
	}
	return other
}

// Number gives a number, NaN and the infinities included; false for every other type.
func Number(v Value) (float64, bool) {
	if !is(v, sysjs.TypeNumber) {
		return 0, false
	}
	return v.Float(), true
}

// Integer gives a safe integer; false for everything else.
func Integer(v Value) (int64, bool) {
	f, ok := Number(v)
	if !ok || f != math.Trunc(f) || math.Abs(f) > MaxSafeInteger {
		return 0, false
	}
	return int64(f), true
}

// IsTrue says whether a value is the boolean true.
func IsTrue(v Value) bool { return is(v, sysjs.TypeBoolean) && v.Bool() }

// IsSet says whether a flag of a page's options is set: true, or a number other than 0.
func IsSet(v Value) bool {
	n, ok := Number(v)
	return IsTrue(v) || (ok && n != 0 && n == n)
}

// IsFalse says whether a value is the boolean false.
func IsFalse(v Value) bool { return is(v, sysjs.TypeBoolean) && !v.Bool() }

// IsInstance says whether a value is made by a global class; false if there is no such class.
func IsInstance(v Value, class string) bool {
	c := Global(class)
	if !IsFunction(c) || !(IsObject(v) || IsFunction(v)) {
		return false
	}
	// The prototype is walked by hand: `instanceof` on a Proxy may throw past Go.
	proto, err := Get(c, "prototype")
	if err != nil {
		return false
	}
	in, err := Call(proto, "isPrototypeOf", v)
	return err == nil && IsTrue(in)
}

// Items gives the elements of an array-like value, none for anything else.
func Items(v Value) []Value {
	n, ok := Integer(Property(v, "length"))
	if !ok || n < 0 || n > 1<<16 {
		return nil
	}
	items := make([]Value, 0, n)
	for i := range int(n) {
		item, err := Invoke(reflectGet, v, i)
		if err != nil {
			return items
		}
		items = append(items, item)
	}
	return items
}

// Object makes a plain object. The values are what syscall/js can convert.
func Object(members map[string]any) Value { return sysjs.ValueOf(members) }

// Array makes an array. The values are what syscall/js can convert.
func Array(items ...any) Value {
	if items == nil {
		items = []any{}
	}
	return sysjs.ValueOf(items)
}
