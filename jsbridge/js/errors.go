//go:build js && wasm

package js

import (
	"fmt"
	sysjs "syscall/js"

	"nertc/internal/errcode"
)

// ErrorName is the name of a DOMException, for errors.Is.
// https://webidl.spec.whatwg.org/#dfn-error-names-table
type ErrorName string

// The names that the browser wing asks for.
const (
	NotAllowedError      ErrorName = "NotAllowedError"
	NotFoundError        ErrorName = "NotFoundError"
	NotReadableError     ErrorName = "NotReadableError"
	OverconstrainedError ErrorName = "OverconstrainedError"
	AbortError           ErrorName = "AbortError"
	SecurityError        ErrorName = "SecurityError"
	InvalidStateError    ErrorName = "InvalidStateError"
)

// Error gives the name.
func (n ErrorName) Error() string { return string(n) }

// Exception is something that JavaScript threw or rejected with.
type Exception struct {
	// Name of the error, empty if something else was thrown.
	Name ErrorName
	// Message of the error, or the thrown value as text.
	Message string
}

// Error gives name and message.
func (e *Exception) Error() string {
	if e.Name == "" {
		return e.Message
	}
	return string(e.Name) + ": " + e.Message
}

// Is lets errors.Is match an exception by its name.
func (e *Exception) Is(target error) bool {
	name, ok := target.(ErrorName)
	return ok && e.Name == name
}

// ErrorFrom turns what JavaScript threw into an error: the border's own object
// {code, extraCode, reason} into an *errcode.Error, everything else into an *Exception.
func ErrorFrom(v Value) error {
	if s, ok := Text(v); ok {
		return &Exception{Message: s}
	}
	if !IsObject(v) && !IsFunction(v) {
		return &Exception{Message: "thrown: " + describe(v)}
	}
	code, isCode := Integer(Property(v, "code"))
	reason, isReason := Text(Property(v, "reason"))
	if isCode && isReason {
		extra, _ := Integer(Property(v, "extraCode"))
		return &errcode.Error{Code: errcode.Code(code), ExtraCode: int(extra), Reason: reason}
	}
	return &Exception{
		Name:    ErrorName(TextOr(Property(v, "name"), "")),
		Message: TextOr(Property(v, "message"), ""),
	}
}

// ErrorValue turns an error into the plain object {code, extraCode, reason} that the
// shim makes the documented error of. The only place where that is done.
func ErrorValue(err error) Value {
	e := errcode.Of(err)
	return Object(map[string]any{
		"code":      int(e.Code),
		"extraCode": e.ExtraCode,
		"reason":    e.Reason,
	})
}

// recovered, deferred, turns a panic of syscall/js into an error.
func recovered(err *error) {
	if r := recover(); r != nil {
		*err = panicError(r)
	}
}

func panicError(r any) error {
	switch r := r.(type) {
	case sysjs.Error:
		return ErrorFrom(r.Value)
	case *sysjs.ValueError:
		return &Exception{Name: "TypeError", Message: r.Error()}
	case error:
		return r
	default:
		return fmt.Errorf("%v", r)
	}
}

// describe names a value that is no object.
func describe(v Value) string {
	if _, ok := typeOf(v); !ok {
		return "bigint"
	}
	return v.String()
}

// Complain writes a failure that has no caller to the browser's console.
func Complain(what string, err error) {
	_, _ = Call(Global("console"), "error", "nertc: "+what+": "+err.Error())
}
