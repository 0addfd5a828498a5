package configs

// An allowanceEntry is an Allowance, and where its cache is named.
type allowanceEntry struct {
	Allowance
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
		a := allowanceEntry{Allowance: Allowance{Path: m.value.path}}
		key := *m.value
		key.kind, key.text = text, m.key
		a.Argument, _ = d.nameOrPointer(&key)
		allowance.decode(d, m.value, &a)
		f.allowances = append(f.allowances, a)
		f.AllowedFrom = append(f.AllowedFrom, a.Allowance)
	}
}
