package liberty

import (
	"slices"
	"strings"

	"github.com/egret-proxy/egret/configs/yamltext"
)

// text gives an attribute with its variables put in. It is false for one that
// is left out or empty.
func (b *builder) text(name string) (text, bool) {
	raw, ok := b.element.get(name)
	if !ok {
		return text{}, false
	}
	t := b.vars.expand(raw)
	return t, !t.empty()
}

// has reports whether an attribute says anything.
func (b *builder) has(name string) bool {
	_, ok := b.text(name)
	return ok
}

// fixed gives an attribute where egret.yaml expands nothing.
func (b *builder) fixed(name string) (s string, ok bool) {
	t, ok := b.text(name)
	if !ok {
		return "", false
	}
	s, environment, ok := t.fixed()
	switch {
	case !ok:
		b.note("%s comes from the environment, which egret.yaml cannot say here: its default holds", name)
	case environment:
		b.note("%s comes from the environment in Liberty; what stands here is the default of the variable", name)
	}
	return s, ok
}

// flag gives an attribute that is true or false.
func (b *builder) flag(name string) bool {
	s, ok := b.fixed(name)
	return ok && strings.EqualFold(s, "true")
}

// reference gives an attribute where egret.yaml expands ${env:…}.
func (b *builder) reference(name string) (string, bool) {
	t, ok := b.text(name)
	if !ok {
		return "", false
	}
	s, ok := t.reference()
	if !ok {
		b.note("%s is left out: egret would take a part of it for a reference to a variable or a file", name)
	}
	return s, ok
}

// list gives an attribute that has several values, each as YAML.
func (b *builder) list(name string) []string {
	var values []string
	for _, raw := range b.element.all(name) {
		for _, part := range splitList(raw) {
			t := b.vars.expand(part)
			fixed, environment, ok := t.fixed()
			if ok && !environment && strings.HasPrefix(part, "${list(") {
				values = append(values, splitList(fixed)...)
				continue
			}
			s, ok := t.reference()
			switch {
			case !ok:
				b.note("a part of %s is left out: egret would take it for a reference to a variable or a file", name)
			case s != "":
				values = append(values, s)
			}
		}
	}
	return values
}

// unknown notes the attributes of an element that nothing reads. Their values
// may be secret.
func (im *importer) unknown(e *element, what string, known []string) {
	is := func(name string) bool {
		return slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, name) })
	}
	var names []string
	for _, a := range e.attributes {
		if !is(a.name) {
			names = append(names, yamltext.Safe(a.name))
		}
	}
	for _, c := range e.children {
		if !is(c.name) && !slices.Contains(names, yamltext.Safe(c.name)) {
			names = append(names, yamltext.Safe(c.name))
		}
	}
	if len(names) > 0 {
		im.pass("%s: %s", what, strings.Join(names, ", "))
	}
}
