package configs

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var output = section[Output]{theOutput, []field[Output]{
	{"select", false, func(d *decoder, n *node, o *Output) { o.Select = d.selection(n) }},
	{"fields", false, func(d *decoder, n *node, o *Output) { o.Fields = d.pointers(n) }},
	{"mask", false, func(d *decoder, n *node, o *Output) { o.Mask = d.pointers(n) }},
	{"hide", false, func(d *decoder, n *node, o *Output) { o.Hide = d.flag(n) }},
	{"max_bytes", false, func(d *decoder, n *node, o *Output) { o.MaxBytes = d.sizeBetween(n, 64, gibi) }},
}}

func decodeOutput(d *decoder, n *node, f *functionEntry) {
	output.decode(d, n, &f.Output)
	if !f.Output.Hide {
		return
	}
	for _, key := range []string{"select", "fields", "mask", "max_bytes"} {
		if m := n.member(key); m != nil {
			d.problem(m, "nothing is shown with hide: true, so "+key+" has no meaning", "leave out one of the two")
		}
	}
}

// selection reads a JSON Pointer, or a path of gjson.
func (d *decoder) selection(n *node) string {
	s, ok := d.plain(n)
	switch {
	case !ok:
		return ""
	case s == "" || s[0] == '/':
		d.pointer(n)
	case !isClosed(s):
		d.problem(n, "a bracket or a quote is not closed", `in a name, write a backslash before it`)
	case strings.Contains(s, "@fromstr"):
		// Of a text of brackets, gjson reads each within the one before it, until
		// the process has no more memory.
		d.problem(n, "@fromstr would read what the upstream has put into a text", "select the text itself")
	}
	return s
}

// isClosed reports whether every bracket of a gjson path, and every quote within
// brackets, is closed.
func isClosed(path string) bool {
	open, quoted := 0, false
	for i := 0; i < len(path); i++ {
		switch c := path[i]; {
		case c == '\\':
			i++
		case c == '"' && open > 0:
			quoted = !quoted
		case quoted:
		case c == '(' || c == '[' || c == '{':
			open++
		case (c == ')' || c == ']' || c == '}') && open > 0:
			open--
		}
	}
	return open == 0
}

func decodePrompt(d *decoder, n *node, f *functionEntry) { f.Prompt, _ = d.plain(n) }

func decodeOKStatuses(d *decoder, n *node, f *functionEntry) { f.OKStatuses = d.statuses(n) }

var errorKey = regexp.MustCompile(`^(default|[345]xx|[345][0-9][0-9])$`)

// decodeErrors reads the sentences that stand in the place of what an upstream
// says to an error.
func decodeErrors(d *decoder, n *node, f *functionEntry) {
	if !d.is(n, mapping) {
		return
	}
	f.Errors = map[string]string{}
	for _, m := range n.members {
		if !errorKey.MatchString(m.key) {
			d.at(m.place, m.value.path, "the key is a status from 300 to 599, 3xx, 4xx, 5xx or default", "")
		}
		if s, ok := d.plain(m.value); ok {
			f.Errors[m.key] = s
		}
	}
}

// checkErrors looks for sentences that nobody gets. The keys may stand in any
// order, so it comes behind both.
func (d *decoder) checkErrors(f *functionEntry) {
	errors := f.node.member("errors")
	if errors == nil {
		return
	}
	for _, m := range errors.members {
		if status, err := strconv.Atoi(m.key); err == nil && slices.Contains(f.OKStatuses, status) {
			d.at(m.place, m.value.path, "status "+m.key+" is one of ok_statuses, so nobody gets this sentence", "leave it out of one of the two")
		}
	}
}

// IsOK reports whether an answer with a status is one that the Function asked for.
func (f *Function) IsOK(status int) bool {
	return status >= 200 && status <= 299 || slices.Contains(f.OKStatuses, status)
}
