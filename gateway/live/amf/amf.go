// Package amf writes and reads AMF0, in which RTMP says its commands and FLV its description.
//
// Source: Adobe, Action Message Format AMF0. Read are the types that servers use in answers; everything is bounded,
// as the other end may be anybody's.
package amf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Value is one of float64, bool, string, nil, Object and List.
type Value any

// Field is a member of an Object.
type Field struct {
	Name  string
	Value Value
}

// Object is an AMF object, its members in their order. ECMA arrays and typed objects are read as objects.
type Object []Field

// List is a strict array.
type List []Value

// Get returns the first member of that name, nil where there is none.
func (o Object) Get(name string) Value {
	for _, f := range o {
		if f.Name == name {
			return f.Value
		}
	}
	return nil
}

// Text returns the string of that name, "" where there is none.
func (o Object) Text(name string) string {
	s, _ := o.Get(name).(string)
	return s
}

const (
	number     = 0x00
	boolean    = 0x01
	text       = 0x02
	object     = 0x03
	null       = 0x05
	undefined  = 0x06
	ecmaArray  = 0x08
	objectEnd  = 0x09
	strictList = 0x0a
	date       = 0x0b
	longText   = 0x0c
	typed      = 0x10
)

const (
	maxDepth  = 8
	maxValues = 512
	maxText   = math.MaxUint16
)

// ErrFormat is wrapped by what Read answers to bytes that are no AMF0, or too much of it.
var ErrFormat = errors.New("amf: not valid")

// Append appends the values. A text of more than 65,535 bytes is cut there; a value of another type is null.
func Append(to []byte, values ...Value) []byte {
	for _, v := range values {
		switch v := v.(type) {
		case float64:
			to = binary.BigEndian.AppendUint64(append(to, number), math.Float64bits(v))
		case bool:
			b := byte(0)
			if v {
				b = 1
			}
			to = append(to, boolean, b)
		case string:
			to = name(append(to, text), v)
		case Object:
			to = fields(append(to, object), v)
		case List:
			to = binary.BigEndian.AppendUint32(append(to, strictList), uint32(len(v)))
			to = Append(to, v...)
		default:
			to = append(to, null)
		}
	}
	return to
}

// AppendArray appends the members as an ECMA array, the form of the description in FLV.
func AppendArray(to []byte, o Object) []byte {
	return fields(binary.BigEndian.AppendUint32(append(to, ecmaArray), uint32(len(o))), o)
}

func name(to []byte, s string) []byte {
	if len(s) > maxText {
		s = s[:maxText]
	}
	return append(binary.BigEndian.AppendUint16(to, uint16(len(s))), s...)
}

func fields(to []byte, o Object) []byte {
	for _, f := range o {
		to = Append(name(to, f.Name), f.Value)
	}
	return append(to, 0, 0, objectEnd)
}

// Read reads all values of a message. What was read before an error comes with the error.
func Read(b []byte) ([]Value, error) {
	r := reader{rest: b}
	var values []Value
	for len(r.rest) > 0 {
		v, err := r.value(0)
		if err != nil {
			return values, err
		}
		values = append(values, v)
	}
	return values, nil
}

type reader struct {
	rest  []byte
	count int
}

func (r *reader) take(n int) ([]byte, error) {
	if n < 0 || n > len(r.rest) {
		return nil, fmt.Errorf("%w: cut short", ErrFormat)
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b, nil
}

func (r *reader) value(depth int) (Value, error) {
	r.count++
	if depth > maxDepth || r.count > maxValues {
		return nil, fmt.Errorf("%w: too deep or too much", ErrFormat)
	}
	marker, err := r.take(1)
	if err != nil {
		return nil, err
	}
	switch marker[0] {
	case number:
		b, err := r.take(8)
		if err != nil {
			return nil, err
		}
		return math.Float64frombits(binary.BigEndian.Uint64(b)), nil
	case boolean:
		b, err := r.take(1)
		if err != nil {
			return nil, err
		}
		return b[0] != 0, nil
	case text:
		return r.name()
	case longText:
		b, err := r.take(4)
		if err != nil {
			return nil, err
		}
		n := binary.BigEndian.Uint32(b)
		if n > uint32(len(r.rest)) {
			return nil, fmt.Errorf("%w: cut short", ErrFormat)
		}
		b, err = r.take(int(n))
		return string(b), err
	case null, undefined:
		return nil, nil
	case date:
		b, err := r.take(10)
		if err != nil {
			return nil, err
		}
		return math.Float64frombits(binary.BigEndian.Uint64(b)), nil
	case typed:
		if _, err := r.name(); err != nil {
			return nil, err
		}
		return r.object(depth)
	case ecmaArray:
		// The count is a hint only: the end is marked.
		if _, err := r.take(4); err != nil {
			return nil, err
		}
		return r.object(depth)
	case object:
		return r.object(depth)
	case strictList:
		return r.list(depth)
	}
	return nil, fmt.Errorf("%w: a value of type %#x", ErrFormat, marker[0])
}

func (r *reader) name() (string, error) {
	b, err := r.take(2)
	if err != nil {
		return "", err
	}
	b, err = r.take(int(binary.BigEndian.Uint16(b)))
	return string(b), err
}

func (r *reader) object(depth int) (Value, error) {
	o := Object{}
	for {
		name, err := r.name()
		if err != nil {
			return nil, err
		}
		if name == "" && len(r.rest) > 0 && r.rest[0] == objectEnd {
			r.rest = r.rest[1:]
			return o, nil
		}
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		o = append(o, Field{Name: name, Value: v})
	}
}

func (r *reader) list(depth int) (Value, error) {
	b, err := r.take(4)
	if err != nil {
		return nil, err
	}
	l := List{}
	for n := binary.BigEndian.Uint32(b); n > 0; n-- {
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		l = append(l, v)
	}
	return l, nil
}
