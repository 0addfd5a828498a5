package templates

import (
	"fmt"
	"strings"
)

// A urlText is a URL template while it is parsed.
type urlText struct {
	// text is the joined source with each byte of a placeholder replaced by
	// mask, so that what a placeholder contains is no syntax of the URL.
	text string
	// pieces are the literal pieces, each whole, and the placeholders.
	pieces []part
}

const mask = 0

// ParseURL compiles src: an absolute http or https URL without user info and
// fragment. What is not a placeholder must be valid as RFC 3986 has it, and is
// kept byte for byte; only the host is put into its canonical form. Its error
// is a [*SyntaxError].
func ParseURL(src Source) (*URL, error) {
	t, err := maskURL(src)
	if err == nil {
		err = t.checkBytes()
	}
	if err != nil {
		return nil, err
	}
	u, path, err := t.parseOrigin()
	if err != nil {
		return nil, err
	}
	query := len(t.text)
	if at := strings.IndexByte(t.text[path:], '?'); at >= 0 {
		query = path + at
	}
	if u.path, err = t.parsePath(path, query); err != nil {
		return nil, err
	}
	if query < len(t.text) {
		if u.query, err = t.parseQuery(query + 1); err != nil {
			return nil, err
		}
	}
	return u, nil
}

func maskURL(src Source) (*urlText, *SyntaxError) {
	t := &urlText{}
	var b strings.Builder
	for _, piece := range src {
		offset := b.Len()
		if piece.Configured {
			t.pieces = appendConfigured(t.pieces, piece.Text, offset)
			b.WriteString(piece.Text)
			continue
		}
		parts, err := strict.scanPiece(nil, piece.Text, offset)
		if err != nil {
			return nil, err
		}
		// A dropped backslash is no matter: what it escapes is not valid in a
		// URL either, and checkBytes reads the text as it was written.
		text := []byte(piece.Text)
		for _, p := range parts {
			if p.value {
				clear(text[p.Offset-offset : p.Offset-offset+p.Length])
			}
		}
		if at := strings.IndexByte(piece.Text, mask); at >= 0 {
			return nil, &SyntaxError{Offset: offset + at, Length: 1, Message: "a URL cannot hold a NUL"}
		}
		t.pieces = append(t.pieces, parts...)
		b.Write(text)
	}
	t.text = b.String()
	return t, nil
}

// checkBytes refuses what no part of a URL may hold unencoded.
func (t *urlText) checkBytes() *SyntaxError {
	for i := 0; i < len(t.text); i++ {
		c := t.text[i]
		switch {
		case c == mask && t.placeholder(i) != nil:
		case c == '#':
			return t.wrong(i, len(t.text)-i, "a fragment is never sent, so a URL cannot have one", "write %23 for a # that is data")
		case c == '%':
			if _, ok := percentByte(t.text[i:]); !ok {
				return t.wrong(i, 1, "% is not followed by two hexadecimal digits", "write %25 for a % that is data")
			}
		case !alphanumeric(c) && strings.IndexByte("-._~:/?[]@!$&'()*+,;=", c) < 0:
			return t.badByte(i)
		}
	}
	return nil
}

func percentByte(s string) (byte, bool) {
	if len(s) < 3 {
		return 0, false
	}
	high, ok1 := unhex(s[1])
	low, ok2 := unhex(s[2])
	return high<<4 | low, ok1 && ok2
}

func (t *urlText) badByte(i int) *SyntaxError {
	c := t.text[i]
	if t.configured(i) {
		return t.wrong(i, 1, "the configured text has a byte that a URL cannot hold unencoded", "")
	}
	hint := fmt.Sprintf("write %%%02X if it is data", c)
	// A hint must not reach into configured text.
	if p := t.at(i); p != nil && bracedName(t.text[i:p.Offset+p.Length]) != "" {
		name := bracedName(t.text[i : p.Offset+p.Length])
		hint = fmt.Sprintf("did you mean {/%s}?", name)
	}
	return t.wrong(i, 1, fmt.Sprintf("%s cannot stand in a URL unencoded", showByte(c)), hint)
}

// bracedName reads "{name}" or "<name>" as other template languages have it.
func bracedName(s string) string {
	if s[0] != '{' && s[0] != '<' {
		return ""
	}
	end := strings.IndexByte(s, s[0]+2)
	if end < 0 {
		return ""
	}
	for i := 1; i < end; i++ {
		if !alphanumeric(s[i]) && s[i] != '_' && s[i] != '-' && s[i] != '.' {
			return ""
		}
	}
	return s[1:end]
}

func showByte(c byte) string {
	if c > ' ' && c < 0x7f {
		return string(rune(c))
	}
	if c == ' ' {
		return "a space"
	}
	return fmt.Sprintf("the byte 0x%02X", c)
}

func (t *urlText) wrong(offset, length int, message, hint string) *SyntaxError {
	return &SyntaxError{Offset: offset, Length: length, Message: message, Hint: hint}
}

// at gives the piece that the byte at i belongs to.
func (t *urlText) at(i int) *part {
	for n := range t.pieces {
		if p := &t.pieces[n]; p.Offset <= i && i < p.Offset+p.Length {
			return p
		}
	}
	return nil
}

func (t *urlText) placeholder(i int) *part {
	if p := t.at(i); p != nil && p.value {
		return p
	}
	return nil
}

func (t *urlText) configured(i int) bool {
	p := t.at(i)
	return p != nil && p.configured
}

// cut gives the parts from from to to, all for one place. No placeholder
// crosses the ends.
func (t *urlText) cut(from, to int, e Escaping) []part {
	var out []part
	for _, p := range t.pieces {
		start, end := max(p.Offset, from), min(p.Offset+p.Length, to)
		if start >= end {
			continue
		}
		if !p.value {
			p.continued = p.configured && p.Offset < start
			p.text = t.text[start:end]
		}
		p.Offset, p.Length = start, end-start
		p.Escaping = e
		out = append(out, p)
	}
	return out
}
