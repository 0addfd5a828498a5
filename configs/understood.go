package configs

import (
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// secretValues finds the secrets in what the parser made of a file.
type secretValues struct {
	source *source
	spans  []span
}

// Visit notes the value of a secret key, which is not looked into any more.
func (v *secretValues) Visit(n ast.Node) ast.Visitor {
	m, ok := n.(*ast.MappingValueNode)
	if !ok || m.Value == nil || m.Start == nil {
		return v
	}
	if key, _ := keyText(m.Key); !secretKeys[key] {
		return v
	}
	end := lastToken{at: placeOf(m.Start), token: m.Start}
	ast.Walk(&end, m.Value)
	v.spans = append(v.spans, span{
		place{m.Start.Position.Line, m.Start.Position.Column + 1},
		v.source.behind(end.token),
	})
	return nil
}

// behind is where the next token begins that is no comment. On another line, it
// is the beginning of that line.
func (s *source) behind(t *token.Token) place {
	next := t.Next
	for next != nil && next.Type == token.CommentType {
		next = next.Next
	}
	switch {
	case next == nil:
		return s.end()
	case next.Position.Line > t.Position.Line:
		return place{next.Position.Line, 0}
	}
	return placeOf(next)
}

// A lastToken finds the token of a value that stands last in the file.
type lastToken struct {
	at    place
	token *token.Token
}

// Visit looks at one node.
func (l *lastToken) Visit(n ast.Node) ast.Visitor {
	if n == nil {
		return nil
	}
	l.see(n.GetToken())
	switch n := n.(type) {
	case *ast.MappingNode:
		l.see(n.End)
	case *ast.SequenceNode:
		l.see(n.End)
	}
	return l
}

func (l *lastToken) see(t *token.Token) {
	if t != nil && t.Position != nil && l.at.before(placeOf(t)) && t.Type != token.ImplicitNullType {
		l.at, l.token = placeOf(t), t
	}
}
