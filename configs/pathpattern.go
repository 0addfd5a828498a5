package configs

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"
)

// A PathPattern is a glob over the path of a request, in which * stands for
// any text, slashes included.
//
// The zero value matches nothing.
type PathPattern struct {
	text   string
	pieces []string // decoded text between the stars
}

// ParsePathPattern reads a pattern. It begins with a slash, and what would
// never match is an error.
func ParsePathPattern(s string) (PathPattern, error) {
	if !strings.HasPrefix(s, "/") {
		return PathPattern{}, fmt.Errorf("%q does not begin with /", s)
	}
	if strings.ContainsAny(s, "?#") {
		return PathPattern{}, fmt.Errorf("%q has a query or a fragment, only the path is compared", s)
	}
	pieces := strings.Split(s, "*")
	for i, piece := range pieces {
		text, err := url.PathUnescape(piece)
		if err != nil {
			return PathPattern{}, fmt.Errorf("%q has a %% without two hexadecimal digits", s)
		}
		pieces[i] = text
	}
	if _, ok := plainPath(s); !ok {
		return PathPattern{}, errors.New("a path with a dot segment, a backslash, an encoded slash, a control character or a double encoding matches nothing")
	}
	return PathPattern{text: s, pieces: pieces}, nil
}

// Match reports whether the pattern fits the path of a request, as it was sent
// and without its query. Percent-encoded characters compare as what they stand
// for. A path that a server could read in two ways matches nothing: one with a
// segment that decodes to "." or "..", white space and parameters aside; with a
// backslash, an encoded slash or a control character; with what is no UTF-8; or
// with an encoding that decodes to another.
func (p PathPattern) Match(path string) bool {
	if len(p.pieces) == 0 {
		return false
	}
	if path == "" {
		path = "/" // RFC 9110 section 4.2.3
	}
	plain, ok := plainPath(path)
	return ok && matchGlob(p.pieces, plain)
}

// plainPath decodes a path, once. It says no to one that could mean another.
func plainPath(path string) (string, bool) {
	if path[0] != '/' || strings.ContainsAny(path, "?#\\") {
		return "", false
	}
	if strings.IndexByte(path, '%') >= 0 {
		slashes := strings.Count(path, "/")
		var err error
		if path, err = url.PathUnescape(path); err != nil {
			return "", false
		}
		if strings.Count(path, "/") != slashes || strings.IndexByte(path, '\\') >= 0 || encoded(path) {
			return "", false
		}
	}
	if !utf8.ValidString(path) || strings.ContainsFunc(path, isControl) {
		return "", false
	}
	for segment := range strings.SplitSeq(path, "/") {
		if leadsAway(segment) {
			return "", false
		}
	}
	return path, true
}

// encoded reports whether something in a decoded path could be decoded again.
func encoded(path string) bool {
	for {
		_, after, found := strings.Cut(path, "%")
		if !found {
			return false
		}
		if len(after) >= 2 && isHex(after[0]) && isHex(after[1]) {
			return true
		}
		path = after
	}
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}

// leadsAway tells dot segments. Some servers cut parameters off (RFC 3986
// section 3.3), or drop white space, before they look for them.
func leadsAway(segment string) bool {
	segment, _, _ = strings.Cut(segment, ";")
	segment = strings.TrimSpace(segment)
	return segment == "." || segment == ".."
}

// matchGlob takes each piece at the first place where it stands, which is
// enough where a star has no limit.
func matchGlob(pieces []string, s string) bool {
	first, rest := pieces[0], pieces[1:]
	if len(rest) == 0 {
		return s == first
	}
	s, ok := strings.CutPrefix(s, first)
	if !ok {
		return false
	}
	last := len(rest) - 1
	for _, piece := range rest[:last] {
		at := strings.Index(s, piece)
		if at < 0 {
			return false
		}
		s = s[at+len(piece):]
	}
	return strings.HasSuffix(s, rest[last])
}

// String gives the pattern as it was written.
func (p PathPattern) String() string { return p.text }

// MarshalText gives the same as String.
func (p PathPattern) MarshalText() ([]byte, error) { return []byte(p.text), nil }
