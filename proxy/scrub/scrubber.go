package scrub

import (
	"bytes"
	"slices"
)

// MinLength is the length in bytes below which a value is not searched for: it
// would be found in ordinary text.
const MinLength = 8

// A Replacement is a live value and what stands in its place.
type Replacement struct {
	Value string
	With  string
}

// A Scrubber replaces values. It is immutable, and safe for concurrent use. A
// nil *Scrubber has nothing to replace, and each method may be called on it.
type Scrubber struct {
	// groups has the values that begin with the same byte, longest first.
	groups [][]Replacement
	// first is one more than the index of the group of a byte, or 0.
	first [256]uint16
	// starts has the first byte of each group.
	starts []byte
}

// New makes a Scrubber of the values of at least MinLength bytes. Of two values
// that begin at the same place the longer one is replaced; of two equal ones
// the first of the list counts. New gives nil when nothing is left to replace.
func New(values []Replacement) *Scrubber {
	s := &Scrubber{}
	for _, r := range expand(values) {
		if len(r.Value) >= MinLength {
			s.add(r)
		}
	}
	if len(s.groups) == 0 {
		return nil
	}
	for _, group := range s.groups {
		slices.SortStableFunc(group, func(a, b Replacement) int { return len(b.Value) - len(a.Value) })
	}
	return s
}

func (s *Scrubber) add(r Replacement) {
	c := r.Value[0]
	if s.first[c] == 0 {
		s.groups = append(s.groups, nil)
		s.starts = append(s.starts, c)
		s.first[c] = uint16(len(s.groups))
	}
	group := &s.groups[s.first[c]-1]
	if !slices.ContainsFunc(*group, func(known Replacement) bool { return known.Value == r.Value }) {
		*group = append(*group, r)
	}
}

// String gives text with its values replaced, and whether there were any.
func (s *Scrubber) String(text string) (string, bool) {
	if s == nil {
		return text, false
	}
	src := []byte(text)
	at, r := s.find(src, true)
	if r == nil {
		return text, false
	}
	dst := append(make([]byte, 0, len(text)+len(r.With)), text[:at]...)
	return string(s.Bytes(dst, src[at:])), true
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
	if s == nil {
		return append(dst, src...), nil
	}
	for {
		at, r := s.find(src, atEOF)
		dst, src = append(dst, src[:at]...), src[at:]
		if r == nil {
			return dst, src
		}
		dst, src = append(dst, r.With...), src[len(r.Value):]
	}
}

// find gives the first value in src, and where it begins. When there is none,
// no value begins before at, and src[at:] is the beginning of a value that what
// follows may complete; at the end of the text it is empty. A value that is
// complete waits for a longer one that may still become so, because the result
// must not depend on how a stream is cut.
func (s *Scrubber) find(src []byte, atEOF bool) (at int, r *Replacement) {
	for {
		skip := s.next(src[at:])
		if skip < 0 {
			return len(src), nil
		}
		at += skip
		rest := src[at:]
		group := s.groups[s.first[rest[0]]-1]
		for i := range group {
			value := group[i].Value
			switch {
			case len(value) <= len(rest):
				if string(rest[:len(value)]) == value {
					return at, &group[i]
				}
			case !atEOF && string(rest) == value[:len(rest)]:
				return at, nil
			}
		}
		at++
	}
}

// next is the distance to the next byte that a value may begin with, or -1.
func (s *Scrubber) next(src []byte) int {
	if len(s.starts) == 1 {
		return bytes.IndexByte(src, s.starts[0])
	}
	for i, c := range src {
		if s.first[c] != 0 {
			return i
		}
	}
	return -1
}
