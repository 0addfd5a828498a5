package configs

import (
	"fmt"

	"github.com/egret-proxy/egret/templates"
)

// pointer reads a JSON Pointer, RFC 6901, that begins with a slash.
func (d *decoder) pointer(n *node) ([]string, bool) {
	s, ok := d.plain(n)
	if !ok {
		return nil, false
	}
	p, err := templates.ParsePointer(s)
	if err != nil || s == "" {
		d.problem(n, fmt.Sprintf("%q is no JSON Pointer", s), `it begins with a slash, as in /customer/name; in a name "~" is written ~0 and "/" is written ~1`)
		return nil, false
	}
	return p.Tokens(), true
}

// nameOrPointer reads a JSON Pointer, or the name of a member alone.
func (d *decoder) nameOrPointer(n *node) ([]string, bool) {
	if n.kind == text && n.text != "" && n.text[0] != '/' {
		s, ok := d.plain(n)
		return []string{s}, ok
	}
	return d.pointer(n)
}

// pointers reads a list of names or JSON Pointers.
func (d *decoder) pointers(n *node) (list [][]string) {
	d.some(n, func(n *node) {
		if tokens, ok := d.nameOrPointer(n); ok {
			list = append(list, tokens)
		}
	})
	return list
}
