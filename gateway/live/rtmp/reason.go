package rtmp

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"syscall"

	"nertc/gateway/live/address"
	"nertc/gateway/live/amf"
)

var (
	// ErrRefused is wrapped by errors about a server that answers, and does not want the stream.
	ErrRefused = errors.New("the server refuses the stream")
	// ErrStalled means that the server has stopped taking data.
	ErrStalled = errors.New("the server has stopped taking data")
	// ErrTimeout means that the server was too slow to answer.
	ErrTimeout = errors.New("the server did not answer in time")
	// ErrClosed means that the server has closed the connection.
	ErrClosed = errors.New("the server closed the connection")
	// ErrUnreachable means that there is no connection to the server.
	ErrUnreachable = errors.New("the server cannot be reached")
	// ErrNoListener means that the server's machine refuses the connection.
	ErrNoListener = errors.New("the server refuses the connection")
	// ErrCertificate means that the server of an rtmps address does not prove that it is the one.
	ErrCertificate = errors.New("the server's certificate is not valid for its name")
	// ErrSecure means that TLS with the server of an rtmps address failed otherwise.
	ErrSecure = errors.New("no secure connection to the server")
)

// plain turns what went wrong into one of this package's errors: others name addresses that are nobody's business.
func plain(err error) error {
	for _, known := range []error{ErrRefused, ErrStalled, ErrTimeout, ErrClosed, ErrUnreachable, ErrNoListener, ErrCertificate, ErrSecure,
		errProtocol, address.ErrForbidden, address.ErrResolve, address.ErrSyntax} {
		if errors.Is(err, known) {
			return err
		}
	}
	var network net.Error
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case errors.As(err, &certificate):
		return ErrCertificate
	case errors.As(err, &record), errors.As(err, &alert):
		return ErrSecure
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return ErrTimeout
	case errors.Is(err, syscall.ECONNREFUSED):
		return ErrNoListener
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, net.ErrClosed):
		return ErrClosed
	}
	return ErrUnreachable
}

// said is what a server has to say in a status: its code and description, without the stream key, which some repeat.
func said(status amf.Object, s address.Stream) string {
	text := status.Text("code")
	if d := status.Text("description"); d != "" && d != text {
		if text != "" {
			text += ": "
		}
		text += d
	}
	for _, secret := range secrets(s) {
		text = strings.ReplaceAll(text, secret, "…")
	}
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, " "))
	if runes := []rune(text); len(runes) > 200 {
		text = string(runes[:200]) + "…"
	}
	return text
}

// secrets are what a server may repeat of a stream key: all of it, its parts and their values, as they were written and decoded. Longer
// ones come first, as a shorter one may stand within.
func secrets(s address.Stream) []string {
	name, query, _ := strings.Cut(s.Key, "?")
	list := []string{s.Key, name, name[strings.LastIndexByte(name, '/')+1:], query}
	for _, pair := range strings.Split(query, "&") {
		_, value, _ := strings.Cut(pair, "=")
		list = append(list, value)
	}
	for _, written := range list {
		for _, decode := range []func(string) (string, error){url.PathUnescape, url.QueryUnescape} {
			if decoded, err := decode(written); err == nil {
				list = append(list, decoded)
			}
		}
	}
	slices.SortFunc(list, func(a, b string) int { return len(b) - len(a) })
	return slices.DeleteFunc(list, func(secret string) bool { return secret == "" })
}
