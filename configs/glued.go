package configs

import (
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// glued reports whether a colon stands between two scalars without a space, as
// in localhost:8080. That is one text (YAML 1.2.2 section 7.3.3), but inside of
// {…} the parser takes it for a key and its value. After a quoted key no space
// is needed.
func glued(v *ast.MappingValueNode) bool {
	if v.Key == nil || v.Value == nil || v.Start == nil || quoted(v.Key.GetToken()) {
		return false
	}
	if _, scalar := v.Value.(ast.ScalarNode); !scalar {
		return false
	}
	value := v.Value.GetToken()
	return value.Type != token.ImplicitNullType &&
		value.Position.Line == v.Start.Position.Line && value.Position.Column == v.Start.Position.Column+1
}

// gluedText gives the text of an element of a list that the parser took for a
// mapping of one glued pair.
func gluedText(n ast.Node) (string, place, bool) {
	m, ok := n.(*ast.MappingNode)
	if !ok || m.IsFlowStyle || len(m.Values) != 1 || !glued(m.Values[0]) {
		return "", place{}, false
	}
	key, value := m.Values[0].Key.GetToken(), m.Values[0].Value.GetToken()
	if quoted(value) {
		return "", place{}, false
	}
	return key.Value + ":" + value.Value, placeOf(key), true
}

func quoted(t *token.Token) bool {
	return t.Type == token.SingleQuoteType || t.Type == token.DoubleQuoteType
}
