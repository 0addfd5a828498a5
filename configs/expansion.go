package configs

import (
	"strings"
	"unicode/utf8"

	"github.com/egret-proxy/egret/templates"
)

// An expansion is a text of the file with its references resolved.
type expansion struct {
	node   *node
	pieces []piece
	unset  bool // a part is missing, and something stands in for it
}

// A piece is a part of an expansion, and where in the node's text it began.
type piece struct {
	templates.Piece
	from int
}

// setting expands a text, and drops one line break at the end of each file.
func (d *decoder) setting(n *node) (expansion, bool) {
	if !d.is(n, text) {
		return expansion{}, false
	}
	return d.expand(n, true)
}

// expand resolves the references in the text of a scalar.
func (d *decoder) expand(n *node, trim bool) (expansion, bool) {
	x, ok := expansion{node: n}, true
	start, at := 0, 0 // of the literal text, and of what is to be read
	for {
		r, message, found := nextReference(n.text, at)
		if !found {
			break
		}
		at = r.to
		if r.literal {
			x.add(n.text[start:r.from-1], start, false)
			start = r.from
			continue
		}
		x.add(n.text[start:r.from], start, false)
		start = at
		if message != "" {
			ok = false
			d.inText(n, r.from, message, "")
			continue
		}
		value, err := d.expander.text(d.sources.of(n.path).file, r)
		if d.expander.permits(err) {
			mark(&d.unset, n.path)
			mark(&d.unset, "")
			x.unset = true
			x.add(standIn(len(x.pieces) == 0), r.from, true)
			continue
		}
		if err != nil {
			ok = false
			d.inText(n, r.from, err.Error(), "")
			continue
		}
		if trim && r.scheme == "file" {
			value = withoutLineBreak(value)
		}
		x.add(value, r.from, true)
	}
	x.add(n.text[start:], start, false)
	return x, ok
}

// withoutLineBreak takes away what editors end a file with. A carriage return
// alone is none: it may be the last byte of a key in DER.
func withoutLineBreak(text string) string {
	line, ok := strings.CutSuffix(text, "\n")
	if !ok {
		return text
	}
	return strings.TrimSuffix(line, "\r")
}

// standIn is the text in the place of one that is missing. At the beginning it
// makes a URL, if anything does.
func standIn(first bool) string {
	if first {
		return "https://unset.invalid"
	}
	return "unset"
}

// originAlone is the expansion of a URL in which something is missing that
// makes it none: only its scheme can be checked.
func (x expansion) originAlone() expansion {
	text := standIn(true)
	if first := x.pieces[0]; !first.Configured {
		if scheme, _, ok := strings.Cut(first.Text, "://"); ok {
			text = scheme + strings.TrimPrefix(text, "https")
		}
	}
	return expansion{node: x.node, pieces: []piece{{templates.Piece{Text: text}, 0}}, unset: true}
}

func (x *expansion) add(s string, from int, configured bool) {
	if s != "" {
		x.pieces = append(x.pieces, piece{templates.Piece{Text: s, Configured: configured}, from})
	}
}

// text gives the whole.
func (x expansion) text() string {
	var b strings.Builder
	for _, p := range x.pieces {
		b.WriteString(p.Text)
	}
	return b.String()
}

// source gives the pieces to the template engine.
func (x expansion) source() templates.Source {
	src := make(templates.Source, len(x.pieces))
	for i, p := range x.pieces {
		src[i] = p.Piece
	}
	return src
}

// secrets gives what came from outside of the file.
func (x expansion) secrets() []Secret {
	var out []Secret
	for _, p := range x.pieces {
		if p.Configured {
			out = append(out, NewSecret(p.Text))
		}
	}
	return out
}

// raw finds the byte of the node's text that a byte of the whole came from.
func (x expansion) raw(offset int) int {
	start := 0
	for _, p := range x.pieces {
		if offset < start+len(p.Text) {
			if p.Configured {
				return p.from
			}
			return p.from + offset - start
		}
		start += len(p.Text)
	}
	return len(x.node.text)
}

// wrong reports what is wrong with an expanded text. A message that quotes
// what came from outside of the file is replaced.
func (d *decoder) wrong(x expansion, offset int, message, hint string) {
	if d.crowded(x.node) {
		return
	}
	for _, p := range x.pieces {
		if p.Configured && !x.unset && (quotes(message, p.Text) || quotes(hint, p.Text)) {
			message, hint = "what the environment or a file gives does not fit here", ""
		}
	}
	d.inText(x.node, x.raw(offset), message, hint)
}

// quotes reports whether a message has a part of a secret that says something.
func quotes(message, secret string) bool {
	const telling = 4
	message, secret = strings.ToLower(message), strings.ToLower(secret) // Hosts are put into lower case.
	if len(secret) <= telling {
		return secret != "" && strings.Contains(message, secret)
	}
	for i := range len(secret) - telling + 1 {
		if strings.Contains(message, secret[i:i+telling]) {
			return true
		}
	}
	return false
}

// maxInText is how many problems of one text are reported. To find the places of
// very many in a long one takes too long.
const maxInText = 20

// crowded reports whether a text has had its share of problems.
func (d *decoder) crowded(n *node) bool { return d.inTexts[n] >= maxInText }

// inText reports something at a byte of a scalar's text.
func (d *decoder) inText(n *node, offset int, message, hint string) {
	if d.crowded(n) {
		return
	}
	if d.inTexts == nil {
		d.inTexts = map[*node]int{}
	}
	d.inTexts[n]++
	d.add(n.path, func() Problem {
		src := d.sources.of(n.path)
		at, caret := n.place, n.place
		if found, ok := src.caret(n, min(offset, len(n.text))); ok {
			caret = found
		}
		if caret.line != at.line {
			at = caret
		}
		return src.pointing(at, caret, n.path, message, hint)
	})
}

// caret finds the place of a byte of a scalar's text, when the text stands in
// the file as it is.
func (s *source) caret(n *node, offset int) (place, bool) {
	if len(s.line(n.place.line)) > maxLine {
		return place{}, false
	}
	line := []rune(s.line(n.place.line))
	if n.place.column > len(line) {
		return place{}, false
	}
	rest := string(line[n.place.column-1:])
	for _, quote := range []string{"", `"`, `'`} {
		if strings.HasPrefix(rest, quote+n.text) {
			return place{n.place.line, n.place.column + len(quote) + utf8.RuneCountInString(n.text[:offset])}, true
		}
	}
	if !strings.HasPrefix(rest, "|") {
		return place{}, false
	}
	before := n.text[:offset]
	start := strings.LastIndexByte(before, '\n') + 1
	number := n.place.line + 1 + strings.Count(before, "\n")
	row, _, _ := strings.Cut(n.text[start:], "\n")
	indent, ok := strings.CutSuffix(s.line(number), row)
	if !ok || strings.TrimSpace(indent) != "" {
		return place{}, false
	}
	return place{number, len(indent) + 1 + utf8.RuneCountInString(before[start:])}, true
}
