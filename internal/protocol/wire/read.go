package wire

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// MaxDepth is how deep the arrays and objects of a member that nobody knows may be nested.
const MaxDepth = 100

// Error says why input cannot be read. It holds none of it.
type Error struct {
	// Offset in bytes, of where it went wrong.
	Offset int
	Reason string
}

func (e *Error) Error() string { return e.Reason + " at byte " + strconv.Itoa(e.Offset) }

const (
	ended    = "the end comes too early"
	noValue  = "no value"
	noString = "no string"
	noBool   = "neither true nor false"
	noNumber = "no number"
	tooLarge = "no whole number of this size"
	tooDeep  = "nested too deep"
	misplace = "a character that does not belong here"
)

// Read reads one object, or null, and nothing else. After an error the object may be read in part.
func Read(b []byte, o Object) error {
	r := reader{b: b}
	r.object(o)
	return r.end()
}

// end says what went wrong, if only that the input goes on.
func (r *reader) end() error {
	r.space()
	if r.err == nil && r.at < len(r.b) {
		r.fail(misplace)
	}
	if r.err != nil {
		return r.err // and not a nil *Error in an interface
	}
	return nil
}

// ReadList reads an array of objects, or null, and nothing else. Each is read into what next gives;
// after an error the last may be read in part.
func ReadList(b []byte, next func() Object) error {
	r := reader{b: b}
	if !r.null() {
		r.open('[')
		for first := true; r.more(']', first); first = false {
			r.object(next())
		}
	}
	return r.end()
}

// reader stands at a byte of the input. The first error puts it behind the end, where
// every further step fails and none goes on.
type reader struct {
	b   []byte
	at  int
	err *Error
}

func (r *reader) fail(reason string) {
	if r.err == nil {
		r.err = &Error{r.at, reason}
	}
	r.at = len(r.b)
}

// peek skips space and gives the next byte, 0 at the end.
func (r *reader) peek() byte {
	r.space()
	if r.at < len(r.b) {
		return r.b[r.at]
	}
	return 0
}

func (r *reader) space() {
	for r.at < len(r.b) {
		switch r.b[r.at] {
		case ' ', '\t', '\n', '\r':
			r.at++
		default:
			return
		}
	}
}

// open takes the beginning of an array or an object, or of whatever else is one byte.
func (r *reader) open(c byte) {
	if r.peek() != c {
		r.fail(misplace)
		return
	}
	r.at++
}

// more takes what stands between elements, and says whether another follows. After an
// error there is none.
func (r *reader) more(end byte, first bool) bool {
	switch c := r.peek(); {
	case r.err != nil:
		return false
	case c == end:
		r.at++
		return false
	case !first:
		r.open(',')
	}
	return r.err == nil
}

// word takes a word, if it is there.
func (r *reader) word(s string) bool {
	r.space()
	if len(r.b)-r.at < len(s) || string(r.b[r.at:r.at+len(s)]) != s {
		return false
	}
	r.at += len(s)
	return true
}

func (r *reader) null() bool { return r.word("null") }

func (r *reader) bool() bool {
	if r.word("true") {
		return true
	}
	if !r.word("false") {
		r.fail(noBool)
	}
	return false
}

func (r *reader) object(o Object) {
	if r.null() {
		return
	}
	r.open('{')
	f := Fields{read: r}
	for f.next(); !f.ended; {
		f.hits = 0
		o.Fields(&f)
		if !f.met && !f.ended && f.hits == 0 { // a whole pass has not known it
			r.skip(MaxDepth)
			f.met = true
		}
		if f.met {
			f.next()
		}
	}
}

func (r *reader) texts() map[string]string {
	if r.null() {
		return nil
	}
	m := map[string]string{}
	r.open('{')
	for first := true; r.more('}', first); first = false {
		name, value := r.string(), ""
		r.open(':')
		if !r.null() {
			value = r.string()
		}
		m[name] = value
	}
	return m
}

// raw gives the text of any value, in memory of its own.
func (r *reader) raw() []byte {
	r.space()
	begin := r.at
	r.skip(MaxDepth)
	if r.err != nil {
		return nil
	}
	return append([]byte(nil), r.b[begin:r.at]...)
}

// skip takes any value, nested up to a depth.
func (r *reader) skip(depth int) {
	switch c := r.peek(); {
	case c == '"':
		r.string()
	case c == '{' || c == '[':
		if depth == 0 {
			r.fail(tooDeep)
			return
		}
		r.at++
		end := c + 2 // the closing bracket of both is two bytes on
		for first := true; r.more(end, first); first = false {
			if c == '{' {
				r.string()
				r.open(':')
			}
			r.skip(depth - 1)
		}
	case c == '-' || '0' <= c && c <= '9':
		r.number()
	case r.word("true") || r.word("false") || r.null():
	default:
		r.fail(noValue)
	}
}

