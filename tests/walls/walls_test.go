// Package walls keeps the walls of the house: who may import what.
package walls

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

type pkg struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

// rule says that packages below from, but for those below except, must not import what begins with one of ban.
type rule struct {
	name   string
	from   string
	except []string
	ban    []string
}

var rules = []rule{
	{"only the border and the wasm program know JavaScript", "nertc", []string{"nertc/jsbridge", "nertc/wasm"}, []string{"syscall/js"}},
	{"only gateway/engine knows LiveKit", "nertc", []string{"nertc/gateway/engine"}, []string{"github.com/livekit/"}},
	{"the core knows neither wing", "nertc/internal", nil, []string{"nertc/jsbridge", "nertc/gateway", "nertc/wasm", "nertc/cmd", "nertc/web"}},
	{"the browser's wing does not touch the server's", "nertc/jsbridge", nil, []string{"nertc/gateway", "nertc/cmd", "nertc/web", "nertc/wasm"}},
	{"the server's wing does not touch the browser's", "nertc/gateway", nil, []string{"nertc/jsbridge", "nertc/wasm", "nertc/cmd"}},
	{"the server serves, it is no client", "nertc/gateway", []string{"nertc/gateway/live"}, []string{"nertc/internal/client", "nertc/internal/session"}},
	{"messages know nothing", "nertc/internal/protocol", nil, []string{"nertc/"}},
	{"the seam of media knows nothing", "nertc/internal/media", []string{"nertc/internal/media/mediatest"}, []string{"nertc/"}},
	{"a session does not know the client above it", "nertc/internal/session", nil, []string{"nertc/internal/client"}},
	{"the socket does not know the session above it", "nertc/internal/signal", nil, []string{"nertc/internal/session", "nertc/internal/client"}},
	{"the wasm has no room for encoding/json", "nertc/internal", []string{"nertc/internal/nativemedia"}, []string{"encoding/json"}},
	{"the wasm has no room for encoding/json", "nertc/jsbridge", nil, []string{"encoding/json"}},
	{"the wasm has no room for encoding/json", "nertc/wasm", nil, []string{"encoding/json"}},
}

func TestWalls(t *testing.T) {
	packages := map[string]pkg{}
	for _, env := range [][]string{nil, {"GOOS=js", "GOARCH=wasm"}} {
		for _, p := range list(t, env) {
			// The same package seen for the other platform adds its imports.
			q := packages[p.ImportPath]
			p.Imports = append(p.Imports, q.Imports...)
			packages[p.ImportPath] = p
		}
	}
	if len(packages) < 10 {
		t.Fatalf("only %d packages were found", len(packages))
	}
	for _, p := range packages {
		for _, r := range rules {
			for _, breach := range r.breaches(p) {
				t.Errorf("%s imports %s: %s", p.ImportPath, breach, r.name)
			}
		}
	}
}

// TestRulesBite makes sure that a breach would be seen.
func TestRulesBite(t *testing.T) {
	bad := pkg{ImportPath: "nertc/internal/session", Imports: []string{"syscall/js", "nertc/internal/client", "nertc/gateway/room", "github.com/livekit/protocol/livekit"}}
	seen := 0
	for _, r := range rules {
		seen += len(r.breaches(bad))
	}
	if seen != 4 {
		t.Fatalf("%d breaches seen, want 4", seen)
	}
	if n := len(rules[0].breaches(pkg{ImportPath: "nertc/jsbridge/js", Imports: []string{"syscall/js"}})); n != 0 {
		t.Fatal("an allowed import was called a breach")
	}
}

func (r rule) breaches(p pkg) (out []string) {
	if !below(p.ImportPath, r.from) {
		return nil
	}
	for _, e := range r.except {
		if below(p.ImportPath, e) {
			return nil
		}
	}
	for _, i := range p.Imports {
		for _, b := range r.ban {
			if strings.HasPrefix(i, b) && !below(i, r.from) || i == b {
				out = append(out, i)
				break
			}
		}
	}
	return out
}

func below(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

func list(t *testing.T, env []string) (out []pkg) {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Imports", "nertc/...")
	cmd.Env = append(os.Environ(), env...)
	b, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for d := json.NewDecoder(bytes.NewReader(b)); ; {
		var p pkg
		if err := d.Decode(&p); err == io.EOF {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
}
