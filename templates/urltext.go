package templates

import (
	"slices"
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

func (t *urlText) wrong(offset, length int, message, hint string) *SyntaxError {
	return &SyntaxError{Offset: offset, Length: length, Message: message, Hint: hint}
}

// at gives the piece that the byte at i belongs to.
func (t *urlText) at(i int) *part {
	n, _ := slices.BinarySearchFunc(t.pieces, i, func(p part, i int) int { return p.Offset + p.Length - 1 - i })
	if n < len(t.pieces) && t.pieces[n].Offset <= i {
		return &t.pieces[n]
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
