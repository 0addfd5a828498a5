package scrub

// A search goes through a text once.
type search struct {
	sources [2]source
	text    []byte
	atEOF   bool
	// ahead is for each source a place before which none of its values begins.
	ahead [2]int
}

func (s *Scrubber) search(text []byte, atEOF bool) search {
	if s == nil {
		return search{text: text, atEOF: atEOF}
	}
	return search{sources: s.sources, text: text, atEOF: atEOF, ahead: [2]int{-1, -1}}
}

// find gives the first value from a place on, and where it begins. When there is
// none, no value begins before where, and from there on the text is the
// beginning of a value that what follows may complete; at its end there is no
// such tail. A value that is complete waits for a longer one that may still
// become so, because the result must not depend on how a stream is cut.
func (s *search) find(from int) (where int, m match) {
	for {
		where = s.next(from)
		if where == len(s.text) {
			return where, match{}
		}
		m = match{}
		for i := range s.sources {
			if s.ahead[i] == where {
				m = m.better(s.sources[i].index.match(s.text[where:], s.atEOF, s.sources[i].namer))
			}
		}
		switch {
		case m.open:
			return where, match{}
		case m.length > 0:
			return where, m
		}
		from = where + 1
	}
}

// next is the first place at which a value of any source may begin.
func (s *search) next(from int) int {
	where := len(s.text)
	for i := range s.sources {
		if x := s.sources[i].index; x != nil {
			if s.ahead[i] < from {
				s.ahead[i] = x.next(s.text, from, s.atEOF)
			}
			where = min(where, s.ahead[i])
		}
	}
	return where
}
