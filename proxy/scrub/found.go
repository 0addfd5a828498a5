package scrub

// Found reports whether text holds a value.
func (s *Scrubber) Found(text []byte) bool {
	if s == nil {
		return false
	}
	_, r := s.find(text, true)
	return r != nil
}

// Has reports whether value is replaced, or is too short for that.
func (s *Scrubber) Has(value string) bool {
	if len(value) < MinLength {
		return true
	}
	if s == nil || s.first[value[0]] == 0 {
		return false
	}
	for _, r := range s.groups[s.first[value[0]]-1] {
		if r.Value == value {
			return true
		}
	}
	return false
}
