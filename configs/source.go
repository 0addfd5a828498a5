package configs

import (
	"strings"
	"unicode/utf8"
)

// A source is the text of a file, with what is needed to point into it: where
// each path stands, and which characters are secret.
type source struct {
	file   string
	prefix string // of the paths, see sources
	data   string
	lines  []string
	root   *node // nil unless the file was understood
	masks  []span
	more   int // problems that parse did not note
}

// newSource takes the text of a file, whose number is 0 for the main one. A byte
// order mark is dropped, and CR LF becomes LF, as YAML 1.2.2 section 5.4 has it;
// the parser miscounts lines otherwise.
func newSource(file, data string, number int) *source {
	data = strings.ReplaceAll(strings.TrimPrefix(data, "\uFEFF"), "\r\n", "\n")
	return &source{file: file, prefix: prefixOf(number), data: data, lines: strings.Split(data, "\n")}
}

// line gives a line, counted from 1, or "".
func (s *source) line(n int) string {
	if n < 1 || n > len(s.lines) {
		return ""
	}
	return s.lines[n-1]
}

// placeOf gives the place of path, or of its nearest parent.
func (s *source) placeOf(path string) place {
	if s.root == nil {
		return place{}
	}
	n := s.root
	for below := n.step(path); below != nil; below = n.step(path) {
		n = below
	}
	return n.place
}

// at makes a problem of a place. The zero place is the whole file.
func (s *source) at(at place, path, message, hint string) Problem {
	return s.pointing(at, at, path, message, hint)
}

// pointing makes a problem of a place with the caret somewhere else.
func (s *source) pointing(at, caret place, path, message, hint string) Problem {
	p := Problem{File: s.file, Line: at.line, Column: at.column, Message: message, Hint: hint}
	p.Path = strings.TrimPrefix(path, s.prefix)
	p.source, p.caret = s.excerpt(caret)
	return p
}

// excerpt gives a line with its secrets masked, and the column of a caret in
// it. A line that is long is cut around the caret.
func (s *source) excerpt(at place) (string, int) {
	line, column := s.line(at.line), at.column
	if strings.TrimSpace(line) == "" || len(line) > maxLine {
		return "", 0
	}
	if line, column = s.masked(at.line, line, column); strings.TrimSpace(line) == masked {
		return "", 0
	}
	return window(line, min(column, utf8.RuneCountInString(line)+1))
}

// maxExcerpt is how many characters of a line are shown. Lines of more than
// maxLine bytes are not searched for what to show.
const (
	maxExcerpt = 160
	maxLine    = 16 << 10
)

func window(line string, column int) (string, int) {
	runes := []rune(line)
	if len(runes) <= maxExcerpt {
		return line, column
	}
	from := max(column-maxExcerpt/2, 0)
	from = min(from, len(runes)-maxExcerpt)
	return "…" + string(runes[from:from+maxExcerpt]), column - from + 1
}
