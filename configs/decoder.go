package configs

import (
	"fmt"
	"slices"
	"strings"
)

// A decoder turns nodes into a Config. Each step reports what it does not
// understand and says so with false; the next step goes on regardless.
type decoder struct {
	sources  sources
	roots    []*node // of the files that could be read
	partial  bool    // a file could not be read, so that names may be missing
	expander *expander
	problems Problems
	warnings Problems
	more     int             // problems that are not noted
	warned   int             // warnings, also those that are not noted
	troubled map[string]bool // paths that have a problem, or something below them
	unset    map[string]bool // paths whose text is missing, or that of something below them; "" for any
	inTexts  map[*node]int   // how many problems a text has
	looks    int             // names that may still be compared for a hint

	cfg       *Config
	clients   []clientEntry
	tokens    []tokenEntry
	functions []*functionEntry
	// Where rules name clients.
	ruleClients []*node

	// What index makes of them.
	caches        directory[*Cache]
	cacheByID     map[ID]*Cache
	functionNames directory[*functionEntry]
	clientNames   directory[struct{}]
	keyStores     directory[*KeyStore]
	trustStores   directory[*KeyStore]
	subjects      directory[*subjectEntry]
	sums          map[*KeyStore]string // filled by storeSum
}

// add reports a problem of path.
func (d *decoder) add(path string, make func() Problem) {
	mark(&d.troubled, path)
	if len(d.problems) >= maxProblems {
		d.more++
		return
	}
	d.problems = append(d.problems, make())
}

// mark notes a path and all above it.
func mark(marked *map[string]bool, path string) {
	if *marked == nil {
		*marked = map[string]bool{}
	}
	for ; !(*marked)[path]; path = parent(path) {
		(*marked)[path] = true
	}
}

// at reports something about a path, at a place of its file.
func (d *decoder) at(at place, path, message, hint string) {
	d.add(path, func() Problem { return d.sources.of(path).at(at, path, message, hint) })
}

// problem reports something about a value.
func (d *decoder) problem(n *node, message, hint string) {
	d.at(n.place, n.path, message, hint)
}

// elsewhere reports something about a path that a check came upon.
func (d *decoder) elsewhere(path, message, hint string) {
	d.add(path, func() Problem { return d.sources.problem(path, message, hint) })
}

// doubtful reports whether path, or something below it, has a problem or a text
// that is missing, so that checks of it would say nothing.
func (d *decoder) doubtful(path string) bool { return d.troubled[path] || d.unset[path] }

// reported reports whether path, or something below it, has a problem.
func (d *decoder) reported(path string) bool { return d.troubled[path] }

// present refuses a key without a value: it is more often a mistake than a wish
// for the default.
func (d *decoder) present(n *node) bool {
	if n.kind == nothing {
		d.problem(n, "there is no value", "")
		return false
	}
	return n.kind != broken
}

// is reports a value of another kind.
func (d *decoder) is(n *node, want kind) bool {
	if n.kind == want || n.kind == broken {
		return n.kind == want
	}
	hint := ""
	if want == text && n.scalar() {
		hint = "put it into quotes"
	}
	d.problem(n, fmt.Sprintf("must be %s, not %s", want, n.kind), hint)
	return false
}

// plain reads a text in which nothing is expanded, because callers may see it.
func (d *decoder) plain(n *node) (string, bool) {
	if !d.is(n, text) {
		return "", false
	}
	if hasReference(n.text) {
		d.problem(n, "${env:…} and ${file:…} are not expanded here", "")
		return "", false
	}
	return n.text, true
}

// maxName is the length of the longest name.
const maxName = 64

// isName reports whether s can be the name of an entry.
func isName(s string) bool {
	return s != "" && len(s) <= maxName && !strings.ContainsFunc(s, func(r rune) bool { return r != '.' && r != '-' && !isWordRune(r) })
}

// name reads the name of an entry.
func (d *decoder) name(n *node) string {
	s, ok := d.plain(n)
	if ok && !isName(s) {
		d.problem(n, "a name is 1 to 64 letters, digits, underscores, dots or hyphens", "")
		return ""
	}
	return s
}

// flag reads true or false.
func (d *decoder) flag(n *node) bool {
	if !d.is(n, boolean) {
		return false
	}
	return n.number == "true"
}

// oneOf reads a text that is one of a few.
func (d *decoder) oneOf(n *node, what string, all []string) string {
	s, ok := d.plain(n)
	if !ok {
		return ""
	}
	if slices.Contains(all, s) {
		return s
	}
	hint := didYouMean(s, all)
	if hint == "" {
		hint = "one of " + strings.Join(all, ", ")
	}
	d.problem(n, fmt.Sprintf("unknown %s %q", what, s), hint)
	return ""
}

// each calls visit for the elements of a list that have a value.
func (d *decoder) each(n *node, visit func(*node)) {
	if !d.is(n, list) {
		return
	}
	for _, item := range n.items {
		if d.present(item) {
			visit(item)
		}
	}
}

// some is each for a list whose being empty would be read as its opposite.
func (d *decoder) some(n *node, visit func(*node)) {
	if n.kind == list && len(n.items) == 0 {
		d.problem(n, "the list is empty", "leave the key out for its default")
	}
	d.each(n, visit)
}
