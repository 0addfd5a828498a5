package configs

import (
	"crypto/sha256"
	"strings"
)

// A Watched is a file, or a pattern of files, and what was there when it was
// looked at.
type Watched struct {
	Path string // absolute
	sum  [sha256.Size]byte
}

// Look looks at an absolute path, or a pattern, now.
func Look(path string) Watched { return Watched{path, fingerprint(path)} }

// fingerprint sums up what can be read at path now, and which files it matches
// if it is a pattern. All that cannot be read is the same.
func fingerprint(path string) [sha256.Size]byte {
	text, err := readText(path)
	if err != nil {
		text = ""
	}
	if hasMeta(path) {
		text += "\x00" + strings.Join(matches(path).found, "\x00")
	}
	if err != nil && text == "" {
		return [sha256.Size]byte{}
	}
	return sha256.Sum256([]byte(text))
}

// matches looks for the files of an absolute pattern.
func matches(pattern string) glob {
	g := glob{most: maxIncluded + 1}
	g.search("", pattern)
	return g
}
