package scrub

import "github.com/google/uuid"

// A Namer says what stands in the place of a value.
type Namer interface {
	// Name gives the name of a value that has these owners, each as often as it
	// has added it, in the order of adding. It is false when the value may stay.
	Name(owners []uuid.UUID) (string, bool)
}

// A match is a value that a text begins with.
type match struct {
	length int // 0 when there is none
	name   string
	// open is true when what follows may make it a value, or a longer one.
	open bool
}

// better is the longer one of two, and of two equal ones the first.
func (m match) better(other match) match {
	open := m.open || other.open
	if other.length > m.length {
		m = other
	}
	m.open = open
	return m
}

// match gives the longest value that text begins with and that has a name. It
// goes from byte to byte at which values part, and reads the others where one
// ends.
func (x *Index) match(text []byte, atEOF bool, namer Namer) (m match) {
	read := 0 // bytes of text that are those of the values at and below n
	for n := x.root.Load(); n != nil; {
		if n.ends() {
			end := min(len(n.value), len(text))
			if string(text[read:end]) != n.value[read:end] {
				return m
			}
			read = end
			if len(n.value) > len(text) {
				m.open = !atEOF && n.named(namer)
				return m
			}
			if name, ok := namer.Name(n.owners); ok {
				m.length, m.name = end, name
			}
		}
		if n.fork == nil {
			return m
		}
		if depth := n.fork.depth; depth >= len(text) {
			m.open = !atEOF && n.fork.begins(text, read) && n.fork.named(namer)
			return m
		}
		next := n.fork.next(text[n.fork.depth])
		if next == nil {
			return m
		}
		n = next.Load()
	}
	return m
}

// begins reports whether the values of f begin with text, of which the first
// bytes were read before.
func (f *fork) begins(text []byte, read int) bool {
	return f.nodes[0].Load().sample()[read:len(text)] == string(text[read:])
}

// maxAsked is how many values are asked for a name before one is taken for
// granted. Where so many begin alike, that beginning is no secret; where few do,
// the exact answer matters: if the beginning of a value that may stay were held
// back, who sees that could guess the value byte by byte.
const maxAsked = 64

// named reports whether a value at or below n has a name.
func (n *node) named(namer Namer) bool {
	left := maxAsked
	return n.anyNamed(namer, &left)
}

// named reports whether a value of f has a name.
func (f *fork) named(namer Namer) bool {
	left := maxAsked
	return f.anyNamed(namer, &left)
}

func (n *node) anyNamed(namer Namer, left *int) bool {
	if n.ends() {
		if *left--; *left < 0 {
			return true
		}
		if _, ok := namer.Name(n.owners); ok {
			return true
		}
	}
	return n.fork != nil && n.fork.anyNamed(namer, left)
}

func (f *fork) anyNamed(namer Namer, left *int) bool {
	for i := range f.nodes {
		if f.nodes[i].Load().anyNamed(namer, left) {
			return true
		}
	}
	return false
}

// has reports whether value has a name.
func (x *Index) has(value string, namer Namer) bool {
	for n := x.root.Load(); n != nil; {
		if n.ends() && n.value == value {
			_, ok := namer.Name(n.owners)
			return ok
		}
		if n.depth() >= len(value) {
			return false
		}
		next := n.next(value[n.depth()])
		if next == nil {
			return false
		}
		n = next.Load()
	}
	return false
}
