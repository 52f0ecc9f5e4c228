package protocol_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"nertc/internal/protocol"
	"nertc/internal/protocol/wire"
)

// frame is protocol.Message as encoding/json is to see it: Data is the text itself there.
type frame struct {
	Type protocol.Type   `json:"type"`
	ID   uint64          `json:"id,omitempty"`
	Data json.RawMessage `json:"data,omitempty"`
}

// kinds are the types that are written and read, as their zero values.
var kinds = []any{
	protocol.Message{}, protocol.Join{}, protocol.Offer{}, protocol.NewTrack{}, protocol.Subscribe{}, protocol.Mute{}, protocol.Resize{}, protocol.RoleChange{}, protocol.PermkeyChange{}, protocol.Rekey{}, protocol.Pass{}, protocol.Permitted{},
	protocol.Resume{}, protocol.Candidate{}, protocol.Ping{}, protocol.Joined{}, protocol.Answer{}, protocol.ICEServer{}, protocol.ICEServers{},
	protocol.Member{}, protocol.Track{}, protocol.MemberLeft{}, protocol.MemberQuality{}, protocol.TrackEvent{}, protocol.Sections{},
	protocol.Layer{}, protocol.Priority{}, protocol.Wish{}, protocol.Watched{}, protocol.Paused{},
	protocol.PermkeyWillExpire{}, protocol.Resumed{}, protocol.Banned{}, protocol.Error{}, protocol.Closed{},
	protocol.Task{}, protocol.Layout{}, protocol.Canvas{}, protocol.TaskUser{}, protocol.TaskImage{}, protocol.TaskConfig{}, protocol.AudioParam{},
	protocol.Tasks{}, protocol.TaskIDs{}, protocol.TaskState{}, protocol.TaskStates{},
}

// parts only occur inside others: Encode need not know them.
var parts = []any{protocol.Message{}, protocol.NewTrack{}, protocol.ICEServer{}, protocol.Track{}, protocol.Layer{},
	protocol.Task{}, protocol.Layout{}, protocol.Canvas{}, protocol.TaskUser{}, protocol.TaskImage{}, protocol.TaskConfig{}, protocol.AudioParam{}}

func is(list []any, v any) bool {
	for _, e := range list {
		if reflect.TypeOf(e) == reflect.TypeOf(v) {
			return true
		}
	}
	return false
}

// twin gives what encoding/json is to read in the place of an object.
func twin(v any) any {
	if _, ok := v.(protocol.Message); ok {
		return &frame{}
	}
	return reflect.New(reflect.TypeOf(v)).Interface()
}

// TestEveryStructIsKnown finds a struct of the package that has tags and is missed here.
func TestEveryStructIsKnown(t *testing.T) {
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, v := range kinds {
		known[reflect.TypeOf(v).Name()] = true
	}
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				s, ok := spec.Type.(*ast.StructType)
				if ok && s.Fields.NumFields() > 0 && s.Fields.List[0].Tag != nil && !known[spec.Name.Name] {
					t.Errorf("%s needs a method Fields, a place in object and one in this test", spec.Name.Name)
				}
			}
			return true
		})
	}
	for _, v := range kinds {
		for _, data := range []any{v, twin(v)} {
			if _, err := protocol.Encode("x", 1, data); err != nil && !is(parts, v) {
				t.Errorf("Encode refuses %T", data)
			}
		}
	}
	for _, v := range []any{7, "x", []int{}, map[string]any{}, struct{}{}} {
		if b, err := protocol.Encode("x", 1, v); err == nil {
			t.Errorf("%T is encoded as %s", v, b)
		}
	}
}

var texts = []string{
	"", "a", "房间", `"\/`, "<&>", "\b\f\n\r\t\x00\x1f\x7f", "\u2028\u2029", "\U0001F600", "\xff\xed\xa0\x80x\xc3", "\ufffd", "v=0\r\n", "e\u0301",
}

// fill sets everything in a value to something, nothing included.
func fill(r *rand.Rand, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(texts[r.IntN(len(texts))] + texts[r.IntN(len(texts))])
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int, reflect.Int64:
		v.SetInt([]int64{0, 1, -1, math.MaxInt64, math.MinInt64, 1 << 53}[r.IntN(6)])
	case reflect.Uint64:
		v.SetUint([]uint64{0, 1, math.MaxUint64}[r.IntN(3)])
	case reflect.Pointer:
		if r.IntN(3) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(r, v.Elem())
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([][]byte{nil, []byte("null"), []byte(`{"a":[1]}`)}[r.IntN(3)])
			return
		}
		if n := r.IntN(4) - 1; n >= 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				fill(r, v.Index(i))
			}
		}
	case reflect.Map:
		if n := r.IntN(5) - 1; n >= 0 {
			v.Set(reflect.MakeMap(v.Type()))
			for i := range n {
				v.SetMapIndex(reflect.ValueOf(fmt.Sprint(texts[r.IntN(9)], i)), reflect.ValueOf(texts[r.IntN(9)]))
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(r, v.Field(i))
		}
	default:
		panic("a kind of member that this test does not know: " + v.Kind().String())
	}
}

