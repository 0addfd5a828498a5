package configs

import (
	"fmt"
	"slices"
)

// known reports a name that nothing has.
func (d *decoder) known(n *node, what string, names []string) bool {
	if slices.Contains(names, n.text) {
		return true
	}
	d.problem(n, fmt.Sprintf("there is no %s %s", what, n.text), didYouMean(n.text, names))
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
			d.elsewhere(below(path, "name"), fmt.Sprintf("%s has the name %s already", first, name), "")
			return
		}
		named[section+name] = path
	}
	for _, c := range d.clients {
		each("clients/", c.Path, c.Name)
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

func (d *decoder) cacheNames() []string {
	return namesOf(d.cfg.Caches, func(c Cache) string { return c.Name })
}

func (d *decoder) functionNames() []string {
	return namesOf(d.functions, func(f *functionEntry) string { return f.Name })
}

// namesOf gives the names of entries, without those that have none.
func namesOf[T any](entries []T, name func(T) string) []string {
	var names []string
	for _, e := range entries {
		if s := name(e); s != "" {
			names = append(names, s)
		}
	}
	return names
}

// cache finds a cache by its name.
func (d *decoder) cache(name string) *Cache {
	for i := range d.cfg.Caches {
		if c := &d.cfg.Caches[i]; c.Name == name && name != "" {
			return c
		}
	}
	return nil
}
