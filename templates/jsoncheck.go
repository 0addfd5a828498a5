package templates

import (
	"bytes"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// validate refuses what is not one JSON value, and a placeholder in the name of
// a member: two names could become one.
func (t *jsonText) validate(length int) *SyntaxError {
	decoder := jsontext.NewDecoder(bytes.NewReader(t.check))
	for first := true; ; first = false {
		before := int(decoder.InputOffset())
		_, err := decoder.ReadToken()
		switch {
		case errors.Is(err, io.EOF) && first:
			return &SyntaxError{Length: length, Message: "the text is empty, which is not JSON"}
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return t.invalid(err)
		}
		if kind, n := decoder.StackIndex(decoder.StackDepth()); kind == '{' && n%2 == 1 {
			if p := t.placeholderIn(before, int(decoder.InputOffset())); p != nil {
				return p.wrong("a placeholder cannot stand in the name of a JSON member")
			}
		}
		if decoder.StackDepth() == 0 {
			if rest := bytes.TrimLeft(t.check[decoder.InputOffset():], " \t\r\n"); len(rest) > 0 {
				return &SyntaxError{
					Offset:  t.source(len(t.check) - len(rest)),
					Message: "the text is not JSON: something follows the value",
				}
			}
		}
	}
}

// invalid tells the reason only when there is no configured text: the decoder's
// messages quote what they found.
func (t *jsonText) invalid(err error) *SyntaxError {
	wrong := &SyntaxError{Message: "the text is not JSON"}
	var syntactic *jsontext.SyntacticError
	if !errors.As(err, &syntactic) {
		return wrong
	}
	wrong.Offset = t.source(int(syntactic.ByteOffset))
	if !t.secret {
		wrong.Message += ": " + syntactic.Err.Error()
	}
	return wrong
}

// source gives the offset in the joined source for one in check.
func (t *jsonText) source(at int) int {
	for i := len(t.parts) - 1; i >= 0; i-- {
		p := &t.parts[i]
		switch {
		case t.starts[i] > at:
		case p.value || p.configured:
			return p.Offset
		default:
			return p.Offset + min(at-t.starts[i], p.Length)
		}
	}
	return 0
}

func (t *jsonText) placeholderIn(from, to int) *part {
	for i := range t.parts {
		if t.parts[i].value && from <= t.starts[i] && t.starts[i] < to {
			return &t.parts[i]
		}
	}
	return nil
}