func TestWritesLikeEncodingJSON(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, kind := range kinds {
		for range 300 {
			ours := reflect.New(reflect.TypeOf(kind))
			fill(r, ours.Elem())
			theirs := ours.Interface()
			if m, ok := theirs.(*protocol.Message); ok {
				theirs = &frame{m.Type, m.ID, m.Data}
			}
			var want bytes.Buffer
			e := json.NewEncoder(&want)
			e.SetEscapeHTML(false)
			if err := e.Encode(theirs); err != nil {
				t.Fatal(err)
			}
			got := wire.Append(nil, ours.Interface().(protocol.Object))
			if string(got) != strings.TrimSuffix(want.String(), "\n") {
				t.Fatalf("%T:\n%s\n%s", kind, got, want.String())
			}
			same(t, kind, got)
		}
	}
}

// same has both readers read, and wants the same of them.
func same(t *testing.T, kind any, b []byte) {
	t.Helper()
	ours, theirs := reflect.New(reflect.TypeOf(kind)).Interface(), twin(kind)
	got, want := wire.Read(b, ours.(protocol.Object)), json.Unmarshal(b, theirs)
	if f, ok := theirs.(*frame); ok {
		theirs = &protocol.Message{Type: f.Type, ID: f.ID, Data: f.Data}
	}
	switch {
	case (got == nil) != (want == nil):
		t.Fatalf("%T %q: %v, but encoding/json says %v", kind, b, got, want)
	case got == nil && !reflect.DeepEqual(ours, theirs):
		t.Fatalf("%T %q:\n%+v, but encoding/json has\n%+v", kind, b, ours, theirs)
	}
}

// hostile are values for the place of any other.
var hostile = []string{
	"", " ", "null", "nul", "nulll", "true", "false", "tru", "0", "-0", "00", "01", "1", "-1", "-", "+1", "1.", ".5", "1.0", "1e3", "1E+2", "1e", "1e-", "0x1",
	"9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616",
	"1e999", strings.Repeat("9", 400), "NaN", "Infinity",
	`""`, `"x"`, `"`, `'x'`, `"\"`, `"\u12"`, `"\u12g4"`, `"\x"`, `"\u0000"`, `"\uD83D\uDE00"`, `"\ud83d"`, `"\ude00\ud83d"`, `"\ud83dx"`, `"\ud83d\u0041"`, `"\ud83d\ud83d\ude00"`, `"\ud83d\u"`,
	`"\/\b\f\n\r\t\\\""`, "\"\x00\"", "\"\n\"", "\"\x1f\"", "\"\x7f\"", "\"\xff\"", "\"\xed\xa0\x80\"", "\"\xf0\x9f\x98\"", "\"\u2028\"", "\"\xff\\u0041\"", "\ufeff1",
	"[]", "[", "]", "[,]", "[1,]", "[1 1]", "[null]", "[[]]", `["a","b"]`, `["a",1]`, `["a",null]`, `[{}]`, `[{"id":"a"},null,{"id":"b"}]`, "[1}", " [ ] ",
	"{}", "{", "}", `{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `{"a":1 "b":2}`, `{a:1}`, `{"a":null}`, `{"a":"b"}`, `{"a":"b","c":"d"}`, `{"\u0061":"b"}`, `{"a":{}}`, `{"1":2}`, "{\t}",
	strings.Repeat("[", 90) + strings.Repeat("]", 90), strings.Repeat(`{"a":`, 90) + "1" + strings.Repeat("}", 90), "//", "/**/", "\x00", "\v1", "\u00a01",
}

func TestReadsLikeEncodingJSON(t *testing.T) {
	for _, kind := range kinds {
		for _, b := range hostile {
			same(t, kind, []byte(b))
			same(t, kind, []byte(b+"x"))
			same(t, kind, []byte(" \n"+b+"\r\t"))
			same(t, kind, []byte(`{"unknown":`+b+`}`))
			members(t, reflect.TypeOf(kind), func(text string) {
				same(t, kind, []byte(text))
				for _, cut := range []int{len(text) / 3, len(text) / 2, len(text) - 1} {
					same(t, kind, []byte(text[:cut]))
				}
			}, b)
		}
	}
}

// members puts a value into the place of each member of a struct, also of those further in.
func members(t *testing.T, kind reflect.Type, try func(string), value string) {
	for i := range kind.NumField() {
		f := kind.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		put := func(v string) { try(`{"unknown": [{}, "\ud83d"], "` + name + `" : ` + v + ` , "":null}`) }
		put(value)
		in := f.Type
		if in.Kind() == reflect.Slice {
			in = in.Elem()
			put("[" + value + "]")
			put("[" + value + "," + value + "]")
		}
		if in.Kind() == reflect.Map {
			put(`{"x":` + value + `}`)
		}
		if in.Kind() == reflect.Struct {
			members(t, in, func(v string) {
				if f.Type.Kind() == reflect.Slice {
					v = "[" + v + "]"
				}
				put(v)
			}, value)
		}
	}
}

func TestErrorsHoldNothingOfTheInput(t *testing.T) {
	for _, b := range []string{`{"type":"secret`, `{"type":secret}`, `{"type":"a","secret"}`, `{"id":424242424242424242424242}`} {
		_, err := protocol.Decode([]byte(b))
		if err == nil || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "4242") {
			t.Errorf("%s: %v", b, err)
		}
	}
}

