package curl

import (
	"fmt"
	"maps"
	"slices"
)

// An importer is one import, and what it has made so far.
type importer struct {
	slots       []slot
	credentials []*credential
	parameters  []parameter
	fixed       []pair // that are no credentials
	taken       map[string]bool
	variables   []held // that the reader has to set
	cleared     []cleared
	known       []cleared // by an attempt before: they stand in texts that come earlier, too
	left        []string  // sentences on what was not carried over
	host        string    // of the request, as names are made of it
	err         error     // the first text that cannot be written
}

// A held is a variable of the environment, and what it holds.
type held struct{ name, holds string }

// A parameter is an argument that callers give.
type parameter struct {
	name        string
	description string
	base64      bool
	anything    bool // JSON of any type
}

// A pair is a name and its value, which is YAML already.
type pair struct{ key, value string }

func newImporter() *importer { return &importer{taken: map[string]bool{}} }

// clone gives an importer for another attempt. What is known of the command
// stays.
func (im *importer) clone() *importer {
	return &importer{
		slots: slices.Clone(im.slots), taken: maps.Clone(im.taken),
		variables: slices.Clone(im.variables), left: slices.Clone(im.left),
	}
}

// leave notes that something was not carried over.
func (im *importer) leave(format string, a ...any) {
	if s := fmt.Sprintf(format, a...); !slices.Contains(im.left, s) {
		im.left = append(im.left, s)
	}
}

// unique gives a name that is not taken yet.
func (im *importer) unique(name string) string {
	given := name
	for i := 2; im.taken[given]; i++ {
		given = fmt.Sprintf("%s_%d", name, i)
	}
	im.taken[given] = true
	return given
}

// hold notes a variable that the reader has to set.
func (im *importer) hold(name, holds string) {
	im.taken[name] = true
	if !slices.ContainsFunc(im.variables, func(h held) bool { return h.name == name }) {
		im.variables = append(im.variables, held{name, holds})
	}
}

// parameter adds an argument of callers, and gives the slot for it.
func (im *importer) parameter(p parameter) string {
	p.name = im.unique(p.name)
	im.parameters = append(im.parameters, p)
	return im.slot(slot{parameter: p.name})
}
