package amf_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"nertc/gateway/live/amf"
)

func TestWhatIsWrittenIsRead(t *testing.T) {
	want := []amf.Value{
		"connect", 1.0, nil, true,
		amf.Object{{Name: "app", Value: "live"}, {Name: "deep", Value: amf.Object{{Name: "on", Value: false}}}},
		amf.List{1.0, "two", nil},
	}
	got, err := amf.Read(amf.Append(nil, want...))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
	o := want[4].(amf.Object)
	if o.Text("app") != "live" || o.Text("deep") != "" || o.Get("other") != nil {
		t.Errorf("members of %v", o)
	}
	if got, err := amf.Read(amf.AppendArray(nil, o)); err != nil || !reflect.DeepEqual(got, []amf.Value{o}) {
		t.Errorf("an array came back as %v, %v", got, err)
	}
}

// A server is anybody's: what it sends may be nested without end, or promise more than there is.
func TestHostileValuesAreRefused(t *testing.T) {
	for name, in := range map[string]string{
		"lists in lists":     strings.Repeat("\x0a\x00\x00\x00\x01", 2<<20),
		"objects in objects": strings.Repeat("\x03\x00\x01a", 1<<20),
		"a list too long":    "\x0a\xff\xff\xff\xff" + strings.Repeat("\x05", 1<<20),
		"a long text":        "\x0c\xff\xff\xff\xffa",
		"a text cut short":   "\x02\x00\x05abc",
		"a number cut short": "\x00\x01",
		"an unknown type":    "\x44",
	} {
		if _, err := amf.Read([]byte(in)); !errors.Is(err, amf.ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got, err := amf.Read([]byte("\x02\x00\x02ok\x44")); err == nil || !reflect.DeepEqual(got, []amf.Value{"ok"}) {
		t.Errorf("what stands before an error is lost: %v, %v", got, err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(amf.Append(nil, "onStatus", 0.0, nil, amf.Object{{Name: "level", Value: "error"}}))
	f.Add([]byte("\x08\x00\x00\x00\x01\x00\x01a\x0b12345678\x00\x00\x00\x00\x09"))
	f.Fuzz(func(t *testing.T, in []byte) {
		values, err := amf.Read(in)
		if err != nil {
			return
		}
		once := amf.Append(nil, values...)
		again, err := amf.Read(once)
		if err != nil {
			t.Fatalf("what was read cannot be read again: %v", err)
		}
		// Compared as bytes: a number may be NaN. A text may have been cut.
		if !bytes.Equal(once, amf.Append(nil, again...)) {
			t.Fatalf("%v became %v", values, again)
		}
	})
}
