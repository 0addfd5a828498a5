package configs

import (
	"maps"
	"slices"
	"strings"
)

// A Variable is an environment variable that a configuration reads by
// ${env:NAME}.
type Variable struct {
	Name string
	// Cache is the name of the token cache whose credential the variable is: a
	// Token's value is ${env:NAME} and nothing else. Of several it is the first,
	// "" when there is none.
	Cache string
}

// Variables lists the environment variables that the configuration reads, in
// any of its files and with a default too, in the order of their names. A
// variable is among them whether it is set or not.
func (c *Config) Variables() []Variable { return slices.Clone(c.variables) }

// variables puts together what was looked up and what Tokens are made of.
func (d *decoder) variables() []Variable {
	var all []Variable
	for _, name := range slices.Sorted(maps.Keys(d.expander.variables)) {
		all = append(all, Variable{Name: name})
	}
	for _, t := range d.tokens {
		name := wholeVariable(t.node.member("value"))
		i, found := slices.BinarySearchFunc(all, name, func(v Variable, name string) int { return strings.Compare(v.Name, name) })
		if found && all[i].Cache == "" {
			all[i].Cache = t.Cache
		}
	}
	return all
}

// wholeVariable gives the name of the variable that a text is, "" when it is
// none, or has more in it.
func wholeVariable(n *node) string {
	if n == nil || n.kind != text {
		return ""
	}
	r, message, found := nextReference(n.text, 0)
	if !found || message != "" || r.literal || r.scheme != "env" || r.from != 0 || r.to != len(n.text) {
		return ""
	}
	return r.name
}
