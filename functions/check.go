package functions

import (
	"slices"
	"unicode/utf8"
)

// A verdict is what a checker says of a value.
type verdict int

const (
	unsure verdict = iota // what a decimal cannot hold, or what is too long to compare
	yes
	no
)

func verdictOf(ok bool) verdict {
	if ok {
		return yes
	}
	return no
}

// and gives the verdict that holds when both must be yes.
func (v verdict) and(other verdict) verdict {
	switch {
	case v == no || other == no:
		return no
	case v == unsure || other == unsure:
		return unsure
	default:
		return yes
	}
}

// not gives the verdict on the opposite.
func (v verdict) not() verdict {
	if v == unsure {
		return unsure
	}
	return verdictOf(v == no)
}

// check gives the verdict on value i. The first that is no yes ends it: all that
// follows from it is that the library is asked.
func (c *checker) check(d *document, i int) verdict {
	if c.always || c.never {
		return verdictOf(c.always)
	}
	n := &d.nodes[i]
	if v := c.checkType(d, n); v != yes {
		return v
	}
	if c.enum != nil || c.only != nil {
		if v := among(c.enum, d, i).and(among(c.only, d, i)); v != yes {
			return v
		}
	}
	switch n.kind {
	case '{':
		return c.object.check(d, i)
	case '[':
		return c.array.check(d, i)
	case '"':
		return c.text.check(d.str(i))
	case '0':
		return c.number.check(d.raw(i))
	default:
		return yes
	}
}

func (c *checker) checkType(d *document, n *node) verdict {
	kind := typeOf(n.kind)
	if c.types&kind != 0 {
		return yes
	}
	if kind != numberType || c.types&integerType == 0 {
		return no
	}
	number, ok := parseDecimal(d.text[n.from:n.to])
	if !ok {
		return unsure
	}
	return verdictOf(number.isInteger())
}

func typeOf(kind byte) types {
	switch kind {
	case '{':
		return objectType
	case '[':
		return arrayType
	case '"':
		return stringType
	case '0':
		return numberType
	case 'n':
		return nullType
	default:
		return booleanType
	}
}

// among says whether value i is one of list, yes when list is nil.
func among(list []constant, d *document, i int) verdict {
	if list == nil {
		return yes
	}
	value := constant{kind: typeOf(d.nodes[i].kind), yes: d.nodes[i].kind == 't'}
	switch value.kind {
	case stringType:
		value.text = d.str(i)
	case numberType:
		var ok bool
		if value.number, ok = parseDecimal(d.raw(i)); !ok {
			return unsure
		}
	default: // Its kind, and which of the two a boolean is, are all of it.
	}
	return verdictOf(slices.Contains(list, value))
}

func within(n, least, most int) bool { return n >= least && (most < 0 || n <= most) }

func (c *objectChecker) check(d *document, i int) verdict {
	n := &d.nodes[i]
	if !within(n.count, c.least, c.most) {
		return no
	}
	missing := c.required
	for m := i + 1; m < n.next; m = d.nodes[m].next {
		p := c.properties[d.name(m)]
		if p.required {
			missing--
		}
		checker := p.checker
		if checker == nil {
			if c.closed {
				return no
			}
			checker = c.others
		}
		if checker == nil {
			continue
		}
		if v := checker.check(d, m); v != yes {
			return v
		}
	}
	return verdictOf(missing == 0)
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

func (c *textChecker) check(text string) verdict {
	if c.least > 0 || c.most >= 0 {
		if !within(utf8.RuneCountInString(text), c.least, c.most) {
			return no
		}
	}
	if c.pattern != nil && !c.pattern.MatchString(text) {
		return no
	}
	if c.format == nil || c.quick != nil && c.quick(text) {
		return yes
	}
	return verdictOf(c.format(text) == nil)
}

func (c *numberChecker) check(raw string) verdict {
	if *c == (numberChecker{}) {
		return yes
	}
	number, ok := parseDecimal(raw)
	if !ok {
		return unsure
	}
	return verdictOf((c.least == nil || number.compare(*c.least) >= 0) &&
		(c.most == nil || number.compare(*c.most) <= 0) &&
		(c.above == nil || number.compare(*c.above) > 0) &&
		(c.below == nil || number.compare(*c.below) < 0) &&
		(c.multipleOf == nil || number.isMultipleOf(*c.multipleOf)))
}
