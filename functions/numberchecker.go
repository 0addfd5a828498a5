package functions

import (
	"math/big"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// A numberChecker is what a schema says of numbers. Nil is no limit.
type numberChecker struct {
	least, most, above, below, multipleOf *decimal
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
