package configs

import (
	"fmt"
	"regexp"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// A tree turns the parser's nodes into ours and notes what egret does not take
// from YAML.
type tree struct {
	src      *source
	problems Problems
	scope    scope // of the keys that come next
	masked   int   // above 0 below a key whose value is secret
}

func (t *tree) problem(at place, path, message, hint string) {
	if len(t.problems) == maxProblems {
		t.src.more++
		return
	}
	t.problems = append(t.problems, t.src.at(at, path, message, hint))
}

// value converts one value.
func (t *tree) value(n ast.Node, path string) *node {
	out := &node{path: path, place: start(n)}
	switch n := n.(type) {
	case *ast.MappingNode:
		t.mapping(n, out)
	case *ast.MappingValueNode:
		t.members([]*ast.MappingValueNode{n}, out)
	case *ast.SequenceNode:
		t.list(n, out)
	case *ast.LiteralNode:
		out.kind, out.text = text, n.Value.Value
	case *ast.AnchorNode:
		t.problem(out.place, path, "anchors are not supported", "write the value out where it is used")
		return t.value(n.Value, path)
	case *ast.AliasNode:
		t.problem(out.place, path, "aliases are not supported", "write the value out where it is used")
	case *ast.TagNode:
		t.problem(out.place, path, "YAML tags are not supported", "")
	case ast.ScalarNode:
		scalar(n.GetToken(), out)
	default:
		t.problem(out.place, path, "this cannot be read as YAML", "")
	}
	return out
}

// scalar keeps the text of a scalar; unquoted, the text says what it is.
func scalar(tok *token.Token, out *node) {
	out.kind, out.text = text, tok.Value
	switch tok.Type {
	case token.SingleQuoteType, token.DoubleQuoteType:
	case token.ImplicitNullType:
		out.kind, out.text = nothing, ""
	default:
		out.kind, out.number = resolve(tok.Value)
	}
}

func (t *tree) list(n *ast.SequenceNode, out *node) {
	out.kind = list
	for i, v := range n.Values {
		path := t.below(out.path, item(out.path, i))
		if s, at, ok := gluedText(v); ok {
			one := &node{path: path, place: at, text: s}
			one.kind, one.number = resolve(s)
			out.items = append(out.items, one)
			continue
		}
		out.items = append(out.items, t.value(v, path))
	}
}

func (t *tree) mapping(n *ast.MappingNode, out *node) {
	if t.placeholder(n) {
		name, _ := keyText(n.Values[0].Key)
		hint := fmt.Sprintf("write </%s>, or \"{/%s}\" in quotes", name[1:], name[1:])
		if t.masked > 0 {
			hint = "write </…>, or put it into quotes"
		}
		t.problem(out.place, out.path, "YAML reads an unquoted {/…} as a mapping", hint)
		return
	}
	if n.IsFlowStyle {
		for _, v := range n.Values {
			if glued(v) {
				t.problem(placeOf(v.Start), out.path, "a space is missing after this colon", "")
			}
		}
	}
	t.members(n.Values, out)
}

// placeholder reports whether n is what YAML makes of an unquoted {/x}.
func (t *tree) placeholder(n *ast.MappingNode) bool {
	if !n.IsFlowStyle || len(n.Values) != 1 {
		return false
	}
	value := n.Values[0].Value
	if value != nil && value.GetToken().Type != token.ImplicitNullType {
		return false
	}
	name, ok := keyText(n.Values[0].Key)
	return ok && name != "" && name[0] == '/'
}

func (t *tree) members(values []*ast.MappingValueNode, out *node) {
	out.kind = mapping
	first := make(map[string]place, len(values))
	for _, v := range values {
		at := keyPlace(v.Key)
		key, ok := keyText(v.Key)
		if !ok {
			t.problem(at, out.path, "a key must be text", "put it into quotes")
			continue
		}
		path := t.below(out.path, below(out.path, key))
		if before, ok := first[key]; ok {
			t.problem(at, path, fmt.Sprintf("the key stands here a second time, after line %d", before.line), "")
			continue
		}
		first[key] = at
		t.member(out, member{key: key, place: at}, v.Value, path)
	}
}

func (t *tree) member(out *node, m member, v ast.Node, path string) {
	if m.key == "<<" {
		t.problem(m.place, path, "merge keys are not supported", "write the values out where they are used")
		return
	}
	around := t.scope
	defer func() { t.scope = around }()
	if t.scope = around.below(m.key); around.hides(m.key) {
		t.masked++
		defer func() { t.masked-- }()
	}
	m.value = t.value(v, path)
	if v.GetToken().Type == token.ImplicitNullType {
		m.value.place = m.place
	}
	out.members = append(out.members, m)
}

// below gives the longer path, except under a secret key, where the names of
// members may be part of the secret.
func (t *tree) below(parent, path string) string {
	if t.masked > 0 {
		return parent
	}
	return path
}

// start is where a value begins. A mapping without braces begins with its first
// key; the parser's token for it is that key's colon.
func start(n ast.Node) place {
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return keyPlace(n.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return keyPlace(n.Key)
	}
	return placeOf(n.GetToken())
}

func keyPlace(k ast.MapKeyNode) place {
	if k, ok := k.(*ast.MappingKeyNode); ok && k.Value != nil {
		return placeOf(k.Value.GetToken())
	}
	return placeOf(k.GetToken())
}

// keyText gives the text of a key. Keys that YAML reads as numbers, booleans
// or nothing are no text, because JSON has no such names; but a status stands
// for itself, however it is written.
func keyText(k ast.MapKeyNode) (string, bool) {
	var n ast.Node = k
	if k, ok := k.(*ast.MappingKeyNode); ok {
		n = k.Value
	}
	switch n := n.(type) {
	case *ast.MergeKeyNode:
		return "<<", true
	case ast.ScalarNode:
		var out node
		scalar(n.GetToken(), &out)
		return out.text, out.kind == text || out.kind == number && statusText.MatchString(out.text)
	}
	return "", false
}

// statusText is a number of three digits, which has no other spelling.
var statusText = regexp.MustCompile(`^[1-9][0-9]{2}$`)
