package configs

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Bounds on a file. The parser takes quadratic time on deep nesting, and on
// mappings with many keys.
const (
	maxFlow   = 50       // brackets open at once
	maxColumn = 200      // of a "- " or "? ", each of which may open a level
	maxKeys   = 36 << 20 // the sum, over all mappings without braces, of the square of how many keys they have
)

// parse reads one document into nodes. What is no YAML, and what egret does not
// take from YAML, becomes a problem. There is no root when that is all of it.
func (s *source) parse() Problems {
	if why, at := unreadable(s.data); why != "" {
		return s.unfit(at, why)
	}
	if line := tooManyBlanks(s.lines); line > 0 {
		return s.unfit(place{line, 1}, "too many blank lines stand before this line")
	}
	tokens := lexer.Tokenize(s.data)
	if t := tooDeep(tokens); t != nil {
		return s.unfit(placeOf(t), "the file is nested too deeply")
	}
	if t := tooManyKeys(tokens); t != nil {
		return s.unfit(placeOf(t), "a mapping has too many keys")
	}
	if t := tooManyNulls(tokens); t != nil {
		return s.unfit(placeOf(t), "too many keys and elements have no value")
	}
	file, err := parseTokens(tokens)
	if err != nil {
		s.masks = likelySecrets(s.lines)
		return Problems{syntaxProblem(s, err)}
	}
	body, second := onlyDocument(file)
	if second != nil {
		return s.unfit(start(second), "the file has a second YAML document or a directive, egret reads exactly one document")
	}
	if body == nil {
		return s.unfit(place{}, "the file is empty")
	}
	s.mask(tokens, body)
	t := &tree{src: s, scope: scope{top: true}}
	root := t.value(body, s.prefix)
	if root.kind == nothing {
		return append(t.problems, s.at(place{}, s.prefix, "the file is empty", ""))
	}
	s.root = root
	return t.problems
}

// unfit is the problem of a file that cannot be understood.
func (s *source) unfit(at place, why string) Problems {
	s.masks = likelySecrets(s.lines)
	return Problems{s.at(at, s.prefix, why, "")}
}

// errPanic stands for a panic of the parser.
var errPanic = errors.New("the parser stopped")

func parseTokens(tokens token.Tokens) (file *ast.File, err error) {
	defer func() {
		if recover() != nil {
			err = errPanic
		}
	}()
	return parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
}

// unreadable looks for what no YAML file has, before the parser sees it.
func unreadable(data string) (why string, at place) {
	line, column := 1, 0
	for i, r := range data {
		column++
		switch rest := data[i:]; {
		case r == '\n':
			line, column = line+1, 0
		case r == utf8.RuneError && !strings.HasPrefix(rest, "\uFFFD"):
			return "the file is not UTF-8", place{line, column}
		case r < ' ' && r != '\t', r == 0x7f:
			return "the file has a control character", place{line, column}
		}
	}
	return "", place{}
}

// tooDeep gives the token at which the nesting leaves all reason.
func tooDeep(tokens token.Tokens) *token.Token {
	open := 0
	for _, t := range tokens {
		switch t.Type { //nolint:exhaustive // The others do not nest.
		case token.MappingStartType, token.SequenceStartType:
			open++
		case token.MappingEndType, token.SequenceEndType:
			open--
		case token.SequenceEntryType, token.MappingKeyType:
			if t.Position.Column > maxColumn {
				return t
			}
		}
		if open > maxFlow {
			return t
		}
	}
	return nil
}

// tooManyKeys gives the key at which the mappings become too much work.
func tooManyKeys(tokens token.Tokens) *token.Token {
	type mapping struct{ column, keys int }
	var around []mapping // the mappings that a token is in, from the outside in
	flow, work := 0, 0
	for _, t := range tokens {
		flow += bracket(t)
		key := t.Type == token.MappingValueType && t.Prev != nil || t.Type == token.MappingKeyType
		if flow > 0 || !key && t.Type != token.SequenceEntryType {
			continue
		}
		column := t.Position.Column
		if t.Type == token.MappingValueType {
			column = indent(t)
		}
		for len(around) > 0 && around[len(around)-1].column > column {
			around = around[:len(around)-1]
		}
		if !key {
			continue
		}
		if len(around) == 0 || around[len(around)-1].column < column {
			around = append(around, mapping{column: column})
		}
		in := &around[len(around)-1]
		in.keys++
		if work += 2*in.keys - 1; work > maxKeys && t.Type == token.MappingValueType {
			return t.Prev
		}
		if work > maxKeys {
			return t
		}
	}
	return nil
}

// onlyDocument gives the body of the first document that has one, and what
// stands beside it.
func onlyDocument(file *ast.File) (body, second ast.Node) {
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if _, directive := doc.Body.(*ast.DirectiveNode); directive || body != nil {
			return nil, doc.Body
		}
		body = doc.Body
	}
	return body, nil
}

func placeOf(t *token.Token) place {
	if t == nil || t.Position == nil {
		return place{1, 1}
	}
	return place{max(t.Position.Line, 1), max(t.Position.Column, 1)}
}
