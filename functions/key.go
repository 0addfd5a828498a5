package functions

// appendCounting appends what tells the answer of one call from that of another:
// the arguments as the caller sent them, cache IDs as IDs, or those that count.
func (p *prepared) appendCounting(dst []byte) []byte {
	c := &p.function.config.Caching
	switch {
	case c.Single:
		return dst
	case c.Key != nil:
		return p.appendChosen(dst, c.Key)
	case p.canonical != nil:
		return append(dst, p.canonical...)
	default:
		return p.arguments.appendCanonical(dst, 0)
	}
}

// appendChosen appends the arguments at the given pointers as a list. One that
// is absent leaves an empty element behind, which no value is written as. What
// stands below a cache ID is the cache's: the ID counts.
func (p *prepared) appendChosen(dst []byte, pointers [][]string) []byte {
	dst = append(dst, '[')
	for i, tokens := range pointers {
		if i > 0 {
			dst = append(dst, ',')
		}
		if at, _ := p.arguments.descend(tokens); at >= 0 {
			dst = p.appendValue(dst, at)
		}
	}
	return append(dst, ']')
}

// appendValue appends one value of the arguments in the canonical form.
func (p *prepared) appendValue(dst []byte, at int) []byte {
	if p.canonical == nil {
		return p.arguments.appendCanonical(dst, at)
	}
	text := p.arguments.raw(at)
	if canonical, err := canonicalArguments([]byte(text)); err == nil {
		return append(dst, canonical...)
	}
	return append(dst, text...) // It never comes to that: the whole has a canonical form.
}
