package capture

import (
	"fmt"
	"strings"
	"testing"
)

// list reads "i:a:label o:default:label": i, o, v for the kind, id, label, group.
func list(t *testing.T, text string) (devices []Device) {
	kinds := map[string]DeviceKind{"i": AudioInput, "o": AudioOutput, "v": VideoInput}
	for _, word := range strings.Fields(text) {
		p := append(strings.Split(word, ":"), "", "", "")
		if kinds[p[0]] == "" {
			t.Fatalf("no kind in %q", word)
		}
		devices = append(devices, Device{Kind: kinds[p[0]], ID: p[1], Label: p[2], Group: p[3]})
	}
	return devices
}

func TestCompare(t *testing.T) {
	for _, c := range []struct{ name, before, after, want string }{
		{"nothing", "i:a:A o:b:B v:c:C", "v:c:C i:a:A o:b:B", ""},
		{"both empty", "", "", ""},
		{"plugged in", "i:a:A", "i:a:A i:b:B o:b:B", "ACTIVE audioinput b, ACTIVE audiooutput b"},
		{"pulled out", "i:a:A v:c:C", "i:a:A", "INACTIVE videoinput c"},
		{"one for another", "v:c:C", "v:d:D", "INACTIVE videoinput c, ACTIVE videoinput d"},
		{"the default is another", "o:default:A:g1 o:a:A:g1 o:b:B:g2", "o:default:B:g2 o:a:A:g1 o:b:B:g2", "CHANGED audiooutput default"},
		{"the same name in another group", "i:default:A:g1", "i:default:A:g2", "CHANGED audioinput default"},
		{"one id in two kinds", "i:default:A", "i:default:A o:default:A", "ACTIVE audiooutput default"},
		{"allowed to see", "i: v:", "i:a:A i:b:B v:", ""},
		{"no longer allowed", "i:a:A i:b:B", "i:", ""},
		{"labels come later", "i:a", "i:a:A", ""},
		{"the first, unseen", "v:", "i: v:", "ACTIVE audioinput "},
		{"the last, unseen", "i: v:", "v:", "INACTIVE audioinput "},
		{"seen in one kind, changed in another", "i: v:c:C", "i:a:A v:c:C v:d:D", "ACTIVE videoinput d"},
		{"twice the same", "i:a:A", "i:a:A i:a:A", ""},
	} {
		var got []string
		for _, change := range compare(list(t, c.before), list(t, c.after)) {
			got = append(got, fmt.Sprintf("%s %s %s", change.State, change.Device.Kind, change.Device.ID))
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s: got %q, want %q", c.name, s, c.want)
		}
	}
}
