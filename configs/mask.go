package configs

import (
	"cmp"
	"slices"
	"sort"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// A span is a part of the file, from a place up to and without another.
type span struct{ from, to place }

// endOfLine is a column behind every line.
const endOfLine = 1 << 30

func (p place) before(q place) bool {
	return p.line < q.line || p.line == q.line && p.column < q.column
}

// mask notes what stands under the secret keys of a file that was understood.
// It is a guess when the places that the parser gives are wrong. The layout of
// the file and what the parser made of it must both see the end of a secret,
// because the parser takes lines into a value that YAML would not.
func (s *source) mask(tokens token.Tokens, body ast.Node) {
	if !s.aligned(tokens) {
		s.masks = likelySecrets(s.lines)
		return
	}
	understood := &foundSecrets{source: s, colons: map[place]bool{}}
	ast.Walk(secretValues{scope{top: true}, understood}, body)
	s.masks = joined(append(s.laidOut(tokens, understood.colons), understood.spans...))
}

// aligned reports whether the tokens stand where they say.
func (s *source) aligned(tokens token.Tokens) bool {
	number, line := 0, []rune(nil)
	for _, t := range tokens {
		if t.Type != token.MappingValueType && t.Type != token.CollectEntryType && bracket(t) == 0 {
			continue
		}
		if t.Position.Line != number {
			number, line = t.Position.Line, []rune(s.line(t.Position.Line))
		}
		if column := t.Position.Column; column < 1 || column > len(line) || string(line[column-1]) != t.Value {
			return false
		}
	}
	return true
}

// joined sorts spans and makes one of those that overlap.
func joined(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.from.line, b.from.line), cmp.Compare(a.from.column, b.from.column))
	})
	var out []span
	for _, s := range spans {
		if last := len(out) - 1; last >= 0 && s.from.before(out[last].to) {
			if out[last].to.before(s.to) {
				out[last].to = s.to
			}
			continue
		}
		out = append(out, s)
	}
	return out
}

// masked replaces the secret parts of a line and moves column along.
func (s *source) masked(number int, line string, column int) (string, int) {
	runes := []rune(line)
	// The masks are in the order of the file and do not overlap.
	first := sort.Search(len(s.masks), func(i int) bool { return s.masks[i].to.line >= number })
	last := sort.Search(len(s.masks), func(i int) bool { return s.masks[i].from.line > number })
	for _, m := range slices.Backward(s.masks[first:max(first, last)]) {
		from, to := m.from, m.to
		if from.before(place{number, 1}) {
			from = place{number, 1}
		}
		if place := (place{number, endOfLine}); place.before(to) {
			to = place
		}
		if from.line != number || to.line != number || !from.before(to) {
			continue
		}
		runes, column = cover(runes, from.column-1, to.column-1, column)
	}
	return string(runes), column
}

// cover puts the mask over the characters from a to b, and keeps the white
// space around them.
func cover(runes []rune, a, b, column int) ([]rune, int) {
	a, b = min(a, len(runes)), min(b, len(runes))
	for a < b && (runes[a] == ' ' || runes[a] == '\t') {
		a++
	}
	for a < b && (runes[b-1] == ' ' || runes[b-1] == '\t') {
		b--
	}
	if a >= b {
		return runes, column
	}
	switch {
	case column > b:
		column += len(masked) - (b - a)
	case column > a:
		column = a + 1
	}
	return slices.Concat(runes[:a], []rune(masked), runes[b:]), column
}
