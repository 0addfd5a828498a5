package scrub

// Found reports whether text holds a value.
func (s *Scrubber) Found(text []byte) bool {
	search := s.search(text, true)
	_, m := search.find(0)
	return m.length > 0
}

// Has reports whether value is replaced, or is too short for that.
func (s *Scrubber) Has(value string) bool {
	if len(value) < MinLength {
		return true
	}
	if s == nil {
		return false
	}
	for _, source := range s.sources {
		if source.index != nil && source.index.has(value, source.namer) {
			return true
		}
	}
	return false
}
