package templates

import (
	"fmt"
	"unicode/utf8"
)

// A jsonBody is a JSON document made from a tree.
type jsonBody struct {
	root         jsonNode
	placeholders []Placeholder
}

// A jsonNode is a compiled [Node]. Exactly one of its fields is set, or none
// for an empty text.
type jsonNode struct {
	text   []part     // JSON, or the inside of it
	value  *part      // a placeholder for a value of any type
	list   []jsonItem // of an object or array that has placeholders
	braces string     // "{}" or "[]", around list
}

type jsonItem struct {
	name  string // of a member, with quotes and colon
	value jsonNode
}

// NewJSON compiles a tree. Its error is the [*SyntaxError] of the first wrong
// node; its offset is in the text of that node.
func NewJSON(root Node) (Body, error) {
	compiled, err := root.compile()
	if err != nil {
		return nil, err
	}
	return &jsonBody{root: compiled, placeholders: root.Placeholders()}, nil
}

func (n *Node) compile() (jsonNode, *SyntaxError) {
	switch {
	case n.err != nil:
		return jsonNode{}, n.err
	case n.kind == objectNode:
		return n.compileObject()
	case n.kind == arrayNode:
		return n.compileArray()
	case n.kind == valueNode:
		return jsonNode{value: &n.parts[0]}, nil
	case n.kind == textNode:
		return jsonNode{text: n.parts}, nil
	default:
		return jsonNode{text: []part{{text: "null"}}}, nil
	}
}

func (n *Node) compileObject() (jsonNode, *SyntaxError) {
	node := jsonNode{braces: "{}", list: make([]jsonItem, len(n.members))}
	seen := make(map[string]bool, len(n.members))
	for i := range n.members {
		name := n.members[i].Name
		if seen[name] || !utf8.ValidString(name) {
			return jsonNode{}, &SyntaxError{Message: fmt.Sprintf("member name %q is twice in an object or is not UTF-8", name)}
		}
		seen[name] = true
		value, err := n.members[i].Value.compile()
		if err != nil {
			return jsonNode{}, err
		}
		node.list[i] = jsonItem{name: string(appendJSONString(nil, name)) + ":", value: value}
	}
	return node, nil
}

func (n *Node) compileArray() (jsonNode, *SyntaxError) {
	node := jsonNode{braces: "[]", list: make([]jsonItem, len(n.elements))}
	for i := range n.elements {
		value, err := n.elements[i].compile()
		if err != nil {
			return jsonNode{}, err
		}
		node.list[i] = jsonItem{value: value}
	}
	return node, nil
}

func (b *jsonBody) Append(dst []byte, args Arguments) ([]byte, error) {
	dst, present, err := b.root.append(dst, args)
	if err == nil && !present {
		err = b.root.value.missing()
	}
	return dst, err
}

func (b *jsonBody) Placeholders() []Placeholder { return append([]Placeholder(nil), b.placeholders...) }

// append tells whether there is a value: an absent one has none, and what
// contains it leaves it out.
func (n *jsonNode) append(dst []byte, args Arguments) (_ []byte, present bool, err error) {
	switch {
	case n.value != nil:
		v := args.Lookup(n.value.Pointer)
		if !v.StandIn && !v.JSON.Exists() {
			return dst, false, nil
		}
		dst, err = n.value.appendValue(dst, v)
	case n.braces != "":
		dst, err = n.appendList(dst, args)
	default:
		dst, err = appendParts(dst, n.text, args)
	}
	return dst, true, err
}

func (n *jsonNode) appendList(dst []byte, args Arguments) ([]byte, error) {
	dst = append(dst, n.braces[0])
	first := true
	for i := range n.list {
		item := &n.list[i]
		mark := len(dst)
		if !first {
			dst = append(dst, ',')
		}
		dst = append(dst, item.name...)
		var present bool
		var err error
		if dst, present, err = item.value.append(dst, args); err != nil {
			return dst, err
		}
		if !present {
			dst = dst[:mark]
			continue
		}
		first = false
	}
	return append(dst, n.braces[1]), nil
}
