package functions

import (
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// A checker says whether a value satisfies a schema, at a small part of the cost
// of the schema library. It is made of what the library compiled, so keywords
// mean what the library takes them for, and only of keywords that it knows all
// about. What is wrong with a value it does not say: the library has the words.
type checker struct {
	never  bool // the schema is false
	always bool // the schema is true
	types  types
	enum   []constant // nil for no constraint
	only   []constant // const: one, or nil for no constraint
	object objectChecker
	array  arrayChecker
	text   textChecker
	number numberChecker
}

// newChecker gives a checker for a schema, or reports false when the schema has
// something that a checker does not know.
func newChecker(s *jsonschema.Schema) (*checker, bool) {
	if s.Bool != nil {
		return &checker{never: !*s.Bool, always: *s.Bool}, true
	}
	if s.DraftVersion != 2020 || hasForeign(s) {
		return nil, false
	}
	c := &checker{types: everyType}
	if s.Types != nil && !s.Types.IsEmpty() {
		c.types = 0
		for _, name := range s.Types.ToStrings() {
			c.types |= typeNames[name]
		}
	}
	return c, c.setConstants(s) && c.object.set(s) && c.array.set(s) && c.text.set(s) && c.number.set(s)
}

// hasForeign reports whether a schema has a keyword that a checker does not know.
func hasForeign(s *jsonschema.Schema) bool {
	return s.Ref != nil || s.RecursiveRef != nil || s.DynamicRef != nil ||
		s.Not != nil || len(s.AllOf) > 0 || len(s.AnyOf) > 0 || len(s.OneOf) > 0 || s.If != nil || s.Then != nil || s.Else != nil ||
		s.PropertyNames != nil || len(s.PatternProperties) > 0 || len(s.Dependencies) > 0 ||
		len(s.DependentRequired) > 0 || len(s.DependentSchemas) > 0 || s.UnevaluatedProperties != nil ||
		s.Contains != nil || s.MinContains != nil || s.MaxContains != nil ||
		s.Items != nil || s.AdditionalItems != nil || len(s.PrefixItems) > 0 || s.UnevaluatedItems != nil ||
		s.ContentEncoding != nil || s.ContentMediaType != nil || s.ContentSchema != nil || len(s.Extensions) > 0
}

func (c *checker) setConstants(s *jsonschema.Schema) bool {
	var ok bool
	if s.Enum != nil {
		if c.enum, ok = constants(s.Enum.Values); !ok {
			return false
		}
	}
	if s.Const != nil {
		if c.only, ok = constants([]any{*s.Const}); !ok {
			return false
		}
	}
	return true
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
