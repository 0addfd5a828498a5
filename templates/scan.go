package templates

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A grammar says which texts are placeholders.
type grammar struct {
	// angle says whether </x> is a placeholder for this parameter. Nil: never,
	// as in XML, where it is an end tag.
	angle func(parameter string) bool
	// open lets a placeholder that is never closed be text. Text bodies hold
	// such things; elsewhere it is a mistake.
	open bool
}

func always(string) bool { return true }

var strict = grammar{angle: always}

// scan cuts src into parts. Literal text is not escaped yet.
func scan(src Source, g grammar) ([]part, *SyntaxError) {
	var parts []part
	offset := 0
	for _, piece := range src {
		if piece.Configured {
			parts = appendConfigured(parts, piece.Text, offset)
		} else {
			var err *SyntaxError
			if parts, err = g.scanPiece(parts, piece.Text, offset); err != nil {
				return nil, err
			}
		}
		offset += len(piece.Text)
	}
	return parts, nil
}

func (g grammar) scanPiece(parts []part, text string, offset int) ([]part, *SyntaxError) {
	start := 0 // of the literal text not yet in parts
	for i := 0; i < len(text); {
		escaped := i > start && text[i-1] == '\\'
		p, err := g.placeholder(text, i, escaped)
		switch {
		case err != nil:
			err.Offset += offset
			return nil, err
		case p.Length == 0:
			i++
			continue
		case escaped:
			parts = appendLiteral(parts, text[start:i-1], offset+start)
			start = i
		default:
			parts = appendLiteral(parts, text[start:i], offset+start)
			p.Offset += offset
			parts = append(parts, part{value: true, Placeholder: p})
			start = i + p.Length
		}
		i += p.Length
	}
	return appendLiteral(parts, text[start:], offset+start), nil
}

// placeholder reads the placeholder that begins at text[i]; its Length is 0
// when there is none. An escaped one may be wrong in itself, because it is only
// text.
func (g grammar) placeholder(text string, i int, escaped bool) (Placeholder, *SyntaxError) {
	if i+1 >= len(text) || text[i+1] != '/' || (text[i] != '<' && text[i] != '{') {
		return Placeholder{}, nil
	}
	angle := text[i] == '<'
	if angle && g.angle == nil {
		return Placeholder{}, nil
	}
	end := i + 1
	for end < len(text) && !endsPointer(text[end]) {
		end++
	}
	if end == len(text) {
		return g.unclosed(text, i, escaped)
	}
	if closing := text[i] + 2; text[end] != closing { // '<' + 2 is '>', '{' + 2 is '}'
		return Placeholder{}, nil
	}
	pointer, err := ParsePointer(text[i+1 : end])
	switch {
	case angle && !g.angle(pointer.Parameter()):
		return Placeholder{}, nil
	case err != nil && !escaped:
		return Placeholder{}, &SyntaxError{
			Offset: i, Length: end + 1 - i,
			Message: fmt.Sprintf("placeholder %s is not a JSON Pointer", text[i:end+1]),
			Hint:    errBadTilde.Error(),
		}
	}
	return Placeholder{Pointer: pointer, Offset: i, Length: end + 1 - i}, nil
}

// endsPointer tells the bytes that no placeholder holds: white space, controls,
// quotes and brackets.
func endsPointer(c byte) bool {
	return c <= ' ' || c == 0x7f || strings.IndexByte(`"'<>{}`, c) >= 0
}

func (g grammar) unclosed(text string, i int, escaped bool) (Placeholder, *SyntaxError) {
	switch {
	case g.open:
		return Placeholder{}, nil
	case escaped:
		return Placeholder{Offset: i, Length: len(text) - i}, nil
	}
	return Placeholder{}, &SyntaxError{
		Offset: i, Length: len(text) - i,
		Message: fmt.Sprintf("placeholder %s is not closed", text[i:]),
		Hint:    fmt.Sprintf("write %s%c, or \\%s if it is text", text[i:], text[i]+2, text[i:]),
	}
}

// checkUTF8 refuses literal text that is not UTF-8, where the place needs it.
func checkUTF8(parts []part) *SyntaxError {
	for _, p := range parts {
		if !p.value && !utf8.ValidString(p.text) {
			return p.wrong("text is not UTF-8")
		}
	}
	return nil
}
