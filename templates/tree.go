package templates

import (
	"strconv"

	"github.com/tidwall/gjson"
)

// A Node is a value of a JSON tree. [Object], [Array], [String] and [Literal]
// make nodes; the zero Node is null.
type Node struct {
	kind     nodeKind
	members  []Member // of an object
	elements []Node   // of an array
	parts    []part   // of the rest; a string's have its quotes
	err      *SyntaxError
}

type nodeKind int

const (
	nullNode nodeKind = iota
	objectNode
	arrayNode
	textNode  // parts are the JSON
	valueNode // parts are one placeholder, for a value of any type
)

// A Member is a member of an object. Its name is literal.
type Member struct {
	Name  string
	Value Node
}

// Object makes an object. Its members stay in order.
func Object(members []Member) Node { return Node{kind: objectNode, members: members} }

// Array makes an array.
func Array(elements []Node) Node { return Node{kind: arrayNode, elements: elements} }

// String makes a string with placeholders in it. When src is one placeholder
// and nothing else, the node is the value itself, of whatever type; when that
// value is absent, the member or element is left out.
func String(src Source) Node {
	parts, err := scan(src, strict)
	if err == nil {
		err = checkUTF8(parts)
	}
	if err != nil {
		return Node{err: err}
	}
	if whole(parts) {
		parts[0].Escaping = JSONValue
		return Node{kind: valueNode, parts: parts}
	}
	if parts, err = compile(parts, JSONString); err != nil {
		return Node{err: err}
	}
	quote := part{text: `"`}
	parts = append([]part{quote}, append(parts, quote)...)
	return Node{kind: textNode, parts: parts}
}

// Literal makes a number, true, false or null out of its JSON text.
func Literal(json string) Node {
	if !gjson.Valid(json) || !isLiteral(json[0]) || !isLiteral(json[len(json)-1]) {
		return Node{err: &SyntaxError{
			Length:  len(json),
			Message: strconv.Quote(json) + " is not a JSON number, true, false or null",
		}}
	}
	return Node{kind: textNode, parts: []part{{text: json}}}
}

func isLiteral(c byte) bool { return c == '-' || alphanumeric(c) }

// Err says what is wrong with the text of n itself, not with what it contains:
// a [*SyntaxError], or nil.
func (n Node) Err() error {
	if n.err != nil {
		return n.err
	}
	return nil
}

// Placeholders gives the placeholders of n and all that it contains. Their
// offsets are in the text of their own string.
func (n Node) Placeholders() []Placeholder { return n.appendPlaceholders(nil) }

func (n *Node) appendPlaceholders(list []Placeholder) []Placeholder {
	for i := range n.members {
		list = n.members[i].Value.appendPlaceholders(list)
	}
	for i := range n.elements {
		list = n.elements[i].appendPlaceholders(list)
	}
	return appendPlaceholders(list, n.parts)
}
