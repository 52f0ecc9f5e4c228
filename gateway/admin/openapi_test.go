package admin

import (
	"errors"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"golang.org/x/time/rate"

	"nertc/gateway/engine"
	"nertc/gateway/live"
	"nertc/gateway/room"
)

// document is what of docs/openapi.yaml can be held against the program.
type document struct {
	OpenAPI    string
	Paths      map[string]map[string]yaml.Node
	Components map[string]map[string]any
}

type operation struct {
	OperationID string `yaml:"operationId"`
	Responses   map[string]any
}

var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

func readDocument(t *testing.T) (document, map[string]operation) {
	t.Helper()
	b, err := os.ReadFile("../../docs/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var d document
	if err := yaml.Unmarshal(b, &d); err != nil {
		t.Fatal(err)
	}
	operations := map[string]operation{}
	for path, item := range d.Paths {
		for key, node := range item {
			if !slices.Contains(methods, key) {
				continue
			}
			var o operation
			if err := node.Decode(&o); err != nil {
				t.Fatalf("%s %s: %v", key, path, err)
			}
			operations[strings.ToUpper(key)+" "+path] = o
		}
	}
	return d, operations
}

func TestEveryRouteIsDocumented(t *testing.T) {
	d, operations := readDocument(t)
	if d.OpenAPI != "3.1.0" {
		t.Errorf("the document is of version %q", d.OpenAPI)
	}
	for _, r := range Routes() {
		if _, ok := operations[r]; !ok {
			t.Errorf("%s is not in docs/openapi.yaml", r)
		}
	}
	ids := map[string]bool{}
	for r, o := range operations {
		if !slices.Contains(Routes(), r) {
			t.Errorf("%s is in docs/openapi.yaml and is no route", r)
		}
		if o.OperationID == "" || ids[o.OperationID] {
			t.Errorf("%s needs an operationId of its own, not %q", r, o.OperationID)
		}
		ids[o.OperationID] = true
	}
}

// Each name in a path is declared, and each reference leads somewhere.
func TestDocumentHoldsTogether(t *testing.T) {
	d, _ := readDocument(t)
	for path, item := range d.Paths {
		var declared []map[string]string
		if n, ok := item["parameters"]; ok {
			if err := n.Decode(&declared); err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range []string{"app", "channel", "uid", "task", "recording"} {
			has := slices.ContainsFunc(declared, func(p map[string]string) bool { return p["$ref"] == "#/components/parameters/"+name })
			if has != strings.Contains(path, "{"+name+"}") {
				t.Errorf("%s: the parameter %s", path, name)
			}
		}
	}
	b, err := os.ReadFile("../../docs/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range strings.Split(string(b), `$ref: "#/components/`)[1:] {
		kind, rest, _ := strings.Cut(s, "/")
		name, _, _ := strings.Cut(rest, `"`)
		if d.Components[kind][name] == nil {
			t.Errorf("%s/%s is referred to and not there", kind, name)
		}
	}
}

// Whatever a route answers is documented for it.
func TestAnswersAreDocumented(t *testing.T) {
	_, operations := readDocument(t)
	h, s, _ := newHandler(nil)
	long := `{"uid":"` + strings.Repeat("7", 5000) + `"}`
	for _, err := range []error{nil, room.ErrNoRoom, room.ErrNoMember, room.ErrNoOrder, room.ErrFull, live.ErrNoTask, engine.ErrNotReady, errors.New("else")} {
		for _, r := range routes() {
			// What the handler of a route never fails with needs no documentation.
			switch {
			case err == room.ErrFull && !strings.HasSuffix(r.path, "/mutes") && r.name() != "POST "+Path+"/rooms/{app}/{channel}/bans",
				(err == room.ErrNoRoom || err == room.ErrNoMember || err == room.ErrNoOrder || err == live.ErrNoTask) && (r.path == "/rooms" || strings.HasSuffix(r.path, "/bans")):
				continue
			}
			for _, names := range [][]string{{"a", "b", "1"}, {"a", strings.Repeat("b", 65), "1"}} {
				for _, body := range []string{`{"uid":"1","seconds":1}`, `{"audio":true}`, "", long} {
					s.err, h.calls = err, rate.NewLimiter(callRate, callBurst)
					target := strings.NewReplacer("{app}", names[0], "{channel}", names[1], "{uid}", names[2], "{task}", "main", "{recording}", finished).Replace(Path + r.path)
					w := do(h, r.method, target, body)
					if operations[r.name()].Responses[strconv.Itoa(w.Code)] == nil {
						t.Errorf("%s answers %d, which is not documented", r.name(), w.Code)
					}
				}
			}
		}
	}
	for name, o := range operations {
		for _, status := range []int{http.StatusUnauthorized, http.StatusTooManyRequests} {
			if o.Responses[strconv.Itoa(status)] == nil {
				t.Errorf("%s does not document %d", name, status)
			}
		}
	}
}
