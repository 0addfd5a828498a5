package liberty

import "strings"

// merged gives the elements of a name, in the order in which they first stand.
// Those with the same id are one: the later attribute wins, and children go on.
func (d *document) merged(name, defaultID string) []*element {
	var all []*element
	byID := map[string]*element{}
	for _, e := range d.elements {
		if e.name != name {
			continue
		}
		id, ok := e.get("id")
		if !ok {
			id = defaultID
		}
		first, seen := byID[id]
		if !seen {
			first = &element{name: e.name, place: e.place, shown: e.shown, includes: e.includes}
			byID[id] = first
			all = append(all, first)
		}
		first.override(e)
	}
	return all
}

// override puts another element of the same id over this one.
func (e *element) override(by *element) {
	behavior := by.behaviorTowards(e)
	if behavior == ignore {
		return
	}
	for _, a := range by.attributes {
		e.set(a)
	}
	if behavior == replace {
		e.dropChildren(by.children)
	}
	e.children = append(e.children, by.children...)
}

// behaviorTowards is what the includes between two elements say of conflicts.
// Elements of one file are always merged.
func (e *element) behaviorTowards(other *element) behavior {
	if e.place.File == other.place.File || len(e.includes) == 0 {
		return merge
	}
	for i, in := range e.includes[:len(e.includes)-1] {
		if in.file == other.place.File {
			return e.includes[i+1].onConflict
		}
	}
	return e.includes[len(e.includes)-1].onConflict
}

// dropChildren drops the children that have the name of one of others.
func (e *element) dropChildren(others []*element) {
	var kept []*element
	for _, c := range e.children {
		if !named(others, c.name) {
			kept = append(kept, c)
		}
	}
	e.children = kept
}

func named(all []*element, name string) bool {
	for _, e := range all {
		if strings.EqualFold(e.name, name) {
			return true
		}
	}
	return false
}
