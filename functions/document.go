package functions

import (
	"strconv"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
)

// A document is a JSON text and an index of its values, made in one pass. The
// text is a string of its own, so what is taken out of it may be kept; the index
// is used again for the next text.
type document struct {
	text  string
	nodes []node // the first is the whole, and each container stands before what is in it
	// distinct says that every object is known to name its members once. It is
	// also the promise that names are ASCII without escapes, and that nothing
	// is deep: what is not so simple is left to a reader who knows all cases.
	distinct bool
	endless  bool // there is a number beyond maxNumber
	deepest  int  // how many objects and arrays are inside each other
}

// A node is one value of a [document].
type node struct {
	kind        byte // the first byte of the value, '0' for every number
	escaped     bool // a string has escapes
	nameEscaped bool
	from, to    int // of the value in the text
	name, colon int // of a member's name in the text, without the quotes
	count       int // of the members or elements
	parent      int // -1 of the first
	next        int // the node after all that is in this one
	// cache is the one whose ID a string is, nil for every other value.
	cache *configs.Cache
}

// raw gives the JSON of a value as it was sent.
func (d *document) raw(i int) string { return d.text[d.nodes[i].from:d.nodes[i].to] }

// str gives the text of a string.
func (d *document) str(i int) string {
	n := &d.nodes[i]
	if n.escaped {
		return unquote(d.text[n.from:n.to])
	}
	return d.text[n.from+1 : n.to-1]
}

// name gives the name of a member.
func (d *document) name(i int) string {
	n := &d.nodes[i]
	if n.nameEscaped {
		return unquote(d.text[n.name-1 : n.colon+1])
	}
	return d.text[n.name:n.colon]
}

// child gives the member or element of value i that an unescaped reference token
// names, or -1. The value -1 has none.
func (d *document) child(i int, token string) int {
	if i < 0 {
		return -1
	}
	switch d.nodes[i].kind {
	case '{':
		for c := i + 1; c < d.nodes[i].next; c = d.nodes[c].next {
			if d.name(c) == token {
				return c
			}
		}
	case '[':
		index, err := strconv.ParseUint(token, 10, 31)
		if err != nil || !isIndex(token) || int(index) >= d.nodes[i].count {
			return -1
		}
		c := i + 1
		for ; index > 0; index-- {
			c = d.nodes[c].next
		}
		return c
	}
	return -1
}

// descend follows tokens from the whole until the end, or until the ID of a
// cache, which is pointed into rather than through. It gives the value it stands
// on, -1 for none, and the tokens that are left.
func (d *document) descend(tokens []string) (int, []string) {
	at := 0
	for len(tokens) > 0 {
		if d.cache(at) != nil {
			return at, tokens
		}
		if at = d.child(at, tokens[0]); at < 0 {
			return -1, nil
		}
		tokens = tokens[1:]
	}
	return at, nil
}

// recognise finds the strings whose whole text is the ID of a cache.
func (d *document) recognise(index *caches.Index) {
	for i := range d.nodes {
		if d.nodes[i].kind == '"' {
			d.nodes[i].cache, _ = index.Lookup(d.str(i))
		}
	}
}

// cache gives the cache whose ID value i is, nil for any other value and for -1.
func (d *document) cache(i int) *configs.Cache {
	if i < 0 {
		return nil
	}
	return d.nodes[i].cache
}

// result gives value i as templates want it. That of -1 does not exist.
func (d *document) result(i int) gjson.Result {
	if i < 0 {
		return gjson.Result{}
	}
	raw := d.raw(i)
	switch d.nodes[i].kind {
	case '"':
		return gjson.Result{Type: gjson.String, Raw: raw, Str: d.str(i)}
	case '0':
		return gjson.Result{Type: gjson.Number, Raw: raw}
	case 't':
		return gjson.Result{Type: gjson.True, Raw: raw}
	case 'f':
		return gjson.Result{Type: gjson.False, Raw: raw}
	case 'n':
		return gjson.Result{Type: gjson.Null, Raw: raw}
	default:
		return gjson.Result{Type: gjson.JSON, Raw: raw}
	}
}
