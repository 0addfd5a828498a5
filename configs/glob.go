package configs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// A glob finds the files that a pattern means, in lexical order. A pattern is a
// path whose steps are those of [filepath.Match]; as in a shell, what begins
// with a dot is matched only by a step that does so too.
type glob struct {
	most    int      // files, and directories, after which the search ends
	found   []string // the files
	folders []string // directories that were looked through, or would be
	err     error
}

// search looks for a pattern below a directory, or from the root when that is
// "" and the pattern absolute.
func (g *glob) search(directory, pattern string) {
	if directory == "" {
		directory = filepath.VolumeName(pattern) + string(filepath.Separator)
	}
	g.walk(directory, steps(pattern))
}

func (g *glob) walk(directory string, steps []string) {
	step, rest := steps[0], steps[1:]
	if !hasMeta(step) {
		g.into(filepath.Join(directory, unescaped(step)), rest)
		return
	}
	if len(g.folders) == g.most {
		g.err = fmt.Errorf("the pattern leads into more than %d directories", g.most-1)
		return
	}
	g.folders = append(g.folders, directory)
	entries, err := os.ReadDir(directory) // in lexical order
	if err != nil && !errors.Is(err, fs.ErrNotExist) && len(g.folders) == 1 {
		g.err = fmt.Errorf("cannot read %s: %w", directory, pathless(err))
	}
	for _, entry := range entries {
		name := entry.Name()
		if ok, _ := filepath.Match(step, name); ok && (name[0] != '.' || step[0] == '.') && len(g.found) < g.most {
			g.into(filepath.Join(directory, name), rest)
		}
	}
}

// into goes on with what stands behind a step, if that is there.
func (g *glob) into(path string, rest []string) {
	if len(rest) > 0 {
		g.walk(path, rest)
		return
	}
	if _, err := os.Lstat(path); err == nil {
		g.found = append(g.found, path)
	}
}

// badPattern says why a pattern is none, or "".
func badPattern(pattern string) string {
	if len(steps(pattern)) == 0 {
		return "the path is empty"
	}
	for _, step := range steps(pattern) {
		if _, err := filepath.Match(step, ""); err != nil {
			return fmt.Sprintf("%q is no pattern", pattern)
		}
		if strings.Contains(step, "**") {
			return "** is not supported, a * stands for a part of one name"
		}
	}
	return ""
}

// hasMeta reports whether a pattern can match more than one path.
func hasMeta(pattern string) bool {
	for i := 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '*', '?', '[':
			return true
		case '\\':
			if escapes {
				i++
			}
		}
	}
	return false
}

// escapes is where a backslash is no part of a path.
const escapes = runtime.GOOS != "windows"

// unescaped gives the text that a pattern without a meta character matches.
func unescaped(pattern string) string {
	if !escapes || !strings.Contains(pattern, `\`) {
		return pattern
	}
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		if pattern[i] == '\\' && i+1 < len(pattern) {
			i++
		}
		b.WriteByte(pattern[i])
	}
	return b.String()
}

// escaped gives the pattern that matches a path alone.
func escaped(path string) string {
	if !escapes {
		return path
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}