// number takes a number and gives its text in the input.
func (r *reader) number() []byte {
	r.space()
	begin := r.at
	r.sign("-")
	if r.at < len(r.b) && r.b[r.at] == '0' {
		r.at++
	} else {
		r.digits()
	}
	if r.at < len(r.b) && r.b[r.at] == '.' {
		r.at++
		r.digits()
	}
	if r.at < len(r.b) && r.b[r.at]|0x20 == 'e' {
		r.at++
		r.sign("+-")
		r.digits()
	}
	return r.b[begin:r.at]
}

// sign takes one of the characters, if it is there.
func (r *reader) sign(of string) {
	for i := 0; i < len(of) && r.at < len(r.b); i++ {
		if r.b[r.at] == of[i] {
			r.at++
			return
		}
	}
}

// digits takes at least one digit.
func (r *reader) digits() {
	begin := r.at
	for r.at < len(r.b) && '0' <= r.b[r.at] && r.b[r.at] <= '9' {
		r.at++
	}
	if r.at == begin {
		r.fail(noNumber)
	}
}

func (r *reader) int64() int64 {
	n, err := strconv.ParseInt(string(r.number()), 10, 64)
	if err != nil {
		r.fail(tooLarge)
	}
	return n
}

func (r *reader) uint64() uint64 {
	n, err := strconv.ParseUint(string(r.number()), 10, 64)
	if err != nil {
		r.fail(tooLarge)
	}
	return n
}

func (r *reader) float64() float64 {
	text := r.number()
	if n, ok := plain(text); ok {
		return n
	}
	n, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		r.fail(tooLarge)
	}
	return n
}

// tens are the powers of ten that a float64 has exactly.
var tens = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// plain reads a number whose digits and power of ten a float64 has exactly, so that one division
// rounds it rightly. Most are so, and this takes a small part of the time of strconv.
func plain(text []byte) (float64, bool) {
	digits, decimals := uint64(0), 0
	for i, c := range text {
		switch {
		case c == '.':
			decimals = len(text) - 1 - i
		case '0' <= c && c <= '9' && digits < 1<<53/10:
			digits = 10*digits + uint64(c-'0')
		case c != '-':
			return 0, false
		}
	}
	if len(text) == 0 || decimals >= len(tens) {
		return 0, false
	}
	n := float64(digits) / tens[decimals]
	if text[0] == '-' {
		n = -n
	}
	return n, true
}

// string takes a text.
func (r *reader) string() string { return string(r.text()) }

// text takes a text, which most often is a piece of the input: most have no escapes.
func (r *reader) text() []byte {
	if r.peek() != '"' {
		r.fail(noString)
		return nil
	}
	r.at++
	for i := r.at; i < len(r.b); i++ {
		switch c := r.b[i]; {
		case c == '"':
			s := r.b[r.at:i]
			r.at = i + 1
			return s
		case c == '\\' || c < ' ' || c >= utf8.RuneSelf:
			return r.escaped(i)
		}
	}
	r.fail(ended)
	return nil
}

// escaped takes a text whose first bytes, up to i, stand for themselves.
func (r *reader) escaped(i int) []byte {
	s := append(make([]byte, 0, i-r.at+64), r.b[r.at:i]...)
	r.at = i
	for r.at < len(r.b) {
		switch c := r.b[r.at]; {
		case c == '"':
			r.at++
			return s
		case c < ' ':
			r.fail(misplace)
		case c == '\\':
			s = utf8.AppendRune(s, r.escape())
		default:
			n := 1
			if c >= utf8.RuneSelf {
				var v rune
				if v, n = utf8.DecodeRune(r.b[r.at:]); v == utf8.RuneError {
					s = utf8.AppendRune(s, v)
					r.at += n
					continue
				}
			}
			s = append(s, r.b[r.at:r.at+n]...)
			r.at += n
		}
	}
	r.fail(ended)
	return nil
}

// escape takes a backslash and what belongs to it. Half a surrogate pair stands for U+FFFD.
func (r *reader) escape() rune {
	if first := r.unit(); first >= 0 {
		if !utf16.IsSurrogate(first) {
			return first
		}
		behind := r.at
		if pair := utf16.DecodeRune(first, r.unit()); pair != utf8.RuneError {
			return pair
		}
		r.at = behind
		return utf8.RuneError
	}
	for i := 0; i < len(short) && r.at+1 < len(r.b); i++ {
		if r.b[r.at+1] == short[i] {
			r.at += 2
			return rune(meant[i])
		}
	}
	r.fail(misplace)
	return 0
}

// unit takes an escape of four hexadecimal digits, if one is there; otherwise it gives -1.
func (r *reader) unit() rune {
	if len(r.b)-r.at < 6 || r.b[r.at] != '\\' || r.b[r.at+1] != 'u' {
		return -1
	}
	n := rune(0)
	for _, c := range r.b[r.at+2 : r.at+6] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return -1
		}
		n = n<<4 | rune(c)
	}
	r.at += 6
	return n
}
