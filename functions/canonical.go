package functions

import (
	"github.com/go-json-experiment/json/jsontext"
)

// canonicalArguments writes JSON so that equal arguments have equal bytes:
// members sorted, no white space, strings in one spelling, and the digits of
// numbers as they were sent, because 1.0 and 1 may differ to an upstream. Its
// error says what RFC 8259 or RFC 7493 do not permit.
func canonicalArguments(text []byte) ([]byte, error) {
	return jsontext.AppendFormat(nil, text,
		jsontext.ReorderRawObjects(true),
		jsontext.CanonicalizeRawInts(false),
		jsontext.CanonicalizeRawFloats(false))
}

// appendCanonical appends value i in the form of [canonicalArguments]. The
// document must be distinct: then names are ASCII, whose order is the same in
// bytes and in the UTF-16 of RFC 8785, and objects are small.
func (d *document) appendCanonical(dst []byte, i int) []byte {
	n := &d.nodes[i]
	switch {
	case n.kind == '{':
		return d.appendSorted(dst, i)
	case n.kind == '[':
		dst = append(dst, '[')
		for c := i + 1; c < n.next; c = d.nodes[c].next {
			if c > i+1 {
				dst = append(dst, ',')
			}
			dst = d.appendCanonical(dst, c)
		}
		return append(dst, ']')
	case n.escaped:
		return appendQuoted(dst, d.str(i))
	default:
		return append(dst, d.raw(i)...)
	}
}

func (d *document) appendSorted(dst []byte, i int) []byte {
	var room [fewMembers]int
	order := room[:0]
	for c := i + 1; c < d.nodes[i].next; c = d.nodes[c].next {
		at := len(order)
		order = append(order, c)
		for ; at > 0 && d.name(order[at-1]) > d.name(c); at-- {
			order[at] = order[at-1]
		}
		order[at] = c
	}
	dst = append(dst, '{')
	for at, c := range order {
		if at > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, d.text[d.nodes[c].name-1:d.nodes[c].colon+1]...)
		dst = append(dst, ':')
		dst = d.appendCanonical(dst, c)
	}
	return append(dst, '}')
}
