package configs

import (
	"encoding/json"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// object turns a mapping into a JSON object, with the members in the order of
// the file and the digits of numbers as they are written.
func (d *decoder) object(n *node, expand bool) json.RawMessage {
	if !d.is(n, mapping) {
		return nil
	}
	c := converter{d, expand}
	if out, ok := c.append(nil, n); ok {
		return out
	}
	return nil
}

// A converter writes nodes as JSON.
type converter struct {
	*decoder
	expand bool // else references are errors
}

func (c converter) append(dst []byte, n *node) ([]byte, bool) {
	switch n.kind {
	case mapping:
		return c.appendObject(dst, n)
	case list:
		return c.appendArray(dst, n)
	case text:
		return c.appendText(dst, n)
	case number, boolean:
		literal, ok := c.literal(n)
		return append(dst, literal...), ok
	case nothing:
		return append(dst, "null"...), true
	case broken:
	}
	return dst, false
}

func (c converter) appendObject(dst []byte, n *node) (_ []byte, ok bool) {
	dst, ok = append(dst, '{'), true
	for i, m := range n.members {
		if i > 0 {
			dst = append(dst, ',')
		}
		if !c.memberName(m) {
			ok = false
			continue
		}
		dst, _ = jsontext.AppendQuote(dst, m.key)
		var good bool
		dst, good = c.append(append(dst, ':'), m.value)
		ok = ok && good
	}
	return append(dst, '}'), ok
}

// memberName refuses references in names, which are never expanded.
func (d *decoder) memberName(m member) bool {
	if hasReference(m.key) {
		d.at(m.place, m.value.path, "${env:…} and ${file:…} are not expanded in a name", "")
		return false
	}
	return true
}

func (c converter) appendArray(dst []byte, n *node) (_ []byte, ok bool) {
	dst, ok = append(dst, '['), true
	for i, item := range n.items {
		if i > 0 {
			dst = append(dst, ',')
		}
		var good bool
		dst, good = c.append(dst, item)
		ok = ok && good
	}
	return append(dst, ']'), ok
}

func (c converter) appendText(dst []byte, n *node) ([]byte, bool) {
	s := n.text
	if !c.expand {
		if _, ok := c.plain(n); !ok {
			return dst, false
		}
	} else {
		x, ok := c.decoder.expand(n, true)
		if !ok {
			return dst, false
		}
		s = x.text()
	}
	if !utf8.ValidString(s) {
		c.problem(n, "the text is not UTF-8, which JSON needs", "")
		return dst, false
	}
	dst, _ = jsontext.AppendQuote(dst, s)
	return dst, true
}

// literal gives a number or a boolean as JSON has it.
func (d *decoder) literal(n *node) (string, bool) {
	if n.number == "" {
		d.problem(n, "JSON has no such number, or versions of YAML read it differently", "write plain decimal digits, or put it into quotes")
	}
	return n.number, n.number != ""
}
