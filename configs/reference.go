package configs

import (
	"regexp"
	"strings"
)

// A reference is ${env:NAME}, ${env:NAME:-default} or ${file:path} in a text. One
// more $ before it makes it literal: $${env:NAME} is the text ${env:NAME}.
type reference struct {
	from, to int    // bytes of the text; of a literal one, its beginning
	literal  bool   // the byte before it is a $ that is dropped
	scheme   string // "env" or "file"
	name     string // of the variable, or path of the file with its #/pointer
	standby  string // the default
	optional bool   // has a default
}

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// hasReference reports whether a text has anything that would be expanded.
func hasReference(s string) bool {
	return indexReference(s) >= 0
}

// nextReference finds the first reference in s from a byte on. The message says
// what is wrong with one that is written wrongly.
func nextReference(s string, from int) (r reference, message string, found bool) {
	start := indexReference(s[from:])
	if start < 0 {
		return reference{}, "", false
	}
	r.from = from + start
	if start > 0 && s[r.from-1] == '$' {
		r.literal, r.to = true, r.from+2
		return r, "", true
	}
	length := strings.IndexByte(s[r.from:], '}')
	if length < 0 {
		r.to = len(s)
		return r, "${…} is not closed", true
	}
	r.to = r.from + length + 1
	r.scheme, r.name, _ = strings.Cut(s[r.from+2:r.to-1], ":")
	if r.scheme == "env" {
		r.name, r.standby, r.optional = strings.Cut(r.name, ":-")
		if !variableName.MatchString(r.name) {
			return r, "${env:…} needs the name of a variable", true
		}
	}
	if r.name == "" {
		return r, "${file:…} needs a path", true
	}
	return r, "", true
}

// indexReference finds where a reference begins, or gives -1.
func indexReference(s string) int {
	for at := 0; ; at += 2 {
		next := strings.Index(s[at:], "${")
		if next < 0 {
			return -1
		}
		at += next
		if rest := s[at+2:]; strings.HasPrefix(rest, "env:") || strings.HasPrefix(rest, "file:") {
			return at
		}
	}
}
