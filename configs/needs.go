package configs

import "strings"

// findNeeds finds the caches that egret itself needs when it runs a Function to
// fill a cache, beside those that are fixed: what a default names, and what limits
// an argument that has a default.
func (d *decoder) findNeeds(f *functionEntry) {
	parameters := f.node.member("parameters")
	if parameters == nil {
		return
	}
	s := defaultSearch{d: d, root: parameters, found: map[*Cache]bool{}}
	for _, m := range under(parameters, "properties") {
		if f.isFixed(m.key) {
			continue
		}
		s.any, s.seen = false, map[*node]bool{}
		s.schema(m.value)
		if !s.any {
			continue
		}
		for _, a := range f.allowances {
			if c := d.cache(a.Cache); c != nil && len(a.Argument) > 0 && a.Argument[0] == m.key {
				s.note(c)
			}
		}
	}
	f.needs = s.list
}

// A defaultSearch walks through the schemas of properties.
type defaultSearch struct {
	d     *decoder
	root  *node
	seen  map[*node]bool
	any   bool // a default was found
	found map[*Cache]bool
	list  []*Cache
}

func (s *defaultSearch) note(c *Cache) {
	if !s.found[c] {
		s.found[c], s.list = true, append(s.list, c)
	}
}

// schema looks at the default of a property, and at what is below it. A reference
// that was followed before is not followed again.
func (s *defaultSearch) schema(n *node) {
	if n == nil || s.seen[n] {
		return
	}
	s.seen[n] = true
	if value := n.member("default"); value != nil {
		s.any = true
		s.value(value)
	}
	for _, m := range under(n, "properties") {
		s.schema(m.value)
	}
	if r := n.member("$ref"); r != nil && r.kind == text {
		s.schema(s.target(r.text))
	}
}

// value notes the caches whose IDs are in a default.
func (s *defaultSearch) value(n *node) {
	if c := s.d.cacheAt(n); c != nil {
		s.note(c)
	}
	for _, item := range n.items {
		s.value(item)
	}
	for _, m := range n.members {
		s.value(m.value)
	}
}

// target gives what a reference to #/$defs/NAME leads to, nil for any other: what
// it overlooks, the bound of a chain of caches finds when it is called.
func (s *defaultSearch) target(reference string) *node {
	name, ok := strings.CutPrefix(reference, "#/$defs/")
	if !ok {
		return nil
	}
	for _, m := range under(s.root, "$defs") {
		if m.key == name {
			return m.value
		}
	}
	return nil
}

// under gives the members of a member, none when there is no such mapping.
func under(n *node, key string) []member {
	if value := n.member(key); value != nil {
		return value.members
	}
	return nil
}
