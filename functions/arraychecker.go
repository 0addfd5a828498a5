package functions

import (
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// An arrayChecker is what a schema says of arrays.
type arrayChecker struct {
	least, most int // most is -1 for no limit
	unique      bool
	items       *checker
}

func (c *arrayChecker) set(s *jsonschema.Schema) (ok bool) {
	c.least, c.most = limits(s.MinItems, s.MaxItems)
	c.unique = s.UniqueItems
	if s.Items2020 == nil {
		return true
	}
	c.items, ok = newChecker(s.Items2020)
	return ok
}

func (c *arrayChecker) check(d *document, i int) verdict {
	n := &d.nodes[i]
	if !within(n.count, c.least, c.most) {
		return no
	}
	if c.unique && n.count > 1 {
		if v := unique(d, i); v != yes {
			return v
		}
	}
	if c.items == nil {
		return yes
	}
	for e := i + 1; e < n.next; e = d.nodes[e].next {
		if v := c.items.check(d, e); v != yes {
			return v
		}
	}
	return yes
}

// fewElements is how many elements are compared each with each.
const fewElements = 32

// unique says whether no two elements of array i are equal. It does not compare
// objects and arrays.
func unique(d *document, i int) verdict {
	if d.nodes[i].count > fewElements {
		return unsure
	}
	for one := i + 1; one < d.nodes[i].next; one = d.nodes[one].next {
		if d.nodes[one].kind == '{' || d.nodes[one].kind == '[' {
			return unsure
		}
		for other := i + 1; other < one; other++ {
			if v := same(d, one, other); v != no {
				return v.not()
			}
		}
	}
	return yes
}

// same says whether two scalars are equal.
func same(d *document, one, other int) verdict {
	kind := d.nodes[one].kind
	switch {
	case d.nodes[other].kind != kind:
		return no
	case kind == '"':
		return verdictOf(d.str(one) == d.str(other))
	case kind != '0':
		return yes
	}
	a, ok := parseDecimal(d.raw(one))
	b, okay := parseDecimal(d.raw(other))
	if !ok || !okay {
		return unsure
	}
	return verdictOf(a == b)
}
