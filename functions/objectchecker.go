package functions

import (
	"github.com/santhosh-tekuri/jsonschema/v6"
)

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

func within(n, least, most int) bool { return n >= least && (most < 0 || n <= most) }
