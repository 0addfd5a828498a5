package configs

import (
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/goccy/go-yaml/token"
)

// secretKeys are the keys whose values no message ever shows.
var secretKeys = map[string]bool{"key": true, "value": true, "shared_key": true, "key_passphrase": true}

// A span is a part of the file, from a place up to and without another.
type span struct{ from, to place }

// endOfLine is a column behind every line.
const endOfLine = 1 << 30

func (p place) before(q place) bool {
	return p.line < q.line || p.line == q.line && p.column < q.column
}

// mask notes what stands under the secret keys of a file that was understood.
// It replaces the guess of likelySecrets.
func (s *source) mask(tokens token.Tokens) {
	s.masks = nil
	open := 0
	var end place
	for _, t := range tokens {
		open += bracket(t)
		if t.Type != token.MappingValueType || t.Prev == nil || !secretKeys[t.Prev.Value] {
			continue
		}
		from := place{t.Position.Line, t.Position.Column + 1}
		if from.before(end) {
			continue // Already inside of a secret.
		}
		if open > 0 {
			end = s.endInFlow(t)
		} else {
			end = s.endInBlock(t)
		}
		s.masks = append(s.masks, span{from, end})
	}
}

// bracket is how many flow collections a token opens.
func bracket(t *token.Token) int {
	switch t.Type { //nolint:exhaustive // The others are no brackets.
	case token.MappingStartType, token.SequenceStartType:
		return 1
	case token.MappingEndType, token.SequenceEndType:
		return -1
	}
	return 0
}

// endInFlow finds the comma or the bracket that ends the value behind a colon
// inside of {…} or […].
func (s *source) endInFlow(colon *token.Token) place {
	open := 0
	for t := colon.Next; t != nil; t = t.Next {
		open += bracket(t)
		if open < 0 || open == 0 && t.Type == token.CollectEntryType {
			return placeOf(t)
		}
	}
	return s.end()
}

// endInBlock finds the first token that is not indented below the key, which
// a list need not be. What is left of the line before it, comments too, counts
// as part of the value.
func (s *source) endInBlock(colon *token.Token) place {
	key, open := indent(colon), 0
	for t := colon.Next; t != nil; t = t.Next {
		open += bracket(t)
		at := placeOf(t)
		if open > 0 || at.line == colon.Position.Line || t.Type == token.CommentType {
			continue
		}
		if at.column < key || at.column == key && t.Type != token.SequenceEntryType {
			return place{at.line, 0}
		}
	}
	return s.end()
}

// end is the place behind the last line.
func (s *source) end() place { return place{len(s.lines) + 1, 0} }

// indent is the column of the key before a colon.
func indent(colon *token.Token) int {
	if p := colon.Prev.Prev; p != nil && p.Type == token.MappingKeyType && p.Position.Line == colon.Prev.Position.Line {
		return p.Position.Column
	}
	return colon.Prev.Position.Column
}

var secretLine = regexp.MustCompile(`(?:^|[\s{,\[\-?])["']?(?:key|value|shared_key|key_passphrase)["']?\s*(?::|$)`)

// likelySecrets finds the secrets of a file that may be no YAML: from a secret
// key to the end of its line, and all lines below it that are indented deeper
// or have no colon.
func likelySecrets(lines []string) []span {
	var spans []span
	indent, inside := 0, false
	for i, line := range lines {
		rest := strings.TrimLeft(line, " \t-")
		if inside && (len(line)-len(rest) > indent || !strings.Contains(rest, ":")) {
			spans = append(spans, span{place{i + 1, 0}, place{i + 1, endOfLine}})
			continue
		}
		at := secretLine.FindStringIndex(line)
		if inside = at != nil; inside {
			indent = len(line) - len(rest)
			spans = append(spans, span{place{i + 1, len([]rune(line[:at[1]])) + 1}, place{i + 1, endOfLine}})
		}
	}
	return spans
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
