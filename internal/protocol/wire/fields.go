// Package wire writes and reads JSON objects whose members are known beforehand.
//
// It is there for the WebAssembly, where encoding/json weighs more than everything that
// is said with it. A type names its members once, in its method Fields, which serves both
// directions; no reflection takes part. Reading is as encoding/json reads, but for names,
// which must be spelled exactly: unknown members are skipped, null changes nothing (and
// empties a pointer, a list and a map), the last of two equal names counts, invalid UTF-8
// becomes U+FFFD, and whatever is not JSON to the last byte, or has a value of another
// type than the member's, is an error. Errors say where and why, and never hold the input.
package wire

// Object is what is written and read: a pointer to a struct that names its members.
type Object interface {
	// Fields calls one method of f for each member, in the order in which they are written.
	// It is called once to write, and to read as often as the members that come are not in this
	// order, and must do nothing else.
	Fields(f *Fields)
}

// Presence says when a member is written.
type Presence bool

const (
	// Always writes a member whatever it is.
	Always Presence = false
	// NotEmpty leaves out what is 0, false, nil or of no length.
	NotEmpty Presence = true
)

// Fields goes over the members of an object, to write them all or to read those that come, as
// long as they come in order. A missing member is left as it is.
type Fields struct {
	write *writer
	read  *reader
	name  []byte // of the member that has come
	met   bool   // and it has been read
	hits  int    // members that have been read in this pass
	begun bool   // the object has had a member
	ended bool   // and has no more
}

// reading says whether the member that has come is this one.
func (f *Fields) reading(name string) bool {
	if f.met {
		f.next()
	}
	if f.ended || string(f.name) != name {
		return false
	}
	f.met = true
	f.hits++
	return true
}

// next takes the name of the next member.
func (f *Fields) next() {
	f.met = false
	if !f.read.more('}', !f.begun) {
		f.ended = true
		return
	}
	f.begun = true
	f.name = f.read.text()
	f.read.open(':')
	f.ended = f.read.err != nil
}

// writing begins a member, unless it is to be left out.
func (f *Fields) writing(name string, p Presence, empty bool) bool {
	if p == NotEmpty && empty {
		return false
	}
	f.write.name(name)
	return true
}

// String is a member with text.
func (f *Fields) String(name string, v *string, p Presence) {
	if f.write == nil {
		if f.reading(name) && !f.read.null() {
			*v = f.read.string()
		}
	} else if f.writing(name, p, *v == "") {
		f.write.string(*v)
	}
}

// Bool is a member that is true or false.
func (f *Fields) Bool(name string, v *bool, p Presence) {
	if f.write == nil {
		if f.reading(name) && !f.read.null() {
			*v = f.read.bool()
		}
	} else if f.writing(name, p, !*v) {
		f.write.bool(*v)
	}
}

// Option is a member that is true, false or not there, which is nil.
func (f *Fields) Option(name string, v **bool, p Presence) {
	switch {
	case f.write == nil:
		if f.reading(name) {
			*v = nil
			if !f.read.null() {
				b := f.read.bool()
				*v = &b
			}
		}
	case !f.writing(name, p, *v == nil):
	case *v == nil:
		f.write.null()
	default:
		f.write.bool(**v)
	}
}

// Int64 is a member with a whole number, written without a fraction or an exponent.
func (f *Fields) Int64(name string, v *int64, p Presence) {
	if f.write == nil {
		if f.reading(name) && !f.read.null() {
			*v = f.read.int64()
		}
	} else if f.writing(name, p, *v == 0) {
		f.write.int64(*v)
	}
}

// Int is Int64 for a number of Go's own size.
func (f *Fields) Int(name string, v *int, p Presence) {
	n := int64(*v)
	f.Int64(name, &n, p)
	if int64(int(n)) != n {
		f.read.fail(tooLarge)
		return
	}
	*v = int(n)
}

// Uint64 is a member with a whole number that is not negative.
func (f *Fields) Uint64(name string, v *uint64, p Presence) {
	if f.write == nil {
		if f.reading(name) && !f.read.null() {
			*v = f.read.uint64()
		}
	} else if f.writing(name, p, *v == 0) {
		f.write.uint64(*v)
	}
}

// Float64 is a member with any number, written in the shortest form that is read as the same.
func (f *Fields) Float64(name string, v *float64, p Presence) {
	if f.write == nil {
		if f.reading(name) && !f.read.null() {
			*v = f.read.float64()
		}
	} else if f.writing(name, p, *v == 0) {
		f.write.float64(*v)
	}
}

// Raw is a member of any form, as the JSON text of its value: also null is kept.
func (f *Fields) Raw(name string, v *[]byte, p Presence) {
	if f.write == nil {
		if f.reading(name) {
			*v = f.read.raw()
		}
	} else if f.writing(name, p, len(*v) == 0) {
		f.write.raw(*v)
	}
}

// Object is a member that is an object itself.
func (f *Fields) Object(name string, v Object) {
	if f.write == nil {
		if f.reading(name) {
			f.read.object(v)
		}
	} else if f.writing(name, Always, false) {
		f.write.object(v)
	}
}

// Strings is a member with a list of texts.
func (f *Fields) Strings(name string, v *[]string, p Presence) {
	switch {
	case f.write == nil:
		if f.reading(name) {
			*v = nil
			if !f.read.null() {
				list := []string{}
				for f.read.open('['); f.read.more(']', len(list) == 0); {
					s := ""
					if !f.read.null() {
						s = f.read.string()
					}
					list = append(list, s)
				}
				*v = list
			}
		}
	case !f.writing(name, p, len(*v) == 0):
	case *v == nil:
		f.write.null()
	default:
		f.write.open('[')
		for _, s := range *v {
			f.write.next()
			f.write.string(s)
		}
		f.write.close(']')
	}
}

// Map is a member with texts by name, which are written in the order of their names.
func (f *Fields) Map(name string, v *map[string]string, p Presence) {
	switch {
	case f.write == nil:
		if f.reading(name) {
			*v = f.read.texts()
		}
	case !f.writing(name, p, len(*v) == 0):
	case *v == nil:
		f.write.null()
	default:
		f.write.texts(*v)
	}
}

// List is a member with a list of objects.
func List[T any, O interface {
	*T
	Object
}](f *Fields, name string, v *[]T, p Presence) {
	switch {
	case f.write == nil:
		if f.reading(name) {
			*v = nil
			if !f.read.null() {
				list := []T{}
				for f.read.open('['); f.read.more(']', len(list) == 0); {
					var element T
					f.read.object(O(&element))
					list = append(list, element)
				}
				*v = list
			}
		}
	case !f.writing(name, p, len(*v) == 0):
	case *v == nil:
		f.write.null()
	default:
		f.write.open('[')
		for i := range *v {
			f.write.next()
			f.write.object(O(&(*v)[i]))
		}
		f.write.close(']')
	}
}
