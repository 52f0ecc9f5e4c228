// Package journal writes down what matters of a call, line by line, for those who have to find out
// later why it went as it did. docs/logging.md says what belongs on which level. Secrets never get
// into a line: callers pass none, and what was told to Hide is taken out of every text all the same.
package journal

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"nertc/internal/errcode"
)

// Level says how much a line matters, with the documented numbers.
type Level int32

// The documented levels. None is that of a journal without lines.
const (
	Debug Level = iota
	Info
	Warning
	Error
	None
)

const (
	maxValue   = 256     // bytes of one value
	maxLine    = 2 << 10 // bytes of a line
	maxSecrets = 256     // that are remembered: in a long call passes and credentials are renewed every few minutes
	minSecret  = 4       // bytes: what is shorter stands in every second word
	hidden     = "[hidden]"

	icePassword = "ice-pwd:" // https://www.rfc-editor.org/rfc/rfc8839#section-5.4
)

// Sink takes a line: the name of the part that wrote it, and its text, which has no line break.
type Sink func(level Level, name, text string)

// Log writes lines under a name. A nil *Log writes nothing. Its methods may be called from any
// goroutine and with locks held, so the sink must not call back.
type Log struct {
	name string
	*book
}

// book is what logs of all names share.
type book struct {
	sink  Sink
	level atomic.Int32

	mu      sync.Mutex
	secrets []string
}

// New makes a journal that takes lines from a level up.
func New(level Level, sink Sink) *Log {
	l := &Log{book: &book{sink: sink}}
	l.SetLevel(level)
	return l
}

// Named gives the same journal under another name.
func (l *Log) Named(name string) *Log {
	if l == nil {
		return nil
	}
	return &Log{name: name, book: l.book}
}

// SetLevel has all names take lines from a level up.
func (l *Log) SetLevel(level Level) { l.level.Store(int32(level)) }

// Takes says whether lines of a level are written at all: what is costly to put together for nothing need not be.
func (l *Log) Takes(level Level) bool { return l != nil && level >= Level(l.level.Load()) }

// Hide has a secret taken out of all later lines. Of more than 256 the oldest are forgotten.
func (l *Log) Hide(secrets ...string) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, secret := range secrets {
		if len(secret) < minSecret || slices.Contains(l.secrets, secret) {
			continue
		}
		l.secrets = append(l.secrets, secret)
		if len(l.secrets) > maxSecrets {
			l.secrets = l.secrets[1:]
		}
	}
}

// Debug writes what only somebody who looks for a fault of the SDK wants to see. Pairs are names and values in turn.
func (l *Log) Debug(what string, pairs ...string) { l.write(Debug, what, pairs) }

// Info writes a step of the call.
func (l *Log) Info(what string, pairs ...string) { l.write(Info, what, pairs) }

// Warning writes what went wrong and is taken care of, or is the page's to take care of.
func (l *Log) Warning(what string, pairs ...string) { l.write(Warning, what, pairs) }

// Error writes what ended the call or a part of it.
func (l *Log) Error(what string, pairs ...string) { l.write(Error, what, pairs) }

func (l *Log) write(level Level, what string, pairs []string) {
	if !l.Takes(level) {
		return
	}
	var b strings.Builder
	b.WriteString(what)
	for i := 0; i+1 < len(pairs); i += 2 {
		b.WriteByte(' ')
		b.WriteString(pairs[i])
		b.WriteByte('=')
		b.WriteString(value(l.scrub(pairs[i+1])))
	}
	l.sink(level, l.name, cut(b.String(), maxLine))
}

// scrub takes out secrets, and of addresses all that a page may have put one into.
func (l *Log) scrub(text string) string {
	l.mu.Lock()
	for _, secret := range l.secrets {
		text = strings.ReplaceAll(text, secret, hidden)
	}
	l.mu.Unlock()
	// A browser may repeat a line of a description that it does not understand.
	if before, _, found := strings.Cut(text, icePassword); found {
		text = before + icePassword + hidden
	}
	return addresses(text)
}

// addresses cuts the user and the query off the addresses in a text.
func addresses(text string) string {
	if !strings.Contains(text, "://") {
		return text
	}
	rest := text
	var b strings.Builder
	for {
		before, after, found := strings.Cut(rest, "://")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		end := strings.IndexAny(after, " \t\r\n\"'<>")
		if end < 0 {
			end = len(after)
		}
		address := after[:end]
		host := address
		if i := strings.IndexAny(host, "/?#"); i >= 0 {
			host = host[:i]
		}
		if i := strings.LastIndexByte(host, '@'); i >= 0 {
			address = address[i+1:]
		}
		if i := strings.IndexAny(address, "?#"); i >= 0 {
			address = address[:i]
		}
		b.WriteString("://")
		b.WriteString(address)
		rest = after[end:]
	}
}

// value is a text as it stands in a line: one word, or in quotes.
func value(text string) string {
	text = cut(text, maxValue)
	for i := 0; i < len(text); i++ {
		if c := text[i]; c <= ' ' || c >= 0x7f || c == '"' || c == '=' || c == '\\' {
			return strconv.Quote(text)
		}
	}
	if text == "" {
		return `""`
	}
	return text
}

// cut bounds a text, between two characters.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	n := limit
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n] + "…"
}

// Failure gives the pairs code, extra and reason of an error.
func Failure(err error) []string {
	var e *errcode.Error
	if !errors.As(err, &e) {
		return []string{"reason", err.Error()}
	}
	pairs := []string{"code", strconv.Itoa(int(e.Code))}
	if e.ExtraCode != 0 {
		pairs = append(pairs, "extra", strconv.Itoa(e.ExtraCode))
	}
	return append(pairs, "reason", err.Error())
}

// Since gives the time that something took, in milliseconds.
func Since(began time.Time) string {
	return strconv.FormatInt(time.Since(began).Milliseconds(), 10) + "ms"
}
