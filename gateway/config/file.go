package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// fileLimit is the size in bytes of the largest file that is read.
const fileLimit = 1 << 20

// file reads a YAML document into the loader. It walks the node tree instead of
// decoding into structs, so that each error has its line and its whole key.
func (l *loader) file(name string, data []byte) {
	if len(data) > fileLimit {
		l.fail(name, "", fmt.Errorf("is larger than %d bytes", fileLimit))
		return
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if !errors.Is(err, io.EOF) { // an empty file sets nothing
			l.fail(syntaxPlace(name, err), "", syntaxText(err))
		}
		return
	}
	var second yaml.Node
	if err := dec.Decode(&second); err == nil {
		l.fail(place(name, &second), "", errors.New("a second YAML document; want one"))
		return
	} else if !errors.Is(err, io.EOF) {
		l.fail(syntaxPlace(name, err), "", syntaxText(err))
		return
	}
	if len(doc.Content) == 1 && doc.Content[0].ShortTag() != "!!null" {
		l.section(name, "", doc.Content[0])
	}
}

var syntaxLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

func syntaxPlace(name string, err error) string {
	if m := syntaxLine.FindStringSubmatch(err.Error()); m != nil && m[1] != "" {
		return name + ":" + m[1]
	}
	return name
}

func syntaxText(err error) error {
	if strings.Contains(err.Error(), "unknown anchor") {
		// The parser quotes the name, which is a secret where one begins with * and has no quotes.
		return errors.New("not YAML: a value that begins with * needs quotes")
	}
	return errors.New("not YAML: " + syntaxLine.ReplaceAllString(err.Error(), ""))
}

func place(name string, n *yaml.Node) string { return fmt.Sprintf("%s:%d", name, n.Line) }

// section reads a mapping; path is its key, empty at the top.
func (l *loader) section(name, path string, n *yaml.Node) {
	l.each(name, path, n, l.children(path), func(key string, k, v *yaml.Node) {
		full := join(path, key)
		i := slices.IndexFunc(l.settings, func(s setting) bool { return s.path == full })
		switch {
		case i < 0:
			l.section(name, full, v)
		case full == "apps":
			l.appList(name, v)
		case l.settings[i].kind == list:
			if texts, ok := l.texts(name, full, v); ok {
				l.apply(&l.settings[i], place(name, k), texts)
			}
		default:
			if t, ok := l.scalar(name, full, l.settings[i].kind, v); ok {
				l.apply(&l.settings[i], place(name, k), value{t})
			}
		}
	})
}

// each calls f for every known key of a mapping, once.
func (l *loader) each(name, path string, n *yaml.Node, known []string, f func(key string, k, v *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		l.fail(place(name, n), path, fmt.Errorf("want keys and values (%s)", strings.Join(known, ", ")))
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		full := join(path, k.Value)
		if k.Kind != yaml.ScalarNode || !slices.Contains(known, k.Value) {
			l.fail(place(name, k), full, fmt.Errorf("unknown key; known here: %s", strings.Join(known, ", ")))
			continue
		}
		if first, ok := seen[k.Value]; ok {
			l.fail(place(name, k), full, fmt.Errorf("is there twice, first in line %d", first))
			continue
		}
		seen[k.Value] = k.Line
		f(k.Value, k, v)
	}
}

// scalar gives the text of a single value of the wanted kind.
func (l *loader) scalar(name, path string, want kind, n *yaml.Node) (string, bool) {
	var err error
	tag := n.ShortTag()
	switch {
	case n.Kind == yaml.AliasNode:
		err = errors.New("YAML aliases are not taken; write the value out")
	case n.Kind != yaml.ScalarNode:
		err = errors.New("want a single value")
	case tag == "!!null":
		err = errors.New("has no value; leave the key out or give one")
	case want == number && tag != "!!int":
		err = errors.New("want a whole number")
	case want == boolean && tag != "!!bool":
		err = errors.New("want true or false")
	}
	if err != nil {
		l.fail(place(name, n), path, err)
		return "", false
	}
	return n.Value, true
}

func (l *loader) texts(name, path string, n *yaml.Node) (value, bool) {
	if n.Kind != yaml.SequenceNode {
		l.fail(place(name, n), path, errors.New("want a list"))
		return nil, false
	}
	var out value
	for i, e := range n.Content {
		t, ok := l.scalar(name, fmt.Sprintf("%s[%d]", path, i), text, e)
		if !ok {
			return nil, false
		}
		out = append(out, t)
	}
	return out, true
}

// children are the keys directly below a section.
func (l *loader) children(path string) []string {
	var out []string
	for _, s := range l.settings {
		rest := s.path
		if path != "" {
			var ok bool
			if rest, ok = strings.CutPrefix(s.path, path+"."); !ok {
				continue
			}
		}
		key, _, _ := strings.Cut(rest, ".")
		if !slices.Contains(out, key) {
			out = append(out, key)
		}
	}
	return out
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
