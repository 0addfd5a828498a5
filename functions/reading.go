package functions

// The bounds of what the index itself vouches for: the members of an object
// whose names are compared each with each, and the depth.
const (
	fewMembers = 32
	shallow    = 100
)

// index reads text, which is not empty, and reports whether it is one JSON value
// as RFC 8259 and RFC 7493 have it. Names that stand twice are the one thing it
// does not decide: it only says, in distinct, whether it knows that there are
// none. No memory is taken but for the nodes.
func (d *document) index(text string) bool {
	d.text, d.nodes, d.distinct, d.endless, d.deepest = text, d.nodes[:0], true, false, 0
	r := reading{document: d, open: -1}
	r.space()
	for {
		if !r.value() {
			return false
		}
		for {
			r.space()
			if r.open < 0 {
				return r.at == len(text)
			}
			if r.skip(',') {
				break
			}
			if !r.skip(closing(d.nodes[r.open].kind)) {
				return false
			}
			r.close()
		}
		r.space()
	}
}

// closing gives the bracket that closes another: both pairs are two apart.
func closing(bracket byte) byte { return bracket + 2 }

// A reading is a text on the way to its index.
type reading struct {
	*document
	at    int
	open  int // the innermost container that is not closed, or -1
	depth int
}

func (r *reading) peek() byte {
	if r.at < len(r.text) {
		return r.text[r.at]
	}
	return 0
}

// skip moves over c, and reports false when something else stands there.
func (r *reading) skip(c byte) bool {
	if r.peek() != c {
		return false
	}
	r.at++
	return true
}

func (r *reading) space() {
	for r.at < len(r.text) {
		switch r.text[r.at] {
		case ' ', '\t', '\r', '\n':
			r.at++
		default:
			return
		}
	}
}

// value reads a value with the name before it, and where the value is a container
// that is not empty, on through the first scalar or empty container in it.
func (r *reading) value() bool {
	for {
		n := node{parent: r.open}
		if r.open >= 0 {
			r.nodes[r.open].count++
			if r.nodes[r.open].kind == '{' && !r.member(&n) {
				return false
			}
		}
		n.kind, n.from = r.peek(), r.at
		if n.kind != '{' && n.kind != '[' {
			ok := r.scalar(&n)
			n.to, n.next = r.at, len(r.nodes)+1
			r.nodes = append(r.nodes, n)
			return ok
		}
		r.at++
		r.open = len(r.nodes)
		r.nodes = append(r.nodes, n)
		if r.depth++; r.depth > r.deepest {
			r.deepest = r.depth
			r.distinct = r.distinct && r.depth <= shallow
		}
		r.space()
		if r.skip(closing(n.kind)) {
			r.close()
			return true
		}
	}
}

// close ends the innermost container, whose closing bracket has been read.
func (r *reading) close() {
	n := &r.nodes[r.open]
	n.to, n.next = r.at, len(r.nodes)
	r.open = n.parent
	r.depth--
}

// member reads the name of a member and the colon.
func (r *reading) member(n *node) bool {
	from := r.at
	escaped, ascii, ok := r.quoted()
	if !ok {
		return false
	}
	n.name, n.colon, n.nameEscaped = from+1, r.at-1, escaped
	if escaped || !ascii || r.nodes[r.open].count > fewMembers || r.distinct && r.hasMember(r.text[n.name:n.colon]) {
		r.distinct = false
	}
	r.space()
	ok = r.skip(':')
	r.space()
	return ok
}

// hasMember compares a name without escapes to those of the members before it.
func (r *reading) hasMember(name string) bool {
	for i := r.open + 1; i < len(r.nodes); i = r.nodes[i].next {
		if r.text[r.nodes[i].name:r.nodes[i].colon] == name {
			return true
		}
	}
	return false
}
