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
	r.space()
	if r.err == nil && r.at < len(b) {
		r.fail(misplace)
	}
	if r.err != nil {
		return r.err // and not a nil *Error in an interface
	}
	return nil
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
	for first := true; r.more('}', first); first = false {
		f.name, f.met = r.string(), false
		r.open(':')
		if r.err != nil {
			return
		}
		o.Fields(&f)
		if !f.met {
			r.skip(MaxDepth)
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

// number takes a number and gives its text.
func (r *reader) number() string {
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
	return string(r.b[begin:r.at])
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
	n, err := strconv.ParseInt(r.number(), 10, 64)
	if err != nil {
		r.fail(tooLarge)
	}
	return n
}

func (r *reader) uint64() uint64 {
	n, err := strconv.ParseUint(r.number(), 10, 64)
	if err != nil {
		r.fail(tooLarge)
	}
	return n
}

func (r *reader) float64() float64 {
	n, err := strconv.ParseFloat(r.number(), 64)
	if err != nil {
		r.fail(tooLarge)
	}
	return n
}

// string takes a text. Most have no escapes and are copied in one piece.
func (r *reader) string() string {
	if r.peek() != '"' {
		r.fail(noString)
		return ""
	}
	r.at++
	for i := r.at; i < len(r.b); i++ {
		switch c := r.b[i]; {
		case c == '"':
			s := string(r.b[r.at:i])
			r.at = i + 1
			return s
		case c == '\\' || c < ' ' || c >= utf8.RuneSelf:
			return r.escaped(i)
		}
	}
	r.fail(ended)
	return ""
}

// escaped takes a text whose first bytes, up to i, stand for themselves.
func (r *reader) escaped(i int) string {
	s := append(make([]byte, 0, i-r.at+64), r.b[r.at:i]...)
	r.at = i
	for r.at < len(r.b) {
		switch c := r.b[r.at]; {
		case c == '"':
			r.at++
			return string(s)
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
	return ""
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
