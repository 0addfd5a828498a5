package templates

// WithoutEscaping makes text stand verbatim and unchecked in the places of e,
// until restore is called. It shows that the tests would see a missing escaper.
func WithoutEscaping(e Escaping) (restore func()) {
	proper := places[e]
	places[e].check = nil
	places[e].escape = appendVerbatim
	return func() { places[e] = proper }
}
