package configs

import "github.com/goccy/go-yaml/token"

// laidOut finds the secrets by brackets and indentation: what is behind the
// colons, and behind every key that names a secret.
func (s *source) laidOut(tokens token.Tokens, colons map[place]bool) []span {
	var spans []span
	open := 0
	var end place
	for _, t := range tokens {
		open += bracket(t)
		if t.Type != token.MappingValueType || t.Prev == nil || !colons[placeOf(t)] && !namesSecret(t.Prev.Value) {
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
		spans = append(spans, span{from, end})
	}
	return spans
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
