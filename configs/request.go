package configs

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/egret-proxy/egret/templates"
)

// A headerEntry is a header and the text that it was compiled from.
type headerEntry struct {
	*templates.Header
	text string
	node *node
}

// transportHeaders belong to the connection, or are computed from the request
// (RFC 9110 sections 7.2, 7.6 and 8.6, RFC 9112 section 6).
var transportHeaders = []string{
	"Host", "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Proxy-Connection",
	"TE", "Trailer", "Upgrade", "Expect", "HTTP2-Settings",
}

// decodeRequest compiles the templates of a Function.
func (d *decoder) decodeRequest(f *functionEntry) {
	d.decodeURL(f, f.part("url"))
	d.decodeQuery(f, f.part("query"))
	d.decodeHeaders(f, f.part("headers"))
	d.decodeBasic(f, f.part("basic"))
	d.decodeBody(f)
	d.checkIdempotencyKey(f)
	for _, h := range f.headers {
		f.Headers = append(f.Headers, h.Header)
	}
	if f.Method == "" && f.node.member("method") == nil {
		f.Method = "GET"
		if f.hasBody() {
			f.Method = "POST"
		}
	}
}

// part gives the node of a key, or nil when nothing can be read from it. The
// section has reported that already.
func (f *functionEntry) part(key string) *node {
	n := f.node.member(key)
	if n == nil || n.kind == nothing || n.kind == broken {
		return nil
	}
	return n
}

func (d *decoder) decodeURL(f *functionEntry, n *node) {
	if n == nil {
		return
	}
	x, ok := d.setting(n)
	if !ok {
		return
	}
	u, err := templates.ParseURL(x.source())
	if err != nil && x.unset {
		x = x.originAlone()
		u, err = templates.ParseURL(x.source())
		x.unset = err == nil
	}
	if err != nil {
		d.syntax(x, err)
		return
	}
	d.setURL(f, x, u)
	d.place(f, x, u.Placeholders())
}

func (d *decoder) decodeQuery(f *functionEntry, n *node) {
	if n == nil || !d.is(n, mapping) {
		return
	}
	if params := d.params(f, n, templates.QueryValue); f.URL != nil {
		f.URL = f.URL.WithQuery(params)
	}
}

// params compiles the entries of a query or a form.
func (d *decoder) params(f *functionEntry, n *node, e templates.Escaping) []templates.Param {
	var params []templates.Param
	for _, m := range n.members {
		if !d.memberName(m) || !d.present(m.value) {
			continue
		}
		x, ok := d.template(m.value, true)
		if !ok {
			continue
		}
		q, err := templates.ParseQuery(x.source())
		if err != nil {
			d.syntax(x, err)
			continue
		}
		places := q.Placeholders()
		for i := range places {
			places[i].Escaping = e // A Query does not know what it is part of.
		}
		d.place(f, x, places)
		params = append(params, templates.Param{Name: m.key, Value: q})
	}
	return params
}

func (d *decoder) decodeHeaders(f *functionEntry, n *node) {
	if n == nil || !d.is(n, mapping) {
		return
	}
	for _, m := range n.members {
		if !d.memberName(m) || !d.present(m.value) || !d.headerName(f, m) {
			continue
		}
		x, ok := d.template(m.value, true)
		if !ok {
			continue
		}
		h, err := templates.ParseHeader(m.key, x.source())
		if err != nil {
			d.syntax(x, err)
			continue
		}
		d.place(f, x, h.Placeholders())
		f.addHeader(headerEntry{h, x.text(), m.value})
	}
}

// headerName refuses the headers that a Function cannot set.
func (d *decoder) headerName(f *functionEntry, m member) bool {
	message := ""
	if isTransportHeader(m.key) {
		message = m.key + " is set by the connection, a function cannot set it"
	}
	if f.header(m.key) != nil {
		message = "the header stands here a second time, in other letter case"
	}
	if message != "" {
		d.at(m.place, m.value.path, message, "")
	}
	return message == ""
}

func isTransportHeader(name string) bool {
	return slices.ContainsFunc(transportHeaders, func(h string) bool { return strings.EqualFold(h, name) }) ||
		len(name) > 6 && strings.EqualFold(name[:6], "Proxy-")
}

// header finds a header by its name, in any letter case.
func (f *functionEntry) header(name string) *headerEntry {
	if i, ok := f.byHeader[strings.ToLower(name)]; ok {
		return &f.headers[i]
	}
	return nil
}

// addHeader adds a header that is not there yet.
func (f *functionEntry) addHeader(h headerEntry) {
	if f.byHeader == nil {
		f.byHeader = map[string]int{}
	}
	f.byHeader[strings.ToLower(h.Name())] = len(f.headers)
	f.headers = append(f.headers, h)
}

// template expands a scalar that becomes text in the request: a number or a
// boolean need not be in quotes there.
func (d *decoder) template(n *node, trim bool) (expansion, bool) {
	if !n.scalar() && !d.is(n, text) {
		return expansion{}, false
	}
	return d.expand(n, trim)
}

// place checks the placeholders of a compiled text, and remembers them. They
// point into the arguments, so their first step is the name of a parameter.
func (d *decoder) place(f *functionEntry, x expansion, all []templates.Placeholder) {
	f.Configured = append(f.Configured, x.secrets()...)
	text := x.text()
	for _, p := range all {
		f.placements = append(f.placements, placement{p, x})
		name := p.Pointer.Parameter()
		if f.known[name] {
			continue
		}
		if d.crowded(x.node) {
			continue
		}
		written := text[p.Offset : p.Offset+p.Length]
		hint := ""
		if near := d.near(name, f.names); near != "" {
			tail := strings.TrimPrefix(p.Pointer.String()[1:], templates.EscapeToken(name))
			hint = fmt.Sprintf("did you mean %c/%s%s%c?", written[0], templates.EscapeToken(near), tail, written[len(written)-1])
		}
		d.wrong(x, p.Offset, fmt.Sprintf("placeholder %s is not a parameter of %s", written, f.title()), hint)
	}
}

// syntax reports what the template engine did not like.
func (d *decoder) syntax(x expansion, err error) {
	if x.unset {
		return // Who knows what it would be.
	}
	var syntax *templates.SyntaxError
	if !errors.As(err, &syntax) {
		d.wrong(x, 0, err.Error(), "")
		return
	}
	d.wrong(x, syntax.Offset, syntax.Message, syntax.Hint)
}
