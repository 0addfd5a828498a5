package configs

import "slices"

// A section is a mapping with known keys: the table that it is decoded by.
type section[T any] struct {
	noun   string // what messages call it
	fields []field[T]
}

// A field is one key of a section.
type field[T any] struct {
	key    string
	need   bool
	decode func(*decoder, *node, *T)
}

// decode reads the mapping n into v. It reports keys that the table does not
// have, and those that it needs and n has not.
func (s section[T]) decode(d *decoder, n *node, v *T) {
	if !d.is(n, mapping) {
		return
	}
	for _, m := range n.members {
		at := slices.IndexFunc(s.fields, func(f field[T]) bool { return f.key == m.key })
		if at < 0 {
			d.unknownKey(n, m, s.noun, s.keys())
			continue
		}
		if d.present(m.value) {
			s.fields[at].decode(d, m.value, v)
		}
	}
	for _, f := range s.fields {
		if f.need && !s.has(d, n, f.key) {
			d.missing(n, f.key, s.noun+" needs "+f.key)
		}
	}
}

// has reports whether a key is there, or a problem is reported that explains
// why it is not: a key that was meant to be it, or a merge.
func (s section[T]) has(d *decoder, n *node, key string) bool {
	if n.member(key) != nil {
		return true
	}
	keys := s.keys()
	for _, m := range n.members {
		if nearest(m.key, keys) == key {
			return true
		}
	}
	return d.reported(below(n.path, key)) || d.reported(below(n.path, "<<"))
}

func (s section[T]) keys() []string {
	keys := make([]string, len(s.fields))
	for i, f := range s.fields {
		keys[i] = f.key
	}
	return keys
}

// unknownKey reports a key that is not in the table of its place.
func (d *decoder) unknownKey(n *node, m member, noun string, keys []string) {
	path := below(n.path, m.key)
	if slices.Contains(later[noun], m.key) {
		d.at(m.place, path, "not supported yet", "")
		return
	}
	message := "unknown key, " + noun + " has no " + m.key
	if !plainKey(m.key) {
		message = "unknown key"
	}
	d.at(m.place, path, message, didYouMean(m.key, keys))
}

// missing reports that a mapping lacks a key.
func (d *decoder) missing(n *node, key, message string) {
	d.at(n.place, below(n.path, key), message, "")
}
