package wire

import (
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Append writes an object behind b.
func Append(b []byte, o Object) []byte {
	w := writer{b}
	w.object(o)
	return w.b
}

type writer struct{ b []byte }

func (w *writer) object(o Object) {
	w.open('{')
	o.Fields(&Fields{write: w})
	w.close('}')
}

func (w *writer) open(c byte)  { w.b = append(w.b, c) }
func (w *writer) close(c byte) { w.b = append(w.b, c) }

// next separates a member or an element from the one before.
func (w *writer) next() {
	if c := w.b[len(w.b)-1]; c != '{' && c != '[' {
		w.b = append(w.b, ',')
	}
}

func (w *writer) name(s string) {
	w.next()
	w.string(s)
	w.b = append(w.b, ':')
}

func (w *writer) null()           { w.b = append(w.b, "null"...) }
func (w *writer) bool(v bool)     { w.b = strconv.AppendBool(w.b, v) }
func (w *writer) int64(v int64)   { w.b = strconv.AppendInt(w.b, v, 10) }
func (w *writer) uint64(v uint64) { w.b = strconv.AppendUint(w.b, v, 10) }

// float64 writes null for what JSON has no number for.
func (w *writer) float64(v float64) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		w.null()
		return
	}
	w.b = strconv.AppendFloat(w.b, v, 'g', -1, 64)
}

func (w *writer) raw(v []byte) {
	if len(v) == 0 {
		w.null()
		return
	}
	w.b = append(w.b, v...)
}

func (w *writer) texts(m map[string]string) {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	w.open('{')
	for _, name := range names {
		w.name(name)
		w.string(m[name])
	}
	w.close('}')
}

// string writes a text, as encoding/json does without its escapes for HTML.
func (w *writer) string(s string) {
	w.b = append(w.b, '"')
	begin := 0 // of what stands for itself
	for i := 0; i < len(s); {
		if c := s[i]; c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\' {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if e := escape(r, n); e != "" {
			w.b = append(append(w.b, s[begin:i]...), e...)
			begin = i + n
		}
		i += n
	}
	w.b = append(append(w.b, s[begin:]...), '"')
}

// escape gives what stands for a character of n bytes, or nothing if the character may stand for
// itself. U+2028 and U+2029 may not: they end a line in older JavaScript.
func escape(r rune, n int) string {
	switch {
	case r == utf8.RuneError && n == 1:
		return `\ufffd`
	case r == '\u2028' || r == '\u2029' || r < ' ':
		for i := range len(meant) {
			if rune(meant[i]) == r {
				return `\` + short[i:i+1]
			}
		}
		const hex = "0123456789abcdef"
		return `\u` + string([]byte{hex[r>>12], hex[r>>8&15], hex[r>>4&15], hex[r&15]})
	case r == '"' || r == '\\':
		return `\` + string(r)
	}
	return ""
}

// short has the escapes of one letter, and meant what they stand for.
const short, meant = `bfnrt"\/`, "\b\f\n\r\t\"\\/"
