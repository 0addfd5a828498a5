package configs

import (
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// secretValues finds the secrets in what the parser made of a file.
type secretValues struct {
	scope
	found *foundSecrets
}

// foundSecrets are the secrets, and the colons before those that have a key.
type foundSecrets struct {
	source *source
	spans  []span
	colons map[place]bool
}

// Visit notes the value of a secret key, which is not looked into any more.
func (v secretValues) Visit(n ast.Node) ast.Visitor {
	switch n := n.(type) {
	case *ast.MappingValueNode:
		if n.Value != nil && n.Start != nil {
			v.member(n)
			return nil
		}
	case ast.ScalarNode:
		if v.entry() && !v.bare && n.GetToken().Type != token.ImplicitNullType {
			v.found.noteAlone(n)
		}
	}
	return v
}

func (v secretValues) member(n *ast.MappingValueNode) {
	ast.Walk(secretValues{found: v.found}, n.Key)
	key, _ := keyText(n.Key)
	if !v.hides(key) {
		ast.Walk(secretValues{v.below(key), v.found}, n.Value)
		return
	}
	v.found.colons[placeOf(n.Start)] = true
	v.found.note(place{n.Start.Position.Line, n.Start.Position.Column + 1}, n.Start, n.Value)
}

// noteAlone notes a text that stands where an entry should.
func (f *foundSecrets) noteAlone(n ast.Node) {
	t := n.GetToken()
	from := place{t.Position.Line, 1}
	if p := t.Prev; p != nil && p.Position.Line == t.Position.Line {
		from.column = p.Position.Column + 1
	}
	f.note(from, t, n)
}

// note adds what is between a place and the end of a value.
func (f *foundSecrets) note(from place, first *token.Token, value ast.Node) {
	end := lastToken{at: placeOf(first), token: first}
	ast.Walk(&end, value)
	f.spans = append(f.spans, span{from, f.source.behind(end.token)})
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
