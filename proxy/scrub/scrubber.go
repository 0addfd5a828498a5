package scrub

// A Scrubber replaces values. It is safe for concurrent use. The zero Scrubber
// and a nil one have nothing to replace, and each method may be called on them.
type Scrubber struct {
	sources [2]source
}

// A source is where values and their names come from. The zero source has none.
type source struct {
	index *Index
	namer Namer
}

// Scrubber makes a Scrubber of the values that the Index has when a text is
// searched, as far as the namer has names for them, and of those of another one
// that New made, if it is not nil. Of two equal values that of the Index counts.
func (x *Index) Scrubber(namer Namer, other *Scrubber) Scrubber {
	s := Scrubber{sources: [2]source{{index: x, namer: namer}}}
	if other != nil {
		s.sources[1] = other.sources[0]
	}
	return s
}

// String gives text with its values replaced, and whether there were any.
func (s *Scrubber) String(text string) (string, bool) {
	src := []byte(text)
	if !s.Found(src) {
		return text, false
	}
	return string(s.Bytes(make([]byte, 0, len(text)), src)), true
}

// Bytes appends src, with its values replaced, to dst. The two must not
// overlap.
func (s *Scrubber) Bytes(dst, src []byte) []byte {
	dst, _ = s.scan(dst, src, true)
	return dst
}

// scan appends src, with its values replaced, to dst, and gives the tail that
// what follows must decide about. At the end of the text there is none.
func (s *Scrubber) scan(dst, src []byte, atEOF bool) (scanned, tail []byte) {
	search := s.search(src, atEOF)
	at := 0
	for {
		where, m := search.find(at)
		dst = append(dst, src[at:where]...)
		if m.length == 0 {
			return dst, src[where:]
		}
		dst = append(dst, m.name...)
		at = where + m.length
	}
}
