package configs

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Bounds on a file. The parser takes quadratic time on deep nesting.
const (
	maxFlow   = 50  // brackets open at once
	maxColumn = 200 // of a "- " or "? ", each of which may open a level
)

// parse reads one document into nodes. What is no YAML, and what egret does not
// take from YAML, becomes a problem.
func (d *decoder) parse() *node {
	if why, at := unreadable(d.src.data); why != "" {
		d.add(d.src.at(at, "", why, ""))
		return nil
	}
	tokens := lexer.Tokenize(d.src.data)
	if t := tooDeep(tokens); t != nil {
		d.add(d.src.at(placeOf(t), "", "the file is nested too deeply", ""))
		return nil
	}
	file, err := parseTokens(tokens)
	if err != nil {
		d.add(syntaxProblem(d.src, err))
		return nil
	}
	body, second := onlyDocument(file)
	if second != nil {
		d.add(d.src.at(start(second), "", "the file has a second YAML document or a directive, egret reads exactly one document", ""))
		return nil
	}
	if body == nil {
		d.add(d.src.at(place{}, "", "the file is empty", ""))
		return nil
	}
	d.src.mask(tokens)
	return d.root(body)
}

// root converts the document.
func (d *decoder) root(body ast.Node) *node {
	t := &tree{src: d.src}
	root := t.value(body, "")
	for _, p := range t.problems {
		d.add(p)
	}
	if root.kind == nothing {
		d.add(d.src.at(place{}, "", "the file is empty", ""))
		return nil
	}
	return root
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
		case r == '\t', r == '\r' && strings.HasPrefix(rest, "\r\n"):
		case r < ' ', r == 0x7f:
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

// syntaxProblem says what the parser did not like, in one sentence of ours: its
// own messages may quote the file.
func syntaxProblem(src *source, err error) Problem {
	var syntax *yaml.SyntaxError
	if !errors.As(err, &syntax) || syntax.Token == nil {
		return src.at(place{}, "", "the file cannot be read as YAML", "")
	}
	at := placeOf(syntax.Token)
	message, hint := "this cannot be read as YAML", ""
	for _, s := range syntaxSentences {
		if strings.Contains(syntax.Message, s.library) {
			message = s.ours
			break
		}
	}
	switch line := src.line(at.line); {
	case strings.Contains(line, "${") && strings.ContainsAny(line, "{["):
		hint = `put ${…} into quotes where it stands inside {…} or […]`
	case strings.Contains(line, "{/"):
		hint = `put a text with {/…} into quotes, or write </…>`
	}
	return src.at(at, "", message, hint)
}

// syntaxSentences says the parser's messages in our words. The first that fits
// wins.
var syntaxSentences = []struct{ library, ours string }{
	{"',' or '}' must be specified", "a , or } is missing in a {…} mapping"},
	{"',' or ']' must be specified", "a , or ] is missing in a […] list"},
	{"flow mapping end token", "this { is never closed"},
	{"sequence end token", "this [ is never closed"},
	{"corresponding to ']'", "this ] closes nothing"},
	{"corresponding to '}'", "this } closes nothing"},
	{"end character of", "this quote is never closed"},
	{"tab character", "a tab cannot indent YAML"},
	{"found character '\t'", "a tab cannot indent YAML"},
	{"reserved character", "a text cannot begin with this character unless it is in quotes"},
	{"mapping value is not allowed", "a second colon, or a wrong indentation: put a text with \": \" into quotes"},
	{"value is not allowed in this context", "nothing more is expected here"},
	{"non-map value is specified", "a key is expected here, followed by a colon"},
	{"unexpected key name", "a key is expected here, followed by a colon"},
	{"implicit line break", "a key must stand on one line"},
	{"sequence entries are not allowed", "a list cannot begin here"},
	{"directive", "a text cannot begin with % unless it is in quotes"},
	{"anchor", "anchors and aliases are not supported"},
	{"alias", "anchors and aliases are not supported"},
	{"merge key", "merge keys are not supported"},
	{"tag", "YAML tags are not supported"},
}
