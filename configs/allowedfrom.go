package configs

import "fmt"

// An allowanceEntry is an Allowance, and where its cache is named.
type allowanceEntry struct {
	Allowance
	at    place // of the argument
	cache *node
}

var allowance = section[allowanceEntry]{anAllowance, []field[allowanceEntry]{
	{"cache", true, func(d *decoder, n *node, a *allowanceEntry) { a.Cache, a.cache = d.name(n), n }},
	{"pointer", false, func(d *decoder, n *node, a *allowanceEntry) { a.Pointer, _ = d.pointer(n) }},
}}

// decodeAllowedFrom reads, for each argument, what holds the values that it may
// have.
func decodeAllowedFrom(d *decoder, n *node, f *functionEntry) {
	if !d.is(n, mapping) {
		return
	}
	for _, m := range n.members {
		a := allowanceEntry{Allowance: Allowance{Path: m.value.path}, at: m.place}
		key := *m.value
		key.kind, key.text = text, m.key
		a.Argument, _ = d.nameOrPointer(&key)
		allowance.decode(d, m.value, &a)
		f.allowances = append(f.allowances, a)
		f.AllowedFrom = append(f.AllowedFrom, a.Allowance)
	}
}

// checkAllowedFrom looks whether a caller can send the arguments, and can have been
// given the values.
func (d *decoder) checkAllowedFrom(f *functionEntry) {
	for _, a := range f.allowances {
		if len(a.Argument) > 0 {
			d.checkAllowedArgument(f, a)
		}
		if a.cache == nil || a.Cache == "" || !d.knownCache(a.cache) {
			continue
		}
		if c := d.cache(a.Cache); c.Credential {
			d.problem(a.cache, "cache "+c.Name+" holds a credential, no caller has its values", "name the cache of a function that callers call")
		}
	}
}

func (d *decoder) checkAllowedArgument(f *functionEntry, a allowanceEntry) {
	name := a.Argument[0]
	switch {
	case f.isFixed(name):
		d.at(a.at, a.Path, fmt.Sprintf("%s is fixed, no caller sends it", name), "remove it")
	case !f.known[name]:
		d.at(a.at, a.Path, fmt.Sprintf("%s is not a parameter of %s", name, f.title()), d.nearName(name, f.names))
	}
}
