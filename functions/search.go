package functions

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/tidwall/gjson"
)

// among says of each of the values whether it is one of those to which tokens lead
// in a JSON text. An upstream's text may be large, so nothing is made of it.
func (d *document) among(values []int, text []byte, tokens []string) []bool {
	wanted := make(map[scalar]bool, len(values))
	for _, i := range values {
		wanted[d.scalarOf(i)] = false
	}
	value := gjson.ParseBytes(text)
	if len(tokens) > 0 {
		value = opened(value)
	}
	s := search{
		Decoder: jsontext.NewDecoder(strings.NewReader(value.Raw), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)),
		wanted:  wanted,
	}
	s.value(tokens)
	delete(wanted, scalar{})
	held := make([]bool, len(values))
	for at, i := range values {
		held[at] = wanted[d.scalarOf(i)]
	}
	return held
}

// A search reads a JSON text once, and marks what it finds. A text that ends too
// early has what was found until there.
type search struct {
	*jsontext.Decoder
	wanted map[scalar]bool
}

// value reads the next value, and reports false at the end of what can be read.
func (s *search) value(tokens []string) bool {
	switch kind := s.PeekKind(); {
	case kind == '[':
		return s.array(tokens)
	case kind == '{' && len(tokens) > 0:
		return s.object(tokens)
	case kind == '{' || len(tokens) > 0:
		return s.SkipValue() == nil
	default:
		token, err := s.ReadToken()
		if err == nil {
			s.mark(token)
		}
		return err == nil
	}
}

func (s *search) mark(token jsontext.Token) {
	found := scalar{}
	switch kind := token.Kind(); kind {
	case '"':
		found = scalar{'"', token.String()}
	case '0':
		found = numberScalar(token.String())
	case 't', 'f':
		found = scalar{kind: byte(kind)}
	default: // null, which is not permitted
	}
	if _, ok := s.wanted[found]; ok {
		s.wanted[found] = true
	}
}

// array reads an array, which stands for each of its elements.
func (s *search) array(tokens []string) bool {
	picks := len(tokens) > 0 && isIndex(tokens[0])
	if _, err := s.ReadToken(); err != nil {
		return false
	}
	for at := 0; s.PeekKind() != ']'; at++ {
		if !s.element(at, tokens, picks) {
			return false
		}
	}
	_, err := s.ReadToken()
	return err == nil
}

func (s *search) element(at int, tokens []string, picks bool) bool {
	switch {
	case !picks:
		return s.value(tokens)
	case isAt(at, tokens[0]):
		return s.value(tokens[1:])
	default:
		return s.SkipValue() == nil
	}
}

// object reads the member that the first token names.
func (s *search) object(tokens []string) bool {
	if _, err := s.ReadToken(); err != nil {
		return false
	}
	for found := false; s.PeekKind() != '}'; {
		name, err := s.ReadToken()
		if err != nil {
			return false
		}
		if found || name.String() != tokens[0] {
			if s.SkipValue() != nil {
				return false
			}
			continue
		}
		found = true // The first of several counts.
		if !s.value(tokens[1:]) {
			return false
		}
	}
	_, err := s.ReadToken()
	return err == nil
}
