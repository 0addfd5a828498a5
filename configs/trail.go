package configs

import (
	"os"
	"path/filepath"
	"strings"
)

// maxLinks is how many symbolic links a path may lead over, as in Linux.
const maxLinks = 40

// trail lists every directory entry that decides what a path leads to: each
// step of it, and each step of the links on the way. It ends where something is
// not there.
func trail(path string) []string {
	root := filepath.VolumeName(path) + string(filepath.Separator)
	current, rest := root, steps(path)
	var entries []string
	links := 0
	for len(rest) > 0 {
		entry := filepath.Join(current, rest[0])
		rest = rest[1:]
		entries = append(entries, entry)
		info, err := os.Lstat(entry)
		if err != nil {
			return entries
		}
		if info.Mode()&os.ModeSymlink == 0 {
			current = entry
			continue
		}
		target, err := os.Readlink(entry)
		if links++; err != nil || links > maxLinks {
			return entries
		}
		if filepath.IsAbs(target) {
			current = root
		}
		rest = append(steps(target), rest...)
	}
	return entries
}

// steps splits a path, without its root.
func steps(path string) []string {
	return strings.FieldsFunc(path[len(filepath.VolumeName(path)):], func(r rune) bool {
		return r < 0x80 && os.IsPathSeparator(uint8(r))
	})
}
