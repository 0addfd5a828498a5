package configs

// decodeCredential reads where in the answer the credential stands. An empty text
// is the JSON Pointer to all of it.
func decodeCredential(d *decoder, n *node, f *functionEntry) {
	if n.kind == text && n.text == "" {
		f.Credential = []string{}
		return
	}
	f.Credential, _ = d.pointer(n)
}

// notWithCredential are the keys of a Function that say nothing beside its
// credential, and why.
var notWithCredential = []struct {
	key string
	why string
}{
	{"output", "no caller sees an answer with a credential"},
	{"errors", "no caller sees an answer with a credential"},
}

// notCachedSo are the keys of caching that a credential cannot be kept by.
var notCachedSo = []struct {
	key  string
	says func(*Caching) bool
	why  string
}{
	{"key", func(c *Caching) bool { return !c.Single }, "a credential is one for all calls"},
	{"per_client", func(c *Caching) bool { return c.PerClient }, "a credential is one for all clients"},
	{"stale", always, "a credential is of no use after its end"},
	{"negative", always, "no answer but one that is ok has a credential"},
	{"max_entries", always, "a credential is one for all calls"},
}

func always(*Caching) bool { return true }

// checkCredentials makes secrets of the caches that Functions fill with a
// credential, and looks whether egret can run by itself what it has to. It comes
// before the caches get what they have by default.
func (d *decoder) checkCredentials() {
	for _, f := range d.functions {
		switch {
		case f.hasCredential():
			d.checkCredential(f)
		case !f.Caching.Warm:
			continue
		}
		for _, n := range f.asked() {
			d.problem(n, "egret itself calls this function, and has no argument for it", "give the argument in fixed, or leave it out of required")
		}
	}
	d.holdCredentials()
	for _, c := range d.clients {
		d.checkCallable(c.functions)
	}
}

func (f *functionEntry) hasCredential() bool { return f.part("credential") != nil }

func (d *decoder) checkCredential(f *functionEntry) {
	for _, other := range notWithCredential {
		if n := f.node.member(other.key); n != nil {
			d.problem(n, other.why, "")
		}
	}
	if caching := f.part("caching"); caching != nil && caching.kind == mapping {
		for _, other := range notCachedSo {
			if n := caching.member(other.key); n != nil && other.says(&f.Caching) {
				d.problem(n, other.why, "")
			}
		}
	}
	if f.node.member("cache") == nil {
		d.missing(f.node, "cache", "a function with credential needs cache, where the credential is kept")
	}
}

// holdCredentials finds the caches that hold the credential of a Function. What
// a Token fills is left to the check of that.
func (d *decoder) holdCredentials() {
	fills, byToken := map[string]*functionEntry{}, map[string]bool{}
	for _, t := range d.tokens {
		byToken[t.Cache] = true
	}
	for _, f := range d.functions {
		if c := d.cache(f.Cache); f.hasCredential() && c != nil && fills[c.Name] == nil && !byToken[c.Name] {
			fills[c.Name] = f
			d.holdCredential(c, f)
		}
	}
	for _, f := range d.functions {
		if by := fills[f.Cache]; by != nil && by != f {
			d.problem(f.node.member("cache"), "cache "+f.Cache+" holds the credential of "+by.title()+", no other function can fill it", "give the function a cache of its own")
		}
	}
}

// holdCredential makes a cache one that holds the credential of a Function, like
// that of a Token.
func (d *decoder) holdCredential(c *Cache, f *functionEntry) {
	defaults := d.keepSecret(c, secrecy{f.title(), "gets a credential", Header})
	if c.Credential = true; c.Surfaces == 0 {
		c.Surfaces = defaults
	}
}

// checkCallable looks for Functions that a client could never call.
func (d *decoder) checkCallable(n *node) {
	if n == nil {
		return
	}
	for _, item := range n.items {
		if f := d.functionNames.byName[item.text]; f != nil && f.hasCredential() {
			d.problem(item, "egret alone calls "+f.Name+", which gets a credential", "leave it out; the client may name the cache instead")
		}
	}
}
