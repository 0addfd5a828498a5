package configs

import "fmt"

// A directory finds the entries of a section by their names.
type directory[T any] struct {
	names  []string // in the order of the file
	byName map[string]T
}

// add notes an entry, unless it has no name or that of one before.
func (y *directory[T]) add(name string, entry T) {
	if _, ok := y.byName[name]; ok || name == "" {
		return
	}
	if y.byName == nil {
		y.byName = map[string]T{}
	}
	y.names, y.byName[name] = append(y.names, name), entry
}

// has reports whether an entry has a name.
func (y *directory[T]) has(name string) bool {
	_, ok := y.byName[name]
	return ok
}

// index notes the names and IDs, once all sections are read.
func (d *decoder) index() {
	d.cacheByID = make(map[ID]*Cache, len(d.cfg.Caches))
	for i := range d.cfg.Caches {
		c := &d.cfg.Caches[i]
		d.caches.add(c.Name, c)
		if _, taken := d.cacheByID[c.ID]; !taken && c.ID != (ID{}) {
			d.cacheByID[c.ID] = c
		}
	}
	for _, f := range d.functions {
		d.functionNames.add(f.Name, f)
	}
	for _, c := range d.clients {
		d.clientNames.add(c.Name, struct{}{})
	}
	for i := range d.cfg.KeyStores {
		d.keyStores.add(d.cfg.KeyStores[i].Name, &d.cfg.KeyStores[i])
	}
	for i := range d.cfg.TrustStores {
		d.trustStores.add(d.cfg.TrustStores[i].Name, &d.cfg.TrustStores[i])
	}
	for i := range d.cfg.Subjects {
		d.subjects.add(d.cfg.Subjects[i].Name, newSubjectEntry(&d.cfg.Subjects[i]))
	}
}

// cache finds a cache by its name.
func (d *decoder) cache(name string) *Cache { return d.caches.byName[name] }

// cacheAt gives the cache whose ID is the whole text of n, nil for any other node.
func (d *decoder) cacheAt(n *node) *Cache {
	if n.kind != text {
		return nil
	}
	id, ok := ParseID(n.text)
	if !ok {
		return nil
	}
	return d.cacheByID[id]
}

// knownCache reports the name of a cache that is not there.
func (d *decoder) knownCache(n *node) bool {
	return known(d, n, "cache", &d.caches)
}

// known reports a name that nothing has.
func known[T any](d *decoder, n *node, what string, y *directory[T]) bool {
	if y.has(n.text) {
		return true
	}
	d.problem(n, fmt.Sprintf("there is no %s %s", what, n.text), d.nearName(n.text, y.names))
	return false
}

// checkUnique looks for two entries of a section with the same name.
func (d *decoder) checkUnique() {
	named := map[string]string{} // section and name, to path
	each := func(section, path, name string) {
		if name == "" {
			return
		}
		if first, ok := named[section+name]; ok {
			d.elsewhere(below(path, "name"), fmt.Sprintf("%s has the name %s already", d.sources.show(first, path), name), "")
			return
		}
		named[section+name] = path
	}
	for _, c := range d.clients {
		each("clients/", c.Path, c.Name)
	}
	for _, k := range d.cfg.KeyStores {
		each("key_stores/", k.Path, k.Name)
	}
	for _, k := range d.cfg.TrustStores {
		each("trust_stores/", k.Path, k.Name)
	}
	for _, s := range d.cfg.Subjects {
		each("subjects/", s.Path, s.Name)
	}
	for _, c := range d.cfg.Caches {
		each("caches/", c.Path, c.Name)
	}
	for _, t := range d.tokens {
		each("tokens/", t.Path, t.Name)
	}
	for _, f := range d.functions {
		each("functions/", f.Path, f.Name)
	}
}
