//go:build unix

package main

import (
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// families are the metrics that /metrics shows: name to type, and to the names of its labels.
func families(metrics string) (types map[string]string, labels map[string][]string) {
	types, labels = map[string]string{}, map[string][]string{}
	for line := range strings.Lines(metrics) {
		if f := strings.Fields(line); len(f) == 4 && f[0] == "#" && f[1] == "TYPE" {
			types[f[2]] = f[3]
		} else if m := series.FindStringSubmatch(line); m != nil {
			// A series at least, so that those of a histogram are there too.
			labels[m[1]] = append(labels[m[1]], "instance", "job") // Prometheus adds these
			for _, l := range label.FindAllStringSubmatch(m[2], -1) {
				labels[m[1]] = append(labels[m[1]], l[1])
			}
		}
	}
	return types, labels
}

var (
	series = regexp.MustCompile(`^([a-z_][a-z0-9_]*)(?:\{(.*)\})? `)
	label  = regexp.MustCompile(`([a-z_]+)="`)

	// The parts of a query. A name is one of a metric unless it is a function's, with a bracket after it.
	text       = regexp.MustCompile(`"[^"]*"`)
	duration   = regexp.MustCompile(`\[[^\]]*\]`)
	grouping   = regexp.MustCompile(`\b(?:by|without|on|ignoring) *\(([^)]*)\)`)
	operator   = regexp.MustCompile(`\b(?:and|or|unless)\b`)
	selector   = regexp.MustCompile(`([a-z_:][a-z0-9_:]*)\{([^}]*)\}`)
	word       = regexp.MustCompile(`[a-zA-Z_:][a-zA-Z0-9_:]*(?: *\()?`)
	legendName = regexp.MustCompile(`\{\{ *([^} ]*) *\}\}`)
)

// metricsOf are the metrics in a query, and the labels that it selects or groups by.
func metricsOf(query string) (names, labels []string) {
	q := duration.ReplaceAllString(text.ReplaceAllString(query, ""), "")
	for _, m := range grouping.FindAllStringSubmatch(q, -1) {
		labels = append(labels, strings.FieldsFunc(m[1], func(r rune) bool { return r == ',' || r == ' ' })...)
	}
	q = operator.ReplaceAllString(grouping.ReplaceAllString(q, ""), " ")
	for _, m := range selector.FindAllStringSubmatch(q, -1) {
		labels = append(labels, word.FindAllString(m[2], -1)...)
	}
	q = selector.ReplaceAllString(q, "$1")
	for _, w := range word.FindAllString(q, -1) {
		if !strings.HasSuffix(w, "(") {
			names = append(names, w)
		}
	}
	return names, labels
}

type dashboard struct {
	Title, UID    string
	SchemaVersion int
	Panels        []struct {
		ID          int
		Type, Title string
		GridPos     struct{ X, Y, W, H int }
		FieldConfig struct{ Defaults struct{ Decimals *int } }
		Targets     []struct{ Expr, LegendFormat string }
	}
	Templating struct {
		List []struct{ Name, Type, Definition string }
	}
}

// metrics compares what a gateway shows with docs/gateway.md and with the dashboard.
func metrics(t *testing.T, bin string) {
	const secret = "sixteen bytes and more"
	p := start(t, bin, "--admin-secret", secret, "--logs-directory", t.TempDir())
	r := p.awaitReady()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+"/admin/v1/rooms", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+secret)
	res, err := p.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	_, all := p.get("/metrics")
	p.stop(r.EnginePID)
	types, labels := families(all)

	doc, err := os.ReadFile("../../docs/gateway.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(nertc_[a-z_]+)` \\| ([a-z]+) \\|([^|]*)\\|").FindAllStringSubmatch(string(doc), -1) {
		documented[m[1]] = true
		if types[m[1]] != m[2] {
			t.Errorf("docs/gateway.md has %s as a %s, /metrics as %q", m[1], m[2], types[m[1]])
		}
		for _, l := range regexp.MustCompile("`([a-z]+)`:").FindAllStringSubmatch(m[3], -1) {
			if !slices.Contains(labels[m[1]], l[1]) {
				t.Errorf("docs/gateway.md has a label %s of %s, /metrics has none", l[1], m[1])
			}
		}
	}
	for name := range types {
		if strings.HasPrefix(name, "nertc_") && !documented[name] {
			t.Errorf("docs/gateway.md does not list %s", name)
		}
	}

	b, err := os.ReadFile("../../docs/grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	var d dashboard
	if err := json.Unmarshal(b, &d); err != nil {
		t.Fatal(err)
	}
	if d.Title == "" || d.UID == "" || d.SchemaVersion == 0 {
		t.Errorf("the dashboard is %q, %q, of schema %d", d.Title, d.UID, d.SchemaVersion)
	}
	check := func(where, query, legend string) {
		names, used := metricsOf(query)
		if len(names) == 0 {
			t.Errorf("%s asks for no metric: %s", where, query)
		}
		for _, l := range legendName.FindAllStringSubmatch(legend, -1) {
			used = append(used, l[1])
		}
		for _, n := range names {
			if labels[n] == nil {
				t.Errorf("%s asks for %s, which /metrics does not have", where, n)
				continue
			}
			// Every program that Prometheus asks has these.
			if strings.HasPrefix(n, "process_") && !strings.Contains(query, `and on (job, instance) nertc_engine_ready{`) {
				t.Errorf("%s shows processes that are no gateway: %s", where, query)
			}
			for _, l := range used {
				if !slices.Contains(labels[n], l) {
					t.Errorf("%s uses the label %s, which %s does not have", where, l, n)
				}
			}
			delete(documented, strings.TrimSuffix(n, "_bucket"))
		}
	}
	ids := map[int]string{}
	for i, panel := range d.Panels {
		if ids[panel.ID] != "" {
			t.Errorf("%s and %s have one id", panel.Title, ids[panel.ID])
		}
		ids[panel.ID] = panel.Title
		if panel.Type != "row" && len(panel.Targets) == 0 {
			t.Errorf("%s asks for nothing", panel.Title)
		}
		for _, o := range d.Panels[:i] {
			a, b := o.GridPos, panel.GridPos
			if b.X+b.W > 24 || a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H {
				t.Errorf("%s lies over %s or outside", panel.Title, o.Title)
			}
		}
		for _, target := range panel.Targets {
			check(panel.Title, target.Expr, target.LegendFormat)
			// One number is the last there is, and that of an interval in which something happened may be hours old.
			if panel.Type == "stat" && strings.Contains(target.Expr, "$__rate_interval") {
				t.Errorf("%s is of a moment that nobody knows: %s", panel.Title, target.Expr)
			}
			// 0/0 is an empty place, and nothing at all 'No data'.
			if panel.Type == "stat" && strings.Contains(target.Expr, " / ") && !strings.HasSuffix(target.Expr, " > 0)") {
				t.Errorf("%s divides by what may be 0: %s", panel.Title, target.Expr)
			}
			// Prometheus extends what has been counted to the ends of the time: 1 becomes 1.02.
			if d := panel.FieldConfig.Defaults.Decimals; panel.Type == "stat" && strings.HasPrefix(target.Expr, "sum(increase(") &&
				!strings.Contains(target.Expr, " / ") && (d == nil || *d != 0) {
				t.Errorf("%s counts whole things and shows parts of them", panel.Title)
			}
		}
	}
	for _, v := range d.Templating.List {
		if m := regexp.MustCompile(`^label_values\((\w+), (\w+)\)$`).FindStringSubmatch(v.Definition); m != nil {
			check(v.Name, m[1]+"{"+m[2]+`=""}`, "")
		} else if v.Type == "query" {
			t.Errorf("the variable %s is %q", v.Name, v.Definition)
		}
	}
	for name := range documented {
		t.Errorf("the dashboard does not show %s", name)
	}
}

func TestMetricsOf(t *testing.T) {
	names, labels := metricsOf(`histogram_quantile(0.5, sum by (le, a) (rate(x_bucket{job=~"y z{", b="1"}[$__rate_interval]))) / sum(gone) + 8 * also and on (job, a) y{c="d"}`)
	if got := strings.Join(names, " "); got != "x_bucket gone also y" {
		t.Errorf("metrics %q", got)
	}
	if got := strings.Join(labels, " "); got != "le a job a job b c" {
		t.Errorf("labels %q", got)
	}
}

// jsonLog has every line on the console as an object, those of a start and of an end among them.
func jsonLog(t *testing.T, bin string) {
	p := start(t, bin, "--log-format=json", "--log-level=debug", "--engine-log-level=info")
	r := p.awaitReady()
	p.stop(r.EnginePID)
	said := map[string]map[string]any{}
	for line := range strings.Lines(p.err()) {
		var l map[string]any
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Errorf("%v in %s", err, line)
			continue
		}
		msg, _ := l["msg"].(string)
		if msg == "" || l["time"] == nil || l["level"] == nil {
			t.Errorf("no time, level or msg in %s", line)
		}
		said[msg] = l
	}
	if said["listening"]["url"] != r.URL || said["stopping"] == nil || said["media engine says"] == nil {
		t.Errorf("lines\n%s", p.err())
	}
	if took, ok := said["media engine is ready"]["took"].(float64); !ok || took <= 0 || took > 60 {
		t.Errorf("the engine took %v, want seconds", said["media engine is ready"]["took"])
	}
	if l := said["debug mode: no app is configured, so any appkey is accepted and no token is asked for"]; l["open"] != false {
		t.Errorf("debug mode: %v", l)
	}
}
