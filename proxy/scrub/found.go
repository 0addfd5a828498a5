package scrub

// Found reports whether text holds a value.
func (s *Scrubber) Found(text []byte) bool {
	if s == nil {
		return false
	}
	_, r := s.find(text, true)
	return r != nil
}
