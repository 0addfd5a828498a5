package configs

import (
	"regexp"
	"slices"
)

var output = section[Output]{theOutput, []field[Output]{
	{"select", false, func(d *decoder, n *node, o *Output) { o.Select, _ = d.plain(n) }},
	{"fields", false, func(d *decoder, n *node, o *Output) { o.Fields = d.pointers(n) }},
	{"mask", false, func(d *decoder, n *node, o *Output) { o.Mask = d.pointers(n) }},
	{"hide", false, func(d *decoder, n *node, o *Output) { o.Hide = d.flag(n) }},
	{"max_bytes", false, func(d *decoder, n *node, o *Output) { o.MaxBytes = d.sizeBetween(n, 64, gibi) }},
}}

func decodeOutput(d *decoder, n *node, f *functionEntry) { output.decode(d, n, &f.Output) }

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

// IsOK reports whether an answer with a status is one that the Function asked for.
func (f *Function) IsOK(status int) bool {
	return status >= 200 && status <= 299 || slices.Contains(f.OKStatuses, status)
}