func TestDepth(t *testing.T) {
	for depth, ok := range map[int]bool{wire.MaxDepth: true, wire.MaxDepth + 1: false, 300_000: false} {
		for _, pair := range []string{"[]", "{}"} {
			open := pair[:1]
			if open == "{" {
				open = `{"a":`
			}
			inner := strings.Repeat(open, depth-1) + pair + strings.Repeat(pair[1:], depth-1)
			for _, name := range []string{"data", "unknown"} {
				if _, err := protocol.Decode([]byte(`{"` + name + `":` + inner + `}`)); (err == nil) != ok {
					t.Errorf("%s %d deep: %v", pair, depth, err)
				}
			}
		}
	}
}

func TestNamesAreExact(t *testing.T) {
	m, err := protocol.Decode([]byte(`{"Type":"a","type":"b","TYPE":"c"}`))
	if err != nil || m.Type != "b" {
		t.Fatalf("%+v, %v", m, err)
	}
}

func TestDataIsItsOwn(t *testing.T) {
	b := []byte(`{"type":"x","data":{"a":1}}`)
	m, err := protocol.Decode(b)
	clear(b)
	if err != nil || string(m.Data) != `{"a":1}` {
		t.Fatalf("%+v, %v", m, err)
	}
}

// FuzzReadsLikeEncodingJSON reads as each type what both readers ought to agree on.
func FuzzReadsLikeEncodingJSON(f *testing.F) {
	r := rand.New(rand.NewPCG(3, 4))
	for i, kind := range kinds {
		v := reflect.New(reflect.TypeOf(kind))
		fill(r, v.Elem())
		f.Add(wire.Append(nil, v.Interface().(protocol.Object)), uint(i))
	}
	for i, b := range hostile {
		f.Add([]byte(`{"sdp":`+b+`,"tracks":[`+b+`],"mids":`+b+`,"x":`+b+`}`), uint(i))
	}
	f.Fuzz(func(t *testing.T, b []byte, i uint) {
		if kind := kinds[i%uint(len(kinds))]; plain(b, kind) {
			same(t, kind, b)
		}
	})
}

// plain says whether no object has a name twice, or one that encoding/json would take for
// a member's although it is spelled otherwise, and nothing is nested too deep: there the readers differ.
func plain(b []byte, kind any) bool {
	known, folded := map[string]bool{}, map[string]bool{}
	var names func(reflect.Type)
	names = func(t reflect.Type) {
		switch t.Kind() {
		case reflect.Slice:
			names(t.Elem())
		case reflect.Struct:
			for i := range t.NumField() {
				name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
				known[name], folded[fold(name)] = true, true
				names(t.Field(i).Type)
			}
		}
	}
	names(reflect.TypeOf(kind))
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	type level struct {
		object, value bool
		seen          map[string]bool
	}
	var levels []level
	for {
		token, err := d.Token()
		if err != nil {
			return true // what is no JSON is none for both
		}
		var top *level
		if len(levels) > 0 {
			top = &levels[len(levels)-1]
		}
		if top != nil && top.object && !top.value {
			if name, ok := token.(string); ok {
				if top.seen[fold(name)] || folded[fold(name)] && !known[name] {
					return false
				}
				top.seen[fold(name)], top.value = true, true
				continue
			}
		}
		if top != nil {
			top.value = false
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			levels = append(levels, level{token == json.Delim('{'), false, map[string]bool{}})
			if len(levels) > 90 {
				return false
			}
		case json.Delim('}'), json.Delim(']'):
			levels = levels[:len(levels)-1]
		}
	}
}

// fold makes names equal that encoding/json takes for equal.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		for least := unicode.SimpleFold(r); ; least = unicode.SimpleFold(least) {
			if least <= r {
				return least
			}
		}
	}, s)
}
