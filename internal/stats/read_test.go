package stats_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"nertc/internal/media"
	"nertc/internal/stats"
)

// TestEveryMemberIsRead gives each member a value of its own under the standard's name, which is
// the field's with a small beginning but for two abbreviations.
func TestEveryMemberIsRead(t *testing.T) {
	var want media.Stat
	members := map[string]any{}
	v := reflect.ValueOf(&want).Elem()
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		switch name {
		case "ID", "MID", "RID":
			name = strings.ToLower(name)
		default:
			name = strings.ToLower(name[:1]) + strings.Replace(name[1:], "ID", "Id", 1)
		}
		switch f := v.Field(i); f.Kind() {
		case reflect.String:
			f.SetString("text of " + name)
			if name == "type" {
				f.SetString("codec")
			}
			members[name] = f.String()
		case reflect.Float64:
			f.SetFloat(float64(i) + 0.5)
			members[name] = f.Float()
		case reflect.Bool:
			f.SetBool(true)
			members[name] = true
		default:
			t.Fatalf("%s is a %v", name, f.Kind())
		}
	}
	members["somethingNew"] = map[string]any{"a": []int{1}}
	text, err := json.Marshal([]any{members, map[string]any{"id": "x", "type": "certificate"}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := stats.ReadReport(string(text))
	if err != nil || len(got) != 1 || got[0] != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}

	var template map[string]any
	if err := json.Unmarshal([]byte(stats.Template()), &template); err != nil {
		t.Fatal(err)
	}
	delete(members, "somethingNew")
	for name := range members {
		if _, ok := template[name]; !ok {
			t.Errorf("the template lacks %s", name)
		}
	}
	if len(template) != len(members) {
		t.Errorf("the template has %d members, want %d", len(template), len(members))
	}
}

func TestReadReport(t *testing.T) {
	for _, c := range []struct {
		text string
		n    int
		ok   bool
	}{
		{`[]`, 0, true},
		{`null`, 0, true},
		{`[{"id":"a","type":"inbound-rtp","packetsLost":-3,"jitter":1e-3},{"id":"b","type":"transport"}]`, 2, true},
		{`[{"id":"a","type":"data-channel"}]`, 0, true},
		{`[{"id":"a","type":"codec","clockRate":null}]`, 1, true},
		{`[{"id":"a","type":"codec","clockRate":"many"}]`, 0, false},
		{`[{"id":7,"type":"codec"}]`, 0, false},
		{`[{"id":"a","type":"codec","clockRate":1e999}]`, 0, false},
		{``, 0, false},
		{`[{"id":"a"`, 0, false},
		{`{}`, 0, false},
	} {
		got, err := stats.ReadReport(c.text)
		if len(got) != c.n && c.ok || (err == nil) != c.ok {
			t.Errorf("%s: got %v, %v", c.text, got, err)
		}
	}
	if s, _ := stats.ReadReport(`[{"id":"a","type":"inbound-rtp","packetsLost":-3,"jitter":1e-3}]`); s[0].PacketsLost != -3 || s[0].Jitter != 0.001 {
		t.Errorf("got %+v", s[0])
	}
}
