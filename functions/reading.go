package functions

import "unicode/utf8"

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
	d.text, d.nodes, d.distinct, d.endless = text, d.nodes[:0], true, false
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
		if r.depth++; r.depth > shallow {
			r.distinct = false
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

func (r *reading) scalar(n *node) (ok bool) {
	switch n.kind {
	case '"':
		n.escaped, _, ok = r.quoted()
		return ok
	case 't':
		return r.word("true")
	case 'f':
		return r.word("false")
	case 'n':
		return r.word("null")
	default:
		n.kind = '0'
		return r.number()
	}
}

func (r *reading) word(word string) bool {
	if len(r.text)-r.at < len(word) || r.text[r.at:r.at+len(word)] != word {
		return false
	}
	r.at += len(word)
	return true
}

// number reads a number, RFC 8259 section 6.
func (r *reading) number() bool {
	from := r.at
	r.skip('-')
	if !r.skip('0') && !r.digits() {
		return false
	}
	if r.skip('.') && !r.digits() {
		return false
	}
	exponent := r.skip('e') || r.skip('E')
	if exponent {
		if !r.skip('+') {
			r.skip('-')
		}
		if !r.digits() {
			return false
		}
	}
	if r.at-from > maxNumber || exponent && isEndless(r.text[from:r.at]) {
		r.endless = true
	}
	return true
}

func (r *reading) digits() bool {
	from := r.at
	for '0' <= r.peek() && r.peek() <= '9' {
		r.at++
	}
	return r.at > from
}

// quoted reads a string, RFC 8259 section 7, of Unicode characters alone.
func (r *reading) quoted() (escaped, ascii, ok bool) {
	if !r.skip('"') {
		return false, false, false
	}
	from := r.at
	ascii = true
	for r.at < len(r.text) {
		switch c := r.text[r.at]; {
		case c == '"':
			r.at++
			return escaped, ascii, ascii || utf8.ValidString(r.text[from:r.at-1])
		case c < ' ':
			return false, false, false
		case c == '\\':
			n := escapeLength(r.text[r.at:])
			if n == 0 {
				return false, false, false
			}
			escaped = true
			r.at += n
		default:
			ascii = ascii && c < utf8.RuneSelf
			r.at++
		}
	}
	return false, false, false
}

// escapeLength gives the length of the escape at the start of s, both halves of a
// surrogate pair taken together, or 0 when there is none that stands for a
// character.
func escapeLength(s string) int {
	if len(s) < 2 {
		return 0
	}
	switch s[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
	default:
		return 0
	}
	unit, ok := codeUnit(s)
	switch {
	case !ok:
		return 0
	case unit < 0xd800 || unit > 0xdfff:
		return 6
	}
	low, ok := codeUnit(s[6:])
	if unit >= 0xdc00 || !ok || low < 0xdc00 || low > 0xdfff {
		return 0
	}
	return 12
}

// codeUnit reads a \uXXXX at the start of s.
func codeUnit(s string) (unit rune, ok bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	for _, c := range []byte(s[2:6]) {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		unit = unit<<4 | rune(c)
	}
	return unit, true
}
