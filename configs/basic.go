package configs

import "github.com/egret-proxy/egret/templates"

// A basicEntry is what Basic credentials are made from.
type basicEntry struct {
	f              *functionEntry
	user, password *templates.Passage
}

var basic = section[basicEntry]{"basic", []field[basicEntry]{
	{"user", true, func(d *decoder, n *node, b *basicEntry) { b.user = d.passage(b.f, n, true, parseUser) }},
	{"password", true, func(d *decoder, n *node, b *basicEntry) { b.password = d.passage(b.f, n, true, parsePassword) }},
}}

func parseUser(src templates.Source) (*templates.Passage, error) {
	return templates.ParsePassage(src, templates.BasicUser)
}

func parsePassword(src templates.Source) (*templates.Passage, error) {
	return templates.ParsePassage(src, templates.BasicPassword)
}

// decodeBasic makes the header Authorization.
func (d *decoder) decodeBasic(f *functionEntry, n *node) {
	if n == nil {
		return
	}
	b := basicEntry{f: f}
	basic.decode(d, n, &b)
	if d.setsHeader(f, "Authorization", "basic") && b.user != nil && b.password != nil {
		f.addHeader(headerEntry{templates.NewBasic(b.user, b.password), "", nil})
	}
}

// passage compiles a text, or gives nil when there is a problem.
func (d *decoder) passage(f *functionEntry, n *node, trim bool, parse func(templates.Source) (*templates.Passage, error)) *templates.Passage {
	if n.kind == nothing || n.kind == broken {
		return nil // That has been reported.
	}
	x, ok := d.template(n, trim)
	if !ok {
		return nil
	}
	t, err := parse(x.source())
	if err != nil {
		d.syntax(x, err)
		return nil
	}
	d.place(f, x, t.Placeholders())
	return t
}
