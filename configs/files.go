package configs

import (
	"strconv"
	"strings"
)

// sources are the texts of the files, the main one first.
//
// A path counts inside of its file. So that those of two files differ, a path
// of an included file begins with the number of the file and a colon, as in
// "2:caches[0]"; those of the main file do not. No key looks like that, because
// below writes keys with a colon in quotes. Problems show paths without it.
type sources []*source

// prefixOf is what the paths of a file begin with.
func prefixOf(file int) string {
	if file == 0 {
		return ""
	}
	return strconv.Itoa(file) + ":"
}

// splitPath gives the number of a path's file, and the path inside of it.
func splitPath(path string) (file int, inside string) {
	digits := len(path) - len(strings.TrimLeft(path, "0123456789"))
	if digits == 0 || digits == len(path) || path[digits] != ':' {
		return 0, path
	}
	file, err := strconv.Atoi(path[:digits])
	if err != nil {
		return 0, path
	}
	return file, path[digits+1:]
}

// of gives the source that a path is about.
func (s sources) of(path string) *source {
	file, _ := splitPath(path)
	if file >= len(s) {
		file = 0
	}
	return s[file]
}

// problem makes a problem of the place of path, or of its nearest parent.
func (s sources) problem(path, message, hint string) Problem {
	src := s.of(path)
	return src.at(src.placeOf(path), path, message, hint)
}

// names lists the files.
func (s sources) names() []string {
	names := make([]string, len(s))
	for i, src := range s {
		names[i] = src.file
	}
	return names
}

// show writes a path for a message about the path from. In another file it is
// followed by its place.
func (s sources) show(path, from string) string {
	_, inside := splitPath(path)
	src := s.of(path)
	if src == s.of(from) {
		return inside
	}
	at := src.placeOf(path)
	return inside + " in " + src.file + ":" + strconv.Itoa(at.line) + ":" + strconv.Itoa(at.column)
}

// parent cuts the last step off a path. The parent of all paths of a file is
// its prefix.
func parent(path string) string {
	file, inside := splitPath(path)
	if strings.HasSuffix(inside, `"]`) {
		return prefixOf(file) + inside[:max(strings.LastIndex(inside, `["`), 0)]
	}
	return prefixOf(file) + inside[:max(strings.LastIndexAny(inside, ".["), 0)]
}
