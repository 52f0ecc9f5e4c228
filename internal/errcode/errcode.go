// Package errcode has the documented error codes and the one error type of the core.
//
// Every failure that a page can see is an *Error: the border turns it into the
// documented error object, the gateway sends its code and reason over the wire.
package errcode

import (
	"errors"
	"fmt"
)

// Code is a documented number, the `code` of the error that a page sees.
type Code int

// The documented codes. Their texts are in docs/errors.md.
const (
	InvalidArgument       Code = 10000
	NotSupported          Code = 10001
	Network               Code = 10002
	InvalidOperation      Code = 10008
	NotJoined             Code = 10009
	NotJoinedForTasks     Code = 10010
	NoSuchLocalStream     Code = 10011
	UnknownMediaType      Code = 10012
	RepeatedJoin          Code = 10101
	NoSuchUser            Code = 10104
	InvalidChannelName    Code = 10110
	InvalidUID            Code = 10112
	InvalidProfile        Code = 10121
	RefusedByServer       Code = 10119
	TasksNeedHost         Code = 10131
	InvalidTaskToAdd      Code = 10132
	AddTaskFailed         Code = 10133
	InvalidTaskToDelete   Code = 10134
	DeleteTaskFailed      Code = 10135
	InvalidTaskToUpdate   Code = 10136
	UpdateTaskFailed      Code = 10137
	MediaDevice           Code = 10212
	MicrophoneOpen        Code = 10221
	ScreenAudioOpen       Code = 10222
	CameraOpen            Code = 10223
	ScreenOpen            Code = 10224
	MicrophoneNotOpen     Code = 10228
	ScreenAudioNotOpen    Code = 10229
	CameraNotOpen         Code = 10230
	ScreenNotOpen         Code = 10231
	InvalidDevice         Code = 10254
	PublishAsAudience     Code = 10351
	PublishRefused        Code = 10355
	SubscribeRefused      Code = 10360
	TransformUnsupported  Code = 10471
	InvalidEncryptionMode Code = 10472
	SecretBeforeMode      Code = 10473
	InvalidPriority       Code = 10445
	InvalidRole           Code = 10477
	AutoplayBlocked       Code = 41030

	// Unauthorized and BadToken are the server's own codes that a page gets as `code` too.
	Unauthorized Code = 403
	BadToken     Code = 414
)

// Error is a failure with its documented code.
type Error struct {
	// Code is the documented number.
	Code Code
	// ExtraCode is the server's own number where a server refused, otherwise 0.
	ExtraCode int
	// Reason is one English sentence without the code. It never holds a secret.
	Reason string
	// Cause is what went wrong underneath, or nil.
	Cause error
}

// New makes an error with a code of its own.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Reason: fmt.Sprintf(format, args...)}
}

// Wrap makes an error whose cause is kept for errors.Is and errors.As.
func Wrap(code Code, cause error, format string, args ...any) *Error {
	return &Error{Code: code, Reason: fmt.Sprintf(format, args...), Cause: cause}
}

// FromServer makes the error for a refusal by the gateway. 403 and 414 stay the
// page's code as well, every other number becomes RefusedByServer.
func FromServer(code int, reason string) *Error {
	switch c := Code(code); {
	case c == Unauthorized, c == BadToken, c >= 10000:
		return &Error{Code: c, ExtraCode: code, Reason: reason}
	default:
		return &Error{Code: RefusedByServer, ExtraCode: code, Reason: reason}
	}
}

// Error gives the text that pages of every release search: `code: 403, reason: …`.
func (e *Error) Error() string {
	if e.Cause == nil {
		return fmt.Sprintf("code: %d, reason: %s", e.Code, e.Reason)
	}
	return fmt.Sprintf("code: %d, reason: %s: %v", e.Code, e.Reason, e.Cause)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Of finds the *Error in a chain. An error of another kind becomes Network or,
// where nothing is known of it, InvalidOperation with its text as the reason.
func Of(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Code: InvalidOperation, Reason: err.Error(), Cause: err}
}
