// Package tokens compares the two makers of tokens that servers can use: the Go package and the npm package's part for
// servers.
package tokens

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"nertc/gateway/token"
)

const cases = 3000

// options are those of makeToken and makePermkey. UID is a number or a text.
type options struct {
	AppKey    string `json:"appkey"`
	Channel   string `json:"channelName"`
	UID       any    `json:"uid,omitempty"`
	Secret    string `json:"secret"`
	TTL       int64  `json:"ttl"`
	Now       int64  `json:"now"`
	Privilege uint32 `json:"privilege"`
}

type made struct {
	Text  string `json:"text"`
	Error string `json:"error"`
}

type answer struct{ Token, Permkey made }

// letters are pieces of names: of one to four bytes, some of a meaning in JSON, HTML, Base64 or the signed text.
var letters = []string{
	"a", "Z", "0", "9", " ", "_", "-", "+", "/", "=", ":", "<", ">", "&", `"`, `\`, "'", "{", "}", "%", "é", "ß", "ж", "房", "间", "안",
	"😀", "👩‍👩‍👧", "\u2028", "\u2029", "\ufeff", "\u200b", "\ufffd", "e\u0301", "privilege:63", "uid:1",
}

// text gives a text of so many letters; now and then with a control character.
func text(r *rand.Rand, n int) string {
	var b strings.Builder
	for range n {
		b.WriteString(letters[r.IntN(len(letters))])
	}
	if r.IntN(20) == 0 {
		b.WriteString([]string{"\n", "\x00", "\t", "\x7f", "\u0085", "\r\n"}[r.IntN(6)])
	}
	return b.String()
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

func uid(r *rand.Rand) any {
	switch r.IntN(6) {
	case 0:
		return pick[any](r, nil, "", 0, "0", "00", "007", "-1", "1e3", "1.0", int64(1<<53-1), "9007199254740991", "9007199254740992", "18446744073709551616")
	case 1, 2:
		return r.Int64N(1 << 53)
	case 3:
		return strconv.FormatInt(r.Int64N(1<<53), 10)
	default:
		return text(r, r.IntN(24)) // up to a bit more than 64 characters
	}
}

func random(r *rand.Rand) options {
	return options{
		AppKey: pick(r, "c37bf7a8758a4ed00000000000000000", text(r, r.IntN(12)), strings.Repeat("k", 62+r.IntN(5))), Channel: pick(r, "room1", text(r, r.IntN(20)), text(r, 1+r.IntN(6)), strings.Repeat("é", 30+r.IntN(4))),
		UID:       uid(r),
		Secret:    pick(r, "c00000000000", text(r, r.IntN(8)), strings.Repeat("s", 200)),
		TTL:       pick(r, 1, 60, 3599+r.Int64N(3), r.Int64N(90_000), 86_399+r.Int64N(3), math.MaxInt32-1+r.Int64N(3), -1, 0),
		Now:       pick(r, 0, 1, 999, 1000, 1693968975000, r.Int64N(1<<43), 1<<53-1, time.Now().UnixMilli()),
		Privilege: r.Uint32N(64),
	}
}

// subject is the same user for the Go package: what a page joins with.
func (o options) subject() token.Subject {
	s := token.Subject{AppKey: o.AppKey, Channel: o.Channel}
	if o.UID != nil {
		s.UID = fmt.Sprint(o.UID)
	}
	return s
}

// javaScript has the npm package make all of them.
func javaScript(t *testing.T, all []options) []answer {
	t.Helper()
	var in bytes.Buffer
	encode := json.NewEncoder(&in)
	for _, o := range all {
		if err := encode.Encode(o); err != nil {
			t.Fatal(err)
		}
	}
	node := exec.CommandContext(t.Context(), "node", "make.mjs")
	node.Stdin, node.Stderr = &in, os.Stderr
	out, err := node.Output()
	if err != nil {
		t.Fatalf("node: %v", err)
	}
	var answers []answer
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		var a answer
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		answers = append(answers, a)
	}
	if len(answers) != len(all) {
		t.Fatalf("%d answers to %d", len(answers), len(all))
	}
	return answers
}

// fields gives the JSON of a permission key, piece by piece: its fields with their order, but not how its texts are escaped.
func fields(t *testing.T, permkey string) []json.Token {
	t.Helper()
	packed, err := base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-").WithPadding('_').DecodeString(permkey)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(z)
	d.UseNumber()
	var all []json.Token
	for {
		piece, err := d.Token()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, piece)
	}
}

// TestSameTokens: whatever somebody asks for, both make it or both refuse; the tokens are the same text, the permission
// keys have the same fields, and the gateway takes each.
func TestSameTokens(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	all := []options{{AppKey: "c37bf7a8758a4ed00000000000000000", Channel: "room1", UID: 10000, Secret: "c00000000000", TTL: 1800, Now: 1693968975000, Privilege: 37}}
	for len(all) < cases {
		all = append(all, random(r))
	}
	made, refused := 0, 0
	for i, js := range javaScript(t, all) {
		o := all[i]
		s, now, ttl := o.subject(), time.UnixMilli(o.Now), time.Duration(o.TTL)*time.Second
		basic, err := token.NewBasic(o.Secret, s, now, ttl)
		switch {
		case (err == nil) != (js.Token.Error == ""):
			t.Errorf("%#v: token in Go: %v, in JavaScript: %q", o, err, js.Token.Error)
		case err != nil:
			refused++
		case basic != js.Token.Text:
			t.Errorf("%#v: token in Go %s, in JavaScript %s", o, basic, js.Token.Text)
		default:
			made++
			if end, err := token.CheckBasic(o.Secret, s, js.Token.Text, now); err != nil || !end.Equal(now.Add(ttl)) {
				t.Errorf("%#v: the gateway finds the token %v, until %v", o, err, end)
			}
		}
		key, err := token.NewPermkey(o.Secret, s, token.Privilege(o.Privilege), now, ttl)
		switch {
		case (err == nil) != (js.Permkey.Error == ""):
			t.Errorf("%#v: permission key in Go: %v, in JavaScript: %q", o, err, js.Permkey.Error)
		case err != nil:
			refused++
		default:
			made++
			if a, b := fields(t, key), fields(t, js.Permkey.Text); fmt.Sprint(a) != fmt.Sprint(b) {
				t.Errorf("%#v: permission key in Go %q, in JavaScript %q", o, a, b)
			}
			g, err := token.CheckPermkey(o.Secret, s, js.Permkey.Text, now)
			if err != nil || uint32(g.Privilege) != o.Privilege || !g.Expires.Equal(time.Unix(o.Now/1000, 0).Add(ttl)) {
				t.Errorf("%#v: the gateway finds the permission key %+v, %v", o, g, err)
			}
		}
		if t.Failed() {
			return // the first one says enough
		}
	}
	if made < cases/4 || refused < cases/4 {
		t.Errorf("the inputs are one-sided: %d made, %d refused", made, refused)
	}
}

const importer = `package main

import (
	"fmt"
	"time"

	"nertc/gateway/token"
)

func main() {
	user := token.Subject{AppKey: "c37bf7a8758a4ed00000000000000000", Channel: "room1", UID: "10000"}
	fmt.Println(token.NewBasic("c00000000000", user, time.UnixMilli(1693968975000), 30*time.Minute))
}
`

// TestImportedByOthers: a program of another module imports the package, and none of what the gateway is linked with.
func TestImportedByOthers(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, content := range map[string]string{
		"main.go": importer,
		"go.mod":  "module shop\n\ngo 1.26\n\nrequire nertc v0.0.0\n\nreplace nertc => " + root + "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOPROXY=off", "GOWORK=off", "GOFLAGS=-mod=mod", "GOOS=", "GOARCH=")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	const want = "eyJzaWduYXR1cmUiOiJlZjRmNGEwOGM1NmZiOWI5MDQ3OTE2YjZlYmZhZGY5NWFjZDc2OGViIiwiY3VyVGltZSI6MTY5Mzk2ODk3NTAwMCwidHRsIjoxODAwfQ== <nil>\n"
	if got := run("run", "."); got != want {
		t.Errorf("it printed %q", got)
	}
	for _, dep := range strings.Fields(run("list", "-deps", ".")) {
		if first, _, _ := strings.Cut(dep, "/"); strings.Contains(first, ".") || first == "nertc" && dep != "nertc/gateway/token" {
			t.Errorf("it is linked with %s", dep)
		}
	}
}
