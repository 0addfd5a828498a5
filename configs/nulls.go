package configs

import "github.com/goccy/go-yaml/token"

// maxNulls bounds how many values may be left out, times how many tokens there
// are: the parser moves all the tokens behind each of them.
const maxNulls = 1 << 32

// tooManyNulls gives the token behind which one value too many is left out.
func tooManyNulls(tokens token.Tokens) *token.Token {
	work, open := 0, brackets(nil)
	for _, t := range tokens {
		// Behind a tag there may be none either, and nobody needs tags.
		if open.bare(t) || leftOut(t) || t.Type == token.TagType {
			work += len(tokens)
		}
		if work > maxNulls {
			return t
		}
	}
	return nil
}

// leftOut reports whether a dash or a colon has no value.
func leftOut(t *token.Token) bool {
	column := 0
	switch {
	case t.Type == token.SequenceEntryType:
		column = t.Position.Column
	case t.Type == token.MappingValueType && t.Prev != nil:
		column = indent(t)
	default:
		return false
	}
	next := t.Next
	switch {
	case next == nil, next.Type == token.CollectEntryType, bracket(next) < 0:
		return true
	case next.Position.Line == t.Position.Line || next.Position.Column > column:
		return false
	}
	// A list may stand in the column of its key.
	return next.Position.Column < column || t.Type == next.Type || next.Type != token.SequenceEntryType
}

// brackets are those that are open. Of one with entries it is known whether the
// present entry has begun, and whether it has a colon.
type brackets []struct{ mapping, begun, colon bool }

// bare takes the next token, and reports whether it ends an entry of a mapping
// that is nothing but a key, as in {a, b}.
func (b *brackets) bare(t *token.Token) bool {
	if len(*b) > 0 && t.Type != token.CommentType {
		in := &(*b)[len(*b)-1]
		switch {
		case bracket(t) < 0:
			bare := in.mapping && in.begun && !in.colon
			*b = (*b)[:len(*b)-1]
			return bare
		case t.Type == token.CollectEntryType:
			bare := in.mapping && in.begun && !in.colon
			in.begun, in.colon = false, false
			return bare
		}
		in.begun, in.colon = true, in.colon || t.Type == token.MappingValueType
	}
	if bracket(t) > 0 {
		*b = append(*b, struct{ mapping, begun, colon bool }{mapping: t.Type == token.MappingStartType})
	}
	return false
}
