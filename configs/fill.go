package configs

import (
	"slices"
	"strings"
)

// checkFilling looks at what fills the caches: a Function cannot write to a
// token cache, and those that egret runs by itself cannot wait for each other.
func (d *decoder) checkFilling() {
	for _, f := range d.functions {
		if f.Cache == "" {
			continue
		}
		n := f.node.member("cache")
		if !d.knownCache(n) {
			continue
		}
		if c := d.cache(f.Cache); c.Kind == TokenCache {
			d.problem(n, "cache "+c.Name+" is filled by a token, a function cannot fill it", "give the function a cache of its own")
		}
	}
	d.checkCycles()
}

// checkCycles follows each Function that fills a cache on demand to the caches
// that it needs for that.
func (d *decoder) checkCycles() {
	fillers := d.fillers()
	w := walk{fillers: fillers, done: map[*functionEntry]bool{}, at: map[*functionEntry]int{}}
	for _, f := range d.functions {
		if fillers[f.Cache] == f && !w.done[f] {
			d.follow(f, &w)
		}
	}
}

// A walk goes from Function to Function.
type walk struct {
	fillers map[string]*functionEntry
	done    map[*functionEntry]bool
	path    []*functionEntry
	at      map[*functionEntry]int // index in path
}

func (d *decoder) follow(f *functionEntry, w *walk) {
	if i, ok := w.at[f]; ok {
		d.cycle(w.path[i:])
		return
	}
	if w.done[f] {
		return
	}
	w.at[f], w.path = len(w.path), append(w.path, f)
	for _, u := range f.uses {
		if next := w.fillers[u.cache.Name]; next != nil {
			d.follow(next, w)
		}
	}
	for _, c := range f.needs {
		if next := w.fillers[c.Name]; next != nil {
			d.follow(next, w)
		}
	}
	w.path = w.path[:len(w.path)-1]
	delete(w.at, f)
	w.done[f] = true
}

func (d *decoder) cycle(path []*functionEntry) {
	names := make([]string, 0, len(path)+1)
	for _, f := range path {
		names = append(names, f.Cache)
	}
	names = append(names, path[0].Cache)
	key := "fixed"
	if path[0].fixed == nil {
		key = "parameters" // A default began it.
	}
	d.elsewhere(below(path[0].Path, key), "filling cache "+strings.Join(names, " needs ")+": a cycle", "")
}

// fillers gives the Function that egret runs when a cache is empty: the only
// one that fills it, if it needs no argument from a caller.
func (d *decoder) fillers() map[string]*functionEntry {
	fillers := map[string]*functionEntry{}
	for _, f := range d.functions {
		if f.Cache == "" {
			continue
		}
		if _, second := fillers[f.Cache]; second || f.needsArguments() {
			fillers[f.Cache] = nil
			continue
		}
		fillers[f.Cache] = f
	}
	return fillers
}

// needsArguments reports whether something is required that is not fixed.
func (f *functionEntry) needsArguments() bool { return len(f.asked()) > 0 }

// asked lists what is required and not fixed.
func (f *functionEntry) asked() []*node {
	parameters := f.node.member("parameters")
	if parameters == nil {
		return nil
	}
	required := parameters.member("required")
	if required == nil {
		return nil
	}
	fixed := map[string]bool{}
	if f.fixed != nil {
		for _, m := range f.fixed.members {
			fixed[m.key] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(required.items), func(item *node) bool { return fixed[item.text] })
}
