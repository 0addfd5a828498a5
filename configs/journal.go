package configs

import (
	"fmt"
	"os"
	"strings"
)

// A Journal is what is kept of each request on the data plane, and where.
type Journal struct {
	Entries int    // how many records are kept in memory, 0 for none
	File    string // that records are appended to, absolute; "-" is stdout, "" is none
}

// The records that are kept in memory when the file does not say, and the most
// that can be.
const (
	defaultEntries = 1024
	mostEntries    = 100_000
)

var journal = section[Journal]{aJournal, []field[Journal]{
	{"entries", false, decodeEntries},
	{"file", false, func(d *decoder, n *node, j *Journal) { j.File = d.journalFile(n) }},
}}

func decodeEntries(d *decoder, n *node, j *Journal) {
	v, ok := d.count(n)
	switch {
	case !ok:
	case v < 0 || v > mostEntries:
		d.problem(n, fmt.Sprintf("must be between 0 and %d", mostEntries), "0 keeps no records in memory")
	default:
		j.Entries = int(v)
	}
}

// journalFile reads where records are appended to, from the directory of the
// file.
func (d *decoder) journalFile(n *node) string {
	x, ok := d.setting(n)
	if !ok || x.unset {
		return ""
	}
	switch path := x.text(); {
	case path == "":
		d.problem(n, "the file is empty", "leave the key out for no file")
	case path == "-":
		return path
	case strings.HasSuffix(path, "/") || strings.HasSuffix(path, string(os.PathSeparator)):
		d.problem(n, "names a directory", "write the name of a file, as in egret.jsonl")
	default:
		absolute, err := stateDirectory(d.sources.of(n.path).file, path)
		if err != nil {
			d.problem(n, "cannot find the directory: "+err.Error(), "")
		}
		return absolute
	}
	return ""
}
