package functions

import (
	"encoding/json"
	"math/big"

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

// An objectChecker is what a schema says of objects.
type objectChecker struct {
	properties  map[string]property // what properties and required name
	required    int                 // how many of them are required
	least, most int                 // of members; most is -1 for no limit
	closed      bool                // no members but those of properties
	others      *checker            // for all other members, nil for no constraint
}

// A property is what a schema says of one member.
type property struct {
	checker  *checker // nil when only required names it
	required bool
}

// An arrayChecker is what a schema says of arrays.
type arrayChecker struct {
	least, most int // most is -1 for no limit
	unique      bool
	items       *checker
}

// A textChecker is what a schema says of strings.
type textChecker struct {
	least, most int // in characters; most is -1 for no limit
	pattern     jsonschema.Regexp
	format      func(any) error   // the library's, or nil
	quick       func(string) bool // says yes to some texts of the format, or nil
}

// A numberChecker is what a schema says of numbers. Nil is no limit.
type numberChecker struct {
	least, most, above, below, multipleOf *decimal
}

// types is a set of the types of JSON Schema.
type types uint8

const (
	nullType types = 1 << iota
	booleanType
	numberType
	integerType
	stringType
	arrayType
	objectType
	everyType = nullType | booleanType | numberType | stringType | arrayType | objectType
)

var typeNames = map[string]types{
	"null": nullType, "boolean": booleanType, "number": numberType, "integer": integerType,
	"string": stringType, "array": arrayType, "object": objectType,
}

// A constant is a scalar that a value is compared to.
type constant struct {
	kind   types
	text   string
	yes    bool
	number decimal
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

// constants reports false when one of the values is no scalar, or a number with
// too many digits.
func constants(values []any) ([]constant, bool) {
	list := make([]constant, len(values))
	for i, value := range values {
		switch value := value.(type) {
		case nil:
			list[i] = constant{kind: nullType}
		case bool:
			list[i] = constant{kind: booleanType, yes: value}
		case string:
			list[i] = constant{kind: stringType, text: value}
		case json.Number:
			number, ok := parseDecimal(value.String())
			if !ok || isEndless(value.String()) {
				return nil, false
			}
			list[i] = constant{kind: numberType, number: number}
		default:
			return nil, false
		}
	}
	return list, true
}

func (c *objectChecker) set(s *jsonschema.Schema) (ok bool) {
	c.least, c.most = limits(s.MinProperties, s.MaxProperties)
	switch others := s.AdditionalProperties.(type) {
	case nil:
	case bool:
		c.closed = !others
	case *jsonschema.Schema:
		if c.others, ok = newChecker(others); !ok {
			return false
		}
	default:
		return false
	}
	c.properties = make(map[string]property, len(s.Properties))
	for name, schema := range s.Properties {
		checker, ok := newChecker(schema)
		if !ok {
			return false
		}
		c.properties[name] = property{checker: checker}
	}
	for _, name := range s.Required {
		p := c.properties[name]
		if !p.required {
			c.required++
		}
		p.required = true
		c.properties[name] = p
	}
	return true
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

func (c *textChecker) set(s *jsonschema.Schema) bool {
	c.least, c.most = limits(s.MinLength, s.MaxLength)
	c.pattern = s.Pattern
	if s.Format != nil {
		c.format = s.Format.Validate
		c.quick = quickFormats[s.Format.Name]
	}
	return true
}

func (c *numberChecker) set(s *jsonschema.Schema) bool {
	for _, limit := range []struct {
		from *big.Rat
		to   **decimal
	}{
		{s.Minimum, &c.least}, {s.Maximum, &c.most}, {s.ExclusiveMinimum, &c.above}, {s.ExclusiveMaximum, &c.below}, {s.MultipleOf, &c.multipleOf},
	} {
		if limit.from == nil {
			continue
		}
		d, ok := decimalOf(limit.from)
		if !ok {
			return false
		}
		*limit.to = &d
	}
	return c.multipleOf == nil || c.multipleOf.coefficient > 0
}

// limits gives a lower and an upper limit, -1 for none above.
func limits(least, most *int) (int, int) {
	from, to := 0, -1
	if least != nil {
		from = *least
	}
	if most != nil {
		to = *most
	}
	return from, to
}
