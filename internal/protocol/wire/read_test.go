package wire_test

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"nertc/internal/protocol/wire"
)

type pair struct {
	a, b float64
	c    string
}

func (p *pair) Fields(f *wire.Fields) {
	f.Float64("a", &p.a, wire.Always)
	f.Float64("b", &p.b, wire.Always)
	f.String("c", &p.c, wire.Always)
}

// TestNumbersAreThoseOfStrconv reads numbers of all lengths, to the last bit.
func TestNumbersAreThoseOfStrconv(t *testing.T) {
	texts := []string{"0", "-0", "1", "-3", "0.5", "9007199254740991", "9007199254740992", "9007199254740993", "1e3", "1E-3",
		"0.0000000000000000000001", "0.00000000000000000000001", "123456789.123456789123456789", "5e-324", "1763861947123.456"}
	for range 20_000 {
		f := math.Float64frombits(rand.Uint64())
		if !math.IsNaN(f) && !math.IsInf(f, 0) {
			texts = append(texts, strconv.FormatFloat(f, 'g', -1, 64))
		}
		texts = append(texts, strconv.FormatFloat((rand.Float64()-0.5)*math.Pow10(rand.IntN(20)), 'f', rand.IntN(20), 64))
	}
	for _, text := range texts {
		want, err := strconv.ParseFloat(text, 64)
		var got pair
		if e := wire.Read([]byte(`{"a":`+text+`}`), &got); e != nil || err != nil || math.Float64bits(got.a) != math.Float64bits(want) {
			t.Fatalf("%s: got %v, %v", text, got.a, e)
		}
	}
	for _, text := range []string{"-", ".5", "1.", "01", "+1", "1e", "--1", "1.2.3", "1-2"} {
		if wire.Read([]byte(`{"a":`+text+`}`), &pair{}) == nil {
			t.Errorf("%s was taken", text)
		}
	}
}

// TestAnyOrder has members in every order, with unknown ones and repeated ones between.
func TestAnyOrder(t *testing.T) {
	members := []string{`"a":1`, `"b":2`, `"c":"x"`, `"d":[{"a":7}]`, `"a":1`, `"\u0062":2`}
	for range 2000 {
		rand.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
		text := "{"
		for i, m := range members {
			if i > 0 {
				text += ","
			}
			text += m
		}
		var got pair
		if err := wire.Read([]byte(text+"}"), &got); err != nil || got != (pair{1, 2, "x"}) {
			t.Fatalf("%s: got %+v, %v", text, got, err)
		}
	}
	var got pair
	if err := wire.Read([]byte(`{"b":1,"a":2,"b":3,"a":4}`), &got); err != nil || got != (pair{4, 3, ""}) {
		t.Errorf("got %+v, %v: the last counts", got, err)
	}
	for _, text := range []string{`{"a":1,}`, `{"a":1`, `{"a":1 "b":2}`, `{,"a":1}`, `{"x":1,}`, `{"x":`, `{"a"`, `{"a":1}}`, `{"c":1}`} {
		if wire.Read([]byte(text), &pair{}) == nil {
			t.Errorf("%s was taken", text)
		}
	}
}

func TestReadList(t *testing.T) {
	for _, c := range []struct {
		text string
		want []pair
		ok   bool
	}{
		{`null`, nil, true},
		{`[]`, nil, true},
		{` [ {"a":1} , null, {} ] `, []pair{{a: 1}, {}, {}}, true},
		{`[{"a":1},]`, nil, false},
		{`[{"a":1}`, nil, false},
		{`[{"a":1}] 1`, nil, false},
		{`{}`, nil, false},
		{``, nil, false},
	} {
		var got []*pair
		err := wire.ReadList([]byte(c.text), func() wire.Object {
			got = append(got, &pair{})
			return got[len(got)-1]
		})
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", c.text, err)
		}
		for i, p := range c.want {
			if len(got) != len(c.want) || *got[i] != p {
				t.Errorf("%s: element %d of %d is wrong", c.text, i, len(got))
			}
		}
	}
}
