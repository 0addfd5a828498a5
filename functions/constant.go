package functions

import (
	"encoding/json"
	"slices"
)

// A constant is a scalar that a value is compared to.
type constant struct {
	kind   types
	text   string
	yes    bool
	number decimal
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
